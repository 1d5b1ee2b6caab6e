"""Pyro programs over percepts: every world weighs what the answer sets say, and the text is clean, lonely Python."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pyro
import pytest
import torch
from pyro import poutine
from pyro.infer.inspect import get_dependencies

from nesy.solvers.probabilistic.counting import CountingEngine
from nesy.solvers.probabilistic.emission.conditions import places
from tests.solvers.probabilistic.counting.programs import compiled, random_evidence, random_program

FAMILIES = """
type light = {red, amber, green}.
type road = {north, south}.
percept lamp(road) : light.
percept wet : bool.
percept unused : bool.
concept go(road) : {yes, no}.
concept jam : bool.
go(R) = yes iff lamp(R) = green or (lamp(R) = amber and not wet).
if go(north) = no and go(south) = no then jam.
if go(north) = yes then not jam.
slow :- wet.
:- lamp(north) = green, lamp(south) = green.
:~ slow. [2]
query go(_).
query jam.
query wet and lamp(north) != red.
"""
"""With a concept that is left open, a constraint and a soft one, a formula that is asked, names, a single percept."""


def namespace(engine: CountingEngine) -> dict[str, Any]:
    before, state = torch.get_default_dtype(), torch.get_rng_state()
    found: dict[str, Any] = {"__name__": "emitted"}
    exec(engine.listing(), found)
    torch.set_default_dtype(before)
    torch.set_rng_state(state)
    return found


def enumerated(engine: CountingEngine, readings: Mapping[str, torch.Tensor]) -> dict[tuple[int, ...], float]:
    """The weight of each answer: all values of all sites, one after the other."""
    model = namespace(engine)["model"]
    first = poutine.trace(model).get_trace(readings) if readings else poutine.trace(model).get_trace()
    sites = {
        name: (site["value"].shape, site["fn"].enumerate_support(expand=False).numel())
        for name, site in first.nodes.items()
        if site["type"] == "sample" and not site["is_observed"] and "plate" not in name
    }
    found: dict[tuple[int, ...], float] = defaultdict(float)
    axes = [list(product(range(card), repeat=max(1, shape.numel()))) for shape, card in sites.values()]
    for values in product(*axes):
        given = {
            name: torch.tensor(row).reshape(shape)
            for (name, (shape, _)), row in zip(sites.items(), values, strict=True)
        }
        trace = poutine.trace(poutine.condition(model, data=given)).get_trace(*([readings] if readings else []))
        weight = float(trace.log_prob_sum().exp())
        if weight:
            answers = trace.nodes["_RETURN"]["value"]
            found[tuple(int(answer) for answer in answers.values())] += weight
    return found


def agrees(engine: CountingEngine, evidence: Mapping[str, torch.Tensor], instance: int) -> None:
    """The emitted model, summed by hand, gives the engine's evidence and posteriors."""
    readings = {name: tensor[instance] for name, tensor in evidence.items()}
    weights = enumerated(engine, readings)
    answer = engine.infer(evidence)
    total = sum(weights.values())
    log_evidence = answer.statistics["log_evidence"]
    assert isinstance(log_evidence, torch.Tensor)
    assert total == pytest.approx(float(log_evidence[instance].exp()), rel=1e-9, abs=1e-12)
    if not total:
        return
    tables = [
        (place, row)
        for family in engine.families
        for place, row in zip(
            family.queries,
            answer.results[family.name].probability[instance].reshape(len(family.labels), -1),
            strict=True,
        )
    ]
    for place, table in tables:
        for value, expected in enumerate(table.tolist()):
            share = sum(weight for answers, weight in weights.items() if answers[place] == value) / total
            assert share == pytest.approx(expected, abs=1e-9), (place, value)


@pytest.mark.filterwarnings("ignore:.*is not a valid:UserWarning")
def test_every_answer_weighs_what_the_engine_says() -> None:
    lamp = torch.tensor([[[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], [[1.0, 0.0, 0.0], [0.3, 0.3, 0.4]]], dtype=torch.float64)
    wet = torch.tensor([[0.4, 0.6], [1.0, 0.0]], dtype=torch.float64)
    unused = torch.full((2, 2), 0.5, dtype=torch.float64)
    engine = compiled(FAMILIES)
    for instance in range(2):
        agrees(engine, {"lamp": lamp, "wet": wet, "unused": unused}, instance)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_programs_at_random(seed: int) -> None:
    random = Random(seed)
    engine = compiled(random_program(random).text)
    agrees(engine, random_evidence(random), 0)


def test_concepts_depend_on_what_their_rules_speak_of() -> None:
    engine = compiled(FAMILIES)
    readings = {"lamp": torch.full((2, 3), 1 / 3), "wet": torch.full((2,), 0.5)}
    found = get_dependencies(namespace(engine)["model"], (readings,))["prior_dependencies"]
    worlds = engine.worlds
    for definition in worlds.definitions:
        label = worlds.variables[definition.variable].label
        parents = (worlds.variables[place] for place in worlds.parents(definition))
        names = {worlds.model.attributes[p.attribute].name if p.percept else p.label for p in parents}
        assert {*found[label]} == {*names, label}
    assert "unused" not in found


def test_the_text_of_a_small_program() -> None:
    text = compiled(FAMILIES).listing()
    assert text == compiled(FAMILIES).listing()
    assert "    # go(R) = yes iff lamp(R) = green or (lamp(R) = amber and not wet).\n" in text
    assert '    with pyro.plate("lamp_plate", 2):\n        lamp = pyro.sample("lamp", ' in text
    assert '    go_south_ = choose("go(south)", allowed)\n' in text
    assert '    # :~ slow. [2]\n    pyro.factor("weight_1", -2.0 * total((1, wet == 1)))\n' in text
    assert '"go(north)": ["yes", "no"],' in text


@pytest.mark.parametrize("program", [FAMILIES, "percept x : bool. :- x. :- not x. query x.", "a. query a."])
def test_the_text_is_clean(program: str) -> None:
    text = compiled(program).listing()
    assert all(len(line) <= 120 for line in text.splitlines())
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "-"],
        input=text,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "said"),
    [
        (FAMILIES, "go(north): most probably yes, 0."),
        ("percept x : bool. :- x. :- not x. query x.", "none of 1000 traces is possible"),
        ("a. query a.", "a: most probably true, 1.0000"),
    ],
)
def test_the_program_runs_alone(program: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(compiled(program).listing())
    done = subprocess.run([sys.executable, "-I", "-W", "error", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(said)


@pytest.mark.parametrize("values", [(0,), (3, 5), (0, 1, 2), (2, 3, 4), (1, 4, 7), (1, 4, 8), (0, 2, 4)])
def test_places_read_as_they_are(values: tuple[int, ...]) -> None:
    assert tuple(eval(places(values))) == values


def teardown_module() -> None:
    pyro.clear_param_store()
