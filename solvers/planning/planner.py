"""Plans of programs: the route of a back end, the size of every statement, culprits, cost, and why not otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Protocol, cast

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE
from nesy.dsl.statements import Query
from nesy.solvers.backend import BACKENDS, Backend, Options, backend
from nesy.solvers.grounding.sources import Sources
from nesy.solvers.planning.cost import cost_of
from nesy.solvers.planning.culprits import BUDGET, culprit
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.plan import Alternative, Plan, Route, Row
from nesy.solvers.planning.statements import Size, size_of


class PlannerModule(Protocol):
    """What the planner of a back end offers (``Backend.planner`` names the module).

    It grounds nothing and does not load torch; what it needs to know of sizes, ``estimates`` has. Where only the ground
    program tells the route, the module has a function ``sketch_program`` of the same form as well, which keeps to this
    and leaves the route open.
    """

    def plan_program(
        self, checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates
    ) -> Route:
        """How the back end would answer ``queries``. Raises nothing: what stands in the way are ``obstacles``."""
        ...


def plan(
    name: str,
    checked: CheckedProgram,
    queries: Sequence[Query] | None,
    options: Options,
    *,
    batch: int = 1,
    quick: bool = False,
) -> Plan:
    """What the back end called ``name`` would do with ``checked``; None stands for the program's own queries.

    ``options.budget`` None stands for the usual budget, 0 for none. A ``quick`` plan leaves open what only the ground
    program tells, and does not ask the other back ends why not.
    Raises :class:`NesyError`: E501, E502 for the back end, E523 for options that it does not know.
    """
    entry = backend(name)
    if entry.planner is None:
        message = f"the back end '{name}' makes no plans in this version"
        plans = ", ".join(other.name for other in BACKENDS if other.planner is not None)
        raise NesyError(Diagnostic("E502", message, hint=f"these do: {plans}", place="--with"))
    asked = list(_queries(checked)) if queries is None else list(queries)
    estimates = Estimates.of(checked)
    route = _route(entry, checked, asked, options, estimates, quick=quick)
    crisp = [size_of(estimates, statement) for statement in route.crisp]
    open_sizes = [size_of(estimates, statement) for statement in route.statements]
    sizes = [*crisp, *open_sizes]
    limit = None if options.budget == 0 else BUDGET if options.budget is None else options.budget
    sources = Sources(checked.program)
    rows = [_row(size, sources) for size in sizes if size.kind != "fact"]
    explosive = [size for size in sizes if limit is not None and size.work > limit]
    return Plan(
        name,
        not route.obstacles,
        route.solver,
        route.reason,
        route.exactness,
        route.meaning,
        route.steps,
        tuple(sorted(rows, key=lambda row: row.span)),
        int(sum(size.instances for size in sizes if size.kind == "fact")),
        limit,
        tuple(culprit(size, sources.statement(size.span)) for size in explosive),
        None if route.obstacles else cost_of(route.cost, crisp, open_sizes, batch),
        route.obstacles,
        route.left_out,
        (
            *(() if route.obstacles else route.others),
            *(() if quick else _elsewhere(name, checked, asked, options, estimates)),
        ),
    )


def _queries(checked: CheckedProgram) -> Iterator[Query]:
    yield from (statement for statement in checked.program.statements if isinstance(statement, Query))


def _route(
    entry: Backend,
    checked: CheckedProgram,
    queries: Sequence[Query],
    options: Options,
    estimates: Estimates,
    *,
    quick: bool,
) -> Route:
    assert entry.planner is not None
    module = import_module(entry.planner)
    planned = cast("PlannerModule", module).plan_program
    found: Route = (getattr(module, "sketch_program", planned) if quick else planned)(
        checked, queries, options, estimates
    )
    return found


def _row(size: Size, sources: Sources) -> Row:
    return Row(
        size.span, sources.statement(size.span), size.kind, size.instances, size.parts, size.tried, size.accuracy
    )


def _elsewhere(
    name: str, checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates
) -> Iterator[Alternative]:
    """Each other back end: what it cannot take and where, or what its answers would be."""
    plain = Options(strict=options.strict)
    for entry in BACKENDS:
        if entry.name == name or entry.planner is None:
            continue
        route = _route(entry, checked, queries, plain, estimates, quick=True)
        if route.obstacles:
            first = route.obstacles[0]
            more = f" (and {len(route.obstacles) - 1} more)" if len(route.obstacles) > 1 else ""
            yield Alternative(f"--with {entry.name}", False, f"{first.message}{more}", first.span)
        elif entry.missing:
            packages = " ".join(entry.missing)
            yield Alternative(f"--with {entry.name}", False, f"packages are not installed: {packages}", NOWHERE)
        else:
            yield Alternative(f"--with {entry.name}", True, f"{route.solver}: {route.meaning}", NOWHERE)
