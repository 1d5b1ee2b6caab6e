"""Sizes, packaging and the marks of a finished module."""

from __future__ import annotations

import ast
import re
import tokenize
import tomllib
from collections.abc import Iterator

import pytest

from tests.repo.sources import PACKAGES, ROOT, Module, modules

LONGEST = 500


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_modules_are_small_and_documented(module: Module) -> None:
    lines = module.path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{module.path} has {lines} lines: split it"
    assert ast.get_docstring(module.tree), f"{module.path} has no docstring"


def test_every_package_is_installed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    present = {
        ".".join([name, *path.parent.relative_to(ROOT / folder).parts])
        for folder, name in PACKAGES.items()
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert listed == present | {"nesy.knowledge"}  # rule files: they stand with the examples


def test_nothing_unfinished_is_left() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError|breakpoint)\b")
    left = [
        f"{module.path.relative_to(ROOT)}:{number}"
        for module in modules()
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not left


EXEMPTION = r"#\s*(?:type:\s*ignore|noqa|mypy:|ruff:|pyright:)"
REASONED = rf"(?:# type: ignore\[[a-z, -]+\]  |# noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*  )+(?!{EXEMPTION})# \w.*"
"""Which findings of mypy or ruff are exempt, and after them the reason: ``# noqa: B905  # the rows differ``."""


def exemptions(source: str) -> Iterator[tuple[int, str]]:
    """The comments by which lines are exempt from mypy or ruff, with the numbers of the lines."""
    lines = iter(source.splitlines(keepends=True))
    for token in tokenize.generate_tokens(lambda: next(lines, "")):
        if token.type == tokenize.COMMENT and re.search(EXEMPTION, token.string, re.IGNORECASE):
            yield token.start[0], token.string


def test_every_exemption_has_a_reason_beside_it() -> None:
    bare = [
        f"{module.path.relative_to(ROOT)}:{number}: {comment}"
        for module in modules()
        for number, comment in exemptions(module.path.read_text(encoding="utf-8"))
        if not re.fullmatch(REASONED, comment)
    ]
    assert not bare, "\n".join(bare)


@pytest.mark.parametrize(
    ("line", "found", "reasoned"),
    [
        ("x = 1  # a number", False, False),
        ('x = "# noqa"', False, False),
        ("x = 1  # type: ignore", True, False),
        ("x = 1  # type: ignore  # torch gives no type", True, False),
        ("x = 1  # type: ignore[misc]", True, False),
        ("x = 1  # type: ignore[misc]  # noqa: E501", True, False),
        ("x = 1  # type: ignore[misc]  # torch gives no type", True, True),
        ("x = 1  # NOQA", True, False),
        ("x = 1  # noqa: B905 the rows differ", True, False),
        ("x = 1  # noqa: PTH123, SIM115  # it lives on", True, True),
        ("x = 1  # type: ignore[arg-type, misc]  # noqa: E501  # both say the same", True, True),
        ("# ruff: noqa", True, False),
    ],
)
def test_exemptions_are_recognised(line: str, found: bool, reasoned: bool) -> None:
    comments = [comment for _, comment in exemptions(line + "\n")]
    assert bool(comments) == found
    assert all(bool(re.fullmatch(REASONED, comment)) == reasoned for comment in comments)


def test_version_is_said_once() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
