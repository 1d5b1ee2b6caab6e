"""Why a model, why none: repairs, contradictions, derivations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy import load
from nesy.explanations import explanation_text, explanation_to_json
from nesy.solvers.asp.clasp import Clasp
from nesy.solvers.asp.cores import Unit, find_core
from nesy.solvers.logic.tasks import Task
from tests.effort import tries
from tests.solvers.logic.programs import program_of, texts

SHELF = """
percept seen(1..3) : {tea, rice, salt}.
concept order : {sorted, mixed}.
:- seen(I) = L, seen(J) = L, I < J.
if seen(1) = tea then order = sorted [r = 0.2].
front :- seen(1) = tea.
query seen(_).
query order.
query front.
"""
READ = {"seen": {"1": {"rice": 0.5, "tea": 0.4, "salt": 0.1}, "2": {"rice": 0.9, "salt": 0.1}, "3": "salt"}}


@pytest.mark.parametrize("backend", ["asp", "integer"])
def test_a_repair_names_what_forbids_the_reading(backend: str) -> None:
    whole, order, front = load(SHELF).compile(backend).infer(READ).explain()
    (repair,) = whole.repairs
    assert (repair.percept, repair.read, repair.became) == ("seen(1)", "seen(1) = rice", "seen(1) = tea")
    assert repair.cost == pytest.approx(0.223)
    assert [step.span.line for step in repair.forbidding if step.span] == [4]
    assert repair.given == ("seen(2) = rice",)
    assert explanation_text(order).splitlines() == [
        "order = sorted   [instance 0]",
        "  order = sorted: chosen among its values",
        "  other value order = mixed: would break, with weight 1 at level 1",
        "      <text>:5: if seen(1) = tea then order = sorted [r = 0.2].",
    ]
    assert explanation_text(front).splitlines() == [
        "front   [instance 0]",
        "  front: derived from seen(1) = tea",
        "      <text>:6: front :- seen(1) = tea.",
        "  seen(1) = tea: the model's value of a percept",
    ]
    assert explanation_to_json(whole)["repairs"][0]["given"] == ["seen(2) = rice"]  # type: ignore[index]


def test_what_does_not_hold() -> None:
    (front,) = load(SHELF).compile("asp").infer({"seen": {"1": "salt", "2": "tea", "3": "rice"}}).explain(0, "front")
    assert (front.value, front.steps[0].because) == ("false", "line 6 would need seen(1) = tea")


@pytest.mark.parametrize("backend", ["asp", "integer"])
def test_without_a_model(backend: str) -> None:
    answer = load(SHELF).compile(backend).infer({"seen": {"1": "tea", "2": "tea", "3": {"salt": 0.5, "rice": 0.5}}})
    (found,) = answer.explain()
    assert found.conflict is not None
    assert [step.span.line for step in found.conflict.statements if step.span] == [4]
    assert found.conflict.readings == ("seen(1) = tea", "seen(2) = tea")
    assert found.conflict.minimal
    assert "cannot hold together" in explanation_text(found)


def test_a_reading_that_only_costs_more() -> None:
    text = "percept a : {x, y}.\n:~ a = x. [3@1]\nquery a."
    (whole,) = load(text).compile("asp").infer({"a": {"x": 0.9, "y": 0.1}}).explain()
    assert [(step.because, step.source) for step in whole.repairs[0].breaking] == [("weight 3 at level 1", "")]
    assert "would break" in explanation_text(whole)


def test_modes_without_models_say_so() -> None:
    (found,) = load(SHELF).compile("asp", mode="brave").infer(READ).explain()
    assert "the mode optimum does" in found.notes[0]


@settings(max_examples=tries(60), deadline=None)
@given(texts(), st.sets(st.integers(0, 5), min_size=1, max_size=4))
def test_cores_are_contradictory_and_minimal(text: str, shut: set[int]) -> None:
    program = program_of(text)
    atoms = [atom for row in program.values[0] for atom in row if atom]
    units = [Unit(excluded=(atoms[place],)) for place in sorted(shut) if place < len(atoms)]
    solver = Clasp(program)

    def feasible(chosen: list[Unit]) -> bool:
        return bool(solver.solve(Task((), [unit.excluded[0] for unit in chosen])).models)

    core = find_core(program, units)
    if core is None:
        assert feasible(units)
        return
    chosen = [units[place] for place in core.units]
    assert core.minimal
    assert not feasible(chosen)
    assert all(feasible([other for other in chosen if other is not unit]) for unit in chosen)
