"""clingo = CP-SAT = CBC = brute force on generated programs: the optimum, and all models.

The brute force (:mod:`tests.oracle.generated_programs`) knows what the text means, and nothing of how it is grounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from math import log

import clingo
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError, Severity
from nesy.solvers.answer import Answer, Status
from nesy.solvers.asp.clasp import Clasp
from nesy.solvers.backend import Options, compile_program
from nesy.solvers.integer.making import make_solver
from nesy.solvers.logic.costs import readings
from nesy.solvers.logic.lifting import world
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.reading import ground_logic, logic_text
from nesy.solvers.logic.tasks import Mode, Solver, StableModel, Task
from tests.effort import tries
from tests.oracle.generated_programs import NAMES, RESOLUTION, Generated, World, evidence_table, programs

MOST = 60
"""Programs with more models are not enumerated by integer programming, which finds one after the other."""


def task_of(program: LogicProgram, generated: Generated, mode: Mode = Mode.OPTIMUM) -> Task:
    table = torch.tensor([evidence_table(generated)], dtype=torch.float64)
    paid, excluded = readings(program, {"x": table}, RESOLUTION).of(0)
    return Task(paid, excluded, RESOLUTION, mode, models=0 if mode is Mode.MODELS else 1)


def solver(name: str, program: LogicProgram) -> Solver | None:
    """A solver; None where integer programming cannot express the recursion."""
    if name == "clingo":
        return Clasp(program)
    try:
        return make_solver(name, program, Options())
    except NesyError as error:
        codes = {entry.code for entry in error.diagnostics}
    assert codes <= {"E550", "E551"}
    return None


def seen(program: LogicProgram, model: StableModel) -> World:
    found = world(program, model)
    places = program.model.attribute_places
    x = tuple(found.values[places["x"], index] + 1 for index in range(2))
    named = {str(atom): place for place, atom in enumerate(program.model.atoms)}
    held = frozenset(name for name in NAMES if named.get(name) in found.atoms)
    return World((x[0], x[1]), found.values[places["y"], 0] + 1, held)


def check_against_brute_force(generated: Generated, names: tuple[str, ...]) -> None:
    program = ground_logic(check(parse(generated.text)), whole=True)
    wanted = Counter(generated.models())
    best = generated.optimum()
    for name in names:
        found = solver(name, program)
        if found is None:
            continue
        outcome = found.solve(task_of(program, generated))
        if best is None:
            assert outcome.status is Status.INFEASIBLE, name
            continue
        assert outcome.status is Status.OPTIMAL, name
        assert levels(outcome.models[0].costs, generated) == best, name
        assert seen(program, outcome.models[0]) in wanted, name
        if name == "clingo" or (name == "cpsat" and len(wanted) <= MOST):
            everything = found.solve(task_of(program, generated, Mode.MODELS))
            assert Counter(seen(program, model) for model in everything.models) == wanted, name


def levels(costs: object, generated: Generated) -> tuple[int, ...]:
    """Costs by level, the most important first; levels of which the ground program knows nothing cost nothing."""
    assert isinstance(costs, dict)
    any_world = World((1, 1), 1, frozenset())
    everything = {**dict.fromkeys(generated.penalties(any_world), 0), **costs}
    return tuple(cost for _, cost in sorted(everything.items(), reverse=True))


PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target)
"""Without shrinking, which takes minutes here: a failing program is small enough."""

FEW = settings(max_examples=tries(40), deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)


@FEW
@given(programs)
def test_clingo_and_cpsat_equal_brute_force(generated: Generated) -> None:
    check_against_brute_force(generated, ("clingo", "cpsat"))


@pytest.mark.slow
@settings(FEW, max_examples=tries(300))
@given(programs)
def test_clingo_cpsat_and_cbc_equal_brute_force_on_many_programs(generated: Generated) -> None:
    check_against_brute_force(generated, ("clingo", "cpsat", "cbc"))


@FEW
@given(programs, st.sets(st.sampled_from(["x(_)", "y", *NAMES]), min_size=1, max_size=2))
def test_what_is_not_asked_for_changes_nothing(generated: Generated, asked: set[str]) -> None:
    """Of what no query needs a compiled program leaves out what it can; status, costs and answers stay the same."""
    checked = check(parse(generated.asking(*sorted(asked))))
    table = torch.tensor([evidence_table(generated)], dtype=torch.float64)
    best = [model for model in generated.models() if cost_of(generated, model) == generated.optimum()]
    for backend in ("asp", "integer"):
        try:
            engine = compile_program(backend, checked, None, Options(resolution=RESOLUTION))
        except NesyError as error:
            codes = {entry.code for entry in error.diagnostics if entry.severity is Severity.ERROR}
            engine = None
        if engine is None:
            assert backend == "integer"
            assert codes <= {"E550", "E551"}
            continue
        answer = engine.infer({"x": table} if engine.model.percepts else {})
        if not best:
            assert answer.status == ["infeasible"], backend
            continue
        assert answer.status == ["optimal"], backend
        certificate = answer.certificates[0]
        assert certificate is not None
        assert not certificate.faults
        units = {level: round(cost * (1 if level else RESOLUTION)) for level, cost in certificate.costs.items()}
        assert levels(units, generated) == generated.optimum(), backend
        assert any(all(said(answer, name) == meant(model, name) for name in asked) for model in best), backend


@FEW
@given(programs)
def test_the_listing_means_the_same_in_clingo(generated: Generated) -> None:
    """``nesy compile --to asp`` gives text that clingo, knowing nothing of nesy, has the same models and optima for."""
    generated = replace(generated, evidence=((1, 1, 1), (1, 1, 1)))
    text = logic_text(check(parse(generated.text)), whole=True).listing()
    wanted = Counter(generated.models())
    assert Counter(world for world, _ in clingo_models(text, "--opt-mode=ignore", "--project=show")) == wanted
    found = clingo_models(text, "--opt-mode=optN")
    if not wanted:
        assert not found
        return
    best = min(cost for _, cost in found)
    paid = {level: cost // (1 if level else RESOLUTION) for level, cost in least_penalties(generated, wanted).items()}
    costs = [cost for _, cost in sorted(paid.items(), reverse=True)]
    assert [cost for cost in best if cost] == [cost for cost in costs if cost]


def clingo_models(text: str, *arguments: str) -> list[tuple[World, tuple[int, ...]]]:
    control = clingo.Control(["--models=0", *arguments], logger=lambda *_: None)
    control.add("base", [], text)
    control.ground([("base", [])])
    found = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            symbols = model.symbols(shown=True)
            values = {
                (s.name, *(a.number for a in s.arguments[:-1])): s.arguments[-1].number for s in symbols if s.arguments
            }
            held = frozenset(s.name for s in symbols if not s.arguments)
            found.append((World((values["x", 1], values["x", 2]), values[("y",)], held), tuple(model.cost)))
    return found


def least_penalties(generated: Generated, models: Iterable[World]) -> dict[int, int]:
    return min(
        map(generated.penalties, models), key=lambda paid: [cost for _, cost in sorted(paid.items(), reverse=True)]
    )


@FEW
@given(programs, st.sampled_from([1, 2, 5]))
def test_rounded_costs_lose_no_more_than_is_said(generated: Generated, resolution: int) -> None:
    generated = replace(generated, softs=(), goals=(), uncertain=())
    checked = check(parse(generated.text))
    engine = compile_program("asp", checked, None, Options(resolution=resolution))
    answer = engine.infer({"x": torch.tensor([evidence_table(generated)], dtype=torch.float64)})
    models = list(generated.models())
    assert answer.status == ["optimal" if models else "infeasible"]
    if models:
        found = World(said(answer, "x(_)"), 1, frozenset())  # type: ignore[arg-type]
        best = min(true_cost(generated, model) for model in models)
        assert true_cost(generated, found) <= best + answer.statistics["rounding"] + 1e-9  # type: ignore[operator]
        assert answer.statistics["rounding"] == 2 / resolution


def true_cost(generated: Generated, model: World) -> float:
    return sum(log(max(row) / row[value - 1]) for row, value in zip(generated.evidence, model.x, strict=True))


def cost_of(generated: Generated, model: World) -> tuple[int, ...]:
    return tuple(cost for _, cost in sorted(generated.cost(model).items(), reverse=True))


def said(answer: Answer, name: str) -> object:
    value = answer[name.removesuffix("(_)")].value[0]
    return tuple(value) if name == "x(_)" else value


def meant(model: World, name: str) -> object:
    return model.x if name == "x(_)" else model.y if name == "y" else name in model.held
