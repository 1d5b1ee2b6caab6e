"""Writing diagnostics: drawn on standard error, or as JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from nesy.dsl.diagnostics import Diagnostic, NesyError

Sources = Iterable[tuple[str, str]]
"""Texts by file name; files that are not among them are read from disk when a line of theirs is shown."""


def report_error(error: NesyError, *, as_json: bool) -> None:
    """Write everything that an error carries."""
    if as_json:
        write_json({"diagnostics": [diagnostic.to_json() for diagnostic in error.diagnostics]})
    else:
        draw(error.diagnostics, error.sources)


def draw(diagnostics: Sequence[Diagnostic], sources: Sources = ()) -> None:
    """Draw diagnostics on standard error, each once, with their source lines."""
    if not diagnostics:
        return
    from nesy.dsl.render import print_diagnostics

    print_diagnostics(tuple(dict.fromkeys(diagnostics)), sources)


def write_json(data: object) -> None:
    """Write one JSON object as a line on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
