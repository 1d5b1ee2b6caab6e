"""The page about a vignette: its text, what was understood, the answers, the graph, the model."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from nesy.demo.markup import Markup, join, tag
from nesy.demo.report import document, section
from nesy.dsl.diagnostics import counted
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.values import format_value
from nesy.synthesis.answers import QueryAnswer
from nesy.synthesis.drawing import Diagram
from nesy.synthesis.pipeline import Synthesis

BOX, GAP, ROW = 150, 18, 84
"""Pixels: the width of a node, between nodes, and from layer to layer."""
WIDEST = 6
"""Nodes in one row of the graph at most."""
SHOWN_NAMES = 12


def olympics_report(synthesis: Synthesis, command: str) -> str:
    """The page."""
    best = synthesis.scores.best
    lede = (
        "A short text says what happened and asks what cannot be seen. From a library of knowledge the model that "
        "these questions need is put together, checked, run, and shown."
    )
    facts = tag(
        "dl",
        _fact("model", f"{counted(len(synthesis.diagram.nodes), 'node')}, {best.candidate.digest}"),
        _fact("run by", f"{best.inferred.method}, {'exact' if best.inferred.exact else 'estimated'}"),
        _fact("candidates", str(len(synthesis.scores.models))),
        _fact("library", synthesis.retrieval.knowledge),
        class_="facts",
    )
    sentences = {entry.sentence.number: entry.sentence.text for entry in synthesis.reading.understood}
    sections = [
        section("The text", tag("p", synthesis.question.strip()), _understood(synthesis)),
        section("The answers", *(_answer(entry, sentences) for entry in synthesis.answers.queries)),
        *_doubts(synthesis),
        section("The graph", tag("div", graph_svg(synthesis.diagram), class_="scroll"), _graph_legend()),
        section("The model", _program(synthesis.program)),
        section("What was considered", _considered(synthesis), _candidates(synthesis)),
    ]
    footer = tag("footer", tag("h2", "Where this comes from"), tag("p", tag("code", command)))
    return document("What can be concluded?", lede, facts, sections, footer)


def _doubts(synthesis: Synthesis) -> tuple[Markup, ...]:
    texts = synthesis.findings.texts
    return (section("What is doubtful", tag("ul", *(tag("li", text) for text in texts))),) if texts else ()


def _fact(name: str, said: str) -> Markup:
    return tag("div", tag("dt", name), tag("dd", said))


def _understood(synthesis: Synthesis) -> Markup:
    rows = [
        tag("tr", tag("td", entry.sentence.text), tag("td", tag("code", "  ".join(entry.statements))))
        for entry in synthesis.reading.understood
    ]
    rows += [
        tag("tr", tag("td", entry.sentence.text), tag("td", "not used: no phrase of the library fits"))
        for entry in synthesis.reading.unused
    ]
    head = tag("thead", tag("tr", tag("th", "sentence", scope="col"), tag("th", "what it says", scope="col")))
    return tag("div", tag("table", head, tag("tbody", *rows), class_="all"), class_="scroll")


# ----- answers


def _answer(answer: QueryAnswer, sentences: Mapping[int, str]) -> Markup:
    posterior = answer.posterior
    title = tag("h3", tag("code", answer.label), f"  {answer.said}" if answer.said else "")
    drawn: Markup
    if posterior.probability is not None and answer.estimand.domain is not None:
        prior = None if answer.prior is None else answer.prior.probability
        drawn = tag(
            "table",
            tag(
                "tbody",
                *(
                    _share(format_value(value), share, None if prior is None else prior[place].item())
                    for place, (value, share) in enumerate(
                        zip(answer.estimand.domain.values, posterior.probability.tolist(), strict=True)
                    )
                ),
            ),
            class_="degrees",
        )
    else:
        drawn = histogram_svg(answer)
    return tag("div", title, drawn, _words(answer, sentences), class_="why")


def _share(value: str, share: float, before: float | None) -> Markup:
    bar = tag("span", tag("span", class_="necessity", style=f"width:{share:.2%}"), class_="bar", aria_hidden="true")
    was = "" if before is None else f"before: {before:.1%}"
    return tag(
        "tr",
        tag("th", value, scope="row"),
        tag("td", bar),
        tag("td", f"{share:.1%}", class_="number"),
        tag("td", was, class_="number"),
    )


def _words(answer: QueryAnswer, sentences: Mapping[int, str]) -> Markup:
    posterior = answer.posterior
    lines = []
    if posterior.mean is not None and posterior.sd is not None:
        unit = f" {answer.unit}" if answer.unit else ""
        before = ""
        if answer.prior is not None and answer.prior.mean is not None:
            before = f"; before the text: {answer.prior.mean:.3g} ± {answer.prior.sd or 0.0:.2g}"
        lines.append(tag("p", f"{posterior.mean:.3g} ± {posterior.sd:.2g}{unit}{before}", class_="because"))
    moved = [entry for entry in answer.influences if entry.nats >= 0.001][:3]
    if moved:
        said = "; ".join(f"“{sentences.get(entry.sentence, entry.text)}” ({entry.nats:.2f} nats)" for entry in moved)
        lines.append(tag("p", f"moved by {said}", class_="because"))
    return join(*lines)


def histogram_svg(answer: QueryAnswer) -> Markup:
    """The posterior of a number as bars, with the mean as a line; empty where there is nothing to draw."""
    drawn = answer.histogram()
    if drawn is None:
        return Markup()
    edges, shares = drawn
    width, height, top = 480, 130, max(shares)
    step = width / len(shares)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{(height - 22) * (1 - share / top):.1f}" width="{step - 1:.1f}" '
        f'height="{(height - 22) * share / top:.1f}" fill="var(--full)"/>'
        for place, share in enumerate(shares)
    )
    mean = answer.posterior.mean or 0.0
    at = (mean - edges[0]) / (edges[-1] - edges[0]) * width
    marks = (
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - 22}" stroke="var(--bad)" stroke-dasharray="3 3"/>'
        f'<text x="0" y="{height - 5}">{edges[0]:.3g}</text>'
        f'<text x="{width}" y="{height - 5}" text-anchor="end">{edges[-1]:.3g}</text>'
    )
    label = escape(f"posterior of {answer.label}, mean {mean:.3g}", quote=True)
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}" '
        f'style="width:100%;max-width:{width}px;font:12px system-ui,sans-serif" fill="var(--soft)">{bars}{marks}</svg>'
    )


# ----- graph


def layers(diagram: Diagram) -> dict[str, int]:
    """The length of the longest path to each node."""
    found = {node.name: 0 for node in diagram.nodes}
    for _ in diagram.nodes:
        for start, end in diagram.edges:
            found[end] = max(found[end], found[start] + 1)
    return found


def graph_svg(diagram: Diagram) -> Markup:
    """The dependency graph, layer by layer from causes to what is seen and asked."""
    depth = layers(diagram)
    rows = _rows(diagram, depth)
    widest = max(map(len, rows))
    width, height = widest * (BOX + GAP), len(rows) * ROW
    place: dict[str, tuple[float, float]] = {}
    for row, names in enumerate(rows):
        left = (width - len(names) * (BOX + GAP)) / 2
        for number, name in enumerate(names):
            place[name] = (left + number * (BOX + GAP) + BOX / 2 + GAP / 2, row * ROW + 26)
    parts = [_TIP]
    for start, end in diagram.edges:
        (x1, y1), (x2, y2) = place[start], place[end]
        parts.append(
            f'<line x1="{x1:.0f}" y1="{y1 + 17:.0f}" x2="{x2:.0f}" y2="{y2 - 18:.0f}" stroke="var(--soft)" '
            'stroke-opacity=".6" marker-end="url(#tip)"/>'
        )
    parts += [_node(node.name, node.role, *place[node.name]) for node in diagram.nodes]
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="dependency graph" style="width:100%;min-width:40rem;max-width:{width}px;'
        f'font:11px system-ui,sans-serif">{"".join(parts)}</svg>'
    )


def _rows(diagram: Diagram, depth: dict[str, int]) -> list[list[str]]:
    """The names of each row: layers, each wrapped into rows of at most :data:`WIDEST`, near what they depend on."""
    above: dict[str, list[str]] = {node.name: [] for node in diagram.nodes}
    for start, end in diagram.edges:
        above[end].append(start)
    rows: list[list[str]] = []
    order: dict[str, float] = {}
    for layer in range(1 + max(depth.values())):
        names = [node.name for node in diagram.nodes if depth[node.name] == layer]
        middle = {name: sum(order[parent] for parent in above[name]) / (len(above[name]) or 1) for name in names}
        names.sort(key=lambda name: middle[name])
        order |= {name: place / len(names) for place, name in enumerate(names)}
        rows += [names[start : start + WIDEST] for start in range(0, len(names), WIDEST)]
    return rows


_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="var(--soft)"/></marker></defs>'
)
_FILLS = {
    "random": "var(--pale)",
    "definition": "var(--card)",
    "condition": "var(--doubt-paper)",
    "query": "var(--bad-paper)",
}


def _node(name: str, role: str, x: float, y: float) -> str:
    rounding = 17 if role == "random" else 3
    short = name if len(name) <= 24 else f"{name[:23]}…"
    return (
        f'<g><title>{escape(name)}</title><rect x="{x - BOX / 2:.0f}" y="{y - 17:.0f}" width="{BOX}" height="34" '
        f'rx="{rounding}" fill="{_FILLS[role]}" stroke="var(--line)"/>'
        f'<text x="{x:.0f}" y="{y + 4:.0f}" text-anchor="middle" fill="var(--ink)">{escape(short)}</text></g>'
    )


def _graph_legend() -> Markup:
    said = {"random": "random", "definition": "computed", "condition": "observed", "query": "asked"}
    items = [
        tag("li", tag("span", class_="swatch", style=f"height:.9rem;background:{_FILLS[role]}"), text)
        for role, text in said.items()
    ]
    return tag("ul", *items, class_="legend")


# ----- model and record


def _program(text: str) -> Markup:
    rows = [
        tag("span", tag("span", str(number), class_="line"), line or " ", class_="row")
        for number, line in enumerate(text.rstrip().split("\n"), 1)
    ]
    return tag("pre", *rows, class_="listing")


def _considered(synthesis: Synthesis) -> Markup:
    rows = [
        tag(
            "tr", tag("td", entry.name), tag("td", entry.role), tag("td", f"{entry.total:.2f}"), tag("td", entry.reason)
        )
        for entry in synthesis.retrieval.considered[:SHOWN_NAMES]
    ]
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("name", "role", "score", "why"))))
    dropped = [write_statement(entry) for entry in synthesis.sifted.irrelevant]
    note = tag("p", f"Without influence on the questions: {' '.join(dropped)}") if dropped else Markup()
    return join(tag("div", tag("table", head, tag("tbody", *rows), class_="all"), class_="scroll"), note)


def _candidates(synthesis: Synthesis) -> Markup:
    models = synthesis.scores.models
    if len(models) < 2:
        return Markup()
    rows = [
        tag(
            "tr",
            tag("td", ", ".join(entry.candidate.variants) or "base"),
            tag("td", f"{entry.candidate.prior:.3f}"),
            tag("td", f"{entry.weight:.3f}"),
        )
        for entry in models
    ]
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("variants", "prior", "weight"))))
    return tag("table", head, tag("tbody", *rows), class_="all")
