"""Findings about ground instances, said once for each statement."""

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


def _counted(diagnostic: Diagnostic, more: int) -> Diagnostic:
    return replace(diagnostic, message=f"{diagnostic.message} (and {more} more)") if more else diagnostic
