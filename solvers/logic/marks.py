"""Marks: how the ground rules of a statement are told from others.

``_line(7)`` stands in the body of every ground rule of statement 7. It is an external atom, so that gringo keeps it;
reading the ground program takes it out again.
"""

from __future__ import annotations

import re

MARK = "_line"
"""The predicate of the marks."""

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_PIECES = re.compile(r'"(?:\\.|[^"\\])*"|[^"]+')


def mark_atom(mark: int) -> str:
    """``_line(7)``."""
    return f"{MARK}({mark})"


def marked(text: str, mark: int) -> str:
    """``text`` with the mark of its statement among its conditions; helpers stay as they are.

    A helper (its name starts with ``_``) says what a condition means, and is true or false whoever asks.
    """
    if text.startswith("_"):
        return text
    atom = mark_atom(mark)
    if text.startswith(("#maximize", "#minimize")):
        return _marked_elements(text, atom)
    if text.startswith(":~"):
        body, bracket = text.rsplit(". [", 1)
        return f"{body}; {atom}. [{bracket}"
    body = text.removesuffix(".")
    has_body = ":-" in _QUOTED.sub("", body)
    return f"{body}; {atom}." if has_body else f"{body} :- {atom}."


def _marked_elements(text: str, atom: str) -> str:
    """An optimisation with the mark among the conditions of each element."""
    pieces = [piece if piece.startswith('"') else piece.replace("; ", "\0") for piece in _PIECES.findall(text)]
    start, _, inside = "".join(pieces).removesuffix(" }.").partition("{ ")
    elements = [f"{element}{',' if ' : ' in element else ' :'} {atom}" for element in inside.split("\0")]
    return f"{start}{{ {'; '.join(elements)} }}."
