"""Programs in their canonical form: what ``nesy fmt`` writes.

One statement a line, broken where it is longer than 100 columns; comments stay where they are, those behind
neighbouring statements are aligned; one blank line stays where there was at least one. A statement with comments
inside keeps its own layout. ``parse(print_program(program)) == program``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import Comment, Program


@dataclass(frozen=True, slots=True)
class _Entry:
    """A statement or a comment on lines of its own, with the comment behind it."""

    text: str
    span: Span
    comment: str = ""


def print_program(program: Program) -> str:
    """The canonical text of ``program``, ending in a line break unless it is empty."""
    entries = list(_entries(program))
    columns = _comment_columns(entries)
    lines: list[str] = []
    for entry, column, before in zip(entries, columns, [None, *entries], strict=False):
        if before is not None and _apart(before.span, entry.span):
            lines.append("")
        text = entry.text
        if entry.comment:
            last = text.rpartition("\n")[2]
            text += " " * (column - len(last)) + entry.comment
        lines.append(text)
    return "".join(f"{line}\n" for line in lines)


def _entries(program: Program) -> Iterator[_Entry]:
    """Statements with their comments, in the order of the text."""
    comments = list(program.comments)
    place = 0
    for number, statement in enumerate(program.statements):
        span = statement.span
        while place < len(comments) and _precedes(comments[place], span):
            yield _own_line(comments[place])
            place += 1
        inside = 0
        while place + inside < len(comments) and _within(comments[place + inside], span):
            inside += 1
        text = _verbatim(program, span) if inside else ""
        if inside and not text:
            yield from map(_own_line, comments[place : place + inside])
        place += inside
        behind = ""
        following = program.statements[number + 1].span if number + 1 < len(program.statements) else NOWHERE
        if place < len(comments) and _follows(comments[place], span, following):
            behind = comments[place].text
            place += 1
        yield _Entry(text or write_statement(statement), span, behind)
    yield from map(_own_line, comments[place:])


def _own_line(comment: Comment) -> _Entry:
    return _Entry(comment.text, comment.span)


def _precedes(comment: Comment, span: Span) -> bool:
    if span == NOWHERE or comment.span == NOWHERE:
        return comment.own_line and comment.span == NOWHERE
    return comment.span.file == span.file and _start(comment.span) < _start(span)


def _within(comment: Comment, span: Span) -> bool:
    end = (span.end_line, span.end_column)
    return comment.span.file == span.file and _start(span) <= _start(comment.span) < end


def _follows(comment: Comment, span: Span, following: Span) -> bool:
    """Whether the comment stands behind the statement at ``span`` and before the ``following`` one."""
    if comment.own_line:
        return False
    if comment.span == NOWHERE:
        return True
    if comment.span.file != span.file or comment.span.line != span.end_line:
        return False
    return following.file != span.file or _start(comment.span) < _start(following)


def _start(span: Span) -> tuple[int, int]:
    return (span.line, span.column)


def _verbatim(program: Program, span: Span) -> str:
    """The statement as it was written, or an empty text if its source is not known."""
    source = next((text for file, text in program.sources if file == span.file), "")
    lines = source.split("\n")[span.line - 1 : span.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(line.rstrip() for line in lines)


def _apart(before: Span, after: Span) -> bool:
    """Whether a blank line stood between two entries."""
    if NOWHERE in (before, after) or before.file != after.file:
        return False
    return after.line > before.end_line + 1


def _comment_columns(entries: list[_Entry]) -> list[int]:
    """Where the comment behind each entry begins: two blanks behind the longest of a run of neighbours."""
    columns = [0] * len(entries)
    start = 0
    for place in range(len(entries) + 1):
        ends = place == len(entries) or not entries[place].comment
        apart = not ends and place > start and _apart(entries[place - 1].span, entries[place].span)
        if ends or apart:
            run = range(start, place)
            widest = max((len(entries[item].text.rpartition("\n")[2]) for item in run), default=0)
            for item in run:
                columns[item] = widest + 2
            start = place + 1 if ends else place
    return columns
