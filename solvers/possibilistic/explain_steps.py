"""The chain from a degree down to the reading that decides it: one step for each rule on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.solvers.explanation import Step
from nesy.solvers.ground_model import AtomLiteral, AttributeLiteral, GroundFormula, Origin
from nesy.solvers.possibilistic.explain_paths import (
    Derived,
    Parameter,
    Question,
    Side,
    binding,
    degree,
    is_reading,
    single,
)
from nesy.solvers.possibilistic.explain_words import descend, formula_words, side_words
from nesy.solvers.possibilistic.interpreter import Clauses, Degrees

Tables = Mapping[str, NDArray[np.floating[Any]]]
"""Numbers of one instance, ``[*index shape, value]`` by percept."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one instance was evaluated on: possibility degrees, and the networks' own numbers where there are any.

    A percept that is in neither was not read.
    """

    possibilities: Tables
    probabilities: Tables


NOTHING = Inputs({}, {})


def probability(degrees: Degrees, inputs: Inputs, literal: AttributeLiteral) -> float | None:
    """The probability of a percept's value, if it was read as such."""
    attribute = degrees.structures.model.attributes[literal.attribute]
    table = inputs.probabilities.get(attribute.name)
    if table is None:
        return None
    return float(table.reshape(len(attribute.index), -1)[literal.index, literal.values[0]])


def chain(
    degrees: Degrees, inputs: Inputs, formula: GroundFormula, title: str = ""
) -> tuple[tuple[Step, ...], AttributeLiteral | None]:
    """The steps that lead from Π(formula) down, and the percept value in which they end, if in any.

    ``title`` names the formula where it is not a literal. What is impossible because it rests on itself alone
    (``p :- p.``) ends the chain.
    """
    steps: list[Step] = []
    seen: set[Question] = set()
    question: Question | None = formula
    while question is not None:
        if question in seen:
            return (*steps[:-1], replace(steps[-1], because=f"{steps[-1].because}, which rests on itself")), None
        seen.add(question)
        if isinstance(question, AttributeLiteral) and is_reading(degrees, question):
            steps.append(_reading(degrees, inputs, question))
            return tuple(steps), question
        if isinstance(question, AtomLiteral):
            step, question = _atom(degrees, question)
        elif isinstance(question, AttributeLiteral) and single(question):
            step, question = _value(degrees, question)
        else:
            assert not isinstance(question, Side | Derived | Parameter)
            step, question = _formula(degrees, question, title)
        steps.append(step)
    return tuple(steps), None


def _step(degrees: Degrees, question: GroundFormula, because: str, origin: Origin | None = None) -> Step:
    statement = f"Π({formula_words(degrees.structures.model, question)})"
    if origin is None:
        return Step(statement, degree(degrees, question), because)
    return Step(statement, degree(degrees, question), because, origin.span, origin.statement, origin.bindings)


def _reading(degrees: Degrees, inputs: Inputs, literal: AttributeLiteral) -> Step:
    known = probability(degrees, inputs, literal)
    if known is not None:
        return _step(degrees, literal, f"the network reads it with probability {known:.3f}")
    if degrees.structures.model.attributes[literal.attribute].name in inputs.possibilities:
        return _step(degrees, literal, "this degree was given")
    return _step(degrees, literal, "nothing was read, so that every value is fully possible")


def _formula(degrees: Degrees, formula: GroundFormula, title: str) -> tuple[Step, Question | None]:
    text, following = descend(degrees, formula)
    statement = f"Π({title or formula_words(degrees.structures.model, formula)})"
    return Step(statement, degree(degrees, formula), text), following


def _value(degrees: Degrees, literal: AttributeLiteral) -> tuple[Step, Question | None]:
    """One value of a concept."""
    chosen = binding(degrees, literal)
    if chosen is None:
        return _step(degrees, literal, "no rule speaks of it, so that every value is fully possible"), None
    node = (literal.attribute, literal.index)
    if isinstance(chosen, Side):
        because, following = side_words(degrees, chosen)
        origin = degrees.structures.rule_sets[node].rules[chosen.rule].origin
        return _step(degrees, literal, because, origin), following
    assert isinstance(chosen, Derived)
    clauses = degrees.structures.clauses[node]
    places = clauses.setting(chosen.value)
    body = binding(degrees, chosen)
    return _clause(degrees, literal, clauses, places, body, "the best of {} ground rules derives it")


def _atom(degrees: Degrees, literal: AtomLiteral) -> tuple[Step, Question | None]:
    """An atom of a derived relation, or its negation."""
    clauses = degrees.structures.clauses.get((-1, literal.atom))
    if clauses is None:
        return _step(degrees, literal, "no rule derives the atom"), None
    chosen = binding(degrees, literal)
    lead = (
        "all {} ground rules have to fail, this one least easily"
        if literal.negated
        else ("the best of {} ground rules derives it")
    )
    return _clause(degrees, literal, clauses, list(range(len(clauses.rules))), chosen, lead)


def _clause(
    degrees: Degrees,
    literal: AttributeLiteral | AtomLiteral,
    clauses: Clauses,
    places: list[int],
    chosen: Question | None,
    lead: str,
) -> tuple[Step, Question | None]:
    """The step of the ``:-`` rule, among those at ``places``, whose body (or its negation) is ``chosen``."""
    if chosen is None:
        return _step(degrees, literal, "no rule derives this value"), None
    denied = isinstance(literal, AtomLiteral) and literal.negated
    formulas = clauses.denials if denied else clauses.bodies
    place = next(place for place in places if formulas[place] == chosen)
    text, following = descend(degrees, formulas[place])
    only = "its only ground rule has to fail" if denied else "its only ground rule derives it"
    start = lead.format(len(places)) if len(places) > 1 else only
    return _step(degrees, literal, f"{start}: {text}", clauses.rules[place].origin), following
