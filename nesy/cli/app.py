"""The command line, assembled. Each command imports what it needs when it runs, so that start-up is quick."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from nesy.cli import (
    abduction,
    comparing,
    error_rules,
    grounding,
    language,
    learning,
    listings,
    planning,
    reasoning,
    synthesis,
    synthesis_runs,
    testing,
)
from nesy.cli.guard import GuardedGroup


class Commands(GuardedGroup):
    """The commands, with ``demo`` loaded only when it is called for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in the order of the documentation."""
        return [*super().list_commands(ctx), "demo"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name."""
        if cmd_name == "demo":
            from nesy.demo.command import demo_app

            return typer.main.get_command(demo_app)
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    name="nesy",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(value: bool) -> None:
    if value:
        import nesy

        sys.stdout.write(f"nesy {nesy.__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One rule file, several ways to reason with it, neural networks as its eyes."""


for _module in (
    language,
    planning,
    grounding,
    reasoning,
    comparing,
    learning,
    abduction,
    error_rules,
    synthesis,
    synthesis_runs,
    testing,
    listings,
):
    _module.register(app)
