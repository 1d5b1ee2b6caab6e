"""``nesy learn``: samples with known values in, parameters of rules out."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nesy.cli.evidence import gather_evidence, located
from nesy.cli.options import (
    ClassesOption,
    ConstOption,
    DeviceOption,
    Dtype,
    DtypeOption,
    EvidenceOption,
    FactsOption,
    FileArgument,
    JsonOption,
    ParamsOption,
    PerceiveOption,
    QueryOption,
    StrictOption,
    Ties,
    TiesOption,
    Transform,
    TransformOption,
)
from nesy.cli.programs import read_program, refuse_two_inputs, warn, with_sources
from nesy.cli.reporting import write_json
from nesy.dsl.diagnostics import NesyError

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.learning import Samples
    from nesy.progress import ProgressBar
    from nesy.solvers.backend import Options
    from nesy.solvers.ground_model import GroundModel
    from nesy.solvers.possibilistic.learning.learn import Learned
    from nesy.solvers.possibilistic.learning.report import Progress


class Policy(StrEnum):
    """What becomes of equations that a threshold excludes."""

    EXACT = "exact"
    REFERENCE = "reference"


class Estimate(StrEnum):
    """How parameters follow from samples."""

    CHEBYSHEV = "chebyshev"
    TRIMMED = "trimmed"
    POOLED = "pooled"


TargetsOption = Annotated[
    str, typer.Option("--targets", "-t", metavar="FILE", help="Known values: .npz, JSON or JSON lines, as evidence.")
]
OutputOption = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write the parameters to a file; '-' is standard output.")
]
ValidationEvidenceOption = Annotated[
    str | None, typer.Option("--validation-evidence", metavar="FILE", help="Evidence by which thresholds are chosen.")
]
ValidationTargetsOption = Annotated[
    str | None, typer.Option("--validation-targets", metavar="FILE", help="Known values for --validation-evidence.")
]
ShareOption = Annotated[
    float | None,
    typer.Option("--validation-share", metavar="SHARE", help="Share of the samples that is kept back for validation."),
]
PolicyOption = Annotated[Policy, typer.Option("--policy", help="What becomes of equations beyond a threshold.")]
EstimateOption = Annotated[Estimate, typer.Option("--estimate", help="How parameters follow from samples.")]
ThresholdOption = Annotated[
    str,
    typer.Option("--threshold", metavar="T", help="auto, validation, all (keep every sample), or a number."),
]
OutliersOption = Annotated[
    float, typer.Option("--outliers", metavar="SHARE", help="Share of the samples that may be left out.")
]
AllRulesOption = Annotated[bool, typer.Option("--all-rules", help="Learn all uncertain rules, not only [learn].")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of what is drawn at random.")]
ReportOption = Annotated[
    str | None, typer.Option("--report", metavar="FILE", help="Write the whole report to a file, as JSON.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("learn")(learn)


def learn(
    file: FileArgument,
    targets: TargetsOption,
    output: OutputOption,
    evidence: EvidenceOption = None,
    perceive: PerceiveOption = None,
    classes: ClassesOption = None,
    validation_evidence: ValidationEvidenceOption = None,
    validation_targets: ValidationTargetsOption = None,
    validation_share: ShareOption = None,
    policy: PolicyOption = Policy.EXACT,
    estimate: EstimateOption = Estimate.CHEBYSHEV,
    threshold: ThresholdOption = "auto",
    outliers: OutliersOption = 0.0,
    all_rules: AllRulesOption = False,
    seed: SeedOption = 0,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    params: ParamsOption = None,
    strict: StrictOption = False,
    transform: TransformOption = Transform.ANTIPIGNISTIC,
    ties: TiesOption = Ties.SYMMETRIC,
    device: DeviceOption = "cpu",
    dtype: DtypeOption = Dtype.FLOAT64,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn the parameters of rules from evidence and known values. Rules marked [learn] are learned."""
    refuse_two_inputs(
        {
            "the rule file": file,
            "the evidence": evidence,
            "the targets": targets,
            "the validation evidence": validation_evidence,
            "the validation targets": validation_targets,
        }
    )
    _check_validation(validation_evidence, validation_targets, validation_share)
    from nesy.learning import learn_from
    from nesy.solvers.possibilistic.learning.options import LearningOptions

    learning = LearningOptions(
        policy=policy.value,
        threshold=_threshold(threshold),
        estimate=estimate.value,
        outliers=outliers,
        every=all_rules,
        seed=seed,
    )
    options = _options(device, dtype, transform, ties, strict, params)
    known = _read(targets)
    model = _model(file, const, facts, query, options, known)
    samples = _samples(model, gather_evidence(model, options, evidence, perceive, classes), targets, known)
    other: Samples | float | None = validation_share
    if validation_targets is not None:
        readings = gather_evidence(model, options, validation_evidence, None, None)
        other = _samples(model, readings, validation_targets, _read(validation_targets))
    with _named(targets, validation_targets), _Bar() as bar:
        learned = learn_from(model, options, samples, learning, other, bar.show)
    _write(learned, output, report, as_json)


