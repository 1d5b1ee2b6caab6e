"""``nesy compare``: all back ends on one batch, and the relations between their answers."""

from __future__ import annotations

from typing import Annotated

import typer

from nesy.cli.evidence import located
from nesy.cli.options import ConstOption, EvidenceOption, FactsOption, FileArgument, JsonOption, QueryOption
from nesy.cli.programs import read_program, refuse_two_inputs, warn, with_sources


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("compare")(compare)


def compare(
    file: FileArgument,
    evidence: EvidenceOption = None,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="S", help="Seconds for one instance of a back end that searches.")
    ] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Answer by all back ends side by side, and check what must hold between them; exit 1 where it does not."""
    from nesy.cli.reporting import draw, write_json
    from nesy.comparing.compare import compare as run

    refuse_two_inputs({"the rule file": file, "the evidence": evidence})
    program = read_program(file, const, facts)
    with with_sources(program.ast.sources), located(evidence):
        from nesy.evidence_files import read_evidence

        given = None if evidence is None else read_evidence(evidence)
        found = run(program, given, queries=query, time_limit=time_limit)
    warn(program, [entry for entry in found.warnings if entry.code != "W515"], asked=bool(query))
    if as_json:
        for instance in range(found.batch):
            write_json(found.to_json(instance))
    else:
        from rich.console import Console

        from nesy.comparing.drawing import draw_comparison

        draw_comparison(found, Console(highlight=False))
        draw(found.alarms)
    if found.alarms:
        raise typer.Exit(1)
