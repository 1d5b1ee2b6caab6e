"""What a run was given and made with, so that it can be repeated, and changed files are noticed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from nesy.synthesis.libraries import Library
from nesy.synthesis.pipeline import Synthesis
from nesy.synthesis.settings import Settings
from nesy.version import __version__

FORMAT = "nesy synthesis 1"
_PACKAGES = ("numpy", "torch", "pyro-ppl")
"""The libraries on whose version drawn numbers depend."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """``versions`` of nesy, Python and libraries; ``knowledge`` and ``files``: SHA-256 by name."""

    format: str
    versions: Mapping[str, str]
    question: str
    settings: Settings
    knowledge: Mapping[str, str]
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"the format is '{self.format}', not '{FORMAT}'")


def manifest_of(synthesis: Synthesis, files: Mapping[str, str]) -> Manifest:
    """The manifest of a run whose artefacts are ``files``: their texts by name."""
    return Manifest(
        FORMAT,
        {"nesy": __version__, "python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        synthesis.question,
        synthesis.settings,
        {library.name: _hash_of(library) for library in synthesis.libraries},
        {name: hashed(text.encode()) for name, text in files.items()},
    )


def hashed(data: bytes) -> str:
    """The SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _hash_of(library: Library) -> str:
    return hashed("\0".join(text for _, text in library.program.sources).encode())