def _check_validation(evidence: str | None, targets: str | None, share: float | None) -> None:
    """Wrong usage unless both files are given, or a share, or none of these."""
    if (evidence is None) != (targets is None):
        missing = "--validation-targets" if targets is None else "--validation-evidence"
        raise typer.BadParameter("validation needs both its evidence and its targets", param_hint=missing)
    if share is not None and evidence is not None:
        message = "validation samples are given, and a share of the others is asked for: leave one out"
        raise typer.BadParameter(message, param_hint="--validation-share")


def _threshold(text: str) -> float | Literal["auto", "validation"] | None:
    if text == "auto":
        return "auto"
    if text == "validation":
        return "validation"
    if text == "all":
        return None
    try:
        return float(text)
    except ValueError:
        message = f"'{text}' is none of auto, validation, all, and no number"
        raise typer.BadParameter(message, param_hint="--threshold") from None


def _options(device: str, dtype: Dtype, transform: Transform, ties: Ties, strict: bool, params: str | None) -> Options:
    from nesy.program import given_parameters
    from nesy.solvers.backend import Options

    return Options(
        device=device,
        dtype=dtype.value,
        transform=transform.value,
        ties=ties.value,
        strict=strict,
        parameters=given_parameters(params, "possibilistic"),
    )


def _model(
    file: str,
    const: list[str] | None,
    facts: list[str] | None,
    query: list[str] | None,
    options: Options,
    targets: object,
) -> GroundModel:
    """The ground program with the parameters of ``--params``; its warnings have been drawn."""
    from nesy.learning import ground_for_learning
    from nesy.targets_values import target_names

    program = read_program(file, const, facts)
    from nesy.solvers.possibilistic import with_options

    with with_sources(program.ast.sources):
        model = with_options(ground_for_learning(program, target_names(targets), query, strict=options.strict), options)
    warn(program, model.warnings)
    return model


# ----- data


def _read(file: str) -> object:
    from nesy.targets_files import read_targets

    return read_targets(file)


def _samples(model: GroundModel, evidence: Mapping[str, Tensor], file: str, targets: object) -> Samples:
    """Samples whose targets, from ``file``, are arrays; errors name the file."""
    from nesy.targets_values import target_arrays

    count = next((len(tensor) for tensor in evidence.values()), None)
    with located(file):
        return evidence, target_arrays(model, targets, count)


@contextmanager
def _named(targets: str, validation: str | None) -> Iterator[None]:
    """Name the target files in the places of what is found only when targets are used."""
    files = {"validation targets": validation or targets, "targets": targets}
    files = {start: "<stdin>" if file == "-" else file for start, file in files.items()}
    try:
        yield
    except NesyError as error:
        found = []
        for entry in error.diagnostics:
            start = next((start for start in files if entry.place.startswith(start)), None)
            found.append(entry if start is None else dataclasses.replace(entry, place=f"{files[start]}, {entry.place}"))
        raise NesyError(found, error.sources) from None


# ----- progress and results


class _Bar:
    """A bar for each fit, on standard error where that is a terminal."""

    def __init__(self) -> None:
        self._bar: ProgressBar | None = None
        self._fit = 0
        self._done = 0

    def __enter__(self) -> _Bar:
        if sys.stderr.isatty():
            from nesy.progress import ProgressBar

            self._bar = ProgressBar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.finish()

    def show(self, progress: Progress) -> None:
        """Draw how far learning is."""
        if self._bar is None:
            return
        if progress.fit != self._fit:
            self._bar.finish()
            self._bar.start("learning" if progress.fit == 1 else f"learning, fit {progress.fit}", progress.total)
            self._fit, self._done = progress.fit, 0
        at = f"{progress.concept} threshold {progress.threshold:.2g}" if progress.threshold is not None else ""
        best = f" accuracy {progress.accuracy:.1f} %" if progress.accuracy is not None else ""
        self._bar.advance(progress.done - self._done, f"{at}{best}".strip())
        self._done = progress.done


def _write(learned: Learned, output: str, report: str | None, as_json: bool) -> None:
    """Write the parameters, then the report."""
    import json

    from nesy.learning_report import draw_report, report_to_json

    if output == "-":
        from nesy.solvers.possibilistic.learning.parameter_files import to_json

        sys.stdout.write(to_json(learned.parameters))
    else:
        learned.parameters.save(output)
    if report is not None:
        from nesy.files import write_atomically

        write_atomically(report, json.dumps(report_to_json(learned), ensure_ascii=False, indent=2) + "\n")
    if output == "-":
        return
    if as_json:
        write_json({"parameters": output, **report_to_json(learned)})
        return
    from rich.console import Console

    console = Console(highlight=False)
    draw_report(learned, console)
    console.print(f"parameters written to {output}", markup=False, soft_wrap=True)
