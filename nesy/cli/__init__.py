"""The command line: ``nesy check``, ``nesy run``, … — one module per group of commands, assembled in ``app``.

Commands turn arguments into calls of the public interface and draw what comes back. Exit status: 0 done, 1 the
program or the data are wrong (or a test or comparison failed), 2 wrong usage, 70 an internal fault, 130 interrupted.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the ``nesy`` script."""
    from nesy.cli.app import app

    app(prog_name="nesy")
