"""Where the checks put what they find."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from nesy.dsl.diagnostics import Diagnostic, Label, nearest
from nesy.dsl.span import NOWHERE, Span

COMPARISONS = 40_000
"""So many pairs of names are compared at most, in all, to find nearest names; beyond, hints do without."""


@dataclass(slots=True)
class Report:
    """The diagnostics found so far, in the order of finding; the same finding is kept once."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _comparisons: int = COMPARISONS

    def near(self, word: str, known: Collection[str]) -> str | None:
        """The known name that is nearest to ``word``; None where none is near or too many were sought."""
        self._comparisons -= len(known)
        return nearest(word, known) if self._comparisons >= 0 else None

    def near_name(self, word: str, known: Collection[str]) -> str:
        """A hint that offers the nearest known name, or an empty string."""
        match = self.near(word, known)
        return f"the nearest known name is '{match}'" if match else ""

    def add_at(self, option: str, code: str, message: str, hint: str) -> None:
        """Append a diagnostic on what an option of the command line says, or its like in Python."""
        self.diagnostics.append(Diagnostic(code, message, hint=hint, place=option))

    def add(
        self, code: str, message: str, span: Span, hint: str = "", first: Span | None = None, why: str = ""
    ) -> None:
        """Append a diagnostic; ``first`` is a second place, labelled ``why``."""
        labels = (Label(first, why),) if first is not None and first != NOWHERE else ()
        diagnostic = Diagnostic(code, message, span, hint, labels)
        if diagnostic not in self.diagnostics[-20:]:
            self.diagnostics.append(diagnostic)
