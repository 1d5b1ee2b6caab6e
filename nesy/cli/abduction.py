"""``nesy abduce``: predictions of several models in, one label for each object out, with reasons."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nesy.cli.guard import INTERRUPTED
from nesy.cli.options import (
    ClassesOption,
    ConstOption,
    FactsOption,
    FileArgument,
    JsonOption,
    PerceiveOption,
    SeedOption,
    TimeLimitOption,
    WorkersOption,
    pairs,
)
from nesy.cli.programs import read_program, refuse_two_inputs, warn, with_sources
from nesy.cli.reporting import write_json

if TYPE_CHECKING:
    from nesy.abduction.prediction_files import Given
    from nesy.abduction.result import Abduction
    from nesy.abduction.staircase import Staircase
    from nesy.program import Program


class MethodName(StrEnum):
    """How the hypothesis is searched for."""

    AUTO = "auto"
    IP = "ip"
    SEARCH = "search"
    ANNEAL = "anneal"
    ASP = "asp"
    BRANCH = "branch"


class DenominatorName(StrEnum):
    """What the rate of inconsistency divides by."""

    OBJECTS = "objects"
    COVERED = "covered"
    DENIALS = "denials"


class MissingName(StrEnum):
    """What it means that a model says nothing of an object."""

    ERROR = "error"
    ABSTAIN = "abstain"


PredictionsOption = Annotated[
    str | None,
    typer.Option(
        "--evidence", "-e", metavar="FILE", help="Predictions: .csv, .tsv, .parquet, .npz, JSON; '-': standard input."
    ),
]
PerceptOption = Annotated[
    str | None, typer.Option("--percept", metavar="NAME", help="The percept to fuse, if several have sources.")
]
MissingOption = Annotated[
    MissingName, typer.Option("--missing", help="A model that leaves out an object: an error, or an abstention.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("abduce")(abduce)


def abduce(
    file: FileArgument,
    evidence: PredictionsOption = None,
    perceive: PerceiveOption = None,
    classes: ClassesOption = None,
    max_inconsistency: Annotated[
        float, typer.Option("--max-inconsistency", "-d", metavar="RATE", help="Highest rate of inconsistency, 0 to 1.")
    ] = 0.1,
    denominator: Annotated[
        DenominatorName, typer.Option("--denominator", help="What the rate divides by.")
    ] = DenominatorName.OBJECTS,
    method: Annotated[MethodName, typer.Option("--method", help="How the hypothesis is found.")] = MethodName.AUTO,
    solver: Annotated[
        str | None, typer.Option("--solver", metavar="SOLVER", help="ip: cpsat, cbc, highs or scip.")
    ] = None,
    error_rules: Annotated[
        list[str] | None,
        typer.Option(
            "--error-rules",
            metavar="[BUDGET=]FILE",
            help="Further error rules, for one recall budget or all. Repeatable.",
        ),
    ] = None,
    held_out: Annotated[
        str | None, typer.Option("--held-out", metavar="FILE", help="Predictions from which error rules are learned.")
    ] = None,
    held_out_targets: Annotated[
        str | None, typer.Option("--held-out-targets", metavar="FILE", help="The true classes of --held-out.")
    ] = None,
    recall_budget: Annotated[
        list[float] | None,
        typer.Option("--recall-budget", metavar="SHARE", help="Recall that learned rules may cost. Repeatable."),
    ] = None,
    scenes: Annotated[
        str | None, typer.Option("--scenes", metavar="NAME", help="Column or relation that says which scene is whose.")
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="MODEL:CLASS", help="Must be believed. Repeatable.")
    ] = None,
    reject: Annotated[
        list[str] | None, typer.Option("--reject", metavar="MODEL:CLASS", help="Must not be believed. Repeatable.")
    ] = None,
    targets: Annotated[
        str | None, typer.Option("--targets", metavar="FILE", help="The true classes, for figures in the report.")
    ] = None,
    explain: Annotated[
        list[str] | None, typer.Option("--explain", metavar="OBJECT", help="Say why it has its label. Repeatable.")
    ] = None,
    staircase: Annotated[
        bool, typer.Option("--staircase", help="What every other bound would bring: the price of each conflict.")
    ] = False,
    percept: PerceptOption = None,
    missing: MissingOption = MissingName.ERROR,
    const: ConstOption = None,
    facts: FactsOption = None,
    seed: SeedOption = None,
    time_limit: TimeLimitOption = None,
    workers: WorkersOption = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the labels as evidence: .npz or JSON.")
    ] = None,
    distributions: Annotated[
        bool, typer.Option("--distributions", help="With -o: how sure the supporting models are, not certain labels.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fuse the readings of several models: believe as many as can stand together."""
    refuse_two_inputs(
        {
            "the rule file": file,
            "the predictions": evidence,
            "the targets": targets,
            "the held-out predictions": held_out,
            "the held-out targets": held_out_targets,
        }
    )
    if (held_out is None) != (held_out_targets is None):
        missing_one = "--held-out-targets" if held_out_targets is None else "--held-out"
        raise typer.BadParameter("learning needs predictions and their true classes", param_hint=missing_one)
    if distributions and output is None:
        raise typer.BadParameter("there is no file to write them to", param_hint="--distributions")
    from nesy.abduction.abduce import HeldOut
    from nesy.abduction.abduce import abduce as fuse
    from nesy.abduction.error_rules.learning import GRID

    program = read_program(file, const, facts)
    given = gather_predictions(program, percept, evidence, perceive, classes)
    learning = None
    if held_out is not None and held_out_targets is not None:
        learning = HeldOut(held_out, held_out_targets, tuple(recall_budget or GRID))
    with with_sources(program.ast.sources):
        found = fuse(
            program,
            given,
            max_inconsistency=max_inconsistency,
            denominator=denominator.value,
            method=method.value,
            solver=solver,
            percept=percept,
            error_rules=_rules(error_rules),
            held_out=learning,
            scenes=scenes,
            required=_pairs(accept, "--accept"),
            forbidden=_pairs(reject, "--reject"),
            targets=targets,
            missing=missing.value,
            seed=seed or 0,
            time_limit=time_limit,
            workers=workers or 1,
        )
    draw_warnings(program)
    for name in explain or ():
        if name not in found.objects:
            raise typer.BadParameter(f"there is no object '{name}'", param_hint="--explain")
    if output is not None:
        found.save_evidence(output, "distribution" if distributions else "certain")
    search = {"solver": solver, "seed": seed or 0, "time_limit": time_limit, "workers": workers or 1}
    stairs = found.staircase(**search) if staircase else None
    _show(found, explain or (), stairs, as_json=as_json)
    if found.hypothesis.interrupted:
        sys.stderr.write("interrupted: the hypothesis is the best found so far\n")
        raise typer.Exit(INTERRUPTED)


