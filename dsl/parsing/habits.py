"""Hints for what people write out of habit where the grammar wants something else (all E101)."""

from __future__ import annotations

import re

from nesy.dsl.diagnostics import nearest

KEYWORDS = (
    "type", "const", "percept", "concept", "relation", "if", "maximize", "minimize",
    "random", "define", "observe", "error", "query", "expect", "include",
)  # fmt: skip
_ONE_FORMULA = re.compile(r"\A(query|observe|expect)\b")
_FIRST_WORD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s+\Z")


def hint_for_habit(text: str, position: int, word: str, kind: str) -> str:
    """What to write instead of ``word``, which the grammar refuses at ``position`` of the statement ``text``.

    Empty where the mistake is none of the known ones. ``kind`` is the terminal of the word.
    """
    before, behind = text[:position].rstrip(), text[position + len(word) :]
    first = _FIRST_WORD.fullmatch(text[:position])
    if first is not None:
        return _misspelled(first[1], kind)
    if word == ")" and before.endswith("("):
        return "leave out the empty parentheses: a name without arguments stands alone"
    if word in (")", "}", "]", ".") and before.endswith(","):
        return "remove the ',' before it, or write what is missing behind the ','"
    if word == "." and re.match(r"[0-9]", behind):
        return "write a digit before the point: 0.5"
    if word == "if" and ":-" not in before:
        return "write ':-' before the body of a rule; uncertain rules read: if P then Q"
    if word == ";" and ":-" in before:
        return "write 'or' between formulas, or one rule for each; ';' separates heads and elements of braces"
    if word == ",":
        return _comma(text)
    if text.strip() == ".":
        return "remove the full stop: no statement stands before it"
    return ""


def _comma(text: str) -> str:
    """Where formulas or values are listed without the sign for it."""
    if re.search(r"\biff?\b", text):
        return "join conditions by 'and' here; ',' joins them in rule bodies and after 'where', 'for' and 'given'"
    if text.startswith("type"):
        return "list the values of a type in braces: {red, green}"
    if _ONE_FORMULA.match(text):
        return "join formulas by 'and', or write a statement for each; ',' joins them behind 'given' only"
    if ":-" in text:
        return "a rule has one head: write a rule for each, or ';' between heads of which one is to hold"
    return ""


def _misspelled(first: str, kind: str) -> str:
    """A first word that a keyword may have been meant by, followed by a word that cannot follow a name."""
    if first == "include":
        return 'write the path in quotes: include "grid.nesy".'
    if first in ("maximize", "minimize"):
        return f"write the elements in braces: {first} {{ V, X : value(X, V) }}."
    if kind not in ("NAME", "VARIABLE", "SOURCED", "STRING"):
        return ""
    match = nearest(first, KEYWORDS)
    if match is not None and match != first:
        return f"the nearest word that begins a statement is '{match}'"
    return ""
