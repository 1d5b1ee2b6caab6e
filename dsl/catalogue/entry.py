"""The shape of a catalogue entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One diagnostic code: ``title`` in a few words, ``cause`` in a sentence or two, and examples.

    ``wrong`` and ``mended`` are rule-file text for codes about rule files (a test runs them: ``wrong`` must
    give the code, ``mended`` must not); for data and command-line codes they are empty and ``cure`` says what to do.
    """

    code: str
    title: str
    cause: str
    wrong: str = ""
    mended: str = ""
    cure: str = ""
