"""Plots as SVG text, drawn without any library: lines with error bars, and calibration plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 300, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 26, 38
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555", "#e69f00", "#56b4e9")
"""A palette that colour-blind readers can tell apart (Okabe and Ito)."""
MARKS = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Line:
    """One series: points (x, y, half the error bar); its style is its place in the legend."""

    name: str
    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Panel:
    """One pair of axes. ``reference`` are points of a thin dashed line (what should come out)."""

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    reference: Sequence[tuple[float, float]] = ()
    x_ticks: Sequence[tuple[float, str]] = ()


def figure(panels: Sequence[Panel], columns: int) -> str:
    """The panels in rows of ``columns``, and one legend for all of them below."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines))
    rows = -(-len(panels) // columns)
    width = columns * WIDTH
    legend, height = _legend(names, width, rows * HEIGHT)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        parts.append(f'<g transform="translate({column * WIDTH},{row * HEIGHT})">')
        parts += _panel(panel, names)
        parts.append("</g>")
    return "\n".join([*parts, *legend, "</svg>"]) + "\n"


def _legend(names: list[str], width: int, top: int) -> tuple[list[str], int]:
    parts, x, y = [], LEFT, top + 12
    for place, name in enumerate(names):
        needed = 34 + int(6.2 * len(name))
        if x > LEFT and x + needed > width:
            x, y = LEFT, y + 17
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 18}" y2="{y}" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_mark(x + 9, y, place))
        parts.append(f'<text x="{x + 23}" y="{y + 4}">{escape(name)}</text>')
        x += needed
    return parts, y + 12


def _panel(panel: Panel, names: list[str]) -> list[str]:
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    (x_low, x_high), (y_low, y_high) = panel.x_range, panel.y_range

    def across(x: float) -> float:
        return round(LEFT + (x - x_low) / (x_high - x_low) * inner_width, 1)

    def down(y: float) -> float:
        inside = min(max(y, y_low), y_high)
        return round(TOP + (1 - (inside - y_low) / (y_high - y_low)) * inner_height, 1)

    middle = LEFT + inner_width / 2
    parts = [
        f'<text x="{middle}" y="15" text-anchor="middle" font-weight="bold">{escape(panel.title)}</text>',
        f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(panel.x_label)}</text>',
        (
            f'<text transform="translate(11,{TOP + inner_height / 2}) rotate(-90)" text-anchor="middle">'
            f"{escape(panel.y_label)}</text>"
        ),
        f'<rect x="{LEFT}" y="{TOP}" width="{inner_width}" height="{inner_height}" fill="none" stroke="#999"/>',
    ]
    for x, label in panel.x_ticks or _ticks(panel.x_range):
        parts.append(f'<line x1="{across(x)}" y1="{TOP}" x2="{across(x)}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(f'<text x="{across(x)}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{label}</text>')
    for y, label in _ticks(panel.y_range):
        parts.append(f'<line x1="{LEFT}" y1="{down(y)}" x2="{WIDTH - RIGHT}" y2="{down(y)}" stroke="#eee"/>')
        parts.append(f'<text x="{LEFT - 4}" y="{down(y) + 4}" text-anchor="end">{label}</text>')
    if panel.reference:
        path = " ".join(f"{across(x)},{down(y)}" for x, y in panel.reference)
        parts.append(f'<polyline points="{path}" fill="none" stroke="#999" stroke-dasharray="4 3"/>')
    for line in panel.lines:
        place = names.index(line.name)
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(f"{across(x)},{down(y)}" for x, y, _ in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        for x, y, error in line.points:
            if error > 0:
                ends = f'x1="{across(x)}" x2="{across(x)}" y1="{down(y - error)}" y2="{down(y + error)}"'
                parts.append(f'<line {ends} stroke="{colour}"/>')
            parts.append(_mark(across(x), down(y), place))
    return parts


def _ticks(limits: tuple[float, float]) -> list[tuple[float, str]]:
    low, high = limits
    step = next(
        step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if (high - low) / step <= 6
    )
    first = round(low / step)
    places = [round(place * step, 6) for place in range(first, round(high / step) + 1)]
    return [(place, f"{place:g}") for place in places if low - 1e-9 <= place <= high + 1e-9]


def _mark(x: float, y: float, place: int) -> str:
    colour = COLOURS[place % len(COLOURS)]
    match MARKS[place % len(MARKS)]:
        case "circle":
            return f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        case "square":
            return f'<rect x="{x - 2.5}" y="{y - 2.5}" width="5" height="5" fill="{colour}"/>'
        case "triangle":
            return f'<path d="M{x} {y - 3.5}l3.5 6h-7z" fill="{colour}"/>'
        case _:
            return f'<path d="M{x} {y - 4}l4 4l-4 4l-4 -4z" fill="{colour}"/>'
