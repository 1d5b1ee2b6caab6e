"""Diagnostics: the one form in which nesy says that something is wrong with a program or its data.

Checks append :class:`Diagnostic` objects; a stage raises one :class:`NesyError` with all of them, sorted by
place. What a code means, with a wrong and a mended example, stands in :mod:`nesy.dsl.catalogue`.
Drawing them with colours and carets is in :mod:`nesy.dsl.render`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from nesy.dsl.span import NOWHERE, Span


class Severity(StrEnum):
    """How bad it is: an error stops the stage, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that belongs to a diagnostic, such as the first of two equal declarations."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    ``code`` is ``E…`` for an error and ``W…`` for a warning (see the catalogue). ``message`` says what is
    wrong and shows the value; ``hint`` says what to do. Data errors have no place in a rule file: their ``span``
    is ``NOWHERE`` and ``place`` names the file, the percept, the instance and the index instead.
    """

    code: str
    message: str
    span: Span = NOWHERE
    hint: str = ""
    labels: tuple[Label, ...] = ()
    place: str = ""

    @property
    def severity(self) -> Severity:
        """Told by the first letter of the code."""
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR

    def sort_key(self) -> tuple[Span, str, str]:
        """Diagnostics are shown in the order of their places, then of their codes."""
        return (self.span, self.code, self.message)

    def __str__(self) -> str:
        where = str(self.span) if self.span != NOWHERE else self.place
        text = f"{where}: " if where else ""
        text += f"{self.severity}[{self.code}]: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def to_json(self) -> dict[str, object]:
        """Plain data, as ``--json`` prints it."""
        data: dict[str, object] = {"code": self.code, "severity": str(self.severity), "message": self.message}
        if self.span != NOWHERE:
            data |= span_to_json(self.span)
        if self.place:
            data["place"] = self.place
        if self.hint:
            data["hint"] = self.hint
        if self.labels:
            data["labels"] = [span_to_json(label.span) | {"text": label.text} for label in self.labels]
        return data


def span_to_json(span: Span) -> dict[str, object]:
    """A span as plain data."""
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


class NesyError(Exception):
    """Everything that nesy refuses: carries the diagnostics, errors and warnings, sorted by place.

    ``sources`` are the texts by file name, where the stage that raises has them, so that lines can be shown.
    """

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic], sources: Iterable[tuple[str, str]] = ()) -> None:
        self.sources: tuple[tuple[str, str], ...] = tuple(sources)
        found = [diagnostics] if isinstance(diagnostics, Diagnostic) else list(diagnostics)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(found, key=Diagnostic.sort_key))
        super().__init__("\n".join(map(str, self.diagnostics)))


def raise_errors(diagnostics: Sequence[Diagnostic]) -> None:
    """Raise one :class:`NesyError` with all of ``diagnostics`` if any of them is an error."""
    if any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics):
        raise NesyError(diagnostics)


@contextmanager
def gathered(problems: list[Diagnostic]) -> Iterator[None]:
    """The errors of the block go to ``problems``, so that all statements are heard."""
    try:
        yield
    except NesyError as error:
        problems.extend(entry for entry in error.diagnostics if entry not in problems)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that ``word`` was most likely meant to be, or None when none is near."""
    matches = difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or an empty string."""
    match = nearest(word, known)
    return f"the nearest known name is '{match}'" if match else ""


def counted(number: int, noun: str) -> str:
    """``1 place``, ``2 places``, ``no place``."""
    return f"no {noun}" if number == 0 else f"{number} {noun}{'' if number == 1 else 's'}"


def reason_of(error: BaseException) -> str:
    """What an exception says, on one line: the system's own words where it has them, its kind where it says nothing."""
    words = str(getattr(error, "strerror", None) or error).strip()
    return words.splitlines()[0] if words else type(error).__name__
