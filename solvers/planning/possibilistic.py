"""The route of the possibilistic back end: equation systems, chains, fixpoints; where degrees are exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.checks.constants import fold
from nesy.dsl.diagnostics import Diagnostic, Severity
from nesy.dsl.graphs import components
from nesy.dsl.statements import Query, Rule, head_parts
from nesy.dsl.syntax import (
    Call,
    Comparison,
    Formula,
    Membership,
    Node,
    Not,
    SetTerm,
    TupleTerm,
    Variable,
    walk,
)
from nesy.dsl.values import Value
from nesy.solvers.backend import Options
from nesy.solvers.grounding.findings import decimal_numbers
from nesy.solvers.grounding.selection import Selection, names_in, select
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import inward
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.literals import literals_of
from nesy.solvers.planning.plan import CostModel, Exactness, Route

COST = CostModel(
    start=0.05,
    tried=1.0e-6,
    rule=1.2e-4,
    call=1.0e-3,
    answer=3.0e-5,
    answer_rule=9.0e-9,
    memory=3.0,
    memory_rule=1.5e-3,
    spread=3.0,
    answer_spread=3.0,
)
"""Measured by ``benchmarks/speed/plan.py`` on one core of an x86-64 server."""


def plan_program(checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates) -> Route:
    """How the possibilistic back end answers ``queries``."""
    del estimates  # the shapes of rules tell the route
    chosen = select(checked, queries, strict=options.strict)
    obstacles = [entry for entry in chosen.problems if entry.severity is Severity.ERROR]
    obstacles += _negations(checked, chosen, queries)
    grounded = [*chosen.crisp, *chosen.over_attributes, *chosen.crisp_constraints]
    obstacles += decimal_numbers(checked.constants, [statement for _, statement in grounded])
    left_out = tuple(entry for entry in chosen.problems if entry.severity is Severity.WARNING)
    exactness, meaning = _exactness(checked, chosen, left_out)
    rules = [rule for _, rule in chosen.uncertain]
    over_attributes = [rule for _, rule in chosen.over_attributes]
    return Route(
        "tensors",
        "minima and maxima of degrees, one tensor operation for all instances and indices at once",
        exactness,
        meaning,
        (*_rule_sets(checked, rules), *_chains(checked, rules), *_clauses(checked, over_attributes)),
        (*(rule for _, rule in chosen.crisp), *(constraint for _, constraint in chosen.crisp_constraints)),
        (*chosen.attributes, *over_attributes, *rules),
        tuple(obstacles),
        left_out,
        COST,
    )


# ----- steps


def _rule_sets(checked: CheckedProgram, rules: Sequence[TypedRule]) -> Iterator[str]:
    """How the rules of each concept are evaluated."""
    by_concept: dict[str, list[TypedRule]] = {}
    for rule in rules:
        for part in walk(rule.statement.conclusion):
            info = attribute_of(checked, part)
            if info is not None:
                by_concept.setdefault(info.name, []).append(rule)
                break
    for name, own in by_concept.items():
        shapes = {_shape(rule.statement.conclusion) for rule in own}
        lines = ", ".join(str(rule.statement.span.line) for rule in own)
        if shapes <= {"component"}:
            how = "factorised, a small equation system for each component"
        elif shapes <= {"value"}:
            how = "one rule for each value, linear time"
        else:
            how = "general cells, shared minima"
        yield f"{name} (line{'s' if len(own) > 1 else ''} {lines}): {how}"


def _shape(conclusion: Node) -> str:
    """``value`` for ``y = V``, ``component`` for ``c in {(K, _)}``, ``set`` for everything else."""
    match conclusion:
        case Comparison("=", _, Variable()) | Comparison("=", Variable(), _):
            return "value"
        case Membership(_, SetTerm((TupleTerm(items),), ())):
            named = [item for item in items if not (isinstance(item, Variable) and item.anonymous)]
            return "component" if len(named) == 1 else "set"
        case Call() | Not(Call()):
            return "value"
        case _:
            return "set"


def _chains(checked: CheckedProgram, rules: Sequence[TypedRule]) -> Iterator[str]:
    """Concepts that rest on themselves: sound where it is at other indices, which only grounding tells."""
    edges: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    for rule in rules:
        for name in names_in(checked, [rule.statement.conclusion]):
            edges.setdefault(name, set()).update(names_in(checked, [rule.statement.premise]))
            lines.setdefault(name, rule.statement.span.line)
    for members in components(edges):
        if len(members) > 1 or members[0] in edges[members[0]]:
            names = " and ".join(sorted(members))
            rests = "rests on itself" if len(members) == 1 else "rest on each other"
            yield (
                f"{names} {rests} (line {min(lines[name] for name in members)}): a chain that runs index by index, "
                "refused (E520) if an index leads back to itself"
            )


def _clauses(checked: CheckedProgram, rules: Sequence[Rule]) -> Iterator[str]:
    """``:-`` rules over attributes: once through, or to a fixpoint."""
    edges: dict[str, set[str]] = {}
    lines: dict[str, list[int]] = {}
    for rule in rules:
        for name in _defined(checked, rule):
            edges.setdefault(name, set()).update(names_in(checked, rule.body))
            lines.setdefault(name, []).append(rule.span.line)
    for members in components(edges):
        names = " and ".join(sorted(members))
        where = ", ".join(str(line) for name in members for line in lines[name])
        loops = len(members) > 1 or members[0] in edges[members[0]]
        how = (
            "least fixpoint of (max, min) over the ground rules" if loops else "(max, min) over the ground rules, once"
        )
        yield f"{names} (line{'s' if ',' in where else ''} {where}): {how}"


def _defined(checked: CheckedProgram, rule: Rule) -> frozenset[str]:
    return names_in(checked, list(head_parts(rule.head))[:1])


# ----- exactness


def _exactness(checked: CheckedProgram, chosen: Selection, left_out: Sequence[Diagnostic]) -> tuple[Exactness, str]:
    without = ""
    if left_out:
        lines = ", ".join(str(entry.span.line) for entry in left_out)
        without = f"; the constraint{'s' if len(left_out) > 1 else ''} of line {lines} left out"
    shared = _shared(checked, [rule for _, rule in chosen.over_attributes])
    if shared is not None:
        return "bounds", (
            f"bounds: Π from above, N from below, because derivations may read a percept twice (line {shared})"
            f"{without}; exact with --with asp --degrees"
        )
    return "exact", f"exact degrees of the equations{without}"


Reading: TypeAlias = "tuple[str, tuple[Value | float, ...] | None]"
"""A percept, and the index at which it is read where that is written out."""


def _shared(checked: CheckedProgram, rules: Sequence[Rule]) -> int | None:
    """The line of the first rule by which a derivation may read a percept through two atoms, or two derivations may.

    A percept that is only ever asked for one and the same value does no harm: then all degrees are monotone in it.
    """
    harmless = _asked_for_one_value(checked, rules)
    reads: dict[str, set[Reading]] = {}
    for rule in rules:
        seen: set[Reading] = set()
        for formula in rule.body:
            own = {reading for reading in _readings(checked, formula) if reading[0] not in harmless}
            if _meet(own, seen):
                return rule.span.line
            seen |= own
        for name in _defined(checked, rule):
            if name in checked.attributes:
                continue  # of a concept, N(y = v) looks at the other values
            if _meet(reads.get(name, set()), seen):
                return rule.span.line
            reads.setdefault(name, set()).update(seen)
    return None


def _meet(first: set[Reading], second: set[Reading]) -> bool:
    return any(a[0] == b[0] and (a[1] is None or b[1] is None or a[1] == b[1]) for a in first for b in second)


def _readings(checked: CheckedProgram, formula: Formula) -> set[Reading]:
    """The percepts that a formula reads, itself or by way of what it speaks of."""
    percepts = {name for name, info in checked.attributes.items() if info.kind == "percept"}
    found: set[Reading] = set()
    direct: set[str] = set()
    for part in walk(formula):
        info = attribute_of(checked, part)
        if isinstance(part, Call) and info is not None and info.kind == "percept":
            direct.add(info.name)
            index = [fold(term, checked.constants) for term in part.arguments]
            known = tuple(value for value in index if value is not None)
            found.add((info.name, known if len(known) == len(index) else None))
    for name in names_in(checked, [formula]) - direct:
        found |= {(percept, None) for percept in checked.needed_by([name]) & percepts}
    return found


def _asked_for_one_value(checked: CheckedProgram, rules: Sequence[Rule]) -> set[str]:
    """The percepts of which all rules ask the same value, such as ``link(X, Y)`` for true."""
    asked: dict[str, set[object]] = {}
    for formula in (formula for rule in rules for formula in rule.body):
        for literal in literals_of(formula):
            value: object = object()  # unlike any other
            match literal:
                case Call():
                    value = True
                case Not(operand=Call()):
                    value = False
                case Comparison("=", left, right):
                    known = fold(right, checked.constants), fold(left, checked.constants)
                    value = known[0] if known[0] is not None else known[1] if known[1] is not None else value
                case _:
                    pass
            for part in walk(literal):
                info = attribute_of(checked, part)
                if info is not None:
                    asked.setdefault(info.name, set()).add(value)
    by_rules = {name for name, info in checked.attributes.items() if info.kind != "percept"}
    hidden = checked.needed_by(by_rules & set(asked))
    return {name for name, values in asked.items() if len(values) == 1 and name not in hidden}


def _negations(checked: CheckedProgram, chosen: Selection, queries: Sequence[Query]) -> Iterator[Diagnostic]:
    """E521 for each ``not`` before a relation that depends on attributes."""
    bodies: list[Formula] = [formula for _, rule in chosen.over_attributes for formula in rule.body]
    bodies += [rule.statement.premise for _, rule in chosen.uncertain]
    bodies += [query.formula for query in queries]
    for part in (part for formula in bodies for part in walk(inward(formula))):
        if isinstance(part, Not) and isinstance(part.operand, Call):
            call = part.operand
            info = checked.relations.get((call.name, len(call.arguments)))
            if info is not None and info.status == "derived":
                message = f"`not {call.name}` negates a relation that depends on attributes"
                hint = "say when the opposite holds by rules of its own, or use the back end 'asp'"
                yield Diagnostic("E521", message, part.span, hint)
