"""Uncertain rules: their conclusion and parameters, the scope of their variables, and a domain for each.

Scope. In braces with a condition, ``{(U, V) : U + V = T}``, variables that appear nowhere outside such braces are
local to that set. Inside ``all`` and ``any``, ``_`` and the variables that occur nowhere else in the rule are
quantified. Every other variable belongs to the rule: there is one ground rule for each of its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nesy.dsl.checked import Domain, TypedRule
from nesy.dsl.checks.constants import NotConstantError, evaluate
from nesy.dsl.checks.context import PREMISE, WHERE
from nesy.dsl.checks.declarations import kind_of
from nesy.dsl.checks.domains import Extent, Known, as_domain, union
from nesy.dsl.checks.names import Resolver
from nesy.dsl.checks.places import Occurrence, Places, equations, occurrences, settle
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.checks.walk import uncertain_parts, variables
from nesy.dsl.statements import UncertainRule
from nesy.dsl.syntax import (
    Aggregate,
    Call,
    Comparison,
    Formula,
    Membership,
    Node,
    Not,
    Quantified,
    SetTerm,
    Term,
    Variable,
    children,
    walk,
)


def check_uncertain(rule: UncertainRule, places: Places, resolver: Resolver, report: Report) -> TypedRule | None:
    """Check one uncertain rule; its variables with their domains, None where something is wrong."""
    before = len(report.diagnostics)
    resolver.formula(rule.premise, PREMISE)
    _conclusion(rule.conclusion, resolver, report)
    resolver.formulas(rule.where, WHERE)
    resolved = len(report.diagnostics) == before
    local = local_variables(rule)
    _anonymous(rule, report)
    _parameters(rule, local, resolver.symbols, report)
    return _typed(rule, local, places, report) if resolved else None


# ----- conclusion


def _conclusion(conclusion: Formula, resolver: Resolver, report: Report) -> None:
    inner = conclusion
    while isinstance(inner, Not):
        inner = inner.operand
    match inner:
        case Comparison(_, left, _):
            target = left
        case Membership(term, _):
            target = term
        case Call():
            target = inner
        case _:
            text = "the conclusion of an uncertain rule speaks of one concept"
            report.add("E222", text, conclusion.span, "write concept = value, or concept in {…}")
            return
    before = len(report.diagnostics)
    resolver.formula(inner, PREMISE)
    if len(report.diagnostics) == before:
        check_target(target, resolver.symbols, report)


def check_target(target: Term, symbols: Symbols, report: Report) -> None:
    """What a rule concludes must be a concept."""
    name = target.name if isinstance(target, Call) else ""
    symbol = symbols.attributes.get(name)
    if symbol is None:
        subject = f"'{name}' is no concept" if name else "this is no concept"
        text = f"the conclusion of an uncertain rule speaks of one concept, but {subject}"
        hint = f"declare it: concept {name or 'name'} : bool.  Relations are derived by ':-' rules"
        report.add("E222", text, target.span, hint)
    elif symbol.kind == "percept":
        text = f"the percept '{name}' is read by a network and cannot be concluded"
        hint = "declare a concept for what the rule concludes"
        report.add("E211", text, target.span, hint, symbol.statement.span, f"'{name}' is a percept")
    elif symbol.kind != "concept":
        text = f"the {kind_of(symbol.statement)} '{name}' is given by its declaration and cannot be concluded"
        report.add("E226", text, target.span, "declare a concept", symbol.statement.span, "declared here")


# ----- scope


def local_variables(rule: UncertainRule) -> frozenset[str]:
    """The variables that are local to a set or quantified by ``all`` or ``any``."""
    parts = uncertain_parts(rule)
    outside = {variable.name for part in parts for variable in _outside_sets(part)}
    within = {variable.name for part in parts for braces in _sets(part) for variable in variables((braces,))}
    local = within - outside - set(rule.parameters.per)
    total = _counts(parts)
    for part in parts:
        for node in walk(part):
            if isinstance(node, Quantified):
                for name, count in _counts((node,)).items():
                    if count == total[name] and name not in rule.parameters.per:
                        local.add(name)
    return frozenset(local)


def _counts(parts: Sequence[Node]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for variable in variables(parts):
        if not variable.anonymous:
            counts[variable.name] = counts.get(variable.name, 0) + 1
    return counts


def _scoped(node: Node) -> bool:
    """Whether a node opens a scope of its own: a set with a condition, or an aggregate."""
    return isinstance(node, Aggregate) or (isinstance(node, SetTerm) and bool(node.condition))


def _sets(node: Node) -> Iterator[Node]:
    if _scoped(node):
        yield node
    else:
        for child in children(node):
            yield from _sets(child)


def _outside_sets(node: Node) -> Iterator[Variable]:
    if isinstance(node, Variable):
        if not node.anonymous:
            yield node
    elif not _scoped(node):
        for child in children(node):
            yield from _outside_sets(child)


def _anonymous(rule: UncertainRule, report: Report) -> None:
    for variable in _bare(rule.premise):
        text = "'_' as an index outside 'all' and 'any' does not say whether every value is meant or some value"
        hint = "name the variable for one rule per value, or write all/any; for a part of a value, write in {(X, _)}"
        report.add("E303", text, variable.span, hint)
    for variable in _bare(rule.conclusion):
        hint = "name the variable for one rule per value"
        report.add("E303", "'_' cannot stand for an index or a value in a conclusion", variable.span, hint)


def _bare(node: Node) -> Iterator[Variable]:
    """Each ``_`` outside quantifiers and sets."""
    match node:
        case Quantified() | SetTerm() | Aggregate():
            return
        case Variable() if node.anonymous:
            yield node
        case _:
            for child in children(node):
                yield from _bare(child)


# ----- parameters


def _parameters(rule: UncertainRule, local: frozenset[str], symbols: Symbols, report: Report) -> None:
    parameters = rule.parameters
    for name, term in (("s", parameters.s), ("r", parameters.r)):
        if term is not None:
            unit_number(term, f"the parameter {name}", symbols, report)
            if name in parameters.learn:
                text = f"the parameter {name} is both set and learned"
                report.add("E221", text, parameters.span, "keep one of the two")
    known = _counts(uncertain_parts(rule))
    for name in parameters.per:
        if name not in known or name in local:
            why = "is local to a set or a quantifier" if name in local else "does not occur in the rule"
            hint = report.near_name(name, set(known) - local) or "name a variable of the rule after 'per'"
            report.add("E221", f"'per {name}': the variable {name} {why}", parameters.span, hint)


def unit_number(term: Term, what: str, symbols: Symbols, report: Report) -> None:
    """Report E220 unless ``term`` is a number in [0, 1]."""
    try:
        value = evaluate(term, symbols.constants, symbols.plain)
    except NotConstantError as reason:
        text = f"{what} must be a number: {reason}"
        report.add("E220", text, term.span, "write a number from 0 to 1, or a constant")
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("E220", f"{what} must be a number, not {value}", term.span, "write a number from 0 to 1")
    elif not 0 <= value <= 1:
        report.add("E220", f"{what} is {value}, but degrees lie between 0 and 1", term.span, "write 0.1, for instance")


# ----- domains


def _typed(rule: UncertainRule, local: frozenset[str], places: Places, report: Report) -> TypedRule | None:
    found, others = _forced(rule, places), _others(rule, places)
    known: dict[str, Known] = {}
    fine = True
    for name, all_places in found.items():
        if name != "_":
            known[name], agrees = _common(name, all_places, places, report)
            fine = fine and agrees
    for name, all_places in others.items():
        if name != "_" and known.get(name, Extent.ANYTHING) is Extent.ANYTHING:
            domains = [one.domain for one in all_places if one.domain is not Extent.ANYTHING]
            known[name] = union(domains, " or ".join(one.name for one in domains if isinstance(one, Domain)))
    settle(_equations(rule), known, places.symbols)
    rule_level: list[tuple[str, Domain]] = []
    seen: set[str] = set()
    for variable in variables(uncertain_parts(rule)):
        if variable.anonymous or variable.name in seen:
            continue
        seen.add(variable.name)
        domain = known.get(variable.name, Extent.ANYTHING)
        if domain is Extent.ANYTHING:
            fine = False
            _without_domain(variable, variable.name in local, report)
        elif variable.name not in local:
            rule_level.append((variable.name, as_domain(domain)))
    return TypedRule(rule, tuple(rule_level), local) if fine else None


def _forced(rule: UncertainRule, places: Places) -> dict[str, list[Occurrence]]:
    """The places that narrow the variables of a rule.

    An index lies inside its attribute's wherever it stands, and guards hold. Of the premise counts what its truth
    forces: under ``not`` and in one branch of an ``or``, a value outside of a type only makes the literal false. Where
    a false premise says something as well, arguments of relations do not count: they may be false, too.
    """
    speaks_when_false = rule.form == "iff" or rule.parameters.s is not None or "s" in rule.parameters.learn
    premise = [one for one in occurrences(rule.premise, places, positive=False) if one.kind == "index"]
    kinds = ("value",) if speaks_when_false else ("value", "argument")
    premise += [one for one in occurrences(rule.premise, places, positive=True) if one.kind in kinds]
    conclusion = list(occurrences(rule.conclusion, places, positive=False))
    guards = [one for formula in rule.where for one in occurrences(formula, places, positive=True)]
    logic = (*premise, *conclusion) if rule.form == "if" else (*conclusion, *premise)
    return _by_name((*logic, *guards))


def _others(rule: UncertainRule, places: Places) -> dict[str, list[Occurrence]]:
    """All places, for the variables that have none which narrows them: their values together."""
    return _by_name(
        one for formula in (rule.premise, *rule.where) for one in occurrences(formula, places, positive=False)
    )


def _by_name(all_places: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
    found: dict[str, list[Occurrence]] = {}
    for one in all_places:
        found.setdefault(one.name, []).append(one)
    return found


def _equations(rule: UncertainRule) -> list[tuple[Variable, Term]]:
    conditions = [*rule.where]
    for part in (rule.premise, rule.conclusion):
        for node in walk(part):
            if isinstance(node, SetTerm | Quantified):
                conditions.extend(node.condition)
    return [pair for formula in conditions for pair in equations(formula)]


def _common(name: str, found: Sequence[Occurrence], places: Places, report: Report) -> tuple[Known, bool]:
    """The values that all places of a variable allow, and whether there are any."""
    domain: Known = Extent.ANYTHING
    first = found[0]
    for occurrence in found:
        now = places.meet(domain, occurrence.domain)
        if _conflict(domain, occurrence.domain, now) and isinstance(domain, Domain):
            text = f"the variable {name} stands for values of {domain.name} and of {as_domain(occurrence.domain).name}"
            hint = "the two types have no value in common: use two variables"
            report.add("E305", text, occurrence.span, hint, first.span, f"{name} has the type {domain.name} here")
            return domain, False
        if domain is Extent.ANYTHING and occurrence.domain is not Extent.ANYTHING:
            first = occurrence
        domain = now
    return domain, True


def _conflict(left: Known, right: Known, common: Known) -> bool:
    """Whether two domains that have values share none; open types may still get values from data."""
    if isinstance(left, Extent) or isinstance(right, Extent) or isinstance(common, Extent):
        return False
    return not common.values and bool(left.values) and bool(right.values) and not right.is_open


def _without_domain(variable: Variable, local: bool, report: Report) -> None:
    name = variable.name
    where = "in the set or quantifier" if local else "in the rule"
    text = f"nothing {where} says which values the variable {name} takes"
    hint = f"use {name} as an index or a value of an attribute, or bind it by a type: where digit({name})"
    report.add("E302", text, variable.span, hint)
