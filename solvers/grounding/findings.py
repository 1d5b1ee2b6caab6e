"""Findings about ground instances and about facts, without flooding: said once, or a few times with a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span


def once_each(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The first finding of each code and place; further instances are counted in its message."""
    first: dict[tuple[str, Span], Diagnostic] = {}
    counts: dict[tuple[str, Span], int] = {}
    for diagnostic in diagnostics:
        key = (diagnostic.code, diagnostic.span)
        first.setdefault(key, diagnostic)
        counts[key] = counts.get(key, 0) + 1
    return [_counted(diagnostic, counts[key] - 1) for key, diagnostic in first.items()]


SHOWN = 5


def few_of_numbers(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """``diagnostics`` with the first few E517 of each file: each row of a table may hold a number that no rule can."""
    kept: list[Diagnostic] = []
    places: dict[str, list[int]] = {}
    left: dict[str, int] = {}
    for diagnostic in diagnostics:
        file = diagnostic.span.file
        if diagnostic.code == "E517":
            if len(places.setdefault(file, [])) == SHOWN:
                left[file] = left.get(file, 0) + 1
                continue
            places[file].append(len(kept))
        kept.append(diagnostic)
    for file, count in left.items():
        last = places[file][-1]
        kept[last] = _counted(kept[last], count)
    return kept


def _counted(diagnostic: Diagnostic, more: int) -> Diagnostic:
    return replace(diagnostic, message=f"{diagnostic.message} (and {more} more)") if more else diagnostic
