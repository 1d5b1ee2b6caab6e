"""What the tests of the checks share: a program's findings as short lines."""

from __future__ import annotations

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import Diagnostic, NesyError


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """All diagnostics of a program, whether it is refused or not."""
    try:
        return check(parse(text)).warnings
    except NesyError as error:
        return error.diagnostics


def errors(text: str) -> list[str]:
    """``line:column code message`` of each error."""
    return [
        f"{found.span.line}:{found.span.column} {found.code} {found.message}"
        for found in diagnostics(text)
        if found.code.startswith("E")
    ]


def codes(text: str) -> list[str]:
    """The codes of all findings, in order of place."""
    return [found.code for found in diagnostics(text)]
