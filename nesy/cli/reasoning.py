"""``nesy run`` and ``nesy explain``: evidence in, answers and reasons out."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nesy.cli.evidence import gather_evidence
from nesy.cli.interruption import Interruption
from nesy.cli.options import (
    BudgetOption,
    ClassesOption,
    ConstOption,
    DegreesOption,
    DeviceOption,
    DoOption,
    Dtype,
    DtypeOption,
    EvidenceOption,
    FactsOption,
    FileArgument,
    JsonOption,
    MethodOption,
    ModelsOption,
    ModeOption,
    ParamsOption,
    PerceiveOption,
    QueryOption,
    ResolutionOption,
    SamplesOption,
    SeedOption,
    SolverOption,
    StrictOption,
    Ties,
    TiesOption,
    TimeLimitOption,
    Transform,
    TransformOption,
    WithOption,
    WorkersOption,
)
from nesy.cli.programs import STDIN, read_program, refuse_two_inputs, warn, with_sources
from nesy.cli.slices import slices
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Query
from nesy.search_options import SEARCHING

if TYPE_CHECKING:
    from nesy.engine import Engine
    from nesy.solvers.answer import Answer

SLICE = 1000
"""Instances that are answered at once: bounds memory, and how often the progress bar moves."""
SEARCHED = 20
"""The same for back ends that search, which take their time over each instance."""
LARGEST_TABLE = 10
"""Up to so many instances get a table each; more are summed up."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("run")(run)
    app.command("explain")(explain)


def run(
    file: FileArgument,
    backend: WithOption = "possibilistic",
    evidence: EvidenceOption = None,
    perceive: PerceiveOption = None,
    classes: ClassesOption = None,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    params: ParamsOption = None,
    strict: StrictOption = False,
    transform: TransformOption = Transform.ANTIPIGNISTIC,
    ties: TiesOption = Ties.SYMMETRIC,
    device: DeviceOption = "cpu",
    dtype: DtypeOption = Dtype.FLOAT64,
    solver: SolverOption = None,
    mode: ModeOption = None,
    degrees: DegreesOption = False,
    models: ModelsOption = None,
    time_limit: TimeLimitOption = None,
    seed: SeedOption = None,
    workers: WorkersOption = None,
    resolution: ResolutionOption = None,
    method: MethodOption = None,
    samples: SamplesOption = None,
    do: DoOption = None,
    budget: BudgetOption = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the answers to a file: .npz, JSON lines, or .nc with posterior draws (needs ArviZ).",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer the queries of a rule file for a batch of evidence."""
    # without --output, answers are written as they come: a long batch is never in memory as a whole
    search = {"solver": solver, "mode": "degrees" if degrees else mode, "models": models, "time_limit": time_limit}
    search |= {"seed": seed, "workers": workers, "resolution": resolution, "method": method, "samples": samples}
    search["budget"] = budget
    engine = _engine(
        file, evidence, backend, const, facts, query, params, strict, transform, ties, device, dtype, search
    )
    if do:
        engine = engine.intervened(do)
    tensors = gather_evidence(engine.model, engine.options, evidence, perceive, classes)
    interruption = Interruption()
    answers: Iterable[Answer] = interruption.watch(
        engine.solver.infer(part) for part in slices(tensors, SEARCHED if backend in SEARCHING else SLICE)
    )
    if output is not None and output != "-":
        from nesy.output import write_answers

        answers = list(answers)
        write_answers(output, answers)
    if as_json:
        from nesy.output import json_lines

        for line in json_lines(answers):
            sys.stdout.write(line)
    elif output is None or output == "-":
        _draw(answers, max((len(tensor) for tensor in tensors.values()), default=1))
    interruption.leave()


def explain(
    file: FileArgument,
    backend: WithOption = "possibilistic",
    evidence: EvidenceOption = None,
    perceive: PerceiveOption = None,
    classes: ClassesOption = None,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    params: ParamsOption = None,
    instance: Annotated[
        int, typer.Option("--instance", "-i", metavar="N", help="Which instance of the batch, from 0.")
    ] = 0,
    strict: StrictOption = False,
    transform: TransformOption = Transform.ANTIPIGNISTIC,
    ties: TiesOption = Ties.SYMMETRIC,
    solver: SolverOption = None,
    method: MethodOption = None,
    samples: SamplesOption = None,
    time_limit: TimeLimitOption = None,
    seed: SeedOption = None,
    workers: WorkersOption = None,
    resolution: ResolutionOption = None,
    do: DoOption = None,
    budget: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the answers of one instance. Says which readings and which rules decide them."""
    cpu, exact = "cpu", Dtype.FLOAT64
    further = {"method": method, "samples": samples, "time_limit": time_limit, "seed": seed, "budget": budget}
    further |= {"solver": solver, "workers": workers, "resolution": resolution}
    engine = _engine(file, evidence, backend, const, facts, query, params, strict, transform, ties, cpu, exact, further)
    if do:
        engine = engine.intervened(do)
    tensors = gather_evidence(engine.model, engine.options, evidence, perceive, classes)
    batch = max((len(tensor) for tensor in tensors.values()), default=1)
    if not 0 <= instance < batch:
        message = f"there is no instance {instance}: the evidence has {batch}, counted from 0"
        raise NesyError(Diagnostic("E431", message, hint="choose one with --instance", place="--instance"))
    answer = engine.solver.infer({name: tensor[instance : instance + 1] for name, tensor in tensors.items()})
    _write_explanations(answer, instance, as_json)


def _write_explanations(answer: Answer, instance: int, as_json: bool) -> None:
    from nesy.cli.reporting import write_json
    from nesy.explanations import explanation_text, explanation_to_json, wrapped

    found = [dataclasses.replace(entry, instance=instance) for entry in answer.explain(0)]
    if as_json:
        for entry in found:
            write_json(explanation_to_json(entry))
    else:
        text = "\n".join(map(explanation_text, found))
        width = shutil.get_terminal_size().columns
        sys.stdout.write(wrapped(text, width) if sys.stdout.isatty() else text)


def _engine(
    file: str,
    evidence: str | None,
    backend: str,
    const: list[str] | None,
    facts: list[str] | None,
    query: list[str] | None,
    params: str | None,
    strict: bool,
    transform: Transform,
    ties: Ties,
    device: str,
    dtype: Dtype,
    further: Mapping[str, Any],
) -> Engine:
    """The compiled program; its warnings have been drawn."""
    from nesy.solvers.backend import backend as find_backend

    find_backend(backend)
    refuse_two_inputs({"the rule file": file, "the evidence": evidence})
    program = read_program(file, const, facts)
    with with_sources(program.ast.sources):
        engine = program.compile(
            backend,
            device=device,
            dtype=dtype.value,
            transform=transform.value,
            ties=ties.value,
            strict=strict,
            queries=query,
            parameters=params,
            **further,
        )
    asked = query or any(isinstance(statement, Query) for statement in program.ast.statements)
    warn(program, engine.warnings, [] if asked else [_nothing_asked(file)], asked=bool(query))
    return engine


def _nothing_asked(file: str) -> Diagnostic:
    hint = "write a query, such as 'query valid.', or ask by --query"
    place = STDIN if file == "-" else file
    return Diagnostic("W503", "the rule file asks nothing, so there is nothing to answer", hint=hint, place=place)


def _draw(answers: Iterable[Answer], batch: int) -> None:
    from rich.console import Console

    from nesy.output import draw_instances, draw_summary

    console = Console(highlight=False)
    if batch <= LARGEST_TABLE:
        draw_instances(list(answers), console)
    else:
        draw_summary(answers, console)
