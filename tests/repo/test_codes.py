"""Every diagnostic code that is raised is documented, and every documented one is raised."""

from __future__ import annotations

import ast
from functools import cache

from nesy.dsl.catalogue import ENTRIES
from tests.repo.sources import ROOT, modules


@cache
def _codes_in_use() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in modules():
        if module.name.startswith("nesy.dsl.catalogue"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if len(text) == 4 and text[0] in "EW" and text[1:].isdigit():
                    found.setdefault(text, f"{module.path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_codes_in_use_are_in_the_catalogue() -> None:
    missing = {code: place for code, place in _codes_in_use().items() if code not in ENTRIES}
    assert not missing


def test_codes_in_the_catalogue_are_in_use() -> None:
    assert not set(ENTRIES) - set(_codes_in_use())


def test_entries_say_what_to_do() -> None:
    for entry in ENTRIES.values():
        assert entry.title, entry.code
        assert entry.cause, entry.code
        assert entry.mended or entry.cure, f"{entry.code} names no cure"
