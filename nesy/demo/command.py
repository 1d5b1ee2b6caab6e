"""``nesy demo …``: what the engine can do, shown on images."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from nesy.demo.eyes import Eyes
    from nesy.synthesis.pipeline import Synthesis

Found = TypeVar("Found")

demo_app = typer.Typer(
    help="See the engine at work on images of handwritten digits.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


class Size(StrEnum):
    """Sizes of Sudoku."""

    SMALL = "4"
    LARGE = "9"


class Data(StrEnum):
    """Data sets of digits."""

    MNIST = "mnist"
    DIGITS = "digits"


class Weather(StrEnum):
    """Weathers of the scenes of the demonstration of abduction."""

    MIXED = "mixed"
    FOG = "fog"
    NOISE = "noise"


DataOption = Annotated[
    Data | None,
    typer.Option(help="Images to take. Default: mnist if it is on this machine, else the bundled digits."),
]
FolderOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Folder that holds mnist/; otherwise NESY_DATA and the cache are searched."),
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="N", help="The same seed draws the same puzzles.")]
ReportOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write an HTML page with the images and reasons to this file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON on standard output.")]


@demo_app.command("mnist-sudoku")
def mnist_sudoku(
    size: Annotated[Size, typer.Option(help="Rows and columns.")] = Size.LARGE,
    data: DataOption = None,
    folder: FolderOption = None,
    corrupt: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Cells to corrupt, 0 for a valid puzzle. Default: one puzzle of each kind."
        ),
    ] = None,
    solve: Annotated[
        bool, typer.Option("--solve", help="Repair what a weak reader misreads, and fill in blanks.")
    ] = False,
    blanks: Annotated[int, typer.Option(min=0, metavar="N", help="With --solve: cells of which nothing is seen.")] = 0,
    count: Annotated[
        int, typer.Option(min=1, metavar="N", help="With --solve: puzzles; weak and strong reader are compared.")
    ] = 1,
    seed: SeedOption = 0,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a Sudoku of handwritten digits. Shows the readings, the verdict with its degrees, and the reasons.

    With --solve the rules find the most plausible grid instead of judging the one that was read.
    """
    if solve:
        _solve(int(size), data, folder, corrupt, blanks, count, seed, report, as_json=as_json)
        return
    if blanks or count != 1:
        raise typer.BadParameter("it belongs to --solve", param_hint="--blanks" if blanks else "--count")
    from nesy.demo.report import sudoku_report
    from nesy.demo.sudoku import sudoku_scene
    from nesy.demo.summary import sudoku_json
    from nesy.demo.terminal import print_sudoku

    eyes = _eyes(data, folder)
    command = _command("mnist-sudoku", eyes.images.name, {"size": size, "corrupt": corrupt, "seed": seed})
    scene = sudoku_scene(
        eyes, size=int(size), corruptions=(0, 1) if corrupt is None else (corrupt,), seed=seed, command=command
    )
    _deliver(scene, sudoku_report, sudoku_json, print_sudoku, report, as_json=as_json)


