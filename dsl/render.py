"""Diagnostics as people read them: code, place, source line with a caret, labels and hint.

    error[E102]: the full stop at the end of the statement is missing
      --> grid.nesy:1:16
       |
     1 | type row = 1..9
       |                ^
       = hint: end the statement with '.'

:func:`render` gives text, :func:`print_diagnostics` draws on a rich console in colour. For data see
:meth:`nesy.dsl.diagnostics.Diagnostic.to_json`. This is the only module of the language that imports rich.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from nesy.dsl.diagnostics import Diagnostic, NesyError, Severity
from nesy.dsl.span import NOWHERE, Span

Sources = Mapping[str, str] | Iterable[tuple[str, str]]

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}
_CONTEXT = 60
"""Columns shown on either side of the caret in a line that is too long to show whole."""


def render(found: NesyError | Iterable[Diagnostic], sources: Sources = (), *, width: int = 120) -> str:
    """The diagnostics as plain text. ``sources`` are the texts by file name, as ``Program.sources`` has them."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, legacy_windows=False)
    print_diagnostics(found, sources, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def print_diagnostics(
    found: NesyError | Iterable[Diagnostic], sources: Sources = (), *, console: Console | None = None
) -> None:
    """Draw the diagnostics, sorted by place, on ``console`` (standard error if none is given)."""
    console = console or Console(stderr=True, highlight=False)
    texts = _Texts(found, sources)
    diagnostics = found.diagnostics if isinstance(found, NesyError) else sorted(found, key=Diagnostic.sort_key)
    for number, diagnostic in enumerate(diagnostics):
        if number:
            console.print()
        for line in _drawing(diagnostic, texts):
            console.print(line, soft_wrap=True, highlight=False)


class _Texts:
    """The lines of the files that spans name, from the given sources, else from disk."""

    def __init__(self, found: NesyError | Iterable[Diagnostic], sources: Sources) -> None:
        pairs = sources.items() if isinstance(sources, Mapping) else sources
        self._lines = {file: text.split("\n") for file, text in pairs}
        if isinstance(found, NesyError):
            for file, text in found.sources:
                self._lines.setdefault(file, text.split("\n"))

    def line(self, span: Span) -> str | None:
        if span.file not in self._lines:
            try:
                text = Path(span.file).read_text(encoding="utf-8-sig")
            except (OSError, ValueError):
                text = ""
            self._lines[span.file] = text.split("\n") if text else []
        lines = self._lines[span.file]
        return lines[span.line - 1] if 0 < span.line <= len(lines) else None


def _drawing(diagnostic: Diagnostic, texts: _Texts) -> Iterator[Text]:
    """The lines of one diagnostic."""
    colour = _COLOURS[diagnostic.severity]
    head = Text(f"{diagnostic.severity}[{diagnostic.code}]", style=colour)
    yield head.append(f": {printable(diagnostic.message)}", style="bold default")
    spans = [] if diagnostic.span == NOWHERE else [(diagnostic.span, "", colour, "^")]
    spans += [(label.span, label.text, "bold blue", "-") for label in diagnostic.labels if label.span != NOWHERE]
    margin = max((len(str(span.line)) for span, *_ in spans), default=1) + 1
    bar = Text(" " * margin + " |", style="blue")
    previous = None
    for span, label, style, sign in spans:
        if previous is None or span.file != previous.file:
            arrow = "-->" if previous is None else ":::"
            yield (
                Text(" " * margin)
                .append(arrow, style="blue")
                .append(f" {printable(span.file)}:{span.line}:{span.column}")
            )
            yield bar
        line = texts.line(span)
        if line is not None:
            shown, mark = _caret(line, span, sign)
            if previous is None or (previous.file, previous.line) != (span.file, span.line) or "…" in shown:
                yield Text(f"{span.line:>{margin}} |", style="blue").append(f" {shown}", style="default")
            yield (
                bar.copy().append(f" {mark}", style=style).append(f" {printable(label)}" if label else "", style=style)
            )
        elif label:
            yield bar.copy().append(f" {span.line}:{span.column} {printable(label)}", style=style)
        previous = span
    if diagnostic.place:
        yield Text(" " * margin).append("-->", style="blue").append(f" {printable(diagnostic.place)}")
    if diagnostic.hint:
        hint = Text(" " * margin).append(" = ", style="blue").append("hint", style="bold cyan")
        yield hint.append(f": {printable(diagnostic.hint)}")


def _caret(line: str, span: Span, sign: str) -> tuple[str, str]:
    """The source line, cropped around the span if it is long, and the line of carets under it."""
    start = min(span.column - 1, len(line))
    end = len(line) if span.end_line > span.line else min(max(span.end_column - 1, start), len(line))
    end = min(end, start + 2 * _CONTEXT)
    left = max(start - _CONTEXT, 0) if len(line) > 2 * _CONTEXT else 0
    right = min(end + _CONTEXT, len(line)) if len(line) > 2 * _CONTEXT else len(line)
    before = ("…" if left else "") + printable(line[left:start])
    marked = printable(line[start:end])
    shown = before + marked + printable(line[end:right]) + ("…" if right < len(line) else "")
    return shown, " " * cell_len(before) + sign * max(cell_len(marked), 1)


def printable(text: str) -> str:
    """``text`` on one line, without characters that a terminal would obey."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return "    "
    if character == "\n":
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
