"""What answers carry, and what becomes of input that no solver can take: certificates, statuses, diagnostics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import clingo
import pytest
import torch

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.searched_output import heading, remarks
from nesy.solvers.answer import Answer, Status
from nesy.solvers.certificate import Certificate
from nesy.solvers.logic.tasks import Outcome, StableModel

RULES = """
percept x(1..2) : 1..3.
:- x(1) = V, x(2) = V.
p :- x(1) = 2.
:~ x(I) = 3. [2@1, I]
:~ not p. [1]
minimize { V@2, I : x(I) = V }.
query x(_).
"""
EVIDENCE = {"x": {"1": {"1": 0.2, "2": 0.3, "3": 0.5}, "2": {"1": 0.6, "3": 0.4}}}


def codes(caught: pytest.ExceptionInfo[NesyError]) -> list[str]:
    return [entry.code for entry in caught.value.diagnostics]


@pytest.mark.parametrize(("backend", "solver"), [("asp", "clingo"), ("asp", None), ("integer", "cbc")])
def test_a_certificate_says_what_the_model_costs_and_breaks(backend: str, solver: str | None) -> None:
    answer = nesy.load(RULES).compile(backend, solver=solver).infer(EVIDENCE)
    data = answer.to_json(0)
    # x(1) = 2, x(2) = 1: 3 at level 2, nothing at level 1, log(0.5 / 0.3) at level 0
    assert (data["status"], data["checked"]) == ("optimal", True)
    assert data["costs"] == {"2": 3.0, "1": 0.0, "0": pytest.approx(0.511)}
    assert "violated" not in data
    assert "bound" not in data


def test_broken_soft_constraints_are_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "wishes.nesy").write_text(":~ x(I) = 3. [2@1, I]\n:~ x(1) = 1. [5]\n")
    (tmp_path / "main.nesy").write_text('percept x(1..2) : 1..3.\ninclude "wishes.nesy".\nquery x(_).\n')
    answer = nesy.load(tmp_path / "main.nesy").compile("asp").infer({"x": {"1": "3", "2": "3"}})
    (entry,) = answer.to_json(0)["violated"]  # type: ignore[misc]
    assert Path(entry["file"]).name == "wishes.nesy"
    assert (entry["line"], entry["count"], entry["level"], entry["cost"]) == (1, 2, 1, 4.0)
    (remark,) = remarks(answer, 0)
    assert remark.startswith("violated: ")
    assert remark.endswith("wishes.nesy:1: :~ x(I) = 3. [2@1, I], 2 times")


def test_a_bound_is_told_where_nothing_is_proved() -> None:
    certificate = Certificate({1: 2.0, 0: 7.5}, {1: 2.0, 0: 5.0}, (), ())
    assert certificate.gap == pytest.approx(1 / 3)
    data = certificate.to_json()
    assert (data["checked"], data["bound"], data["gap"]) == (True, 5.0, pytest.approx(1 / 3))
    answer = Answer("asp", {}, [Status.FEASIBLE], certificates=[certificate])
    assert heading(answer, 0) == "feasible, cost 2 at level 1, cost 7.5, bound 2 at level 1, gap 33.3 %"


def test_a_model_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a solver says: rules, constraints, values and derivations are looked at again."""
    engine = nesy.load(RULES).compile("asp", solver="clingo")
    program = engine.solver.program  # type: ignore[attr-defined]
    (first, second) = program.values[0]
    p = program.atoms[0]
    for atoms, words in (
        ({first[0], second[0]}, "line 3: :- x(1) = V, x(2) = V."),
        ({first[1], second[0]}, "line 4: p :- x(1) = 2."),
        ({first[0], second[1], p}, "'p' has no derivation"),
        ({first[0]}, "x(2) has 0 values"),
    ):
        wrong = Outcome(Status.OPTIMAL, (StableModel(frozenset(atoms)),), {})
        monkeypatch.setattr(type(engine.solver.prepared.solver), "solve", lambda *_, found=wrong: found)  # type: ignore[attr-defined]
        answer = engine.infer(EVIDENCE)
        assert answer.to_json(0)["checked"] is False
        assert any(words in fault for fault in answer.certificates[0].faults), words  # type: ignore[union-attr]
        assert any(line.startswith("not a model: ") for line in remarks(answer, 0))


