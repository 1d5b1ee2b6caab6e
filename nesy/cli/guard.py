"""What happens to errors on the command line: every one of them ends in a message and an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from nesy.cli.reporting import report_error
from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of

WRONG = 1
INTERNAL = 70
INTERRUPTED = 130
CLOSED_PIPE = 141

REPORT = "please report it, with the command and its input, to the maintainers of nesy"


@contextmanager
def guarded(*, as_json: bool) -> Iterator[None]:
    """Turn what a command raises into a message and an exit status.

    A :class:`NesyError` is drawn on standard error, or written as JSON on standard output. An internal fault shows
    its traceback only where ``NESY_DEBUG`` is set.
    """
    _open_output()
    try:
        yield
        sys.stdout.flush()
    except NesyError as error:
        report_error(error, as_json=as_json)
        raise typer.Exit(WRONG) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # what reads standard output has seen enough
        _discard_output()
        raise typer.Exit(CLOSED_PIPE) from None
    except OSError as error:
        if error.filename is not None:
            _internal(error)
        _discard_output()
        message = f"standard output cannot be written: {reason_of(error)}"
        report_error(NesyError(Diagnostic("E430", message, hint="free some space", place="<stdout>")), as_json=False)
        raise typer.Exit(WRONG) from None
    except (MemoryError, RecursionError) as error:
        _internal(error)
    except Exception as error:
        if _belongs_to_typer(error):
            raise
        _internal(error)


def _open_output() -> None:
    """Give a process that was started without standard output or standard error (``>&-``) one that leads nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  # lives as long as the process


def _discard_output() -> None:
    """Send what is still to be written nowhere: Python would complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _belongs_to_typer(error: Exception) -> bool:
    """Whether an exception is how typer (or the click inside or under it) ends a command or reports wrong usage."""
    return any("click" in kind.__module__ or kind.__module__.startswith("typer") for kind in type(error).__mro__)


def _internal(error: BaseException) -> None:
    if os.environ.get("NESY_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    else:
        sys.stderr.write(f"internal error: {type(error).__name__}: {error}\n")
        sys.stderr.write(f"This is a fault of nesy; {REPORT}.\nWith NESY_DEBUG=1 it shows where it happened.\n")
    raise typer.Exit(INTERNAL) from None


class GuardedGroup(TyperGroup):
    """The top of the command line: every command runs guarded."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note whether JSON is asked for, before a command can fail."""
        ctx.meta["nesy.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with guarded(as_json=ctx.meta["nesy.json"]):
            return super().invoke(ctx)
