"""Emitted Pyro programs: the graph of the model, the log joint of the interpreter, and clean, lonely Python."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyro
import pytest
import torch
from pyro import poutine
from pyro.infer.inspect import get_dependencies

from nesy.solvers.probabilistic.emission.program import pyro_program
from nesy.solvers.probabilistic.interpreter.traces import log_joint, sample
from nesy.solvers.probabilistic.model.graph import Event, Factor, ModelGraph
from nesy.solvers.probabilistic.vectorised.codes import Codes
from nesy.solvers.probabilistic.vectorised.plates import Block, plates
from tests.solvers.probabilistic.graphs import BURGLARY, EVERYTHING, MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of

PROGRAMS = {
    "burglary": BURGLARY,
    "tug of war": TUG_OF_WAR,
    "schools": SCHOOLS,
    "mixture": MIXTURE,
    "everything": EVERYTHING,
}
each = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)


def text_of(graph: ModelGraph) -> str:
    return pyro_program(graph, lambda _: "the statement", "a test")


@pytest.fixture
def double() -> Iterator[None]:
    """The emitted programs set the default dtype; Pyro keeps a global random state."""
    before, state = torch.get_default_dtype(), torch.get_rng_state()
    yield
    torch.set_default_dtype(before)
    torch.set_rng_state(state)
    pyro.clear_param_store()


def model_of(graph: ModelGraph) -> Any:
    namespace: dict[str, Any] = {"__name__": "emitted"}
    exec(text_of(graph), namespace)
    return namespace["model"]


@each
@pytest.mark.usefixtures("double")
def test_the_dependency_graph_is_that_of_the_model(program: str) -> None:
    graph = graph_of(program)
    found = get_dependencies(model_of(graph))["prior_dependencies"]
    shape = plates(graph)
    random = [block for block in shape.blocks if block.distribution is not None]
    names = {label: block.name for block in random for label in block.labels}
    expected: dict[str, set[str]] = {}
    for block in random:
        sources = {names[label] for member in block.members for label in graph.sources_of(member.parents)}
        expected[block.name] = sources | {block.name}
    for kind, name in ((Event, "known"), (Factor, "weight")):
        entries = [condition for condition in graph.conditions if isinstance(condition, kind)]
        for number, condition in enumerate(entries, 1):
            site = f"{name}_{number}"
            expected[site] = {names[label] for label in graph.sources_of(condition.parents)} | {site}
    assert {site: set(parents) for site, parents in found.items()} == expected


@each
@pytest.mark.usefixtures("double")
def test_the_log_joint_is_that_of_the_interpreter(program: str) -> None:
    graph = graph_of(program)
    model, shape, codes = model_of(graph), plates(graph), Codes(graph)
    generator = np.random.default_rng(5)
    finite = 0
    for _ in range(10):
        trace = sample(graph, generator)
        given = {
            block.name: _site_value(block, [trace[label] for label in block.labels], codes)
            for block in shape.blocks
            if block.distribution is not None and block.observed is None
        }
        conditioned = poutine.condition(model, data=given)
        found = float(poutine.trace(conditioned).get_trace().log_prob_sum())
        expected = log_joint(graph, trace)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)
        finite += expected > -float("inf")
    assert finite


def _site_value(block: Block, values: list[Any], codes: Codes) -> torch.Tensor:
    """The values of a block as its Pyro site has them: places for categories, 0 and 1 for truth values."""
    if block.distribution == "categorical":
        assert block.domain is not None
        places = [block.domain.position(value) for value in values]
        tensor = torch.tensor(places)
    else:
        tensor = codes.tensor(values).double()
    return tensor if block.size > 1 else tensor[0]


@each
def test_the_text_is_self_contained(program: str) -> None:
    graph = graph_of(program)
    text = text_of(graph)
    assert text == text_of(graph)
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert imported == {"pyro", "torch"}
    assert all(len(line) <= 120 for line in text.splitlines())
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "-"],
        input=text,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_the_program_runs_alone(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(text_of(graph_of(BURGLARY)))
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("burglary: mean 0.")
