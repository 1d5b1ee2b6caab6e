"""The pieces that the reports of all demonstrations are made of: images, degrees, reasons, listings, origins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from nesy.demo.markup import Content, Markup, join, tag, text
from nesy.demo.png import ink_uri
from nesy.demo.scene import Degrees, Finding, Provenance, Seen, Timing, explanation_title, time_text
from nesy.dsl.values import format_value
from nesy.explanations import membership
from nesy.solvers.explanation import Explanation, Reading, Step, degree_text


def reading_text(seen: Seen) -> str:
    """What a screen reader says, and what appears over an image."""
    said = (
        f"{seen.label} read as {seen.best[0]}, probability {degree_text(seen.best[1])}; "
        f"next {seen.second[0]}, probability {degree_text(seen.second[1])}"
    )
    return f"{said}; the image shows {seen.truth}" if seen.misread else said


def picture(seen: Seen) -> Markup:
    """The image itself, with its reading as alternative text."""
    height, width = seen.ink.shape
    said = reading_text(seen)
    return tag("img", src=ink_uri(seen.ink), alt=said, title=said, width=str(width), height=str(height))


def classes(**present: bool) -> str | None:
    """The names that are true, as a class attribute."""
    return " ".join(name for name, there in present.items() if there) or None


def cell(seen: Seen, *, conflict: bool = False) -> Markup:
    """An image with its reading in the corner and the marks that it has earned."""
    marks = classes(seen=True, conflict=conflict, unsure=seen.unsure, misread=seen.misread)
    read = tag("span", str(seen.best[0]), class_="read", aria_hidden="true")
    return tag("span", picture(seen), read, class_=marks)


def legend(*entries: tuple[str, str]) -> Markup:
    """Swatches with their meaning: pairs of a class and a text."""
    items = [
        tag("li", tag("span", class_=f"seen swatch {name}", aria_hidden="true"), meaning) for name, meaning in entries
    ]
    return tag("ul", *items, class_="legend")


def degree_bars(degrees: Iterable[Degrees]) -> Markup:
    """One bar for each value: pale up to its possibility, full up to its necessity."""
    rows = []
    for entry in degrees:
        bar = tag(
            "span",
            tag("span", class_="possibility", style=f"width:{entry.possibility:.2%}"),
            tag("span", class_="necessity", style=f"width:{entry.necessity:.2%}"),
            class_="bar",
            aria_hidden="true",
        )
        rows.append(
            tag(
                "tr",
                tag("th", entry.value, scope="row"),
                tag("td", bar),
                tag("td", degree_text(entry.possibility), class_="number"),
                tag("td", degree_text(entry.necessity), class_="number"),
            )
        )
    head = tag(
        "tr",
        tag("th", "value", scope="col"),
        tag("td"),
        tag("th", "possibility Π", scope="col", class_="pale number"),
        tag("th", "necessity N", scope="col", class_="full number"),
    )
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="degrees")


def reasons(finding: Finding, seen: Mapping[str, Seen]) -> Markup:
    """The explanations of a finding, all but the first folded; ``seen`` gives the image behind a percept."""
    found = finding.reasons
    others = (
        tag("details", tag("summary", f"Also {_asked(other)}"), explanation_block(other, seen)) for other in found[1:]
    )
    return join(*(explanation_block(explanation, seen) for explanation in found[:1]), *others)


def _asked(explanation: Explanation) -> str:
    return f"{explanation_title(explanation)} {degree_text(explanation.degree)}"


def explanation_block(explanation: Explanation, seen: Mapping[str, Seen]) -> Markup:
    """One degree, the chain of rules that gives it, the readings it rests on, and the next-best value."""
    title = explanation_title(explanation)
    heading = tag("h3", f"{title[0].upper()}{title[1:]} ", tag("b", degree_text(explanation.degree)))
    other = explanation.alternative
    parts = [heading, steps_list(explanation.steps), readings_row(explanation.readings, seen)]
    if other is not None:
        parts.append(
            tag(
                "details",
                tag(
                    "summary",
                    f"The next-best answer, {membership(explanation.query, other.value)}: {degree_text(other.degree)}",
                ),
                steps_list(other.steps),
                readings_row(other.readings, seen),
            )
        )
    return tag("div", *parts, class_="why")


def steps_list(steps: Sequence[Step]) -> Markup:
    """The chain of rules from the answer down to the readings."""
    items = []
    for step in steps:
        line = None
        if step.source:
            number = str(step.span.line) if step.span is not None else ""
            line = tag("code", tag("span", number, class_="line"), step.source.strip(), class_="source")
        bound = ", ".join(f"{name} = {format_value(value)}" for name, value in step.bindings)
        items.append(
            tag(
                "li",
                tag(
                    "p",
                    tag("span", f"{step.statement} = {degree_text(step.degree)}", class_="statement"),
                    " ",
                    tag("span", step.because, class_="because"),
                ),
                line,
                tag("p", f"with {bound}", class_="bindings") if bound else None,
            )
        )
    return tag("ol", *items, class_="steps") if items else Markup()


def readings_row(readings: Sequence[Reading], seen: Mapping[str, Seen]) -> Markup:
    """The readings that decide a degree, with their images."""
    figures = []
    for reading in readings:
        image = seen.get(reading.percept)
        said = f"degree {degree_text(reading.degree)}"
        if reading.probability is not None:
            said += f", probability {degree_text(reading.probability)}"
        caption = tag(
            "figcaption", tag("span", reading.statement, class_="statement"), tag("span", said, class_="because")
        )
        figures.append(tag("figure", cell(image) if image is not None else None, caption))
    return tag("div", *figures, class_="readings") if figures else Markup()


def rule_listing(provenance: Provenance, deciding: frozenset[int]) -> Markup:
    """The rule file with line numbers; the lines that decided an answer are marked."""
    lines = [
        tag(
            "span",
            tag("span", str(number), class_="line"),
            line or " ",
            class_=classes(row=True, deciding=number in deciding),
        )
        for number, line in enumerate(provenance.rules.rstrip("\n").splitlines(), 1)
    ]
    return tag("pre", tag("code", *lines), class_="listing", tabindex="0")


def deciding_lines(findings: Iterable[Finding], file: str) -> frozenset[int]:
    """The lines of ``file`` that occur in the explanations."""
    steps: Iterable[Step] = chain.from_iterable(
        explanation.steps for finding in findings for explanation in finding.explanations
    )
    spans = [step.span for step in steps if step.span is not None and step.span.file == file]
    return frozenset(line for span in spans for line in range(span.line, span.end_line + 1))


def readings_table(cells: Iterable[Seen]) -> Markup:
    """Every reading as a table, folded away."""
    rows = [
        tag(
            "tr",
            tag("th", seen.label, scope="row"),
            tag("td", str(seen.best[0]), class_="number"),
            tag("td", degree_text(seen.best[1]), class_="number"),
            tag("td", str(seen.second[0]), class_="number"),
            tag("td", degree_text(seen.second[1]), class_="number"),
            tag("td", str(seen.truth), class_="number"),
            class_=classes(misread=seen.misread, unsure=seen.unsure),
        )
        for seen in cells
    ]
    names = ("percept", "reading", "probability", "runner-up", "probability", "image shows")
    head = tag(
        "tr", *(tag("th", name, scope="col", class_="number" if place else None) for place, name in enumerate(names))
    )
    return tag(
        "details",
        tag("summary", f"All {len(rows)} readings as a table"),
        tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="all"), class_="scroll"),
    )


def facts(pairs: Iterable[tuple[str, Content]]) -> Markup:
    """A list of names and values."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", text(value))) for name, value in pairs), class_="facts")


def timing_facts(timing: Timing) -> Markup:
    """How long each stage took."""
    each = timing.infer / max(timing.instances, 1)
    return facts(
        (
            (f"reading {timing.images} images", time_text(timing.perceive)),
            ("compiling the rules, once", time_text(timing.compile)),
            ("reasoning, per instance", time_text(each)),
        )
    )


def origin_facts(provenance: Provenance) -> Markup:
    """Where everything comes from."""
    return facts(
        (
            ("command", tag("code", provenance.command)),
            ("images", f"{provenance.data} ({provenance.data_reason})"),
            ("network", f"{provenance.network}, {provenance.accuracy}"),
            ("seed", str(provenance.seed)),
            ("program", f"nesy {provenance.version}"),
        )
    )
