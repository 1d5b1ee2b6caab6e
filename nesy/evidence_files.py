"""Reading evidence files: ``.npz`` with one array per percept, JSON, JSON lines, and ``-`` for standard input.

What a file holds is seen from its first bytes, so that standard input takes every form. The content is returned as it
is; :mod:`nesy.evidence_values` gives it its meaning.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.files import read_standard_input


def read_evidence(path: str) -> Mapping[str, object] | list[Mapping[str, object]]:
    """The evidence in a file: arrays by percept (npz), one instance (JSON object) or a list of instances.

    Raises :class:`NesyError`: E415 unreadable, E416 not JSON, E417 damaged npz, E413 a key that is given twice.
    """
    content = read_bytes(path)
    if content.startswith(b"PK") or path.endswith(".npz"):
        return _arrays(content, path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        hint = "evidence is JSON in UTF-8, JSON lines, or npz"
        message = f"the file is no text in UTF-8: byte {reason.start} cannot be read"
        raise NesyError(Diagnostic("E416", message, hint=hint, place=path)) from None
    found = _lines(text, path) if path.endswith((".jsonl", ".ndjson")) else _json(text, path)
    if not isinstance(found, dict | list):
        hint = 'one instance is an object {"percept": …}, a batch is a list of objects'
        message = f"the file holds {json.dumps(found)[:40]}, which is no evidence"
        raise NesyError(Diagnostic("E414", message, hint=hint, place=path))
    return found


def batch_of(content: Mapping[str, object] | list[Mapping[str, object]]) -> int:
    """How many instances the content of an evidence file holds; what is wrong with them is not looked for."""
    if isinstance(content, list):
        return len(content)
    return max((len(value) for value in content.values() if isinstance(value, np.ndarray) and value.ndim), default=1)


def read_bytes(path: str) -> bytes:
    """The content of a file, or of standard input for ``-``; E415 if it cannot be read."""
    if path == "-":
        return read_standard_input()
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        message = f"the file cannot be read: {reason_of(error)}"
        raise NesyError(Diagnostic("E415", message, hint="check the path", place=path)) from None


def _arrays(content: bytes, path: str) -> dict[str, object]:
    """The arrays of an npz file; E417 says what is wrong in words of its own, since numpy's speak of its options."""
    name, kind = "", "it is no archive of arrays, or a part of it is missing"
    try:
        archive = np.load(io.BytesIO(content), allow_pickle=False)
        if isinstance(archive, np.ndarray):
            kind = "it is a single array without a name"
            raise ValueError(kind)
        kind = "it is damaged"
        found: dict[str, object] = {}
        with archive:
            for name in archive.files:
                found[name] = archive[name]
    except (ValueError, OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as reason:
        if name:
            objects = isinstance(reason, ValueError) and "allow_pickle" in str(reason)
            kind = f"the array '{name}' {'holds Python objects instead of numbers' if objects else 'is damaged'}"
        hint = "write it with numpy.savez(path, cell=array), one array of numbers for each percept"
        raise NesyError(Diagnostic("E417", f"this is no sound npz file: {kind}", hint=hint, place=path)) from None
    return found


# ----- JSON


def _json(text: str, path: str) -> object:
    try:
        return _decode(text)
    except json.JSONDecodeError as reason:
        if reason.msg == "Extra data" and text.lstrip().startswith("{"):
            return _lines(text, path)
        _refuse(reason, path, 0)
    except (_TwiceError, RecursionError, ValueError) as reason:
        _refuse_content(reason, path)


def _lines(text: str, path: str) -> list[object]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(_decode(line))
            except json.JSONDecodeError as reason:
                _refuse(reason, path, number)
            except (_TwiceError, RecursionError, ValueError) as reason:
                _refuse_content(reason, f"{path}:{number}")
    return found


class _TwiceError(Exception):
    """A key that an object has twice."""


def _decode(text: str) -> object:
    """``NaN`` and ``Infinity``, which are not JSON, are read all the same: who gives them a meaning knows the place."""
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return found


def _refuse(reason: json.JSONDecodeError, path: str, line: int) -> NoReturn:
    if not reason.doc.strip():
        hint = "an instance without any reading is {}"
        raise NesyError(Diagnostic("E416", "there is nothing in it, not even {}", hint=hint, place=path)) from None
    place = f"{path}:{line or reason.lineno}:{reason.colno}"
    hint = 'evidence is JSON: {"percept": {"index": {"value": probability}}}, or a list of such'
    raise NesyError(Diagnostic("E416", f"this is not JSON: {reason.msg}", hint=hint, place=place)) from None


def _refuse_content(reason: Exception, place: str) -> NoReturn:
    match reason:
        case _TwiceError():
            hint = "keep one of the two"
            found = Diagnostic("E413", f"the key '{reason}' is given twice in one object", hint=hint, place=place)
        case ValueError():
            hint = "probabilities lie between 0 and 1"
            found = Diagnostic("E416", f"the JSON holds a number that cannot be read: {reason}", hint=hint, place=place)
        case _:
            found = Diagnostic("E416", "the JSON is nested too deeply", hint="evidence has three levels", place=place)
    raise NesyError(found) from None
