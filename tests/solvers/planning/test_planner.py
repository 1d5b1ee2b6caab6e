"""Plans say what compiling and running do: the same back ends, the same solvers, the same refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import BACKENDS
from tests.effort import heavy
from tests.repo.sources import ROOT

FILES = sorted((ROOT / "examples").glob("*/*.nesy"))
PLANNED = [entry.name for entry in BACKENDS if entry.planner is not None]


@pytest.mark.parametrize("backend", ["possibilistic", "asp", "integer"])
@pytest.mark.parametrize("file", heavy(FILES, "sudoku9", "addition_with_carry"))
def test_plans_agree_with_compiling(file: Path, backend: str) -> None:
    program = nesy.load(file)
    found = program.plan(backend)
    json.dumps(found.to_json())
    if not found.possible:
        assert found.cost is None
        with pytest.raises(NesyError) as caught:
            program.compile(backend)
        errors = {entry.code for entry in caught.value.diagnostics if entry.code.startswith("E")}
        assert errors == {entry.code for entry in found.obstacles}
        return
    engine = program.compile(backend)
    if backend != "possibilistic":
        assert found.solver == engine.solver.prepared.solver.name  # type: ignore[attr-defined]
        assert found.reason == engine.solver.reason  # type: ignore[attr-defined]
    assert [entry.code for entry in engine.warnings if entry.code == "W515"] == [entry.code for entry in found.left_out]
    assert found.cost is not None
    assert found.cost.compile_seconds.low < found.cost.compile_seconds.expected < found.cost.compile_seconds.high


@pytest.mark.parametrize("name", ["addition", "burglary", "network", "rack", "sprinkler", "tour", "triage"])
def test_plans_of_posteriors_agree_with_compiling(name: str) -> None:
    program = nesy.load(ROOT / "examples" / name / f"{name}.nesy")
    found, quick = program.plan("probabilistic"), program.plan("probabilistic", quick=True)
    json.dumps(found.to_json())
    assert [row.statement for row in quick.rows] == [row.statement for row in found.rows]
    if not found.possible:
        with pytest.raises(NesyError) as caught:
            program.compile("probabilistic")
        errors = {entry.code for entry in caught.value.diagnostics}
        assert errors == {entry.code for entry in found.obstacles} == {entry.code for entry in quick.obstacles}
        return
    engine = program.compile("probabilistic")
    if hasattr(engine.solver, "route"):
        taken = (engine.solver.route.name, engine.solver.reason)
    else:
        taken = (engine.solver.decision.method, engine.solver.decision.reason)  # type: ignore[attr-defined]
    assert (found.solver, found.reason, found.exactness) == (*taken, "exact")


RANDOM = """
type person = 1..3.
random skill(P) : real ~ normal(0, 1) for person(P).
random won(P, Q) : bool ~ bernoulli(if skill(P) > skill(Q) then 0.9 else 0.1) for person(P), person(Q), P != Q.
observe won(1, 2). observe won(2, 3).
query skill(1).
"""


def test_the_route_to_posteriors() -> None:
    program = nesy.load(RANDOM)
    found = program.plan("probabilistic")
    assert (found.solver, found.exactness, found.meaning) == (
        "weighting",
        "approximate",
        "estimates with their standard errors",
    )
    assert [(row.kind, row.instances) for row in found.rows] == [("random variable", 3), ("random variable", 6)]
    others = {other.name: other for other in found.others}
    assert not others["exact"].possible
    assert others["smc"].possible
    assert program.plan("probabilistic", method="smc").solver == "smc"
    assert program.plan("probabilistic", method="exact").obstacles[0].code == "E596"
    with pytest.raises(NesyError) as caught:
        program.plan("probabilistic", method="exactly")
    assert caught.value.diagnostics[0].code == "E523"
    normal = nesy.load("random a : real ~ normal(0, 1).\nrandom b : real ~ normal(a, 1).\nobserve b = 2.\nquery a.")
    assert normal.plan("probabilistic").solver == "gaussian"


def test_what_exceeds_the_budget_is_not_ground() -> None:
    body = ", ".join(f"t({name})" for name in "ABCDEF")
    text = f"type t = 1..1000.\npercept p(t) : bool.\nbad(A) :- {body}, A + B < C + D.\n:- p(A), bad(A).\nquery p(_)."
    found = nesy.load(text).plan("probabilistic")
    assert (found.reason, len(found.culprits)) == ("left open, because a statement exceeds the budget", 1)


def test_every_back_end_that_is_built_plans() -> None:
    assert set(PLANNED) == {entry.name for entry in BACKENDS}
    with pytest.raises(NesyError) as caught:
        nesy.load("percept a : bool. query a.").plan("asq")
    assert caught.value.diagnostics[0].code == "E501"


def test_refusals_name_the_line() -> None:
    found = nesy.load("type n = {a, b}.\n{ picked(X) } :- n(X).\nquery picked(a).").plan("possibilistic")
    assert [(entry.code, entry.span.line) for entry in found.obstacles] == [("E513", 2)]
    others = {other.name: other for other in nesy.load(FILES[0]).plan("asp").others}
    assert others["--with possibilistic"].possible
    choice = nesy.load("type n = {a, b}.\n{ picked(X) } :- n(X).\nquery picked(a).").plan("asp")
    refused = {other.name: other for other in choice.others}["--with possibilistic"]
    assert (refused.possible, refused.span.line) == (False, 2)


RECURSION = """
percept a : bool.
p :- count { 1 : q; 2 : a; 3 : r } > 1.
{ r }.
q :- p, a.
q :- a.
query q.
"""


def test_recursion_beyond_linear_constraints() -> None:
    program = nesy.load(RECURSION)
    assert program.plan("asp").solver == program.compile("asp").solver.prepared.solver.name == "clingo"  # type: ignore[attr-defined]
    found = program.plan("integer")
    assert [(entry.code, entry.span.line) for entry in found.obstacles] == [("E550", 3)]


@pytest.mark.parametrize(
    ("text", "solver", "step"),
    [
        ("percept x(1..3) : bool.\n:- x(1), x(2).\nquery x(_).", "cpsat", "costs: readings"),
        ("type t = 1..4.\n{ p(X) : t(X) }.\n:- p(1), p(2).\nquery p(_).", "clingo", "nothing to optimise"),
        ("type t = 1..4.\n{ p(X) : t(X) }.\n:~ p(X). [X@2]\nquery p(_).", "cpsat", "weights at level 2"),
    ],
)
def test_the_solver_follows_from_the_structure(text: str, solver: str, step: str) -> None:
    found = nesy.load(text).plan("asp")
    assert found.solver == solver
    assert any(step in line for line in found.steps)


def test_ground_recursion_is_told_from_recursion_of_names() -> None:
    chain = (
        "percept a(1..5) : bool.\nodd(1) :- a(1).\nodd(I + 1) :- odd(I), not a(I + 1), I < 5.\n:- odd(5).\nquery a(_)."
    )
    assert "odd (line 3): recursive, but no atom rests on itself" in nesy.load(chain).plan("asp").steps
    loop = (ROOT / "examples" / "network" / "network.nesy").read_text()
    assert any(
        step.startswith("path (line 17): recursive; level variables") for step in nesy.load(loop).plan("asp").steps
    )


def test_the_possibilistic_route() -> None:
    found = nesy.load(ROOT / "benchmarks" / "speed" / "rules" / "addition.nesy").plan()
    assert "c (lines 16, 17, 18): factorised, a small equation system for each component" in found.steps
    assert any("a chain that runs index by index" in step for step in found.steps)
    network = nesy.load(ROOT / "examples" / "network" / "network.nesy").plan()
    assert network.exactness == "exact"
    assert "path (lines 16, 17): least fixpoint of (max, min) over the ground rules" in network.steps
    twice = nesy.load("percept a : 1..3.\nh :- a = 1.\nh :- a = 2.\nquery h.").plan()
    assert twice.exactness == "bounds"
    assert "line 3" in twice.meaning


def test_an_explosion_is_planned_as_quickly_as_anything() -> None:
    names = "ABCDEF"
    body = ", ".join(f"t({name})" for name in names)
    text = f"type t = 1..1000.\npercept p(t) : bool.\nbad(A) :- {body}, A + B < C + D.\n:- p(A), bad(A).\nquery p(_)."
    found = nesy.load(text).plan("asp")
    (culprit,) = found.culprits
    assert (culprit.span.line, culprit.certain) == (3, True)
    assert culprit.work > 1e15
    assert {name for name, _ in culprit.variables} == set(names)
    assert found.cost is not None
    assert found.cost.compile_seconds.low > 1e6


def test_budgets_and_batches() -> None:
    program = nesy.load(ROOT / "examples" / "queens" / "queens.nesy")
    assert [entry.span.line for entry in program.plan("asp", budget=200).culprits] == [6, 7, 8, 9]
    assert program.plan("asp", budget=0).culprits == ()
    one, many = program.plan("asp").cost, program.plan("asp", batch=1000).cost
    assert one is not None
    assert many is not None
    assert 500 < many.answer_seconds.expected / one.answer_seconds.expected < 1000


def test_included_clingo_code_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "more.lp").write_text("near(X,Y) :- t(X), t(Y), |X-Y| = 1.\n:~ cell(X,1). [2@3,X]\n")
    (tmp_path / "main.nesy").write_text(
        'include "more.lp".\ntype t = 1..4.\npercept cell(t) : 0..1.\n'
        "relation near(t, t).\n:- near(X, Y), cell(X) = V, cell(Y) = V.\nquery cell(_).\n"
    )
    found = nesy.load(tmp_path / "main.nesy").plan("asp")
    assert found.possible
    assert {row.kind: row.accuracy for row in found.rows} == {
        "percept": "exact",
        "constraint": "unknown",
        "clingo code": "unknown",
    }
    assert any("weights at level 3" in step for step in found.steps)
    assert not found.culprits
