"""Holds the imports to the table in ARCHITECTURE.md, and the module graph free of cycles."""

from __future__ import annotations

import graphlib
import sys

import pytest

from tests.repo.sources import Module, imports, modules

STANDARD = set(sys.stdlib_module_names)

ALLOWED: dict[str, set[str]] = {
    "dsl": {"lark", "rich", "nesy.dsl"},
    "perception": {
        "torch",
        "numpy",
        "sklearn",
        "platformdirs",
        "PIL",
        "nesy.perception",
        "nesy.dsl.devices",
        "nesy.dsl.diagnostics",
        "nesy.dsl.files",
        "nesy.dsl.lazy",
        "nesy.dsl.values",
    },
    "solvers": {"torch", "numpy", "clingo", "ortools", "pulp", "pyro", "pysdd", "nesy.dsl", "nesy.solvers"},
    "nesy": {"nesy", "typer", "click", "rich", "torch", "numpy", "platformdirs", "pyarrow", "clingo", "numba", "arviz"},
}

DRAWS = {"nesy.dsl.render"}
"""The modules of ``dsl`` that may import rich: where a diagnostic is drawn."""


def _within(name: str, roots: set[str]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_imports_follow_the_table(module: Module) -> None:
    allowed = ALLOWED[module.folder]
    if module.folder == "dsl" and module.name not in DRAWS:
        allowed = allowed - {"rich"}
    names = {name for name in imports(module, functions=True) if name.split(".")[0] not in STANDARD}
    # ``from nesy.dsl import diagnostics`` appears as both nesy.dsl and nesy.dsl.diagnostics: the longer one counts
    named = {name for name in names if not any(other.startswith(name + ".") for other in names)}
    strange = {name for name in named if not _within(name, allowed)}
    assert not strange, f"{module.path} imports {sorted(strange)}"


def test_there_are_no_import_cycles() -> None:
    known = {module.name: module for module in modules()}
    graph: dict[str, set[str]] = {}
    for name, module in known.items():
        graph[name] = {other for other in imports(module, functions=False) if other in known and other != name}
        # a package's __init__ re-exports its modules; these do not depend on it
        graph[name] -= {package for package in graph[name] if name.startswith(package + ".")}
    graphlib.TopologicalSorter(graph).prepare()
