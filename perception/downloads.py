"""Finding the files of a data set on this machine, or fetching them from public mirrors."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception.files import write_atomically
from nesy.perception.places import data_folders
from nesy.perception.progress import Progress, Silent
from nesy.perception.sources import DataFile, Source

_TIMEOUT = 15.0
"""Seconds without any answer after which a mirror is given up."""
_PIECE = 1 << 16


def locate(
    source: Source, folder: Path | None = None, *, download: bool = True, progress: Progress | None = None
) -> tuple[Path, ...]:
    """The files of ``source``, in its order, all from one folder.

    E461 with every place that was tried if they are nowhere to be had. What the files hold is not looked at here.
    """
    folders = data_folders(source.name, folder)
    for candidate in folders:
        found = [_present(candidate, file.name) for file in source.files]
        if None not in found:
            return tuple(path for path in found if path is not None)
    failures: list[str] = []
    if download:
        target = folders[-1]
        failures = _fetch(source, target, progress or Silent())
        if not failures:
            return tuple(target / f"{file.name}.gz" for file in source.files)
    raise _nowhere(source, folders, failures, download=download)


def _present(folder: Path, name: str) -> Path | None:
    """The file with or without ``.gz``, its last hyphen written as a dot as some copies have it."""
    for stem in (name, name.replace("-idx", ".idx")):
        for path in (folder / f"{stem}.gz", folder / stem):
            if path.is_file():
                return path
    return None


def _fetch(source: Source, target: Path, progress: Progress) -> list[str]:
    """Download what is missing in ``target``; returns what went wrong, nothing if all files are there."""
    mirrors = list(source.mirrors)
    failures: list[str] = []
    for file in source.files:
        if _present(target, file.name) is not None:
            continue
        while mirrors:
            try:
                _download(mirrors[0], file, target, progress)
                break
            except (OSError, ValueError, http.client.HTTPException) as error:
                failures.append(f"{mirrors[0]}: {_reason(error)}")
                mirrors.pop(0)
        else:
            return failures
    return []


def _download(mirror: str, file: DataFile, target: Path, progress: Progress) -> None:
    """Fetch one file; it appears in ``target`` only if it is complete and has the right checksum."""
    name = f"{file.name}.gz"
    digest = hashlib.sha256()
    pieces: list[bytes] = []
    with urllib.request.urlopen(mirror + name, timeout=_TIMEOUT) as answer:
        length = answer.headers.get("Content-Length")
        progress.start(f"downloading {name}", int(length) if length else None)
        try:
            while piece := answer.read(_PIECE):
                digest.update(piece)
                pieces.append(piece)
                progress.advance(len(piece))
        finally:
            progress.finish()
    if digest.hexdigest() != file.compressed:
        raise ValueError(f"{name} has another checksum than the original")
    write_atomically(target / name, lambda stream: stream.writelines(pieces))


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answers {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__


def _nowhere(source: Source, folders: Sequence[Path], failures: Sequence[str], *, download: bool) -> NesyError:
    places = [*map(str, folders), *failures] if download else [*map(str, folders), "(downloads are switched off)"]
    message = f"the files of the data set '{source.name}' were not found; looked in: {'; '.join(places)}"
    names = ", ".join(f"{file.name}.gz" for file in source.files)
    hint = (
        f"put {names} into a folder '{source.name}' and name the folder above it in the variable NESY_DATA, "
        "connect to the network once, or take the data set 'digits', which is always there"
    )
    return NesyError(Diagnostic("E461", message, hint=hint))
