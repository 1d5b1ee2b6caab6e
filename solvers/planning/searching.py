"""The route of the back ends that search for models: which solver, how exact, and why not another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, Severity, counted
from nesy.dsl.statements import Optimize, Query, SoftConstraint
from nesy.solvers.backend import Options
from nesy.solvers.grounding.findings import decimal_numbers
from nesy.solvers.logic.choice import SOLVERS, Structure, check_options, choose
from nesy.solvers.logic.selection import LogicSelection, select_logic
from nesy.solvers.logic.tasks import Mode
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.plan import Alternative, CostModel, Exactness, Route
from nesy.solvers.planning.structure import Costs, Recursion, costs_of, recursions

COST = CostModel(
    start=0.05,
    tried=1.0e-6,
    rule=4.0e-5,
    call=2.0e-3,
    answer=2.5e-2,
    answer_rule=3.0e-5,
    memory=3.0,
    memory_rule=2.0e-3,
    spread=3.0,
    answer_spread=6.0,
    answer_note="a search may take far longer; --time-limit gives the best model found by then",
)
"""Measured by ``benchmarks/speed/plan.py`` on one core of an x86-64 server."""
RECURSIVE = replace(COST, answer=1.0e-1, answer_rule=1.0e-4)
"""The same for programs whose atoms may rest on themselves."""


def searching_route(
    backend: str, checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates
) -> Route:
    """How ``backend`` (``asp`` or ``integer``) answers ``queries``. Raises E523 for options that it does not know."""
    check_options(backend, options)
    whole = options.mode in (Mode.BRAVE, Mode.CAUTIOUS, Mode.DEGREES)
    chosen = select_logic(checked, queries, whole=whole)
    costs = costs_of(checked, chosen)
    loops = recursions(estimates, chosen)
    structure = Structure(_recursive(loops), _is_linear(loops), costs.readings, costs.count)
    choice = choose(backend, structure, options)
    obstacles = [problem for problem in chosen.problems if problem.severity is Severity.ERROR]
    obstacles += decimal_numbers(checked.constants, [statement for statement, _ in chosen.statements])
    if backend == "integer" or choice.solver == "cpsat":
        obstacles += _inexpressible(loops)
    exactness, meaning = _exactness(options, chosen, estimates)
    return Route(
        choice.solver,
        choice.reason,
        exactness,
        meaning,
        tuple(_steps(chosen, costs, loops, choice.solver)),
        tuple(statement for statement, crisp in chosen.statements if crisp),
        (*chosen.attributes, *(statement for statement, crisp in chosen.statements if not crisp)),
        tuple(obstacles),
        tuple(_left_out(checked, options)),
        COST if structure.recursive is False else RECURSIVE,
        tuple(_others(backend, structure, loops, options, choice.solver)),
    )


# ----- structure


def _recursive(loops: Sequence[Recursion]) -> bool | None:
    """Whether atoms rest on themselves, as far as it is known before grounding."""
    grounds = [loop.ground for loop in loops]
    return True if True in grounds else None if None in grounds else False


def _is_linear(loops: Sequence[Recursion]) -> bool:
    return not any(_inexpressible(loops))


def _inexpressible(loops: Sequence[Recursion]) -> list[Diagnostic]:
    """E550 and E551 as far as the rules themselves tell."""
    found = []
    for loop in loops:
        if loop.ground is False:
            continue
        names = " and ".join(loop.names)
        if loop.through_aggregate is not None:
            message = f"'{names}' depends on itself through an aggregate"
            hint = "the integer back end takes no recursion through aggregates; these back ends do: asp"
            found.append(Diagnostic("E550", message, loop.through_aggregate, hint))
        if loop.through_disjunction is not None and len(loop.names) > 1:
            message = f"the alternatives '{names}' may depend on one another"
            hint = "the integer back end takes disjunctions only where no alternative leads to another; asp takes all"
            found.append(Diagnostic("E551", message, loop.through_disjunction, hint))
    return found


# ----- in words


def _steps(chosen: LogicSelection, costs: Costs, loops: Sequence[Recursion], solver: str) -> Iterator[str]:
    for loop in loops:
        names = " and ".join(loop.names)
        line = loop.span.line
        if loop.ground is False:
            yield f"{names} (line {line}): recursive, but no atom rests on itself"
        else:
            maybe = "" if loop.ground else ", perhaps not once it is ground"
            how = "" if solver == "clingo" else "; level variables say that no atom supports itself in a circle"
            yield f"{names} (line {line}): recursive{maybe}{how}"
    if costs.count:
        paid = ["readings of percepts, in nats"] if costs.readings else []
        if costs.levels:
            paid.append(f"weights at level{'s' if len(costs.levels) > 1 else ''} {', '.join(map(str, costs.levels))}")
        if costs.degrees:
            paid.append(f"{counted(costs.degrees, 'level')} above these for uncertain rules between 0 and 1")
        yield f"costs: {'; '.join(paid)}"
    else:
        yield "nothing to optimise: any model is as good as another"
    if chosen.determined:
        yield f"worked out after the search: {', '.join(sorted(chosen.determined))}"


def _exactness(options: Options, chosen: LogicSelection, estimates: Estimates) -> tuple[Exactness, str]:
    limit = "" if options.time_limit is None else f", or the best model after {options.time_limit:g} s with its bound"
    match options.mode:
        case Mode.OPTIMUM:
            indices = sum(estimates.index(info).size for info in chosen.attributes if info.kind == "percept")
            if not indices:
                return "exact", f"a proved optimum{limit}"
            error = f"costs rounded to 1/{options.resolution} nat, in all at most {indices / options.resolution:g} nats"
            return "exact", f"a proved optimum ({error}){limit}"
        case Mode.DEGREES:
            return "exact", f"exact degrees by α-cuts{limit and ', or bounds when time is up'}"
        case Mode.MODELS:
            return "exact", f"models, whatever they cost{limit and ', as many as there is time for'}"
        case _:
            return "exact", f"all {options.mode} consequences{limit and ', or what is known of them when time is up'}"


def _left_out(checked: CheckedProgram, options: Options) -> Iterator[Diagnostic]:
    if options.mode != Mode.DEGREES:
        return
    for statement in checked.program.statements:
        if isinstance(statement, SoftConstraint | Optimize):
            what = "soft constraint" if isinstance(statement, SoftConstraint) else "optimisation"
            message = f"this {what} is no part of the degrees and is left out"
            yield Diagnostic("W515", message, statement.span, "the mode 'optimum' honours it")


# ----- why not another solver


def _others(
    backend: str, structure: Structure, loops: Sequence[Recursion], options: Options, taken: str
) -> Iterator[Alternative]:
    """Each other solver of the back end; the measurements are those of the choice rule."""
    refused = _inexpressible(loops)
    for name in SOLVERS[backend]:
        if name == taken:
            continue
        if name in ("cpsat", "race") and options.mode in (Mode.BRAVE, Mode.CAUTIOUS, Mode.DEGREES):
            yield Alternative(name, False, f"has no mode '{options.mode}'")
        elif refused and name not in ("clingo", "race"):
            yield Alternative(name, False, refused[0].message, refused[0].span)
        else:
            yield Alternative(name, True, _measured(name, structure))


def _measured(name: str, structure: Structure) -> str:
    match name:
        case "clingo" if structure.readings:
            return "mostly no proof of an optimum under the costs of readings within seconds"
        case "clingo":
            return "as a rule faster where weights are few and small, no proof where they are many"
        case "cpsat" if not structure.optimising:
            return "takes about four times as long to find a first model"
        case "cpsat":
            return "proves optima with costs, usually first"
        case "race":
            return "both at once on two cores, the first proof counts; costs twice the CPU time"
        case "cbc" if structure.recursive:
            return "up to ten times as long on recursive programs"
        case "cbc":
            return "as fast where the relaxation decides, up to four times as long where search does"
        case "highs":
            return "as CBC, without stopping in good order on Ctrl-C"
        case _:
            return "as a rule two to three times as long, without stopping in good order on Ctrl-C"