def _solve(
    size: int,
    data: Data | None,
    folder: Path | None,
    corrupt: int | None,
    blanks: int,
    count: int,
    seed: int,
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    if corrupt is not None:
        raise typer.BadParameter("a corrupted puzzle has no solution to find; leave it out", param_hint="--corrupt")
    if blanks > size * size:
        raise typer.BadParameter(f"there are only {size * size} cells", param_hint="--blanks")
    from nesy.demo import eyes as vision
    from nesy.demo.repair import repair_scene
    from nesy.demo.repair_report import repair_report
    from nesy.demo.repair_terminal import print_repair
    from nesy.demo.summary import repair_json

    eyes = _eyes(data, folder)
    readers = [vision.weak_reader(eyes, folder, seed)]
    if count > 1:
        readers.append(eyes.perceiver)
    options = {"size": size, "solve": "", "blanks": blanks or None, "count": count if count > 1 else None, "seed": seed}
    command = _command("mnist-sudoku", eyes.images.name, options).replace("--solve ", "--solve")
    scene = repair_scene(eyes, readers, size=size, blanks=blanks, count=count, seed=seed, command=command)
    _deliver(scene, repair_report, repair_json, print_repair, report, as_json=as_json)


@demo_app.command("mnist-addition")
def mnist_addition(
    digits: Annotated[int, typer.Option(min=1, metavar="N", help="Digits of each number.")] = 2,
    count: Annotated[int, typer.Option(min=1, metavar="N", help="Number of sums.")] = 4,
    data: DataOption = None,
    folder: FolderOption = None,
    seed: SeedOption = 0,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add two numbers of handwritten digits. Shows every digit of the sum with its degrees, and the reasons."""
    from nesy.demo.addition import addition_scene
    from nesy.demo.report import addition_report
    from nesy.demo.summary import addition_json
    from nesy.demo.terminal import print_addition

    eyes = _eyes(data, folder)
    command = _command("mnist-addition", eyes.images.name, {"digits": digits, "count": count, "seed": seed})
    scene = addition_scene(eyes, digits=digits, count=count, seed=seed, command=command)
    _deliver(scene, addition_report, addition_json, print_addition, report, as_json=as_json)


@demo_app.command("olympics")
def olympics(
    vignette: Annotated[
        str, typer.Option("--vignette", metavar="NAME", help="Which of the installed texts to answer.")
    ] = "tug_of_war",
    seed: SeedOption = 0,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer questions about a short text: the model that it needs is put together, run and shown."""
    from nesy.demo.olympics import play
    from nesy.demo.olympics_report import olympics_report
    from nesy.synthesis.artefacts.recording import stages
    from nesy.synthesis.terminal import print_synthesis

    command = f"nesy demo olympics --vignette {vignette} --seed {seed}"

    def draw(console: Console, answered: Synthesis) -> None:
        console.print(answered.question.strip(), markup=False)
        console.print()
        print_synthesis(console, answered, program=True, trace=True)

    _deliver(
        play(vignette, seed=seed),
        lambda answered: olympics_report(answered, command),
        lambda answered: [stages(answered)],
        draw,
        report,
        as_json=as_json,
    )


@demo_app.command("abduction")
def abduction(
    weather: Annotated[
        Weather, typer.Option(help="What the digits are seen in; mixed: each in fog, noise, or askew.")
    ] = Weather.MIXED,
    objects: Annotated[int, typer.Option(min=2, max=10, metavar="N", help="Objects of a scene, all different.")] = 5,
    count: Annotated[int, typer.Option(min=1, metavar="N", help="Scenes; the one that gains most is shown.")] = 60,
    data: DataOption = None,
    folder: FolderOption = None,
    seed: SeedOption = 0,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Three networks from three weathers read the same digits and contradict one another. Shows what is believed.

    Error rules are learned from held-out images; the rule that no digit occurs twice in a scene decides the rest.
    """
    from nesy.demo import eyes as vision
    from nesy.demo.summary import weather_json
    from nesy.demo.weather import weather_scene
    from nesy.demo.weather_report import weather_report
    from nesy.demo.weather_terminal import print_weather
    from nesy.progress import ProgressBar

    name, reason = vision.find_images(None if data is None else data.value, folder, ProgressBar())
    options = {"weather": weather.value, "objects": objects, "count": count, "seed": seed}
    command = _command("abduction", name, options)
    scene = weather_scene(
        name, reason, folder, weather=weather.value, objects=objects, count=count, seed=seed, command=command
    )
    _deliver(scene, weather_report, weather_json, print_weather, report, as_json=as_json)


def _eyes(data: Data | None, folder: Path | None) -> Eyes:
    from nesy.demo.eyes import open_eyes
    from nesy.progress import ProgressBar

    return open_eyes(None if data is None else data.value, folder, ProgressBar())


def _command(name: str, data: str, options: Mapping[str, object]) -> str:
    """The command that gives the same result again."""
    given = {"data": data} | {key: value for key, value in options.items() if value is not None}
    return " ".join(["nesy demo", name, *(f"--{key} {value}" for key, value in given.items())])


def _deliver(
    found: Found,
    page: Callable[[Found], str],
    summary: Callable[[Found], list[dict[str, object]]],
    draw: Callable[[Console, Found], None],
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write the report, if one is wanted, then print JSON or draw on the terminal.

    The report comes first, so that it is complete even where a pipe closes early.
    """
    if report is not None:
        from nesy.files import write_atomically

        write_atomically(report, page(found))
    if as_json:
        for one in summary(found):
            typer.echo(json.dumps(one, ensure_ascii=False))
        return
    from rich.console import Console

    draw(Console(highlight=False), found)
    if report is not None:
        typer.echo(f"the report is in {report}")
