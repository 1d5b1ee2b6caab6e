"""What decides a degree: the min-max term behind it, one step at a time, and its witnesses.

A *question* asks for one degree: Π of a formula, α or β of a rule (:class:`Side`), how far the ``:-`` rules derive a
value (:class:`Derived`). :func:`operands` and :func:`operation` show it as the minimum or maximum of further
questions, down to percept degrees and parameters.

**Witnesses.** Let v be the degree asked for. The *lower witness* L takes all operands of each minimum and one best
operand of each maximum: if the percept degrees in L stay at or above v, the degree does too. The *upper witness* U
takes all operands of each maximum and one least operand of each minimum: if those in U stay at or below v, the degree
does too. Both hold whatever all other percept degrees do, because minima and maxima are monotone. L is not needed
for v = 0, nor U for v = 1. The percept degrees in L or U that equal v cannot move without care: they decide it.

**Recursion.** Among equally good operands of a maximum in a least fixpoint, the one that got its degree in the earliest
round is taken (of a minimum in a greatest fixpoint likewise), so that no degree is explained by itself. Elsewhere
the first in order is taken; among rules that leave a value the same degree, one that concludes it comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.interpreter import Degrees


@dataclass(frozen=True, slots=True)
class Side:
    """α (``positive``) or β of the uncertain rule ``rule`` of ``node``."""

    node: Node
    rule: int
    positive: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """The parameter s (``positive``) or r of a rule."""

    side: Side
    value: float


@dataclass(frozen=True, slots=True)
class Derived:
    """How far the ``:-`` rules of a concept derive one value."""

    node: Node
    value: int


Question: TypeAlias = GroundFormula | Side | Parameter | Derived


def single(question: Question) -> bool:
    """Whether a question is about one value of an attribute."""
    return isinstance(question, AttributeLiteral) and len(question.values) == 1


def is_reading(degrees: Degrees, question: Question) -> bool:
    """Whether a question is about one value of a percept."""
    if not isinstance(question, AttributeLiteral) or len(question.values) != 1:
        return False
    return degrees.structures.model.attributes[question.attribute].kind == "percept"


def degree(degrees: Degrees, question: Question) -> float:
    """The degree that a question asks for."""
    match question:
        case Side(node, rule, positive):
            found = degrees.rules[node]
            return found.alpha[rule] if positive else found.beta[rule]
        case Parameter():
            return question.value
        case Derived():
            return max((degrees.possibility(body) for body in _bodies(degrees, question)), default=0.0)
        case _:
            return degrees.possibility(question)


def _bodies(degrees: Degrees, question: Derived) -> tuple[GroundFormula, ...]:
    clauses = degrees.structures.clauses[question.node]
    return tuple(clauses.bodies[place] for place in clauses.setting(question.value))


def operands(degrees: Degrees, question: Question) -> tuple[Question, ...]:
    """What a question's degree is the minimum or maximum of; nothing for percept degrees and parameters."""
    known = degrees.structures
    match question:
        case Parameter():
            return ()
        case Side(node, rule, positive):
            rules = known.rule_sets[node]
            formula = rules.premises[rule] if positive else rules.denials[rule]
            value = rules.rules[rule].s if positive else rules.rules[rule].r
            return (formula, Parameter(question, value))
        case Derived():
            return _bodies(degrees, question)
        case AllOf(items) | AnyOf(items):
            return items
        case AtomLiteral(atom, negated):
            clauses = known.clauses.get((-1, atom))
            return () if clauses is None else clauses.denials if negated else clauses.bodies
        case AttributeLiteral(attribute, index, values):
            if len(values) != 1:
                return tuple(AttributeLiteral(attribute, index, (value,)) for value in values)
            return () if is_reading(degrees, question) else _limits(degrees, (attribute, index), values[0])


def _limits(degrees: Degrees, node: Node, value: int) -> tuple[Question, ...]:
    """What Π of one value of a concept is the minimum of."""
    rules = degrees.structures.rule_sets.get(node)
    signs = rules.columns[value] if rules else ()
    sides = tuple(Side(node, rule, sign) for rule, sign in enumerate(signs))
    return (*sides, Derived(node, value)) if node in degrees.structures.clauses else sides


def operation(question: GroundFormula | Side | Derived) -> Literal["min", "max"]:
    """The operation of the term behind a question that is neither a percept degree nor a parameter."""
    match question:
        case AllOf():
            return "min"
        case AtomLiteral(_, negated):
            return "min" if negated else "max"
        case AttributeLiteral():
            return "min" if len(question.values) == 1 else "max"
        case _:
            return "max"


# ----- the binding operand


