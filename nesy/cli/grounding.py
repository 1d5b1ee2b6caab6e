"""``nesy ground`` and ``nesy compile``: a program on its way to a solver, for reading."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nesy.cli.options import (
    BudgetOption,
    ConstOption,
    FactsOption,
    FileArgument,
    JsonOption,
    ParamsOption,
    QueryOption,
    StrictOption,
    Ties,
    TiesOption,
    Transform,
    TransformOption,
)
from nesy.cli.programs import read_program, warn, with_sources
from nesy.cli.reporting import write_json

LANGUAGES = {"pyro": "probabilistic"}
"""What a back end writes may be called by the language that it is written in."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ground")(ground)
    app.command("compile")(compile_program)


def ground(
    file: FileArgument,
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    params: ParamsOption = None,
    strict: StrictOption = False,
    budget: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the ground program. It has attributes with their indices, facts, rules and queries."""
    program = read_program(file, const, facts)
    with with_sources(program.ast.sources):
        model = program.ground(query, strict=strict, budget=budget)
        if params is not None:
            from nesy.solvers.possibilistic.learning.parameters import Parameters, apply

            model = apply(model, Parameters.load(params))
    warn(program, model.warnings, asked=bool(query))
    from nesy.solvers.grounding import describe_model, model_to_json

    if as_json:
        write_json(model_to_json(model))
    else:
        sys.stdout.write(describe_model(model).rstrip("\n") + "\n")


def compile_program(
    file: FileArgument,
    to: Annotated[str, typer.Option("--to", metavar="BACKEND", help="Back end, see 'nesy backends'; or pyro.")],
    const: ConstOption = None,
    facts: FactsOption = None,
    query: QueryOption = None,
    params: ParamsOption = None,
    strict: StrictOption = False,
    transform: TransformOption = Transform.ANTIPIGNISTIC,
    ties: TiesOption = Ties.SYMMETRIC,
    budget: BudgetOption = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")] = None,
) -> None:
    """Show what a back end makes of a program, as readable text."""
    from nesy.solvers.backend import backend as find_backend

    to = LANGUAGES.get(to, to)
    find_backend(to, "--to")
    program = read_program(file, const, facts)
    with with_sources(program.ast.sources):
        engine = program.compile(
            to,
            strict=strict,
            queries=query,
            transform=transform.value,
            ties=ties.value,
            parameters=params,
            budget=budget,
        )
    warn(program, engine.warnings, asked=bool(query))
    text = engine.listing().rstrip("\n") + "\n"
    if output is None or output == "-":
        sys.stdout.write(text)
    else:
        from nesy.files import write_atomically

        write_atomically(output, text)
