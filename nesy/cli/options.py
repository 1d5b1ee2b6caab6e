"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer


class Transform(StrEnum):
    """How probabilities become possibilities."""

    ANTIPIGNISTIC = "antipignistic"
    SPECIFICITY = "specificity"


class Ties(StrEnum):
    """How the transform ``specificity`` orders equal probabilities."""

    SYMMETRIC = "symmetric"
    REFERENCE = "reference"


class Dtype(StrEnum):
    """Floating-point numbers."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"


FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="Rule file; '-' is standard input.")]
FilesArgument = Annotated[list[str], typer.Argument(metavar="FILE", help="Rule files; '-' is standard input.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON on standard output.")]
ConstOption = Annotated[
    list[str] | None, typer.Option("--const", metavar="NAME=VALUE", help="Override a constant. Repeatable.")
]
FactsOption = Annotated[
    list[str] | None,
    typer.Option("--facts", metavar="RELATION=FILE", help="Facts from .csv, .tsv, .parquet, .lp, .nesy. Repeatable."),
]
QueryOption = Annotated[
    list[str] | None, typer.Option("--query", "-q", metavar="QUERY", help="Ask this instead of the file's queries.")
]
EvidenceOption = Annotated[
    str | None,
    typer.Option("--evidence", "-e", metavar="FILE", help="Evidence: .npz, JSON or JSON lines; '-' is standard input."),
]
PerceiveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--perceive", metavar="PERCEPT=PERCEIVER:INPUTS", help="Let a perceiver read a percept from inputs. Repeatable."
    ),
]
ClassesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--classes",
        metavar="PERCEPT=CLASSES",
        help="What a perceiver's outputs mean: 'domain', or a value for each ('_': none). Repeatable.",
    ),
]
ParamsOption = Annotated[
    str | None,
    typer.Option("--params", metavar="FILE", help="Learned parameters, as 'nesy learn' writes them."),
]
WithOption = Annotated[str, typer.Option("--with", metavar="BACKEND", help="Back end, see 'nesy backends'.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse what the back end would leave out.")]
TransformOption = Annotated[Transform, typer.Option("--transform", help="How probabilities become possibilities.")]
TiesOption = Annotated[Ties, typer.Option("--ties", help="Order of equal probabilities under 'specificity'.")]
SolverOption = Annotated[
    str | None, typer.Option("--solver", metavar="SOLVER", help="asp, integer: which solver; chosen if left out.")
]
ModeOption = Annotated[
    str | None,
    typer.Option(
        "--mode",
        metavar="MODE",
        help="asp, integer: optimum, models; asp: brave, cautious; probabilistic: posterior, prior, predictive, map.",
    ),
]
DegreesOption = Annotated[
    bool, typer.Option("--degrees", help="asp: exact possibility and necessity degrees, as --mode degrees.")
]
ModelsOption = Annotated[
    int | None, typer.Option("--models", metavar="N", min=0, help="How many models, the cheapest first; 0: all.")
]
TimeLimitOption = Annotated[
    float | None, typer.Option("--time-limit", metavar="SECONDS", help="Longest search for one instance.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of the search.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Threads of one search.")]
ResolutionOption = Annotated[
    int | None, typer.Option("--resolution", metavar="N", min=1, help="Units of cost for one nat (1000).")
]
MethodOption = Annotated[
    str | None,
    typer.Option("--method", metavar="METHOD", help="probabilistic: exact, weighting, smc, …; chosen if left out."),
]
DoOption = Annotated[
    list[str] | None,
    typer.Option("--do", metavar="NODE=VALUE", help="probabilistic: set a variable from outside. Repeatable."),
]
SamplesOption = Annotated[
    int | None, typer.Option("--samples", metavar="N", min=1, help="probabilistic: how many samples.")
]
BudgetOption = Annotated[
    int | None,
    typer.Option("--budget", metavar="N", min=0, help="Bound on the combinations of one statement; 0: none."),
]
DeviceOption = Annotated[str, typer.Option("--device", metavar="DEVICE", help="cpu, cuda, cuda:1, …")]
DtypeOption = Annotated[Dtype, typer.Option("--dtype", help="Floating-point numbers.")]


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping; anything else is wrong usage."""
    found: dict[str, str] = {}
    for entry in given or ():
        name, sign, value = entry.partition("=")
        name = name.strip()
        if not sign or not name or not value:
            raise typer.BadParameter(f"'{entry}' does not have the form NAME=VALUE", param_hint=option)
        if name in found:
            raise typer.BadParameter(f"'{name}' is given twice", param_hint=option)
        found[name] = value
    return found
