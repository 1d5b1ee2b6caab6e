"""``nesy check`` and ``nesy fmt``: rule files as text. Neither touches a solver."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nesy.cli.guard import WRONG
from nesy.cli.options import ConstOption, FactsOption, FilesArgument, JsonOption
from nesy.cli.programs import STDIN, read_program, refuse_stdin_twice, stdin_text
from nesy.cli.reporting import Sources, draw, write_json
from nesy.dsl.diagnostics import Diagnostic, NesyError, counted

if TYPE_CHECKING:
    from nesy.dsl.catalogue import Entry


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check)
    app.command("fmt")(format_files)


def check(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="Rule files; '-' is standard input.")
    ] = None,
    const: ConstOption = None,
    facts: FactsOption = None,
    explain: Annotated[str | None, typer.Option("--explain", metavar="CODE", help="Say what a code means.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check rule files: syntax, names, types, safety. All errors are reported at once."""
    if explain is not None:
        _explain(explain, as_json)
        return
    if not files:
        raise typer.BadParameter("name a rule file, or a code with --explain", param_hint="FILE")
    refuse_stdin_twice(files)
    found: list[Diagnostic] = []
    failed = 0
    for file in files:
        diagnostics, sources, good = _check_one(file, const, facts)
        found += diagnostics
        failed += not good
        if not as_json:
            draw(diagnostics, sources)
            if good:
                warnings = f", {counted(len(diagnostics), 'warning')}" if diagnostics else ""
                sys.stdout.write(f"{file}: no errors{warnings}\n")
    if as_json:
        write_json({"diagnostics": [diagnostic.to_json() for diagnostic in found]})
    if failed:
        raise typer.Exit(WRONG)


def _check_one(
    file: str, const: list[str] | None, facts: list[str] | None
) -> tuple[tuple[Diagnostic, ...], Sources, bool]:
    """What was found, the texts to show it in, and whether the program has no errors."""
    try:
        program = read_program(file, const, facts)
    except NesyError as error:
        return error.diagnostics, error.sources, False
    return program.warnings, program.ast.sources, True


def _explain(code: str, as_json: bool) -> None:
    """Write the catalogue's entry on a code."""
    from dataclasses import asdict

    from nesy.dsl.catalogue import ENTRIES
    from nesy.dsl.diagnostics import nearest

    entry = ENTRIES.get(code.upper())
    if entry is None:
        match = nearest(code.upper(), ENTRIES)
        meant = f"; the nearest is {match}" if match else ""
        raise typer.BadParameter(f"there is no code '{code}'{meant}", param_hint="--explain")
    if as_json:
        write_json(asdict(entry))
    else:
        sys.stdout.write(_entry_text(entry))


def _entry_text(entry: Entry) -> str:
    parts = [f"{entry.code} {entry.title}", "", entry.cause]
    for title, text in (("Wrong:", entry.wrong), ("Mended:", entry.mended)):
        if text:
            parts += ["", title, *(f"    {line}".rstrip() for line in text.strip().splitlines())]
    if entry.cure:
        parts += ["", f"Cure: {entry.cure}"]
    return "\n".join(parts) + "\n"


def format_files(
    files: FilesArgument,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing; show what would change.")] = False,
) -> None:
    """Format rule files in place. What comes from standard input goes to standard output."""
    from nesy.dsl import parse, print_program
    from nesy.dsl.loading import read_text
    from nesy.files import write_atomically

    refuse_stdin_twice(files)
    changed = 0
    problems: list[Diagnostic] = []
    sources: list[tuple[str, str]] = []
    for file in files:
        name = STDIN if file == "-" else file
        try:
            before = stdin_text() if file == "-" else read_text(Path(file))
            sources.append((name, before))
            after = print_program(parse(before, name))
        except NesyError as error:
            problems += error.diagnostics
            continue
        changed += before != after
        if diff:
            sys.stdout.writelines(_difference(before, after, name))
        elif check and before != after:
            sys.stderr.write(f"{name} would be formatted\n")
        if file == "-" and not (check or diff):
            sys.stdout.write(after)
        elif before != after and not (check or diff):
            write_atomically(file, after)
    if problems:
        raise NesyError(problems, sources)
    if check and changed:
        raise typer.Exit(WRONG)


def _difference(before: str, after: str, name: str) -> list[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (formatted)"
    )
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
