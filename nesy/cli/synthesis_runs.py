"""``nesy synth-diff`` and ``nesy synth-export``: saved runs of ``nesy synth``, side by side and as a data set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nesy.cli.options import JsonOption
from nesy.cli.reporting import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nesy.synthesis.artefacts.differences import StageDifference

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that 'nesy synth -o' wrote.")]
ToleranceOption = Annotated[
    float, typer.Option("--tolerance", min=0, metavar="X", help="Numbers of the stages are equal within this.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Show the differences of later stages as well.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("synth-diff")(synth_diff)
    app.command("synth-export")(synth_export)


def synth_diff(
    first: FolderArgument,
    second: FolderArgument,
    tolerance: ToleranceOption = 0.0,
    everything: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show at which stage two saved runs of 'nesy synth' part, and how; exit 1 where a stage differs."""
    from nesy.synthesis.artefacts.differences import GIVEN, differences, first_difference
    from nesy.synthesis.artefacts.folders import load_run

    runs = [load_run(folder) for folder in (first, second)]
    found = differences(*runs, tolerance=tolerance)
    stages = [entry for entry in found if entry.stage != GIVEN]
    parted = first_difference(stages)
    altered = {str(place): list(run.altered) for place, run in zip((first, second), runs, strict=True)}
    if as_json:
        changes = {entry.stage: [asdict(change) for change in entry.changes] for entry in found}
        write_json({"first": None if parted is None else parted.stage, "altered": altered, "differences": changes})
    else:
        for place, names in altered.items():
            for name in names:
                typer.echo(f"changed since it was written: {Path(place) / name}")
        _print(found[:1], everything=True)
        _print(stages, everything=everything)
    if parted is not None:
        raise typer.Exit(1)


def synth_export(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER…", help="Folders that 'nesy synth -o' wrote.")],
) -> None:
    """Write saved runs of 'nesy synth' as JSON lines: question, program, posteriors."""
    from nesy.synthesis.artefacts.dataset import example
    from nesy.synthesis.artefacts.folders import load_run

    for run in [load_run(folder) for folder in folders]:
        write_json(example(run))


def _print(found: Sequence[StageDifference], *, everything: bool) -> None:
    from nesy.dsl.diagnostics import counted

    shown = False
    for entry in found:
        if not entry.changes:
            typer.echo(f"{entry.stage}: the same")
        elif shown and not everything:
            typer.echo(f"{entry.stage}: {counted(len(entry.changes), 'difference')}, which may follow")
        else:
            shown = True
            typer.echo(f"{entry.stage}: {counted(len(entry.changes), 'difference')}")
            for change in entry.changes:
                typer.echo(f"    {change.text}")
