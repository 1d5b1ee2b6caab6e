"""Reading the project's own source files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

PACKAGES = {"nesy": "nesy", "dsl": "nesy.dsl", "solvers": "nesy.solvers", "perception": "nesy.perception"}
"""Source folder → import name."""


@dataclass(frozen=True)
class Module:
    """One source file with its import name."""

    name: str
    folder: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))


@cache
def modules() -> tuple[Module, ...]:
    """All modules of the four source folders."""
    found = []
    for folder, package in PACKAGES.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = list(path.relative_to(ROOT / folder).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            found.append(Module(".".join([package, *parts]), folder, path))
    return tuple(found)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _walk(node: ast.AST, *, functions: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if _is_type_checking(child):
            continue
        if not functions and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from _walk(child, functions=functions)


def imports(module: Module, *, functions: bool) -> set[str]:
    """Names of the modules that ``module`` imports at run time.

    With ``functions`` those inside functions count as well. ``from a import b`` gives both ``a`` and ``a.b``.
    """
    names: set[str] = set()
    for node in _walk(module.tree, functions=functions):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.path}: relative import on line {node.lineno}"
            assert node.module is not None
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
