"""Ctrl-C during a search: what is done by then is shown, and the exit status tells."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import typer

from nesy.cli.guard import INTERRUPTED

if TYPE_CHECKING:
    from nesy.solvers.answer import Answer


class Interruption:
    """Watches a run of answers; the first one that somebody interrupted is the last."""

    def __init__(self) -> None:
        self._happened = False

    def watch(self, answers: Iterable[Answer]) -> Iterator[Answer]:
        """The answers up to an interruption."""
        for answer in answers:
            yield answer
            if answer.statistics.get("interrupted"):
                self._happened = True
                return

    def leave(self) -> None:
        """Say so and end the command if there was an interruption."""
        if self._happened:
            sys.stdout.flush()
            sys.stderr.write("interrupted: the answers are the best found so far\n")
            raise typer.Exit(INTERRUPTED)
