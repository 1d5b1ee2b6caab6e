"""``nesy backends``: what this installation can do."""

from __future__ import annotations

import sys

import typer

from nesy.cli.options import JsonOption
from nesy.cli.reporting import write_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backends")(backends)


def backends(as_json: JsonOption = False) -> None:
    """List the back ends and whether they can run here."""
    from nesy.solvers.backend import BACKENDS

    if as_json:
        for entry in BACKENDS:
            write_json(
                {
                    "name": entry.name,
                    "meaning": entry.meaning,
                    "built": entry.module is not None,
                    "available": entry.available,
                    "missing": list(entry.missing),
                }
            )
        return
    width = max(len(entry.name) for entry in BACKENDS)
    for entry in BACKENDS:
        if entry.module is None:
            state = "not built in this version"
        elif entry.missing:
            state = f"missing packages: pip install {' '.join(entry.missing)}"
        else:
            state = "ready"
        sys.stdout.write(f"{entry.name:<{width}}  {entry.meaning}: {state}\n")
