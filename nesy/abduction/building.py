"""The problem of abduction, built from a checked program, observations and error rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.constraints.assembly import read_constraints
from nesy.abduction.error_rules.columns import Codes, Numbers, column_of
from nesy.abduction.error_rules.facts import crisp_facts
from nesy.abduction.error_rules.rules import ErrorRules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.observations import Observations, value_domain
from nesy.abduction.open_types import with_values
from nesy.abduction.predictions import Predictions
from nesy.abduction.problem import AbductionProblem, Denominator, Pair, Reason
from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import Constraint, ErrorRule, RelationDeclaration, Rule
from nesy.dsl.syntax import Call
from nesy.dsl.values import Value, format_value
from nesy.value_text import ValueTable

PairName = tuple[str, Value]
"""A model and a class, by name."""


@dataclass(frozen=True)
class ProblemOptions:
    """What is asked beside the program: the bound and its denominator, further error rules, demands on pairs.

    ``error_rules`` are added to those of the program: by recall budget, among which each accepted pair chooses one, or
    under the key None for all budgets. ``scenes`` names a column of metadata (or a relation) whose values are the
    scenes; None: the objects that a constraint links. ``required`` and ``forbidden`` are pairs of model and class.
    """

    bound: float = 0.1
    denominator: Denominator = "objects"
    error_rules: Mapping[float | None, ErrorRules] = field(default_factory=dict)
    scenes: str | None = None
    required: Sequence[PairName] = ()
    forbidden: Sequence[PairName] = ()


def surroundings_of(checked: CheckedProgram, observations: Observations) -> Surroundings:
    """The observations within their program: open types have the values of the data, facts are known.

    Raises E488 for metadata that the program has facts for as well.
    """
    checked = with_values(checked, _found_values(checked, observations))
    mentioned = [
        formula
        for statement in checked.program.statements
        if isinstance(statement, ErrorRule | Constraint | Rule)
        for formula in statement.body
    ]
    columns = observations.predictions.columns
    names = {(call.name, len(call.arguments)) for call in calls(mentioned) if call.name not in columns}
    _refuse_facts_of_columns(checked, observations.predictions)
    return Surroundings(
        observations.percept,
        observations.predictions,
        observations.index,
        observations.instances,
        observations.others,
        crisp_facts(checked, names),
        checked,
    )


def build_problem(
    checked: CheckedProgram, info: AttributeInfo, observations: Observations, options: ProblemOptions
) -> tuple[AbductionProblem, Surroundings]:
    """The problem, and the observations within their program.

    Raises :class:`NesyError`: E575 for options, E573–E577 for error rules, E489 and E577 for constraints, E488 for
    metadata, E496 for pairs.
    """
    _check_options(options)
    surroundings = surroundings_of(checked, observations)
    predictions = surroundings.predictions
    budgets = sorted(budget for budget in options.error_rules if budget is not None) or [0.0]
    reasons = tuple(_reasons(surroundings, info, options, budgets))
    flagged = np.zeros((len(budgets), *predictions.labels.shape), dtype=np.bool_)
    for reason in reasons:
        for place in reason.epsilons:
            flagged[place, reason.objects, reason.model] = True
    constraints = read_constraints(surroundings, _grouping(surroundings, options.scenes))
    problem = AbductionProblem(
        predictions,
        tuple(budgets),
        flagged,
        constraints.incompatible,
        float(options.bound),
        options.denominator,
        constraints.scenes,
        _pairs(info, predictions, options.required, "accept"),
        _pairs(info, predictions, options.forbidden, "reject"),
        reasons,
    )
    return problem, surroundings


def _check_options(options: ProblemOptions) -> None:
    found = []
    if not 0 <= options.bound <= 1:
        hint = "an inconsistency rate lies between 0 and 1"
        found.append(Diagnostic("E575", f"the bound is {options.bound:g}", hint=hint, place="--max-inconsistency"))
    known = get_args(Denominator)
    if options.denominator not in known:
        hint = did_you_mean(options.denominator, known) or f"it is one of {', '.join(known)}"
        message = f"there is no denominator '{options.denominator}'"
        found.append(Diagnostic("E575", message, hint=hint, place="--denominator"))
    for budget in options.error_rules:
        if budget is not None and not 0 <= budget <= 1:
            hint = "a recall budget lies between 0 and 1"
            found.append(Diagnostic("E575", f"the recall budget is {budget:g}", hint=hint, place="--error-rules"))
    if found:
        raise NesyError(found)


# ----- error rules


def _reasons(
    surroundings: Surroundings, info: AttributeInfo, options: ProblemOptions, budgets: Sequence[float]
) -> Iterable[Reason]:
    """Each rule with the objects that it flags and the budgets to which it belongs."""
    checked = surroundings.checked
    assert checked is not None
    every = tuple(range(len(budgets)))
    own = tuple(
        statement
        for statement in checked.program.statements
        if isinstance(statement, ErrorRule) and statement.reading.name == info.name
    )
    yield from ErrorRules(info.name, own).reasons(surroundings, every)
    if None in options.error_rules:
        yield from options.error_rules[None].reasons(surroundings, every)
    # a rule that several budgets have is one reason
    places: dict[ErrorRule, list[int]] = {}
    for place, budget in enumerate(budgets):
        for rule in options.error_rules[budget].rules if budget in options.error_rules else ():
            places.setdefault(rule, []).append(place)
    found = ErrorRules(info.name, tuple(places)).reasons(surroundings)
    for reason, belongs in zip(found, places.values(), strict=True):
        yield dataclasses.replace(reason, epsilons=tuple(dict.fromkeys(belongs)))


# ----- data of open types, facts and metadata


def _found_values(checked: CheckedProgram, observations: Observations) -> dict[str, list[Value]]:
    """The values that data bring to open types: of indices, of classes, and of declared columns."""
    found: dict[str, dict[Value, None]] = {}
    info = checked.attributes[observations.percept]
    for place, domain in enumerate(info.index):
        if domain.is_open:
            found.setdefault(domain.name, {}).update(dict.fromkeys(entry[place] for entry in observations.index))
    if info.value is not None and getattr(info.value, "is_open", False):
        found.setdefault(info.value.name, {}).update(dict.fromkeys(observations.predictions.classes))
    for statement in checked.program.statements:
        if isinstance(statement, RelationDeclaration) and statement.name in observations.predictions.columns:
            relation = checked.relations[statement.name, len(statement.arguments)]
            last = relation.arguments[-1]
            column = column_of(np.asarray(observations.predictions.columns[statement.name]).reshape(-1))
            if last is not None and last.is_open:
                values = column.values if isinstance(column, Codes) else _whole(column)
                found.setdefault(last.name, {}).update(dict.fromkeys(values))
    return {name: list(values) for name, values in found.items()}


def _whole(column: Numbers) -> list[Value]:
    return [int(number) for number in np.unique(column.data[column.present]).tolist()]


def _refuse_facts_of_columns(checked: CheckedProgram, predictions: Predictions) -> None:
    for statement in checked.program.statements:
        head = statement.head if isinstance(statement, Rule) else None
        if isinstance(head, Call) and head.name in predictions.columns:
            message = f"'{head.name}' is a column of the predictions, and the program defines it as well"
            raise NesyError(Diagnostic("E488", message, head.span, "rename one of the two"))


def _grouping(surroundings: Surroundings, name: str | None) -> NDArray[np.int64] | None:
    """The scene of each object by a column of metadata or a relation of the object; instances are told apart."""
    if name is None:
        return None
    column = surroundings.metadata(name, None)
    if column is None:
        rows = surroundings.facts.get((name, len(surroundings.index[0]) + 1)) if surroundings.index else None
        values = {row[:-1]: row[-1] for row in rows or ()}
        missing = [place for place, entry in enumerate(surroundings.index) if entry not in values]
        if rows is None or missing:
            known = ", ".join(surroundings.predictions.columns) or "none"
            hint = f"columns of metadata are {known}"
            message = f"'{name}' gives no scene to every object"
            raise NesyError(Diagnostic("E575", message, hint=hint, place="--scenes"))
        column = column_of(np.array([format_value(values[entry]) for entry in surroundings.index]))
    if not column.present.all():
        row = int(np.flatnonzero(~column.present)[0])
        message = f"the object {surroundings.predictions.objects[row]} has no '{name}', hence no scene"
        raise NesyError(Diagnostic("E575", message, hint="give every object a scene", place="--scenes"))
    keys = [column.data.astype(np.float64)]
    if surroundings.instances is not None:
        keys.append(surroundings.instances.astype(np.float64))
    return np.unique(np.stack(keys), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _pairs(info: AttributeInfo, predictions: Predictions, named: Sequence[PairName], option: str) -> tuple[Pair, ...]:
    """Pairs by number; E496 for unknown ones."""
    values = ValueTable(Domain(value_domain(info).name, predictions.classes))
    found: list[Pair] = []
    problems = []
    for model, label in named:
        place = values.place(label)
        if model not in predictions.models:
            hint = did_you_mean(model, predictions.models) or f"the models are {', '.join(predictions.models)}"
            problems.append(Diagnostic("E496", f"there is no model '{model}'", hint=hint, place=f"--{option}"))
        elif place is None:
            hint = did_you_mean(str(label), values.names) or f"the classes are {', '.join(values.names[:12])}"
            problems.append(Diagnostic("E496", f"there is no class '{label}'", hint=hint, place=f"--{option}"))
        else:
            found.append((predictions.models.index(model), place))
    if problems:
        raise NesyError(problems)
    return tuple(dict.fromkeys(found))
