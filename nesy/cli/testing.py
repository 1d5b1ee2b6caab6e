"""``nesy test``: the expectations inside rule files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from nesy.cli.guard import WRONG
from nesy.cli.options import ConstOption, FactsOption, FilesArgument, JsonOption, ParamsOption, WithOption
from nesy.cli.programs import read_program, refuse_stdin_twice, warn, with_sources
from nesy.cli.reporting import draw, write_json
from nesy.dsl.diagnostics import Diagnostic, NesyError, counted

if TYPE_CHECKING:
    from nesy.expecting import Outcome


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("test")(run_tests)


def run_tests(
    files: FilesArgument,
    backend: WithOption = "possibilistic",
    const: ConstOption = None,
    facts: FactsOption = None,
    params: ParamsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the expectations of rule files; exit 1 if one fails."""
    from nesy.solvers.backend import backend as find_backend

    refuse_stdin_twice(files)
    find_backend(backend)
    outcomes: list[Outcome] = []
    problems: list[Diagnostic] = []
    broken = 0
    for file in files:
        try:
            found = _run_file(file, backend, const, facts, params)
        except NesyError as error:
            problems += error.diagnostics
            broken += 1
            if not as_json:
                draw(error.diagnostics, error.sources)
            continue
        outcomes += found
        if not as_json:
            _report(file, found)
    failed = sum(not outcome.passed for outcome in outcomes)
    if as_json:
        _report_json(outcomes, problems)
    elif len(files) > 1:
        unread = f", {counted(broken, 'file')} with errors" if broken else ""
        sys.stdout.write(f"{len(outcomes) - failed} passed, {failed} failed{unread}\n")
    if failed or broken:
        raise typer.Exit(WRONG)


def _run_file(
    file: str, backend: str, const: list[str] | None, facts: list[str] | None, params: str | None
) -> tuple[Outcome, ...]:
    program = read_program(file, const, facts)
    from nesy.expectations import run_expectations

    remarks: list[Diagnostic] = []
    with with_sources(program.ast.sources):
        outcomes = run_expectations(program, backend, remarks, params)
    warn(program, list(dict.fromkeys(remarks)))
    return outcomes


def _report(file: str, outcomes: tuple[Outcome, ...]) -> None:
    from nesy.expectation_texts import outcome_text

    for outcome in outcomes:
        if not outcome.passed:
            sys.stdout.write(outcome_text(outcome))
    failed = sum(not outcome.passed for outcome in outcomes)
    tally = f"{len(outcomes) - failed} passed" + (f", {failed} failed" if failed else "")
    sys.stdout.write(f"{file}: {tally if outcomes else 'no expectations'}\n")


def _report_json(outcomes: list[Outcome], problems: list[Diagnostic]) -> None:
    from nesy.expectation_texts import outcome_to_json

    failed = sum(not outcome.passed for outcome in outcomes)
    data: dict[str, object] = {"passed": len(outcomes) - failed, "failed": failed}
    data["expectations"] = [outcome_to_json(outcome) for outcome in outcomes]
    if problems:
        data["diagnostics"] = [diagnostic.to_json() for diagnostic in problems]
    write_json(data)
