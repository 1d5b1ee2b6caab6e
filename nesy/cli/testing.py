"""``nesy test``: the expectations inside rule files."""

from __future__ import annotations

import typer

from nesy.cli.options import ConstOption, FactsOption, FilesArgument, JsonOption, WithOption


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("test")(run_tests)


def run_tests(
    files: FilesArgument,
    backend: WithOption = "possibilistic",
    const: ConstOption = None,
    facts: FactsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the expectations of rule files; exit 1 if one fails."""
