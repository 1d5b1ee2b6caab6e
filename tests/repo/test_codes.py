"""Every diagnostic code that is raised is documented, and every documented one is raised."""

from __future__ import annotations

import re
from functools import cache

from nesy.dsl.catalogue import ENTRIES
from tests.repo.sources import ROOT, modules


@cache
def _codes_in_use() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in modules():
        if module.name.startswith("nesy.dsl.catalogue"):
            continue
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), 1):
            for code in re.findall(r'"([EW]\d{3})"', line):
                found.setdefault(code, f"{module.path.relative_to(ROOT)}:{number}")
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
