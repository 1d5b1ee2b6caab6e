"""Drawing the demonstration of abduction in the terminal: the readings of a scene, before and after, and the scores."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nesy.demo.png import Ink
from nesy.demo.terminal import origin_lines, times_line
from nesy.demo.weather_scene import Opinion, Sighting, Tally, Trust, WeatherScene

SIDE, SHADES = 8, " ░▒▓█"
"""Pixels a side in which an image is drawn, and what they are drawn with."""

WRONG, RIGHT, CLASH, FLAGGED = "bold red", "bold green", "red", "dim strike"


def print_weather(console: Console, scene: WeatherScene) -> None:
    """One scene object by object, what was believed of each model, and the scores over all scenes."""
    console.print(origin_lines(scene.provenance))
    console.print(Text.assemble(("weather ", "dim"), scene.weather))
    console.print()
    console.print(Text(f"scene {scene.number} of {scene.tallies[0].scenes}", style="bold underline"))
    console.print(_objects(scene.sightings, images=console.width > 11 + (2 * SIDE + 2) * len(scene.sightings)))
    for sighting in scene.sightings:
        if sighting.changed:
            console.print(_change(sighting))
    console.print()
    console.print(_trust(scene.trust))
    console.print(Text(scene.outcome))
    console.print()
    console.print(_tallies(scene.tallies))
    console.print()
    console.print(times_line(scene.timing))


def _objects(sightings: tuple[Sighting, ...], *, images: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for sighting in sightings:
        table.add_column(sighting.name, justify="left")
    if images:
        table.add_row("", *(_shaded(one.ink) for one in sightings))
    models = [opinion.model for opinion in sightings[0].opinions]
    for place, model in enumerate(models):
        table.add_row(Text(model, style="dim"), *(_opinion(one.opinions[place], one) for one in sightings))
    table.add_row(Text("loudest", style="bold"), *(_before(one) for one in sightings))
    table.add_row(Text("found", style="bold"), *(_label(one.after, one.truth) for one in sightings))
    table.add_row(Text("shown", style="dim"), *(Text(str(one.truth), style="dim") for one in sightings))
    return table


def _shaded(ink: Ink) -> Text:
    """An image in shades from its darkest to its brightest place, two columns for each of eight pixels a side."""
    height, width = ink.shape
    fine = np.repeat(np.repeat(ink.astype(np.float64), SIDE, axis=0), SIDE, axis=1)
    small = fine.reshape(SIDE, height, SIDE, width).mean(axis=(1, 3))
    low, high = small.min(), small.max()
    levels = np.rint((small - low) / max(high - low, 1.0) * (len(SHADES) - 1)).astype(np.int64)
    return Text("\n".join("".join(2 * SHADES[level] for level in row) for row in levels.tolist()))


def _opinion(opinion: Opinion, sighting: Sighting) -> Text:
    if opinion.digit is None:
        return Text("·", style="dim")
    style = FLAGGED if opinion.rejected else "bold" if opinion.model == sighting.support else ""
    return Text.assemble((str(opinion.digit), style), (f" {opinion.confidence:.2f}", "dim"))


def _before(sighting: Sighting) -> Text:
    shown = _label(sighting.before, sighting.truth)
    return Text.assemble(("!", CLASH), shown) if sighting.clash else shown


def _label(digit: int | None, truth: int) -> Text:
    if digit is None:
        return Text("–", style="dim")
    return Text(str(digit), style=RIGHT if digit == truth else WRONG)


def _change(sighting: Sighting) -> Text:
    return Text.assemble(
        f"  {sighting.name}: ",
        _label(sighting.before, sighting.truth),
        " → ",
        _label(sighting.after, sighting.truth),
        (f"  {sighting.reason}", "dim"),
    )


def _trust(rows: tuple[Trust, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("model", "readings", "believed", "rejected by error rules", "overruled"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for row in rows:
        table.add_row(row.model, *(str(count) for count in (row.given, row.believed, row.flagged, row.overruled)))
    return table


def _tallies(tallies: tuple[Tally, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "objects right", "without label", "scenes right", "with a digit twice"):
        table.add_column(name, justify="right" if name else "left")
    best = max(tally.right for tally in tallies)
    for tally in tallies:
        table.add_row(
            Text(tally.method, style="bold" if tally.right == best else ""),
            f"{tally.right / tally.objects:.1%}",
            str(tally.missing),
            f"{tally.whole} of {tally.scenes}",
            str(tally.clashing),
        )
    return table
