"""Gathers what is wrong with data, without flooding: a wrong column gives a few diagnostics and a count."""

from __future__ import annotations

import dataclasses

from nesy.dsl.diagnostics import Diagnostic, NesyError


class Findings:
    """The first few diagnostics of each code, and how many more there were."""

    SHOWN = 5

    def __init__(self) -> None:
        self._found: dict[str, list[Diagnostic]] = {}
        self._counts: dict[str, int] = {}

    def add(self, code: str, message: str, *, hint: str = "", place: str = "") -> None:
        """Note a finding about data (which has a place, but no span in a rule file)."""
        self.append(Diagnostic(code, message, hint=hint, place=place))

    def append(self, diagnostic: Diagnostic) -> None:
        """Note a finding."""
        code = diagnostic.code
        self._counts[code] = self._counts.get(code, 0) + 1
        if self._counts[code] <= self.SHOWN:
            self._found.setdefault(code, []).append(diagnostic)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_errors(self) -> None:
        """Raise everything that was noted, if anything was."""
        if self._found:
            raise NesyError(self.shown())

    def shown(self) -> list[Diagnostic]:
        """The first few of each code; the last of these says how many more there were."""
        shown: list[Diagnostic] = []
        for code, found in self._found.items():
            left = self._counts[code] - len(found)
            shown += found
            if left:
                last = shown[-1]
                shown[-1] = dataclasses.replace(last, message=f"{last.message} (and {left} more like this)")
        return shown
