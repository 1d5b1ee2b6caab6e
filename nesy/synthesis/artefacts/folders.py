"""Folders that hold a run: numbered JSON for each stage, a manifest, the best model and its graph."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.files import write_atomically
from nesy.program import load
from nesy.synthesis.artefacts.manifest import Manifest, hashed, manifest_of
from nesy.synthesis.artefacts.recording import stages
from nesy.synthesis.artefacts.records import Stages
from nesy.synthesis.codec import ShapeError, plain, read
from nesy.synthesis.pipeline import Synthesis

MANIFEST = "manifest.json"
NAMES = {field.name: f"{number}-{field.name}.json" for number, field in enumerate(fields(Stages), 1)}
"""The file of each stage."""
_CURE = "name a folder that an earlier 'nesy synth' wrote with -o, as it wrote it"
Read = TypeVar("Read")


@dataclass(frozen=True)
class SavedRun:
    """A run as it was saved. ``altered`` are the files that are not as the run wrote them, by their hashes."""

    manifest: Manifest
    stages: Stages
    altered: tuple[str, ...] = ()


def save(synthesis: Synthesis, folder: str | Path) -> tuple[Path, ...]:
    """Write a run into a folder; E430 where that cannot be. With one seed, two runs write the same files."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder cannot be made: {reason_of(error)}"
        raise NesyError(Diagnostic("E430", message, hint="check its name and rights", place=str(place))) from None
    written = {NAMES[name]: _text(data) for name, data in stages(synthesis).items()}
    written["model.nesy"] = synthesis.program
    written["model.py"] = load(synthesis.program).compile("probabilistic").listing()
    written["graph.mmd"] = synthesis.diagram.mermaid()
    written["graph.dot"] = synthesis.diagram.dot()
    written[MANIFEST] = _text(plain(manifest_of(synthesis, written)))
    for name, text in written.items():
        write_atomically(place / name, text)
    return tuple(place / name for name in written)


def load_run(folder: str | Path) -> SavedRun:
    """The run that :func:`save` wrote: E625 with file, place and value for what is no artefact of its stage."""
    place = Path(folder)
    manifest = _read(Manifest, place / MANIFEST)
    kinds = get_type_hints(Stages)
    found: dict[str, Any] = {name: _read(kinds[name], place / file) for name, file in NAMES.items()}
    altered = [name for name, digest in manifest.files.items() if hashed(_bytes(place / name)) != digest]
    return SavedRun(manifest, Stages(**found), tuple(altered))


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refusal(path, f"cannot be read: {reason_of(error)}") from None


def _read(kind: type[Read], path: Path) -> Read:
    try:
        return read(kind, json.loads(_bytes(path)))
    except ShapeError as error:
        raise _refusal(path, str(error)) from None
    except (ValueError, RecursionError) as error:
        raise _refusal(path, f"is no JSON: {reason_of(error)}") from None


def _refusal(path: Path, message: str) -> NesyError:
    return NesyError(Diagnostic("E625", message, hint=_CURE, place=str(path)))
