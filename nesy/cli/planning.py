"""``nesy plan``: what a back end would do, and what it would cost, before anything is run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from nesy.cli.options import (
    BudgetOption,
    ConstOption,
    DegreesOption,
    EvidenceOption,
    FactsOption,
    FileArgument,
    JsonOption,
    MethodOption,
    ModelsOption,
    ModeOption,
    QueryOption,
    ResolutionOption,
    SamplesOption,
    SolverOption,
    StrictOption,
    TimeLimitOption,
    WorkersOption,
)
from nesy.cli.programs import read_program, refuse_two_inputs, warn, with_sources
from nesy.cli.reporting import write_json
from nesy.dsl.diagnostics import NesyError
from nesy.search_options import TAKEN

if TYPE_CHECKING:
    from nesy.solvers.planning.plan import Plan


class _Search(TypedDict):
    """What the command line says of the search, as :meth:`nesy.Program.plan` names it."""

    solver: str | None
    mode: str | None
    models: int | None
    time_limit: float | None
    workers: int | None
    resolution: int | None
    method: str | None
    samples: int | None


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("plan")(plan)


def plan(
    file: FileArgument,
    backend: Annotated[
        str | None, typer.Option("--with", metavar="BACKEND", help="Back end; all of them if left out.")
    ] = None,
    evidence: EvidenceOption = None,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    strict: StrictOption = False,
    solver: SolverOption = None,
    mode: ModeOption = None,
    degrees: DegreesOption = False,
    models: ModelsOption = None,
    time_limit: TimeLimitOption = None,
    workers: WorkersOption = None,
    resolution: ResolutionOption = None,
    method: MethodOption = None,
    samples: SamplesOption = None,
    budget: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say before running how a program would be answered: route, exactness, ground size by line, cost, and why not."""
    refuse_two_inputs({"the rule file": file, "the evidence": evidence})
    program = read_program(file, const, facts)
    batch = 1
    if evidence is not None:
        from nesy.evidence_files import batch_of, read_evidence

        batch = batch_of(read_evidence(evidence))
    search = _Search(
        solver=solver,
        mode="degrees" if degrees else mode,
        models=models,
        time_limit=time_limit,
        workers=workers,
        resolution=resolution,
        method=method,
        samples=samples,
    )
    names = _backends(search) if backend is None else [backend]
    found: list[Plan] = []
    refused: list[NesyError] = []
    with with_sources(program.ast.sources):
        for name in names:
            try:
                planned = program.plan(
                    name, queries=query, batch=batch, budget=budget, strict=strict, quick=backend is None, **search
                )
            except NesyError as error:
                refused.append(error)  # an option that this back end does not know
            else:
                found.append(planned)
        if not found:
            raise refused[0]
    warn(program, asked=bool(query))
    _write(found, as_json, alone=backend is not None)


def _backends(search: Mapping[str, object]) -> list[str]:
    """All back ends that plan; with options, those that take one of them."""
    from nesy.solvers.backend import BACKENDS

    known = [entry.name for entry in BACKENDS if entry.planner is not None and not entry.missing]
    given = {name for name, value in search.items() if value is not None}
    return [name for name in known if not given or given & set(TAKEN.get(name, ()))]


def _write(plans: list[Plan], as_json: bool, *, alone: bool) -> None:
    if as_json:
        for found in plans:
            write_json(found.to_json())
        return
    from rich.console import Console

    from nesy.planning import draw_plan, draw_summary

    console = Console(highlight=False)
    if alone:
        draw_plan(plans[0], console)
    else:
        draw_summary(plans, console)
    sys.stdout.flush()
