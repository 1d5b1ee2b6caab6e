"""All syntax errors of a text: each statement is parsed by itself, and what Lark refuses is put into words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from lark.exceptions import UnexpectedInput, UnexpectedToken

from nesy.dsl.diagnostics import Diagnostic, Label, NesyError
from nesy.dsl.parsing.mistakes import MISSING_STOP, explain
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import Program, Statement

Parser = Callable[[str, str], tuple[Statement, ...]]

_PIECE = re.compile(r'"(?:\\.|[^"\\\n])*(?:"|\n|\Z)|%[^\n]*|\.\.|(?:[0-9]+|(?<![\w)\]}"]))\.[0-9]+|\.|\S')
_BLANK = re.compile(r"(?:\s|%[^\n]*(?:\n|\Z))*")


class BrokenTextError(NesyError):
    """Syntax errors, and what is left without the statements that have them.

    ``program`` holds all other statements; ``lost`` are the texts of those that could not be parsed.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], program: Program, lost: Iterable[str]) -> None:
        super().__init__(diagnostics, program.sources)
        self.program = program
        self.lost = tuple(lost)


def broken_text(text: str, file: str, parser: Parser, first: Exception) -> BrokenTextError:
    """The error for a text that does not parse; ``first`` is what parsing the whole gave."""
    diagnostics, places = find_errors(text, file, parser, first)
    sound = text
    for start, end in places:
        sound = sound[:start] + re.sub(r"[^\n]", " ", sound[start:end]) + sound[end:]
    try:
        statements = parser(sound, file)
    except (NesyError, UnexpectedInput):
        places, statements = [(0, len(text))], ()
    lost = [text[start:end] for start, end in places]
    return BrokenTextError(diagnostics, Program(statements, (), ((file, text),)), lost)


def find_errors(
    text: str, file: str, parser: Parser, first: Exception
) -> tuple[list[Diagnostic], list[tuple[int, int]]]:
    """Every syntax error of ``text``, at most one for each statement, and the places of these statements.

    ``first`` is what parsing the whole gave.
    """
    diagnostics: list[Diagnostic] = []
    places: list[tuple[int, int]] = []
    lines = _LineCounter(text)
    for start, end in statement_places(text):
        while start < end:
            chunk = text[start:end]
            found, resume = _first_error(chunk, file, parser)
            line, column = lines.place(start)
            diagnostics.extend(shifted(diagnostic, line - 1, column - 1) for diagnostic in found)
            if found:
                places.append((start, end if resume is None else start + resume))
            if resume is None:
                break
            start += resume
    return (diagnostics, places) if diagnostics else (_in_words(text, file, first), [(0, len(text))])


def _first_error(chunk: str, file: str, parser: Parser) -> tuple[list[Diagnostic], int | None]:
    """The first error of one statement, and where to go on if only its full stop is missing."""
    try:
        parser(chunk, file)
    except NesyError as error:
        return list(error.diagnostics), None
    except UnexpectedInput as error:
        diagnostic = explain(chunk, file, error)
        at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        return [diagnostic], error.pos_in_stream if diagnostic.code == MISSING_STOP and not at_end else None
    return [], None


def _in_words(text: str, file: str, error: Exception) -> list[Diagnostic]:
    if isinstance(error, NesyError):
        return list(error.diagnostics)
    assert isinstance(error, UnexpectedInput)
    return [explain(text, file, error)]


def statement_places(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement begins and ends, judged by full stops outside of texts, numbers and comments.

    A text without its closing quote ends at the end of its line, and so does the statement. The bracket behind a
    soft constraint belongs to it.
    """
    place = 0
    start: int | None = None
    while (found := _PIECE.search(text, place)) is not None:
        piece, place = found[0], found.end()
        if piece.startswith("%"):
            continue
        start = found.start() if start is None else start
        unclosed = piece.startswith('"') and (len(piece) == 1 or piece[-1] != '"')
        if piece == "." or unclosed:
            if text.startswith(":~", start):
                place = _end_of_weight(text, place)
            yield start, place
            start = None
    if start is not None:
        yield start, len(text.rstrip())


def _end_of_weight(text: str, place: int) -> int:
    """Behind the ``[…]`` of a soft constraint, if one follows."""
    blank = _BLANK.match(text, place)
    bracket = blank.end() if blank else place
    if not text.startswith("[", bracket):
        return place
    closing = text.find("]", bracket)
    line_end = text.find("\n", bracket)
    if closing < 0:
        return line_end if line_end >= 0 else len(text)
    return closing + 1


def shifted(diagnostic: Diagnostic, lines: int, columns: int) -> Diagnostic:
    """The diagnostic of a statement, moved to where the statement stands in its file."""
    labels = tuple(Label(_move(label.span, lines, columns), label.text) for label in diagnostic.labels)
    return replace(diagnostic, span=_move(diagnostic.span, lines, columns), labels=labels)


def _move(span: Span, lines: int, columns: int) -> Span:
    if span == NOWHERE:
        return span
    return Span(
        span.file,
        span.line + lines,
        span.column + (columns if span.line == 1 else 0),
        span.end_line + lines,
        span.end_column + (columns if span.end_line == 1 else 0),
    )


class _LineCounter:
    """Line and column of growing positions, in one walk over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def place(self, position: int) -> tuple[int, int]:
        self._line += self._text.count("\n", self._position, position)
        self._position = position
        return self._line, position - self._text.rfind("\n", 0, position)
