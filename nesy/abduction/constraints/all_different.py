"""Constraints that forbid equal labels, recognised by their form: what they cost does not grow with the classes.

    :- scene(A, S), scene(B, S), A != B, label(A) = V, label(B) = V.
    :- same_scene(A, B), label(A) = label(B).

Where the rest of the body says that two objects share a value (of a column of metadata, of a relation that facts
give), the groups are read off; anything else is grounded without the labels, and gives pairs of objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.constraints.statements import Rule, constraints_of
from nesy.abduction.error_rules.columns import Codes, Numbers
from nesy.abduction.error_rules.grounded import groups as instances_of
from nesy.abduction.error_rules.relevant import is_fused, relevant_rules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.error_rules.world import World
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Rule as Definition
from nesy.dsl.syntax import And, Call, Comparison, Formula, Term, Variable
from nesy.solvers.grounding.gringo import run
from nesy.solvers.grounding.walking import rename, variables


@dataclass(frozen=True)
class Different:
    """Objects that must not have equal labels: ``groups`` of which all differ, and single ``pairs``; rows."""

    groups: tuple[tuple[int, ...], ...]
    pairs: tuple[tuple[int, int], ...]
    origin: str


@dataclass(frozen=True)
class _Form:
    """``:- rest, label(first) = label(second).``"""

    first: tuple[Term, ...]
    second: tuple[Term, ...]
    rest: tuple[Formula, ...]


def different_labels(surroundings: Surroundings, rule: Rule) -> Different | None:
    """The objects whose labels ``rule`` wants different; None where it says something else."""
    form = _form(surroundings, rule)
    if form is None:
        return None
    joined = _shared_value(surroundings, form)
    if joined is not None:
        return Different(joined, (), rule.origin)
    return _grounded(surroundings, rule, form)


def origins(surroundings: Surroundings) -> tuple[str, ...]:
    """Where the constraints of this form stand: a violated scene names no statement."""
    return tuple(rule.origin for rule in constraints_of(surroundings) if _form(surroundings, rule) is not None)


# ----- the form


def _form(surroundings: Surroundings, rule: Rule) -> _Form | None:
    readings = rule.readings(surroundings)
    if len(readings) != 2 or readings[0].arguments == readings[1].arguments:
        return None
    literals = [part for part in rule.parts if any(is_fused(surroundings, call) for call in calls((part,)))]
    rest = tuple(part for part in rule.parts if part not in literals)
    if not _equates(surroundings, literals, rest):
        return None
    # what the rest defines must not depend on labels
    if any(
        is_fused(surroundings, call)
        for statement in relevant_rules(surroundings, rest, fused=True)
        for call in calls(statement.body)
    ):
        return None
    return _Form(readings[0].arguments, readings[1].arguments, rest)


def _equates(surroundings: Surroundings, literals: Sequence[Formula], rest: Sequence[Formula]) -> bool:
    """Whether the literals say no more than that the two labels are equal."""
    match literals:
        case [Comparison("=", Call() as one, Call() as other)]:
            return is_fused(surroundings, one) and is_fused(surroundings, other)
        case [Comparison("=", left, right), Comparison("=", left_too, right_too)]:
            sides = [_other_side(surroundings, left, right), _other_side(surroundings, left_too, right_too)]
            value = sides[0]
            return (
                isinstance(value, Variable)
                and not value.anonymous
                and value == sides[1]
                and value.name not in variables([*rest, *(call for part in literals for call in _indices(part))])
            )
    return False


def _other_side(surroundings: Surroundings, left: Term, right: Term) -> Term | None:
    if isinstance(left, Call) and is_fused(surroundings, left):
        return right
    return left if isinstance(right, Call) and is_fused(surroundings, right) else None


def _indices(formula: Formula) -> list[Term]:
    return [argument for call in calls((formula,)) for argument in call.arguments]


# ----- groups that share a value


def _shared_value(surroundings: Surroundings, form: _Form) -> tuple[tuple[int, ...], ...] | None:
    """The groups, where the rest is ``at(A, S), at(B, S), A != B`` or a relation with this one definition."""
    rest = _unfolded(surroundings, form.rest)
    atoms = [part for part in rest if isinstance(part, Call)]
    others = [part for part in rest if not isinstance(part, Call)]
    width = len(form.first)
    if len(atoms) != 2 or not others or not all(_tells_apart(part, form) for part in others):
        return None
    if atoms[0].arguments[:width] == form.second:
        atoms.reverse()
    one, other = atoms
    shared = one.arguments[width:]
    plain = all(isinstance(item, Variable) and not item.anonymous for item in (*form.first, *form.second, *shared))
    if (
        not plain
        or one.name != other.name
        or one.arguments[:width] != form.first
        or other.arguments[:width] != form.second
        or shared != other.arguments[width:]
        or len(shared) != 1
        or len({*variables(one.arguments), *variables(other.arguments)}) < 2 * width + 1
    ):
        return None
    return _groups(surroundings, one.name, width)


def _unfolded(surroundings: Surroundings, rest: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """``same_scene(A, B)`` as the body of its only rule."""
    if len(rest) != 1 or not isinstance(rest[0], Call) or surroundings.checked is None:
        return rest
    call = rest[0]
    found = [
        statement
        for statement in surroundings.checked.program.statements
        if isinstance(statement, Definition)
        and isinstance(statement.head, Call)
        and (statement.head.name, len(statement.head.arguments)) == (call.name, len(call.arguments))
    ]
    if len(found) != 1 or not found[0].body or not isinstance(found[0].head, Call):
        return rest
    head = found[0].head.arguments
    names = [item.name for item in head if isinstance(item, Variable)]
    given = [item.name for item in call.arguments if isinstance(item, Variable)]
    if len(set(names)) < len(head) or len(given) < len(head):
        return rest
    inner = {name: f"{name}'" for name in variables(found[0].body) if name not in names}
    parts = [rename(part, inner | dict(zip(names, given, strict=True))) for part in found[0].body]
    return tuple(item for part in parts for item in (part.items if isinstance(part, And) else (part,)))


def _tells_apart(part: Formula, form: _Form) -> bool:
    """``A != B`` and ``A < B``: in a pair of objects one order or the other holds, so all pairs are meant."""
    if not isinstance(part, Comparison) or len(form.first) != 1:
        return False
    sides = {part.left, part.right}
    return part.operator in ("!=", "<", ">") and sides == {form.first[0], form.second[0]}


def _groups(surroundings: Surroundings, name: str, width: int) -> tuple[tuple[int, ...], ...] | None:
    """The objects that share a value of ``name``, within each instance."""
    instances = surroundings.instances
    numbers = np.zeros(surroundings.size, dtype=np.int64) if instances is None else instances
    column = surroundings.metadata(name, None)
    if isinstance(column, Codes | Numbers):
        values = column.data
        there = np.flatnonzero(column.present)
        order = there[np.lexsort((values[there], numbers[there]))]
        changes = np.flatnonzero((np.diff(values[order]) != 0) | (np.diff(numbers[order]) != 0)) + 1
        return tuple(tuple(np.sort(part).tolist()) for part in np.split(order, changes) if len(part) > 1)
    rows = surroundings.facts.get((name, width + 1))
    if rows is None:
        return None
    values_of: dict[object, list[object]] = defaultdict(list)
    for row in sorted(rows, key=repr):
        values_of[row[:width]].append(row[width])
    found: dict[object, list[int]] = defaultdict(list)
    for object_, (entry, number) in enumerate(zip(surroundings.index, numbers.tolist(), strict=True)):
        for value in values_of.get(entry, ()):
            found[number, type(value), value].append(object_)
    return tuple(tuple(members) for members in found.values() if len(members) > 1)


# ----- pairs


def _grounded(surroundings: Surroundings, rule: Rule, form: _Form) -> Different:
    """The pairs for which the rest of the body holds; those of a clique become a group."""
    groups: list[tuple[int, ...]] = []
    pairs: list[tuple[int, int]] = []
    for members in instances_of(surroundings):
        found = _pairs_of(surroundings, rule, form, members)
        for component, edges in components(found):
            size = len(component)
            if len(edges) == size * (size - 1) // 2:
                groups.append(component)
            else:
                pairs += edges
    return Different(tuple(groups), tuple(pairs), rule.origin)


def _pairs_of(surroundings: Surroundings, rule: Rule, form: _Form, members: NDArray[np.int64]) -> list[tuple[int, int]]:
    world = World(surroundings, members, form.rest)
    head = Call("_pair", (*form.first, *form.second), None, rule.statement.span)
    ranges = [Call(f"index'{surroundings.percept}", arguments) for arguments in (form.first, form.second)]
    world.plain.ranged[surroundings.percept] = Call(surroundings.percept, form.first)
    lines = [*world.rule(head, (*form.rest, *ranges), "pair"), *world.rest()]
    grounding = run(lines, tests=world.tests.function)
    rows, width = world.rows(), len(form.first)
    found = set()
    for row in grounding.rows("_pair", 2 * width):
        one, other = rows[row[:width]], rows[row[width:]]
        if one == other:
            name = surroundings.predictions.objects[one]
            message = f"this constraint compares the label of {name} with itself"
            hint = "say that the objects are different ones, such as A != B"
            raise NesyError(Diagnostic("E489", message, rule.statement.span, hint))
        found.add((min(one, other), max(one, other)))
    return sorted(found)


def components(
    pairs: Sequence[tuple[int, int]],
) -> list[tuple[tuple[int, ...], list[tuple[int, int]]]]:
    """The connected components of a graph: their members, ascending, and their edges."""
    parent: dict[int, int] = {}

    def root(member: int) -> int:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for one, other in pairs:
        parent[root(other)] = root(one)
    members: dict[int, list[int]] = defaultdict(list)
    for member in sorted(parent):
        members[root(member)].append(member)
    edges: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        edges[root(pair[0])].append(pair)
    return [(tuple(found), edges[first]) for first, found in members.items()]
