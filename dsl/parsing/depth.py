"""A limit on nesting, so that every later stage may walk terms and formulas by recursion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import Statement

DEEPEST = 100
"""Levels of nesting that a statement may have. Python's own recursion limit is 1000 frames."""


def refuse_deep_nesting(statements: Iterable[Statement]) -> None:
    """Raise E112 for the first statement that nests deeper than :data:`DEEPEST`."""
    for statement in statements:
        span = statement.span
        # A statement of n characters cannot nest deeper than n levels.
        if span.line == span.end_line and span.end_column - span.column <= DEEPEST:
            continue
        deepest, place = depth(statement)
        if deepest > DEEPEST:
            raise NesyError(
                Diagnostic(
                    "E112",
                    f"the statement nests {deepest} levels deep, more than {DEEPEST}",
                    place if place != NOWHERE else span,
                    "divide it: give parts of it names by rules or definitions of their own",
                )
            )


def depth(root: object) -> tuple[int, Span]:
    """How deep a statement nests, and the place of its deepest node. Without recursion."""
    deepest, place = 0, NOWHERE
    waiting: list[tuple[object, int]] = [(root, 0)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend((part, level) for part in node)
            continue
        names = _parts(type(node))  # type: ignore[arg-type]  # mypy takes a class's hash for that of its objects
        if names and level > deepest:
            deepest, place = level, getattr(node, "span", NOWHERE)
        waiting.extend((getattr(node, name), level + 1) for name in names)
    return deepest, place


@cache
def _parts(kind: type[object]) -> tuple[str, ...]:
    """The fields of a node that may hold other nodes."""
    if not is_dataclass(kind) or kind is Span:
        return ()
    return tuple(field.name for field in fields(kind) if field.name not in ("span", "name", "operator"))
