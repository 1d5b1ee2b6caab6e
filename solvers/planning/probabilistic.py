"""The route of the probabilistic back end: by what worlds are summed or a posterior is found, and how exactly.

Which method that is depends on the ground program: on the sizes of tables, on which numbers are jointly normal. So a
plan compiles the program, unless a statement exceeds the budget, and tells what the rules that choose have chosen. A
sketch looks at the statements alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError, Severity
from nesy.dsl.statements import Choice, Disjunction, Observe, Query, Rule
from nesy.solvers.backend import Options
from nesy.solvers.grounding.findings import decimal_numbers
from nesy.solvers.planning.culprits import BUDGET
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.plan import Alternative, CostModel, Exactness, Route
from nesy.solvers.planning.statements import Sized, size_of
from nesy.solvers.planning.structure import defined

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting import CountingEngine
    from nesy.solvers.probabilistic.engine import ProbabilisticEngine
    from nesy.solvers.probabilistic.inference.choose import Chosen
    from nesy.solvers.probabilistic.inference.part import Decision

COUNTING = CostModel(
    start=0.02,
    tried=4.0e-7,
    rule=5.0e-6,
    call=5.0e-4,
    answer=2.0e-6,
    answer_rule=5.5e-9,
    memory=1.0,
    memory_rule=9.0e-4,
    spread=5.0,
    answer_spread=8.0,
    answer_note="narrow tables; wide ones take longer",
)
"""Sums over worlds in tables."""
CIRCUIT = replace(COUNTING, start=0.25, answer_note="small circuits; large ones take longer to make and to evaluate")
POSTERIOR = replace(
    COUNTING, start=4.0e-3, rule=2.6e-4, call=0.0, answer=8.0e-4, answer_rule=4.5e-5, memory=0.5, memory_rule=4.0e-3
)
"""Posteriors of finite models."""
GAUSSIAN = replace(
    POSTERIOR,
    start=3.0e-3,
    rule=1.0e-4,
    answer=5.0e-3,
    answer_rule=1.0e-4,
    memory=15.0,
    memory_rule=2.0e-2,
    answer_note="",
)
GRID = replace(GAUSSIAN, answer=2.0e-2, answer_rule=1.8e-3)
"""Sums over a grid."""
SAMPLED = replace(
    GAUSSIAN,
    answer=2.0e-2,
    answer_rule=8.0e-4,
    memory=20.0,
    memory_rule=0.15,
    answer_spread=10.0,
    answer_note="by weighting; where it does not reach, other methods take over and far longer, up to --time-limit",
)
LISTED = 6
"""Independent parts that a plan tells of one by one."""
REFUSED = ("E523",)
"""Errors about options, which are raised."""


def plan_program(checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates) -> Route:
    """How the probabilistic back end answers ``queries``. Raises E523 for options that it does not know."""
    sketch = sketch_program(checked, queries, options, estimates)
    limit = BUDGET if options.budget is None else options.budget
    if sketch.obstacles:
        return sketch
    sizes = (size_of(estimates, statement) for statement in (*sketch.crisp, *sketch.statements))
    if limit and any(size.work > limit for size in sizes):
        return replace(sketch, reason="left open, because a statement exceeds the budget")
    return _compiled(sketch, checked, queries, options)


def sketch_program(checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates) -> Route:
    """What the statements alone tell: what is ground, and what is refused."""
    del estimates
    from nesy.solvers.probabilistic import is_about_percepts, refuse_modes

    if is_about_percepts(checked, queries):
        refuse_modes(options)
        return _worlds(checked, queries)
    return _variables(checked, queries, options)


# ----- sketches


def _worlds(checked: CheckedProgram, queries: Sequence[Query]) -> Route:
    from nesy.solvers.probabilistic.counting.dividing import divide
    from nesy.solvers.probabilistic.counting.refusals import choice_refusal, degree_refusals

    divided = divide(checked, queries)
    problems = [*divided.logic.problems, *degree_refusals(checked, divided.rules)]
    for statement, _ in divided.logic.statements:
        if (
            isinstance(statement, Rule)
            and isinstance(statement.head, Choice | Disjunction)
            and not defined(checked, statement) <= checked.attributes.keys()
        ):
            what = "choice" if isinstance(statement.head, Choice) else "disjunction"
            problems.append(choice_refusal(what, statement.span))
    problems += decimal_numbers(checked.constants, [statement for statement, _ in divided.logic.statements])
    crisp = [statement for statement, is_crisp in divided.logic.statements if is_crisp]
    derived = [statement for statement, is_crisp in divided.logic.statements if not is_crisp]
    statements = (*divided.logic.attributes, *derived, *divided.rules)
    return _sketch("sums over worlds", crisp, statements, problems, COUNTING)


def _variables(checked: CheckedProgram, queries: Sequence[Query], options: Options) -> Route:
    from nesy.solvers.probabilistic.building.facts import select_facts

    chosen, restrictions = select_facts(checked, [query.formula for query in queries], strict=options.strict)
    crisp: list[Sized] = [
        *(rule for _, rule in chosen.crisp),
        *(constraint for _, constraint in chosen.crisp_constraints),
    ]
    kinds = ("random", "definition", "percept")
    nodes = [
        info
        for info in checked.attributes.values()
        if info.kind in kinds and (info.name in chosen.needed or not queries)
    ]
    limits = [statement for statement in restrictions if not isinstance(statement, Observe)]
    return _sketch("posteriors", crisp, (*nodes, *limits), chosen.problems, POSTERIOR)


def _sketch(
    solver: str, crisp: Sequence[Sized], statements: Sequence[Sized], problems: Sequence[Diagnostic], cost: CostModel
) -> Route:
    return Route(
        solver,
        "which method, and how exact it is, shows once the program is ground",
        "exact" if cost is COUNTING else "approximate",
        "exact probabilities" if cost is COUNTING else "posteriors, exact ones where there is a way",
        (),
        crisp,
        statements,
        tuple(entry for entry in problems if entry.severity is Severity.ERROR),
        tuple(entry for entry in problems if entry.severity is Severity.WARNING),
        cost,
    )


# ----- what the rules that choose have chosen


def _compiled(sketch: Route, checked: CheckedProgram, queries: Sequence[Query], options: Options) -> Route:
    from nesy.solvers.probabilistic import compile_program
    from nesy.solvers.probabilistic.counting import CountingEngine

    try:
        engine = compile_program(checked, queries or None, options)
    except NesyError as error:
        if any(entry.code in REFUSED for entry in error.diagnostics):
            raise
        errors = tuple(entry for entry in error.diagnostics if entry.severity is Severity.ERROR)
        return replace(sketch, obstacles=errors)
    if isinstance(engine, CountingEngine):
        return _counted(sketch, engine)
    return _inferred(sketch, engine)


def _counted(sketch: Route, engine: CountingEngine) -> Route:
    route = engine.route
    return replace(
        sketch,
        solver=route.name,
        reason=engine.reason,
        meaning="exact probabilities, with gradients to those of the readings",
        steps=tuple(_numbers(route.statistics)),
        cost=CIRCUIT if route.name == "circuit" else COUNTING,
        others=tuple(Alternative(name, True, _summed[name]) for name in _summed if name != route.name),
    )


_summed = {
    "elimination": "tables would be larger than the circuit",
    "circuit": "takes longer to make where tables stay small",
    "enumeration": "goes through the worlds one by one",
}
"""Why the other ways to sum worlds were not taken; ``--method`` forces one."""


def _inferred(sketch: Route, engine: ProbabilisticEngine) -> Route:
    decision, graph = engine.decision, engine.graph
    finite = sum(variable.domain is not None for variable in graph.variables)
    numbers = len(graph.variables) - finite
    steps = [f"{len(graph.nodes)} nodes: {finite} finite variables, {numbers} numbers, the rest is computed"]
    if graph.conditions:
        steps.append(f"{len(graph.conditions)} conditions")
    if engine.chosen.finite is not None:
        order = engine.chosen.finite.elimination.order
        steps += _numbers({"width": order.width, "largest_table": order.largest})
    steps += [f"{name}: {part.method}, {part.reason}" for name, part in decision.parts[:LISTED]]
    if len(decision.parts) > LISTED:
        steps.append(f"and {len(decision.parts) - LISTED} more")
    if decision.then:
        steps.append(f"where its diagnostics are bad: {', then '.join(decision.then)}")
    exactness: Exactness = "exact" if decision.exact else "approximate"
    return replace(
        sketch,
        solver=decision.method,
        reason=decision.reason,
        exactness=exactness,
        meaning=_posteriors(decision),
        steps=tuple(steps),
        cost=_cost(decision),
        others=tuple(_methods(engine.chosen)),
    )


def _cost(decision: Decision) -> CostModel:
    """That of the costliest of the methods that are taken."""
    if not decision.exact:
        return SAMPLED
    return next(
        (cost for name, cost in (("quadrature", GRID), ("gaussian", GAUSSIAN)) if name in decision.method), POSTERIOR
    )


def _posteriors(decision: Decision) -> str:
    if decision.method == "quadrature":
        return "posteriors by sums over a grid, with a bound on their error"
    return "exact posteriors" if decision.exact else "estimates with their standard errors"


def _numbers(statistics: Mapping[str, object]) -> Iterator[str]:
    for name, value in statistics.items():
        if isinstance(value, int) and name != "chunk":
            yield f"{name.replace('_', ' ')}: {value:,}"


def _methods(chosen: Chosen) -> Iterator[Alternative]:
    """The methods that were not taken: those that refuse the model say so themselves."""
    from nesy.solvers.probabilistic.inference.choose import decide

    wanted = ("weighting", "smc") if chosen.decision.exact else ("exact", "laplace", "nuts", "smc", "weighting")
    for method in wanted:
        if method == chosen.decision.method:
            continue
        try:
            decide(chosen.graph, chosen.rows, method)
        except NesyError as error:
            first = error.diagnostics[0]
            yield Alternative(method, False, first.message, first.span)
        else:
            yield Alternative(method, True, _sampled[method])


_sampled = {
    "exact": "takes larger tables",
    "laplace": "draws around the peaks of a smooth density: worth its time where what is known is rare",
    "nuts": "follows the gradients of a smooth density: worth its time where what is known is rare",
    "smc": "a tempered population: worth its time where what is known is rare",
    "weighting": "estimates, with standard errors",
}
