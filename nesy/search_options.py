"""Options of the back ends that search: given, or left to the back end's own choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEARCHING = ("asp", "integer")
"""The back ends that search for models."""


def search_options(backend: str, given: Mapping[str, object]) -> dict[str, Any]:
    """The options that are not None; E523 if ``backend`` does not search, and so takes none of them."""
    found = {name: value for name, value in given.items() if value is not None}
    if found and backend not in SEARCHING:
        from nesy.dsl.diagnostics import Diagnostic, NesyError

        hint = f"leave it out, or choose a back end that searches: {', '.join(SEARCHING)}"
        raise NesyError(
            Diagnostic("E523", f"the back end '{backend}' takes no option '{name}'", hint=hint, place=f"option {name}")
            for name in found
        )
    return found
