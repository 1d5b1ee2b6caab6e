"""From the arguments of a command to a checked program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nesy.cli.options import pairs
from nesy.cli.reporting import Sources, draw
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.files import read_standard_input

if TYPE_CHECKING:
    from nesy.program import Program

STDIN = "<stdin>"

UNUSED = {"W201", "W204", "W207"}
"""Warnings of what the queries of the file do not need."""


def read_program(file: str, const: Sequence[str] | None, facts: Sequence[str] | None) -> Program:
    """The checked program in ``file`` (``-``: standard input), with constants and facts from the command line."""
    from nesy.program import load, make_program, parsed

    constants = pairs(const, "--const")
    tables = pairs(facts, "--facts")
    if file != "-":
        return load(Path(file), constants=constants, facts=tables)
    from nesy.dsl import load_text

    text = stdin_text()
    with with_sources([(STDIN, text)]):
        ast = parsed(lambda: load_text(text, STDIN), constants, tables)
        return make_program(text, ast, constants, tables)


def refuse_two_inputs(files: Mapping[str, str | None]) -> None:
    """Standard input is one of ``files`` at most (``the rule file``, ``the evidence``); two are wrong usage."""
    given = [name for name, file in files.items() if file == "-"]
    if len(given) > 1:
        raise typer.BadParameter(f"standard input cannot be both {given[0]} and {given[1]}", param_hint="'-'")


def refuse_stdin_twice(files: Sequence[str]) -> None:
    """Wrong usage where ``-`` stands more than once among ``files``: there is nothing left to read the second time."""
    if files.count("-") > 1:
        raise typer.BadParameter("standard input can be named once", param_hint="'-'")


def stdin_text() -> str:
    """Standard input as text; E131 if it is not UTF-8, E415 if it is closed."""
    try:
        return read_standard_input().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as reason:
        message = f"standard input is not UTF-8 text: byte {reason.start} cannot be read"
        raise NesyError(Diagnostic("E131", message, hint="save the text as UTF-8", place=STDIN)) from None


def warn(program: Program, *more: Sequence[Diagnostic], asked: bool = False) -> None:
    """Draw the warnings of a program and of later stages on standard error.

    Where other queries are ``asked`` than those of the file, what these leave unused says nothing.
    """
    kept = [warning for warning in program.warnings if not (asked and warning.code in UNUSED)]
    draw([*kept, *(warning for group in more for warning in group)], program.ast.sources)


@contextmanager
def with_sources(sources: Sources) -> Iterator[None]:
    """Let errors inside show the lines of texts that stand in no file."""
    try:
        yield
    except NesyError as error:
        raise NesyError(error.diagnostics, {**dict(sources), **dict(error.sources)}.items()) from None