def draw_warnings(program: Program) -> None:
    """The warnings of a program, without those about open types: their values come with the data."""
    import dataclasses

    checked = program.checked
    kept = tuple(warning for warning in checked.warnings if warning.code != "W206")
    warn(dataclasses.replace(program, checked=dataclasses.replace(checked, warnings=kept)))


def gather_predictions(
    program: Program,
    percept: str | None,
    evidence: str | None,
    perceive: Sequence[str] | None,
    classes: Sequence[str] | None,
) -> Given:
    """What ``--evidence`` and ``--perceive`` give: a path, arrays from perceivers, or both."""
    requests = pairs(perceive, "--perceive")
    if not requests:
        if evidence is None:
            raise typer.BadParameter(
                "give predictions, or let perceivers make them (--perceive)", param_hint="--evidence"
            )
        return evidence
    from nesy.abduction.perceived import perceive_sources

    with with_sources(program.ast.sources):
        return perceive_sources(program.checked, percept, requests, pairs(classes, "--classes"), evidence)


def _rules(given: Sequence[str] | None) -> Mapping[float | None, str]:
    """``[BUDGET=]FILE`` options: by budget, None for all budgets."""
    found: dict[float | None, str] = {}
    for entry in given or ():
        budget, sign, path = entry.partition("=")
        key: float | None = None
        if sign:
            try:
                key = float(budget)
            except ValueError:
                path, key = entry, None
        else:
            path = entry
        if key in found:
            said = "without a budget" if key is None else f"for the budget {key:g}"
            raise typer.BadParameter(f"two files are given {said}", param_hint="--error-rules")
        found[key] = path
    return found


def _pairs(given: Sequence[str] | None, option: str) -> list[tuple[str, str]]:
    found = []
    for entry in given or ():
        model, sign, label = entry.partition(":")
        if not sign or not model or not label:
            raise typer.BadParameter(f"'{entry}' does not have the form MODEL:CLASS", param_hint=option)
        found.append((model, label))
    return found


def _show(found: Abduction, explain: Sequence[str], stairs: Staircase | None, *, as_json: bool) -> None:
    if as_json:
        from nesy.abduction.report_json import staircase_to_json

        report = found.to_json(list(explain) or None)
        if stairs is not None:
            report["staircase"] = staircase_to_json(found, stairs)
        write_json(report)
        return
    from rich.console import Console

    from nesy.abduction.report import draw_report, draw_staircase

    console = Console(highlight=False)
    draw_report(found, console, list(explain))
    if stairs is not None:
        draw_staircase(found, stairs, console)
