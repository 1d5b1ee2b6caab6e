"""``nesy error-rules``: held-out predictions with known classes in, error rules as text out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nesy.cli.abduction import (
    MissingName,
    MissingOption,
    PerceptOption,
    PredictionsOption,
    draw_warnings,
    gather_predictions,
)
from nesy.cli.options import ClassesOption, ConstOption, FactsOption, FileArgument, JsonOption, PerceiveOption
from nesy.cli.programs import read_program, refuse_two_inputs, with_sources
from nesy.cli.reporting import write_json

if TYPE_CHECKING:
    from nesy.abduction.error_rules.evaluation import Measured
    from nesy.dsl.statements import ErrorRule


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("error-rules")(error_rules)


def error_rules(
    file: FileArgument,
    evidence: PredictionsOption = None,
    targets: Annotated[str | None, typer.Option("--targets", "-t", metavar="FILE", help="The true classes.")] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the rules to a file; standard output otherwise."),
    ] = None,
    recall_budget: Annotated[
        float, typer.Option("--recall-budget", metavar="SHARE", help="Recall that the rules of a class may cost.")
    ] = 0.02,
    by_f1: Annotated[
        bool, typer.Option("--by-f1", help="Choose rules by the F1 of telling errors instead of a recall budget.")
    ] = False,
    support: Annotated[
        int, typer.Option("--support", metavar="N", min=1, help="Predictions that a condition has to hold of.")
    ] = 1,
    conditions: Annotated[
        str | None,
        typer.Option("--conditions", metavar="FILE", help="Error rules whose bodies are tried as conditions, too."),
    ] = None,
    cues: Annotated[
        str,
        typer.Option("--cues", metavar="LIST", help="confidence, margin, disagreement, percepts, metadata; or none."),
    ] = "all",
    rules: Annotated[
        str | None, typer.Option("--rules", metavar="FILE", help="Measure these rules instead of learning any.")
    ] = None,
    test_evidence: Annotated[
        str | None, typer.Option("--test-evidence", metavar="FILE", help="Other predictions to measure the rules on.")
    ] = None,
    test_targets: Annotated[
        str | None, typer.Option("--test-targets", metavar="FILE", help="The true classes of --test-evidence.")
    ] = None,
    perceive: PerceiveOption = None,
    classes: ClassesOption = None,
    percept: PerceptOption = None,
    missing: MissingOption = MissingName.ERROR,
    const: ConstOption = None,
    facts: FactsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn when each model is not to be trusted, and measure it."""
    if targets is None:
        raise typer.BadParameter("give the true classes", param_hint="--targets")
    if (test_evidence is None) != (test_targets is None):
        missing_one = "--test-targets" if test_targets is None else "--test-evidence"
        raise typer.BadParameter("testing needs predictions and their true classes", param_hint=missing_one)
    refuse_two_inputs(
        {
            "the rule file": file,
            "the predictions": evidence,
            "the targets": targets,
            "the test predictions": test_evidence,
            "the test targets": test_targets,
        }
    )
    from nesy.abduction.abduce import held_out_data
    from nesy.abduction.error_rules import CueOptions, ErrorRuleLearner, ErrorRules, measure
    from nesy.abduction.observations import fused_percept
    from nesy.dsl.loading import read_text

    program = read_program(file, const, facts)
    given = gather_predictions(program, percept, evidence, perceive, classes)
    with with_sources(program.ast.sources):
        info = fused_percept(program.checked, percept)
        surroundings, truth = held_out_data(program.checked, info, given, targets, missing.value)
        if rules is not None:
            found = ErrorRules.from_nesy(read_text(Path(rules)), rules)
        else:
            options = CueOptions(_families(cues), extra=_extra(conditions))
            found = ErrorRuleLearner(None if by_f1 else recall_budget, options, support).fit(surroundings, truth)
        figures = measure(found, surroundings, truth)
        tested: tuple[Measured, ...] = ()
        if test_evidence is not None and test_targets is not None:
            tested = measure(found, *held_out_data(program.checked, info, test_evidence, test_targets, missing.value))
    draw_warnings(program)
    if output is not None:
        from nesy.files import write_atomically

        write_atomically(output, found.to_nesy())
    if as_json:
        report = {"rules": found.to_nesy(), "measured": [entry.to_json() for entry in figures]}
        write_json(report | ({"tested": [entry.to_json() for entry in tested]} if tested else {}))
        return
    if output is None and rules is None:
        sys.stdout.write(found.to_nesy())
        return
    _draw(figures, tested, len(found.rules), output)


def _families(text: str) -> tuple[str, ...]:
    from nesy.abduction.error_rules.cues import FAMILIES

    if text == "all":
        return FAMILIES
    return () if text == "none" else tuple(name.strip() for name in text.split(","))


def _extra(path: str | None) -> tuple[ErrorRule, ...]:
    if path is None:
        return ()
    from nesy.abduction.error_rules.reading import read_rules
    from nesy.dsl.loading import read_text

    return read_rules(read_text(Path(path)), path).rules


def _draw(figures: Sequence[Measured], tested: Sequence[Measured], rules: int, output: str | None) -> None:
    from rich.console import Console

    from nesy.abduction.error_rules.report import measured_table
    from nesy.dsl.diagnostics import counted

    console = Console(highlight=False)
    console.print(measured_table(figures))
    if tested:
        console.print("\non the test predictions:")
        console.print(measured_table(tested))
    if output is not None:
        console.print(f"{counted(rules, 'rule')} written to {output}", markup=False, soft_wrap=True)
