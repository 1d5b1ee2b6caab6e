"""Which predictions error rules flag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Mask, NotVectorisedError
from nesy.abduction.error_rules.grounded import holds_of
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.error_rules.vectorised import holds
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import Call


def flags_of(rules: Sequence[ErrorRule], surroundings: Surroundings) -> list[NDArray[np.int64]]:
    """The objects (rows) whose prediction each rule flags, ascending: its model says something, and the body holds.

    Raises :class:`NesyError`: E573 unknown percept or model, E576 margins that are not known, E577 what a rule cannot
    hold.
    """
    problems = [problem for rule in rules for problem in _problems(rule, surroundings)]
    if problems:
        raise NesyError(problems)
    masks: dict[int, Mask] = {}
    logical: list[int] = []
    for number, rule in enumerate(rules):
        try:
            masks[number] = holds(rule, surroundings)
        except NotVectorisedError:
            logical.append(number)
    if logical:
        _refuse_without_program((rules[number] for number in logical), surroundings)
        found = holds_of([rules[number] for number in logical], surroundings)
        masks |= dict(zip(logical, found, strict=True))
    answered = surroundings.predictions.answered
    models = surroundings.predictions.models
    return [
        np.flatnonzero(masks[number] & answered[:, models.index(rule.reading.source or "")])
        for number, rule in enumerate(rules)
    ]


def _problems(rule: ErrorRule, surroundings: Surroundings) -> Iterable[Diagnostic]:
    predictions = surroundings.predictions
    reading = rule.reading
    if reading.name != surroundings.percept:
        hint = f"the models read '{surroundings.percept}'"
        yield Diagnostic("E573", f"the error rule speaks of '{reading.name}', which is not fused", reading.span, hint)
        return
    for call in (reading, *calls(rule.body)):
        if call.name == surroundings.percept and call.source is not None and call.source not in predictions.models:
            known = f"the models are {', '.join(predictions.models)}"
            hint = did_you_mean(call.source, predictions.models) or known
            yield Diagnostic("E573", f"there are no predictions of a model '{call.source}'", call.span, hint)
    for call in calls(rule.body):
        if call.name == "margin" and len(call.arguments) == 1 and isinstance(call.arguments[0], Call):
            found = surroundings.readings.get(_key(call.arguments[0]))
            if found is not None and found.margin is None:
                hint = "give whole distributions as evidence, or compare confidences"
                text = "a margin needs the probabilities of all classes, and the predictions have one confidence each"
                yield Diagnostic("E576", text, call.span, hint)


def _key(call: Call) -> str:
    return call.name if call.source is None else f"{call.name}@{call.source}"


def _refuse_without_program(rules: Iterable[ErrorRule], surroundings: Surroundings) -> None:
    if surroundings.checked is None:
        hint = "give the program to which the rule belongs"
        text = "the rule speaks of several objects or of relations, and can only be evaluated within a program"
        raise NesyError(Diagnostic("E577", text, rule.span, hint) for rule in rules)
