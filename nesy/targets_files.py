"""Reading target files: the forms of evidence files, with what is known to be true instead of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.evidence_files import read_evidence
from nesy.targets_values import FORM

ARRAYS = "write it with numpy.savez(path, y=array), one array [samples, index…, values] of degrees for each concept"
CODES = {"E405": "E533", "E413": "E568", "E414": "E569"}
"""What evidence calls otherwise: nan, keys that stand twice, something else than samples."""
HINTS = {"E417": ARRAYS, "E533": "degrees lie between 0 and 1", "E568": "keep one of the two"}


def read_targets(path: str) -> Mapping[str, object] | list[Mapping[str, object]]:
    """The targets in a file: arrays by concept (npz), one sample (JSON object) or a list of samples; ``-`` for stdin.

    Raises :class:`NesyError`: E415 unreadable, E416 not JSON, E417 damaged npz, E568 a key that is given twice, E569
    something else.
    """
    try:
        return read_evidence(path)
    except NesyError as error:
        found: Iterable[Diagnostic] = map(_about_targets, error.diagnostics)
        if path == "-":
            found = (replace(entry, place=f"<stdin>{entry.place.removeprefix('-')}") for entry in found)
        raise NesyError(found) from None


def _about_targets(found: Diagnostic) -> Diagnostic:
    """A diagnostic of evidence files in the words of targets."""
    if found.code == "E415":
        return found
    code = CODES.get(found.code, found.code)
    message = found.message.replace("is no evidence", "are no targets").replace("a probability", "a degree")
    return replace(found, code=code, message=message, hint=HINTS.get(code, f"targets are JSON or npz; {FORM}"))
