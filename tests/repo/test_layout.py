"""Sizes, packaging and the marks of a finished module."""

from __future__ import annotations

import ast
import re
import tomllib

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


def test_version_is_said_once() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
