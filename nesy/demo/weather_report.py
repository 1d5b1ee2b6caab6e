"""The report of abduction: the objects of a scene with every model's reading, before and after, and the scores."""

from __future__ import annotations

from collections.abc import Sequence

from nesy.demo.markup import Markup, join, tag
from nesy.demo.png import ink_uri
from nesy.demo.report import page, section
from nesy.demo.report_parts import classes
from nesy.demo.weather_scene import Opinion, Sighting, Tally, Trust, WeatherScene
from nesy.dsl.diagnostics import counted


def weather_report(scene: WeatherScene) -> str:
    """The page."""
    models = [row.model for row in scene.trust]
    names = f"{', '.join(models[:-1])} and {models[-1]}".capitalize()
    lede = (
        f"{names}: each of three networks has learned to read in its own weather. Now they look at scenes in another "
        "one and contradict one another, and the rule that no digit occurs twice in a scene. Abduction finds out "
        "which readings to believe."
    )
    sections = [
        section(
            f"Scene {scene.number} of {scene.tallies[0].scenes}",
            _weather(scene),
            _objects(scene.sightings),
            _changes(scene),
        ),
        section("What is believed of each model", _trust(scene.trust), tag("p", f"{scene.outcome}.", class_="because")),
        section("What it adds", _tallies(scene.tallies)),
        section("Error rules that were learned", _rules(scene)),
    ]
    return page("What do these digits show?", lede, sections, (), (), scene.timing, scene.provenance)


def _weather(scene: WeatherScene) -> Markup:
    return tag("p", f"The weather: {scene.weather}.", class_="because")


def _objects(sightings: tuple[Sighting, ...]) -> Markup:
    return tag("div", *(_object(sighting) for sighting in sightings), class_="objects")


def _object(sighting: Sighting) -> Markup:
    height, width = sighting.ink.shape
    said = f"{sighting.name}, an image of {sighting.truth}"
    picture = tag("img", src=ink_uri(sighting.ink), alt=said, title=said, width=str(width), height=str(height))
    opinions = tag("ul", *(_opinion(opinion, sighting) for opinion in sighting.opinions), class_="opinions")
    verdict = tag(
        "p",
        _digit(sighting.before, sighting.truth, clash=sighting.clash),
        tag("span", "→", class_="arrow", aria_label="becomes"),
        _digit(sighting.after, sighting.truth, clash=False),
        class_="becomes",
    )
    return tag(
        "figure",
        tag("figcaption", sighting.name),
        tag("span", picture, class_="seen"),
        opinions,
        verdict,
        class_=classes(object=True, changed=sighting.changed),
    )


def _opinion(opinion: Opinion, sighting: Sighting) -> Markup:
    used = opinion.model == sighting.support
    title = opinion.rejected or ("this reading is used" if used else None)
    bar = tag("span", tag("span", class_="necessity", style=f"width:{opinion.confidence:.2%}"), class_="bar")
    return tag(
        "li",
        tag("span", opinion.model, class_="model"),
        tag("b", "–" if opinion.digit is None else str(opinion.digit)),
        bar,
        tag("span", f"{opinion.confidence:.2f}" if opinion.digit is not None else "", class_="number"),
        class_=classes(used=used, flagged=opinion.rejected is not None),
        title=title,
    )


def _digit(digit: int | None, truth: int, *, clash: bool) -> Markup:
    shown = "–" if digit is None else str(digit)
    return tag("b", shown, class_=classes(good=digit == truth, bad=digit not in (truth, None), twice=clash))


def _changes(scene: WeatherScene) -> Markup:
    changed = [sighting for sighting in scene.sightings if sighting.changed]
    if not changed:
        return tag("p", "The most confident readings stand.", class_="because")
    items = [
        tag(
            "li",
            tag("b", f"{sighting.name}: "),
            f"{_said(sighting.before)} → {_said(sighting.after)}. ",
            sighting.reason,
        )
        for sighting in changed
    ]
    legend = (
        "Left of the arrow the most confident reading (underlined: it occurs twice), right of it what was found; "
        "green is right, red wrong. The reading that is used is bold, one that an error rule rejects is struck out."
    )
    return join(tag("p", legend, class_="because"), tag("ul", *items, class_="changes"))


def _said(digit: int | None) -> str:
    return "no label" if digit is None else str(digit)


def _trust(rows: tuple[Trust, ...]) -> Markup:
    body = [(row.model, str(row.given), str(row.believed), str(row.flagged), str(row.overruled)) for row in rows]
    return _table(("model", "readings", "believed", "rejected by error rules", "overruled"), body)


def _tallies(tallies: tuple[Tally, ...]) -> Markup:
    body = [
        (
            tally.method,
            f"{tally.right / tally.objects:.1%}",
            str(tally.missing),
            f"{tally.whole} of {tally.scenes}",
            str(tally.clashing),
        )
        for tally in tallies
    ]
    said = f"{counted(tallies[0].scenes, 'scene')}, {counted(tallies[0].objects, 'object')}."
    names = ("", "objects right", "without label", "scenes right", "scenes with a digit twice")
    return join(_table(names, body), tag("p", said, class_="because"))


def _table(names: tuple[str, ...], body: Sequence[tuple[str, ...]]) -> Markup:
    def row(entries: tuple[str, ...], kind: str) -> Markup:
        first, *rest = entries
        return tag(
            "tr",
            tag("th", first, scope="row" if kind == "td" else "col"),
            *(tag(kind, e, class_="number") for e in rest),
        )

    table = tag(
        "table", tag("thead", row(names, "th")), tag("tbody", *(row(entry, "td") for entry in body)), class_="all"
    )
    return tag("div", table, class_="scroll")


def _rules(scene: WeatherScene) -> Markup:
    lines = scene.error_rules.rstrip("\n").splitlines()
    rows = (tag("span", line or " ", class_="row") for line in lines)
    listing = tag("pre", tag("code", *rows), class_="listing", tabindex="0")
    return tag("details", tag("summary", f"{counted(len(lines), 'line')} that nesy wrote and can read back"), listing)
