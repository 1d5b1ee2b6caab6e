"""The wording of explanations: degrees, memberships, and why a rule gives the degree that it gives."""

from __future__ import annotations

from nesy.dsl.values import format_value
from nesy.solvers.explanation import degree_text
from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    AttributeLiteral,
    GroundFormula,
    GroundModel,
    describe_membership,
)
from nesy.solvers.possibilistic.explain_paths import Question, Side, binding, degree, operands, single
from nesy.solvers.possibilistic.interpreter import Degrees

SHOWN = 3
"""Values of a set that are written out."""

LENGTH = 60
"""Characters of a formula that are written out."""


def degree_words(value: float) -> str:
    """A degree as part of a sentence: with no more decimals than it needs, at most three."""
    shown = degree_text(value)
    return shown.rstrip("0") if "." in shown else shown


def membership_words(model: GroundModel, literal: AttributeLiteral) -> str:
    """``cell(1,2) = 3``, ``valid = true``; of a large set the first values and how many there are."""
    attribute = model.attributes[literal.attribute]
    label, domain, values = attribute.label(literal.index), attribute.domain, literal.values
    if len(values) == 1:
        return f"{label} = {format_value(domain.values[values[0]])}"
    if len(values) <= SHOWN or len(values) == len(domain) - 1:
        return describe_membership(label, domain, values)
    first = ",".join(format_value(domain.values[value]) for value in values[:SHOWN])
    return f"{label} in {{{first},…}} ({len(values)} of {len(domain)} values)"


def formula_words(model: GroundModel, formula: GroundFormula) -> str:
    """A formula as text, shortened where it is long."""
    match formula:
        case AttributeLiteral():
            return membership_words(model, formula)
        case AtomLiteral():
            return model.describe(formula)
        case _:
            text = model.describe(formula) if _count(formula) <= LENGTH else ""
            return text if 0 < len(text) <= LENGTH else f"a formula of {_count(formula)} conditions"


def _count(formula: GroundFormula) -> int:
    return sum(map(_count, formula.items)) if isinstance(formula, AllOf | AnyOf) else 1


def descend(degrees: Degrees, formula: GroundFormula) -> tuple[str, Question | None]:
    """How the degree of a formula comes about, down to the literal that decides it, which is returned as well."""
    model = degrees.structures.model
    lead = ""
    item: Question = formula
    while isinstance(item, AllOf | AnyOf):
        every = isinstance(item, AllOf)
        if not item.items:
            return lead + ("nothing speaks against it" if every else "nothing makes it true"), None
        if len(item.items) > 1:
            number = len(item.items)
            lead += f"the least possible of {number} conditions, " if every else f"the best of {number} cases, "
        chosen = binding(degrees, item)
        assert chosen is not None
        item = chosen
    assert isinstance(item, AttributeLiteral | AtomLiteral)
    text = f"{lead}{formula_words(model, item)} ({degree_words(degree(degrees, item))})"
    if not isinstance(item, AttributeLiteral) or single(item):
        return text, item
    value = binding(degrees, item)
    if value is None:
        return f"{lead}{model.attributes[item.attribute].label(item.index)} in {{}}, which is never so", None
    assert isinstance(value, AttributeLiteral)
    shown = format_value(model.attributes[value.attribute].domain.values[value.values[0]])
    return f"{text}, where {shown} is the most possible value", value


def side_words(degrees: Degrees, side: Side) -> tuple[str, Question | None]:
    """Why an uncertain rule leaves a value the degree that it leaves; and the literal that this rests on."""
    rules = degrees.structures.rule_sets[side.node]
    number = len(rules.rules)
    limit = degree(degrees, side)
    if number == 1:
        lead = "the rule"
    elif limit == 1:
        lead = f"none of {number} rules limits it; this one"
    else:
        lead = f"of {number} rules the one that limits it most"
    premise, _ = operands(degrees, side)
    if binding(degrees, side) != premise:
        name = "s" if side.positive else "r"
        how = "even where its premise fails" if side.positive else "even where its premise holds"
        return f"{lead} leaves it possible to {name} = {degree_words(limit)}, {how}", None
    formula = rules.premises[side.rule] if side.positive else rules.denials[side.rule]
    text, following = descend(degrees, formula)
    what = "its premise" if side.positive else "the failure of its premise"
    return f"{lead} makes it as possible as {what}: {text}", following
