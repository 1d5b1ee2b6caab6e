"""Long lines of emitted programs, broken at commas and operators."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 110
"""Lines are broken where they are longer than this."""
OPERATORS = (" | ", " & ", " + ")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


def wrapped(line: str, indent: str) -> list[str]:
    """``line`` broken inside brackets where it is too long; an assignment without any gets a pair."""
    if len(indent) + len(line) <= WIDTH:
        return [indent + line]
    name, sign, value = line.partition(" = ")
    if sign and name.isidentifier() and any(depth == 0 for _, depth in _operators(value)):
        return [f"{indent}{name} = (", *_filled(value, indent + "    "), f"{indent})"]
    return _filled(line, indent)


def _filled(text: str, indent: str) -> list[str]:
    found: list[str] = []
    left, margin = text, indent
    while len(margin) + len(left) > WIDTH:
        cut = _cut(left, WIDTH - len(margin), inside=indent != "    " or bool(found))
        if cut <= 0:
            break
        found.append(margin + left[:cut].rstrip())
        left, margin = left[cut:].lstrip(), indent + ("    " if indent == "    " else "")
    return [*found, margin + left]


def _masked(text: str) -> str:
    """``text`` with nothing to break at inside of strings."""
    return _STRING.sub(lambda found: "_" * len(found[0]), text)


def _operators(text: str) -> Iterator[tuple[int, int]]:
    """The places before binary operators with how deep in brackets they lie."""
    depth = 0
    text = _masked(text)
    for place, sign in enumerate(text):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif text[place : place + 3] in OPERATORS:
            yield place, depth


def _cut(line: str, room: int, *, inside: bool) -> int:
    """Where to break: the last comma or operator within brackets such that what stands before it is short enough."""
    depth, best = (1 if inside else 0), -1
    line = _masked(line)
    for place, sign in enumerate(line[: room + 1]):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0:
            continue
        elif sign == ",":
            best = place + 1 if line[place - 3 : place] != "..." and place < room else best
        elif line[place : place + 3] in OPERATORS:
            best = place + 1
    return best
