"""The heads of rules: the atoms that they may derive, with which arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from nesy.dsl.statements import Choice, Disjunction, Rule
from nesy.dsl.syntax import SWAPPED, Binary, Call, Comparison, Formula, Interval, Term, Variable
from nesy.solvers.grounding.walking import variables
from nesy.solvers.planning.matching import Constants, between, value_of
from nesy.solvers.planning.relations import Known, Tuple

LONGEST_INTERVAL = 100_000


@dataclass(frozen=True)
class Head:
    """One atom that a rule may derive, under which conditions."""

    atom: Call
    body: tuple[Formula, ...]


def heads_of(rule: Rule) -> Iterator[Head]:
    """The atoms of relations in a rule's head, each with what it depends on."""
    match rule.head:
        case Call():
            yield Head(rule.head, rule.body)
        case Choice(elements):
            for element in elements:
                for term in element.terms[:1]:
                    if isinstance(term, Call):
                        yield Head(term, (*element.condition, *rule.body))
        case Disjunction(items):
            for item in items:
                if isinstance(item, Call):
                    yield Head(item, rule.body)
        case Comparison():
            return


def ends_of(term: Term, body: Sequence[Formula], constants: Constants) -> tuple[int, ...] | None:
    """Where a rule with ``body`` stops counting: nowhere if ``term`` does not count, None if nothing stops it."""
    if not isinstance(term, Binary):
        return ()
    names = variables([term])
    if len(names) != 1 or term.operator not in ("+", "-"):
        return None
    (name,) = names
    found = []
    for formula in body:
        if not isinstance(formula, Comparison):
            continue
        for side, limit, operator in (
            (formula.left, formula.right, formula.operator),
            (formula.right, formula.left, SWAPPED[formula.operator]),
        ):
            last = value_of(limit, {}, constants)
            if isinstance(side, Variable) and side.name == name and type(last) is int:
                last += {"<": -1, ">": 1}.get(operator, 0)
                end = value_of(term, {name: last}, constants)
                grows = type(end) is int and end > last
                if type(end) is int and operator in (("<", "<=", "!=") if grows else (">", ">=", "!=")):
                    found.append(end)
    return tuple(found) or None


def counts_forever(rule: Rule, constants: Constants) -> bool:
    """Whether an atom of the head always leads to the next: ``n(X + 1) :- n(X).``, with nothing else in the body.

    Sufficient, not necessary; a rule of this form has infinitely many instances as soon as it has one.
    """
    head, body = rule.head, rule.body
    if not (isinstance(head, Call) and len(body) == 1 and isinstance(body[0], Call)):
        return False
    old, new = body[0].arguments, head.arguments
    alike = head.name == body[0].name and len(new) == len(old)
    if not alike or len(set(variables(old))) < len(old) or not all(isinstance(term, Variable) for term in old):
        return False
    steps = [_steps(after, before, constants) for after, before in zip(new, old, strict=True)]
    return any(steps) and all(step or new[place] == old[place] for place, step in enumerate(steps))


def _steps(term: Term, old: Term, constants: Constants) -> bool:
    """Whether ``term`` is ``old`` plus or minus a number other than 0."""
    match term:
        case Binary("+" | "-", left, right) if left == old:
            step = value_of(right, {}, constants)
            return type(step) is int and step != 0
        case Binary("+", left, right) if right == old:
            step = value_of(left, {}, constants)
            return type(step) is int and step != 0
    return False


def instances(atom: Call, row: dict[str, Known], constants: Constants) -> Iterator[Tuple]:
    """The tuples of an atom under bindings: several where an interval stands in it."""
    if not any(isinstance(argument, Interval) for argument in atom.arguments):
        yield tuple(value_of(argument, row, constants) for argument in atom.arguments)
        return
    columns: list[Sequence[Known]] = []
    for argument in atom.arguments:
        if isinstance(argument, Interval):
            numbers = between(argument, row, constants)
            columns.append([None] if numbers is None or len(numbers) > LONGEST_INTERVAL else numbers)
        else:
            columns.append([value_of(argument, row, constants)])
    yield from product(*columns)


def facts_of(atom: Call, constants: Constants) -> float:
    """How many facts one statement is: ``p(1..9, 1..9)`` is 81."""
    ranges = [between(term, {}, constants) for term in atom.arguments if isinstance(term, Interval)]
    return prod((float(len(numbers)) for numbers in ranges if numbers is not None), start=1.0)