def binding(degrees: Degrees, question: Question) -> Question | None:
    """The operand that decides a minimum or maximum; None if there is none."""
    if isinstance(question, AttributeLiteral) and len(question.values) == 1:
        return _binding_rule(degrees, (question.attribute, question.index), question.values[0])
    if isinstance(question, AttributeLiteral):
        return _binding_value(degrees, question)
    items = operands(degrees, question)
    if not items or isinstance(question, Parameter):
        return None
    if isinstance(question, Side):
        premise, parameter = items
        fixed = degree(degrees, parameter)
        return parameter if fixed > 0 and fixed >= degree(degrees, premise) else premise
    graded = [(degree(degrees, item), item) for item in items]
    most = operation(question) == "max"
    pick: Callable[[Iterable[float]], float] = max if most else min
    best = pick(value for value, _ in graded)
    candidates = [item for value, item in graded if value == best]
    if len(candidates) == 1 or not degrees.ranks:
        return candidates[0]
    rank = _rank_above if most else _rank_below
    return min(candidates, key=lambda item: rank(degrees, item))


def _binding_value(degrees: Degrees, question: AttributeLiteral) -> AttributeLiteral | None:
    """The most possible value of a membership; only those that tie become questions, since types may be large."""
    known = degrees.distributions[question.attribute, question.index]
    best = max((known[value] for value in question.values), default=0.0)
    tied = [value for value in question.values if known[value] == best]
    if not degrees.ranks:
        tied = tied[:1]
    candidates = [AttributeLiteral(question.attribute, question.index, (value,)) for value in tied]
    return min(candidates, key=lambda item: _rank_above(degrees, item), default=None)


def _binding_rule(degrees: Degrees, node: Node, value: int) -> Question | None:
    """What limits one value of a concept: an uncertain rule, or that its ``:-`` rules derive it no further."""
    rules = degrees.structures.rule_sets.get(node)
    derived = Derived(node, value) if node in degrees.structures.clauses else None
    if rules is None:
        return derived
    found = degrees.rules[node]
    signs = rules.columns[value]
    limits = [a if sign else b for sign, a, b in zip(signs, found.alpha, found.beta, strict=True)]
    best = min(limits)
    if derived is not None and degree(degrees, derived) < best:
        return derived
    tied = [Side(node, rule, signs[rule]) for rule, limit in enumerate(limits) if limit == best]
    return next((side for side in tied if _speaks_for(degrees, side)), tied[0])


def _speaks_for(degrees: Degrees, side: Side) -> bool:
    """Whether this is a rule that concludes the value because of its premise."""
    found = degrees.rules[side.node]
    return side.positive and found.premise[side.rule] == found.alpha[side.rule]


def _rank_above(degrees: Degrees, question: Question) -> int:
    """The round of a least fixpoint in which a question got its degree; 0 outside."""
    match question:
        case AtomLiteral(_, negated):
            return 0 if negated else degrees.ranks.get(question, 0)
        case AttributeLiteral() if single(question):
            return degrees.ranks.get(question, 0)
        case AllOf() | AnyOf() | AttributeLiteral() | Derived():
            own = degree(degrees, question)
            items = operands(degrees, question)
            ranks = [_rank_above(degrees, item) for item in items if degree(degrees, item) == own]
            return (max if isinstance(question, AllOf) else min)(ranks, default=0)
        case Side() | Parameter():
            return 0


def _rank_below(degrees: Degrees, question: Question) -> int:
    """The round of a greatest fixpoint in which a question got its degree; 0 outside."""
    match question:
        case AtomLiteral(_, negated):
            return degrees.ranks.get(question, 0) if negated else 0
        case AllOf() | AnyOf():
            own = degree(degrees, question)
            ranks = [_rank_below(degrees, item) for item in question.items if degree(degrees, item) == own]
            return (min if isinstance(question, AllOf) else max)(ranks, default=0)
        case _:
            return 0


# ----- witnesses


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The percept values of the lower and of the upper witness of one degree, in order of first visit."""

    degree: float
    lower: tuple[AttributeLiteral, ...]
    upper: tuple[AttributeLiteral, ...]


def witnesses(degrees: Degrees, question: Question) -> Witnesses:
    """Percept degrees that keep the degree of ``question`` where it is (see the module's text)."""
    asked = degree(degrees, question)
    lower = _gather(degrees, question, "min") if asked > 0 else ()
    upper = _gather(degrees, question, "max") if asked < 1 else ()
    return Witnesses(asked, lower, upper)


def _gather(degrees: Degrees, question: Question, whole: Literal["min", "max"]) -> tuple[AttributeLiteral, ...]:
    """Readings below ``question``: through all operands of operations ``whole``, the binding one of others."""
    seen = {question}
    waiting = [question]
    found: list[AttributeLiteral] = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, AttributeLiteral) and is_reading(degrees, item):
            found.append(item)
            continue
        if isinstance(item, Parameter):
            continue
        if operation(item) == whole:
            following = operands(degrees, item)
        else:
            chosen = binding(degrees, item)
            following = () if chosen is None else (chosen,)
        for other in reversed(following):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return tuple(found)
