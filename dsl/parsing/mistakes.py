"""From what Lark refuses to a diagnostic that says what to do.

:func:`explain` tries the known mistakes in the order of :data:`_RECOGNISERS`, the most telling first; what none of
them knows is described by what the grammar could have gone on with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lark.exceptions import UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from nesy.dsl.diagnostics import Diagnostic, Label
from nesy.dsl.parsing.expected_words import list_expected
from nesy.dsl.parsing.foreign_signs import find_foreign_sign, name_character
from nesy.dsl.parsing.habits import hint_for_habit
from nesy.dsl.span import Span
from nesy.dsl.values import RESERVED

MISSING_STOP = "E102"

_PIECE = re.compile(r'"(?:\\.|[^"\\\n])*"?|%[^\n]*|[()\[\]{}]')
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_PARTNER = {"(": ")", "[": "]", "{": "}"}
_DECLARES = re.compile(r"\b(type|const|percept|concept|relation|random|define)\s+\Z")
_DECLARATION_WORDS = frozenset(("TYPE", "CONST", "PERCEPT", "CONCEPT", "RELATION", "RANDOM", "DEFINE"))
_OTHER_WORDS = frozenset(("OBSERVE", "ERROR", "QUERY", "EXPECT", "INCLUDE", "OPTIMIZE", "IF"))
_STATEMENT_WORDS = _DECLARATION_WORDS | _OTHER_WORDS
_JOINING = (",", ";", "]", ")", "}", ":", ".", "..")
_WORD = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Refusal:
    """Where and why Lark stopped in a statement: ``position`` in ``text``, ``word`` as written (empty at the end)."""

    text: str
    file: str
    position: int
    word: str
    kind: str
    error: UnexpectedInput

    def span(self, start: int, length: int = 1) -> Span:
        line = self.text.count("\n", 0, start) + 1
        column = start - self.text.rfind("\n", 0, start)
        return Span(self.file, line, column, line, column + max(length, 1))

    @property
    def here(self) -> Span:
        return self.span(self.position, len(self.word))

    @cached_property
    def accepts(self) -> frozenset[str]:
        """The terminals with which the statement could have gone on."""
        state: Any = getattr(self.error, "state", None)
        if not hasattr(state, "parse_conf"):
            return frozenset(getattr(self.error, "expected", None) or getattr(self.error, "allowed", None) or ())
        interactive: Any = InteractiveParser(None, state, state.lexer)
        return frozenset(interactive.accepts())

    @cached_property
    def open_bracket(self) -> int | None:
        """The position of the innermost bracket that is still open."""
        stack: list[int] = []
        for found in _PIECE.finditer(self.text, 0, self.position):
            if found[0] in _PARTNER:
                stack.append(found.start())
            elif found[0] in _CLOSERS and stack:
                stack.pop()
        return stack[-1] if stack else None


def explain(text: str, file: str, error: UnexpectedInput) -> Diagnostic:
    """What is wrong with the statement ``text`` at the place where Lark stopped."""
    refusal = _refusal(text, file, error)
    for recognise in _RECOGNISERS:
        diagnostic = recognise(refusal)
        if diagnostic is not None:
            return diagnostic
    return _unexpected(refusal)


def _refusal(text: str, file: str, error: UnexpectedInput) -> Refusal:
    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            return Refusal(text, file, token.end_pos or 0, "", "$END", error)
        return Refusal(text, file, token.start_pos or 0, str(token), token.type, error)
    position = min(error.pos_in_stream or 0, len(text) - 1)
    return Refusal(text, file, position, text[position], "", error)


def _unclosed_text(refusal: Refusal) -> Diagnostic | None:
    if refusal.word != '"':
        return None
    line_end = refusal.text.find("\n", refusal.position)
    length = (len(refusal.text) if line_end < 0 else line_end) - refusal.position
    return Diagnostic(
        "E105",
        "a text is not closed on its line",
        refusal.span(refusal.position, length),
        'end the text with " on the same line; a line break inside is written \\n, a quote \\"',
    )


def _foreign_sign(refusal: Refusal) -> Diagnostic | None:
    found = find_foreign_sign(refusal.text, refusal.position)
    if found is None:
        return None
    start, sign, hint = found
    return Diagnostic("E106", f"'{sign}' is not a sign of this language", refusal.span(start, len(sign)), hint)


def _directive(refusal: Refusal) -> Diagnostic | None:
    found = re.compile(r"#[a-z_]+").match(refusal.text, refusal.position)
    if found is None:
        return None
    hints = {
        "#const": "write: const n = 9.",
        "#include": 'write: include "file.nesy".',
        "#show": "write: query p(_).",
        "#minimize": "write the elements in braces: minimize { C, X : cost(X, C) }.",
        "#maximize": "write the elements in braces: maximize { V, X : value(X, V) }.",
        "#true": "write: true",
        "#false": "write: false",
        "#count": "write: count { X : in(X) }",
        "#sum": "write: sum { W, X : weight(X, W) }",
        "#min": "write: min { W, X : weight(X, W) }",
        "#max": "write: max { W, X : weight(X, W) }",
    }
    hint = hints.get(found[0], 'clingo\'s own language stands in a file of its own: include "file.lp".')
    message = f"'{found[0]}' is a directive of clingo"
    return Diagnostic("E119", message, refusal.span(refusal.position, len(found[0])), hint)


def _unknown_character(refusal: Refusal) -> Diagnostic | None:
    if refusal.kind:
        return None
    if refusal.word == "_":
        found = _WORD.match(refusal.text, refusal.position)
        word = found[0] if found else "_"
        hint = "names begin with a small letter, variables with a capital letter; '_' alone is a variable without name"
        return Diagnostic("E104", f"'{word}' is not a name", refusal.span(refusal.position, len(word)), hint)
    description, hint = name_character(refusal.word)
    return Diagnostic("E104", f"unexpected character {description}", refusal.here, hint)


def _capital_in_declaration(refusal: Refusal) -> Diagnostic | None:
    declares = _DECLARES.search(refusal.text, 0, refusal.position)
    if refusal.kind != "VARIABLE" or declares is None:
        return None
    small = refusal.word.lstrip("_")
    small = small[:1].lower() + small[1:] if small else "name"
    message = f"'{refusal.word}' is declared, but a capital letter begins a variable"
    return Diagnostic("E107", message, refusal.here, f"begin with a small letter: {declares[1]} {small} …")


def _reserved_word(refusal: Refusal) -> Diagnostic | None:
    if refusal.word not in RESERVED or "NAME" not in refusal.accepts:
        return None
    hint = f'choose another name, or write it as text: "{refusal.word}"'
    return Diagnostic("E108", f"'{refusal.word}' is a reserved word and cannot be a name", refusal.here, hint)


def _glued_number(refusal: Refusal) -> Diagnostic | None:
    before = refusal.text[refusal.position - 1 : refusal.position]
    if refusal.kind not in ("NAME", "VARIABLE", "SOURCED") or not before.isdigit():
        return None
    start = refusal.position
    while start and (refusal.text[start - 1].isalnum() or refusal.text[start - 1] == "_"):
        start -= 1
    word = refusal.text[start : refusal.position] + refusal.word
    hint = "names begin with a small letter; between a number and a name stands a sign, as in 3 * x"
    return Diagnostic("E104", f"'{word}' is neither a number nor a name", refusal.span(start, len(word)), hint)


def _brackets(refusal: Refusal) -> Diagnostic | None:
    opened = refusal.open_bracket
    closer = refusal.word if refusal.word in _CLOSERS else ""
    if closer and (opened is None or refusal.text[opened] != _CLOSERS[closer]):
        if opened is None:
            return Diagnostic(
                "E103", f"'{closer}' closes nothing", refusal.here, f"remove it, or open with '{_CLOSERS[closer]}'"
            )
        right = _PARTNER[refusal.text[opened]]
        message = f"'{closer}' stands where '{right}' is needed"
        labels = (Label(refusal.span(opened), "opened here"),)
        return Diagnostic("E103", message, refusal.here, f"close with '{right}' first", labels)
    if opened is None or not (refusal.kind == "$END" or refusal.word in (".", ":-")):
        return None
    if re.compile(r"\.[0-9]").match(refusal.text, refusal.position):
        return None  # .5 for 0.5 is no end of a statement
    sign = refusal.text[opened]
    message = f"'{sign}' is never closed"
    where = "before the end" if refusal.kind == "$END" else f"before '{refusal.word}'"
    hint = f"add '{_PARTNER[sign]}' {where}"
    return Diagnostic("E103", message, refusal.span(opened), hint, (Label(refusal.here, "reached this place"),))


def _missing_stop(refusal: Refusal) -> Diagnostic | None:
    if "DOT" not in refusal.accepts:
        return None
    before = refusal.text[: refusal.position].rstrip()
    uncommented = re.sub(r'("(?:\\.|[^"\\\n])*")|%[^\n]*', lambda found: found[1] or " " * len(found[0]), before)
    end = len(uncommented.rstrip())
    if refusal.kind != "$END":
        line_start = refusal.text.rfind("\n", 0, refusal.position) + 1
        on_new_line = line_start >= end and not refusal.text[line_start : refusal.position].strip()
        indented = refusal.position > line_start
        if not on_new_line or (indented and refusal.kind not in _STATEMENT_WORDS) or refusal.word in _JOINING:
            return None
    hint = "end the statement with '.'"
    return Diagnostic(MISSING_STOP, "the full stop at the end of the statement is missing", refusal.span(end), hint)


def _chained_comparison(refusal: Refusal) -> Diagnostic | None:
    if refusal.kind != "COMPARISON" or not ({"AND", "COMMA", "RPAR"} & refusal.accepts):
        return None
    return Diagnostic(
        "E118", "comparisons cannot be chained", refusal.here, "compare twice: 1 < X, X < 3 in a body, or with 'and'"
    )


def _capital_before_bracket(refusal: Refusal) -> Diagnostic | None:
    if refusal.word != "(":
        return None
    found = re.compile(r"[A-Z][A-Za-z0-9_]*\Z").search(refusal.text[: refusal.position])
    if found is None:
        return None
    small = found[0][0].lower() + found[0][1:]
    message = f"'{found[0]}' has arguments, but a capital letter begins a variable"
    return Diagnostic("E107", message, refusal.span(found.start(), len(found[0])), f"write: {small}(…)")


def _unexpected(refusal: Refusal) -> Diagnostic:
    expected = list_expected(refusal.accepts)
    message = "the statement ends too early" if refusal.kind == "$END" else f"unexpected '{refusal.word}'"
    hint = hint_for_habit(refusal.text, refusal.position, refusal.word, refusal.kind)
    if not hint:
        hint = f"expected {expected}" if expected else "see docs/language.md for the statements of the language"
    if refusal.kind == "$END" and refusal.text.startswith(":~"):
        hint = "a soft constraint ends with its weight: :~ late(T). [3@1, T]"
    if len(refusal.word) > 40:
        message = f"unexpected '{refusal.word[:36]}…'"
    place = refusal.span(max(refusal.position - 1, 0)) if refusal.kind == "$END" else refusal.here
    return Diagnostic("E101", message, place, hint)


_RECOGNISERS: tuple[Callable[[Refusal], Diagnostic | None], ...] = (
    _unclosed_text,
    _directive,
    _foreign_sign,
    _glued_number,
    _unknown_character,
    _capital_in_declaration,
    _capital_before_bracket,
    _brackets,
    _reserved_word,
    _missing_stop,
    _chained_comparison,
)
