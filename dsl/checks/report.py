"""Where the checks put what they find."""

from __future__ import annotations

from dataclasses import dataclass, field

from nesy.dsl.diagnostics import Diagnostic, Label
from nesy.dsl.span import NOWHERE, Span


@dataclass(slots=True)
class Report:
    """The diagnostics found so far, in the order of finding; the same finding is kept once."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(
        self, code: str, message: str, span: Span, hint: str = "", first: Span | None = None, why: str = ""
    ) -> None:
        """Append a diagnostic; ``first`` is a second place, labelled ``why``."""
        labels = (Label(first, why),) if first is not None and first != NOWHERE else ()
        diagnostic = Diagnostic(code, message, span, hint, labels)
        if diagnostic not in self.diagnostics[-20:]:
            self.diagnostics.append(diagnostic)
