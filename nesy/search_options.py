"""Options of the back ends that search: given, or left to the back end's own choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEARCHING = ("asp", "integer")
"""The back ends that search for models."""
TAKEN = {
    "probabilistic": ("mode", "method", "samples", "time_limit", "seed"),
    **dict.fromkeys(SEARCHING, ("solver", "mode", "models", "time_limit", "seed", "workers", "resolution")),
}
"""The options that a back end takes."""


def search_options(backend: str, given: Mapping[str, object]) -> dict[str, Any]:
    """The options that are not None; E523 for each that ``backend`` does not take."""
    found = {name: value for name, value in given.items() if value is not None}
    wrong = [name for name in found if name not in TAKEN.get(backend, ())]
    if wrong:
        from nesy.dsl.diagnostics import Diagnostic, NesyError

        raise NesyError(
            Diagnostic(
                "E523",
                f"the back end '{backend}' takes no option '{name}'",
                hint=f"leave it out, or choose a back end that takes it: {', '.join(_takers(name))}",
                place=f"option {name}",
            )
            for name in wrong
        )
    return found


def _takers(name: str) -> list[str]:
    return [backend for backend, names in sorted(TAKEN.items()) if name in names]