def test_a_time_limit_of_zero_is_refused() -> None:
    for limit in (0, 0.0, -1.0):
        with pytest.raises(NesyError) as caught:
            nesy.load(RULES).compile("asp", time_limit=limit)
        assert codes(caught) == ["E523"]


def test_costs_that_are_too_large() -> None:
    evidence = {"x": torch.tensor([[[1e-300, 1.0]] * 5], dtype=torch.float64)}
    program = nesy.load("percept x(1..5) : 1..2.\nquery x(_).")
    with pytest.raises(NesyError) as caught:
        program.compile("asp", solver="clingo", resolution=10**6).infer(evidence)
    assert codes(caught) == ["E553"]
    weights = nesy.load("percept x : 1..3.\n:~ x = 1. [2000000000]\n:~ x = 2. [2000000000]\nquery x.")
    with pytest.raises(NesyError) as caught:
        weights.compile("asp", solver="clingo").infer({"x": "3"})
    assert codes(caught) == ["E553"]
    assert weights.compile("asp", solver="cpsat", resolution=1).infer({"x": "3"}).status == [Status.OPTIMAL]


def test_objectives_without_a_bound() -> None:
    text = "n(1).\nn(X + 1) :- n(X).\npercept a : bool.\nmaximize { X@1, X : n(X), a }.\nquery a."
    with pytest.raises(NesyError) as caught:
        nesy.load(text).compile("asp", budget=2000)
    assert codes(caught) == ["E512"]


@pytest.mark.parametrize("backend", ["asp", "integer"])
def test_open_types_without_values(backend: str) -> None:
    indexed = nesy.load("type object.\npercept seen(object) : bool.\n:- seen(X), seen(Y), X < Y.\nquery seen(_).")
    answer = indexed.compile(backend).infer({"seen": torch.zeros(1, 0, 2)})
    assert answer.status == [Status.OPTIMAL]
    valued = nesy.load("type object.\npercept kind : object.\n:- kind = X, object(X).\nquery kind.").compile(backend)
    with pytest.raises(NesyError) as caught:
        valued.infer({"kind": torch.zeros(1, 0)})
    assert all(code.startswith("E4") for code in codes(caught))


@pytest.mark.slow
def test_a_race_from_program_to_answer() -> None:
    with nesy.load(RULES).compile("asp", solver="race") as engine:
        assert engine.solver.reason == "as asked; clingo against cpsat"  # type: ignore[attr-defined]
        answer = engine.infer([EVIDENCE, EVIDENCE, {"x": {"1": "1", "2": "1"}}])
        assert answer.status == [Status.OPTIMAL, Status.OPTIMAL, Status.INFEASIBLE]
        assert answer["x"].value[:2] == [[2, 1], [2, 1]]
        assert {*answer.statistics["solvers"]} <= {"clingo", "cpsat"}  # type: ignore[misc]
        assert all("was the first to prove" in remark for remark in answer.statistics["remarks"])  # type: ignore[attr-defined]
        assert answer.to_json(2)["solver"] in ("clingo", "cpsat")
    for mode in ("brave", "cautious"):
        with pytest.raises(NesyError) as caught:
            nesy.load(RULES).compile("asp", solver="race", mode=mode)
        assert codes(caught) == ["E523"]


@pytest.mark.parametrize(
    ("backend", "solver"),
    [("asp", "clingo"), ("asp", None), ("integer", "cpsat"), ("integer", "cbc"), ("integer", "highs")],
)
def test_a_batch_is_never_ground_again(backend: str, solver: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    ground, calls = clingo.Control.ground, []

    def counted(control: clingo.Control, *arguments: Any, **named: Any) -> None:
        calls.append(control)
        ground(control, *arguments, **named)

    monkeypatch.setattr(clingo.Control, "ground", counted)
    engine = nesy.load(RULES).compile(backend, solver=solver)
    once = len(calls)
    assert once >= 1
    excluding = {"x": {"1": {"3": 1.0}, "2": {"1": 0.5, "2": 0.5}}}
    assert engine.infer([EVIDENCE, excluding, EVIDENCE]).status == [Status.OPTIMAL] * 3
    assert engine.infer(excluding)["x"].value[0][0] == 3
    assert len(calls) == once
