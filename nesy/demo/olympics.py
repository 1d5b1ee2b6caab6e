"""The demonstration ``olympics``: a vignette in English, the model that answers it, and the posteriors."""

from __future__ import annotations

from importlib.resources import as_file, files

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.synthesis.libraries import Library, load_library
from nesy.synthesis.pipeline import Listener, Synthesis, synthesise
from nesy.synthesis.settings import Settings

PACKAGE = "nesy.knowledge"
DEFAULT = "tug_of_war"


def vignettes() -> tuple[str, ...]:
    """The names of the vignettes that are installed."""
    folder = files(PACKAGE).joinpath("vignettes")
    return tuple(sorted(entry.name.removesuffix(".txt") for entry in folder.iterdir() if entry.name.endswith(".txt")))


def vignette(name: str) -> str:
    """The text of a vignette; E624 if there is none of this name."""
    if name not in vignettes():
        hint = did_you_mean(name, vignettes()) or f"the vignettes are {', '.join(vignettes())}"
        raise NesyError(Diagnostic("E624", f"there is no vignette '{name}'", hint=hint, place="--vignette"))
    return files(PACKAGE).joinpath("vignettes", f"{name}.txt").read_text(encoding="utf-8")


def installed_libraries() -> tuple[Library, ...]:
    """The knowledge bases that are installed, by name."""
    with as_file(files(PACKAGE)) as folder:
        return tuple(load_library(path) for path in sorted(folder.glob("*.nesy")))


def play(name: str, *, seed: int, tell: Listener | None = None) -> Synthesis:
    """Answer a vignette from the installed knowledge bases."""
    return synthesise(installed_libraries(), vignette(name), Settings(seed=seed), tell=tell)
