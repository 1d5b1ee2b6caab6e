"""Running the command line inside the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from nesy.cli.app import app


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> list[Any]:
        """The JSON objects on standard output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def nesy(*arguments: object, stdin: str | bytes | None = None) -> Run:
    """Run ``nesy`` with ``arguments``; what is no :class:`SystemExit` is an error of the command line itself."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, prog_name="nesy")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert "Traceback" not in done.output
    return Run(done.exit_code, done.stdout, done.stderr)
