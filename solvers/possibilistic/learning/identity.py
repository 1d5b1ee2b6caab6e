"""Which program parameters belong to: the rules that can be learned, what they speak of, and the constants behind them.

Comments, layout, the order of statements, queries, facts and statements on which the rules do not depend are no part
of it. The indices and instances of rules are none either: they follow from facts, and parameters that were learned on
some facts may be used on others as long as there is a pair for every rule.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, TypedRule, ValueType
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import (
    ConceptDeclaration,
    ConstantDeclaration,
    NamedType,
    PerceptDeclaration,
    RelationDeclaration,
    Rule,
    Statement,
    TypeDeclaration,
    UncertainRule,
    head_parts,
)
from nesy.dsl.syntax import Call, walk
from nesy.dsl.values import Value, format_scalar

ANOTHER = "E561"
LEARN_ANEW = "use the program with which they were learned, or learn anew"


@dataclass(frozen=True, slots=True)
class Identity:
    """What parameters are bound to.

    ``constants`` are those on which the rules depend, with their values, by name; ``attributes`` the percepts and
    concepts that the rules mention, with their types laid out (``concept c(1..2) : 0..9``); ``statements`` the rules in
    the canonical layout. ``every``: all uncertain rules count, not only those that are marked ``[learn]``.
    """

    constants: tuple[tuple[str, Value | float], ...]
    attributes: tuple[str, ...]
    statements: tuple[str, ...]
    every: bool = False

    @property
    def hash(self) -> str:
        """SHA-256 over everything but the order."""
        content = [dict(self.constants), sorted(self.attributes), sorted(self.statements), self.every]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def learnable(checked: CheckedProgram, *, every: bool) -> tuple[TypedRule, ...]:
    """The uncertain rules that are marked ``[learn]``, or all of them."""
    return tuple(rule for rule in checked.rules if every or rule.statement.parameters.learn)


def canonical(statement: Statement) -> str:
    """A statement on one line, in the layout of ``nesy fmt``."""
    return " ".join(write_statement(statement).split())


def identity_of(checked: CheckedProgram, *, every: bool = False) -> Identity:
    """What parameters of ``checked`` are bound to."""
    statements = [rule.statement for rule in learnable(checked, every=every)]
    mentioned = dict.fromkeys(
        name for statement in statements for name in _names(statement) if name in checked.attributes
    )
    needed = _constants(checked, statements)
    return Identity(
        tuple((name, checked.constants[name]) for name in sorted(needed)),
        tuple(_described(checked.attributes[name]) for name in mentioned),
        tuple(canonical(statement) for statement in statements),
        every,
    )


# ----- types


def _described(info: AttributeInfo) -> str:
    places = f"({', '.join(map(_type_text, info.index))})" if info.index else ""
    return f"{info.kind} {info.name}{places} : {_type_text(info.value)}"


def _type_text(domain: ValueType) -> str:
    """The values of a type: ``0..9``, ``{red, green}``, ``(0..9, bool)``; an open type by its name."""
    if not isinstance(domain, Domain):
        return domain.name
    if domain.is_open:
        return domain.name
    if domain.is_bool:
        return "bool"
    if domain.components:
        return f"({', '.join(map(_type_text, domain.components))})"
    values = domain.values
    if values and all(type(value) is int for value in values):
        first = values[0]
        assert isinstance(first, int)
        if values == tuple(range(first, first + len(values))):
            return f"{first}..{values[-1]}"
    return f"{{{', '.join(map(format_scalar, values))}}}"


# ----- constants


def _constants(checked: CheckedProgram, statements: Iterable[Statement]) -> set[str]:
    """The constants on which ``statements`` depend, directly or through what other statements define."""
    definers: dict[str, list[Statement]] = {}
    for statement in checked.program.statements:
        for name in _defined(statement):
            definers.setdefault(name, []).append(statement)
    seen: set[str] = set()
    waiting = [name for statement in statements for name in _names(statement)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [inner for statement in definers.get(name, ()) for inner in _names(statement)]
    return seen & set(checked.constants)


def _defined(statement: Statement) -> set[str]:
    """The names about which a statement says something; more than it defines does no harm."""
    match statement:
        case (
            ConstantDeclaration(name)
            | TypeDeclaration(name)
            | PerceptDeclaration(name)
            | ConceptDeclaration(name)
            | RelationDeclaration(name)
        ):
            return {name}
        case UncertainRule():
            return set(_names(statement.conclusion))
        case Rule(head):
            return {node.name for part in head_parts(head) for node in walk(part) if isinstance(node, Call)}
        case _:
            return set()


def _names(node: object) -> Iterator[str]:
    """The names of attributes, relations, types, constants and values in a statement or a part of one."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple):
            waiting.extend(reversed(current))
        elif is_dataclass(current) and not isinstance(current, Span):
            if isinstance(current, Call | NamedType):
                yield current.name
            waiting.extend(getattr(current, field.name) for field in reversed(fields(current)))


# ----- differences


def differences(
    checked: CheckedProgram, known: Identity, lines: Mapping[str, int], place: str
) -> tuple[Diagnostic, ...]:
    """Why parameters that are bound to ``known`` are no parameters of ``checked``: E561, at least one.

    ``lines`` gives the lines on which statements stood when they were learned, ``place`` where the parameters come
    from.
    """
    own = identity_of(checked, every=known.every)
    found = [*_other_constants(own, known, place), *_other_types(own, known, place)]
    found += _other_rules(checked, own, known, lines, place)
    if not found:
        message = "these are parameters of another program"
        found.append(Diagnostic(ANOTHER, message, hint=LEARN_ANEW, place=place))
    return tuple(found)


def _other_constants(own: Identity, known: Identity, place: str) -> Iterator[Diagnostic]:
    values = dict(own.constants)
    for name, value in known.constants:
        if name not in values:
            shown = format_scalar(value)
            message = f"the parameters were learned with a constant {name} = {shown}, which has no part here"
            yield Diagnostic(ANOTHER, message, hint=LEARN_ANEW, place=place)
        elif not _same(values[name], value):
            learned, here = format_scalar(value), format_scalar(values[name])
            message = f"the parameters were learned with {name} = {learned}; here {name} = {here}"
            hint = f"give --const {name}={learned}, or learn anew"
            yield Diagnostic(ANOTHER, message, hint=hint, place=place)
    before = dict(known.constants)
    for name, value in own.constants:
        if name not in before:
            message = f"the parameters were learned without the constant {name} = {format_scalar(value)}"
            yield Diagnostic(ANOTHER, message, hint=LEARN_ANEW, place=place)


def _same(left: Value | float, right: Value | float) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _other_types(own: Identity, known: Identity, place: str) -> Iterator[Diagnostic]:
    mine = {text.split("(")[0].split(" :")[0]: text for text in own.attributes}
    for text in known.attributes:
        now = mine.get(text.split("(")[0].split(" :")[0])
        if now is not None and now != text:
            message = f"the parameters were learned for '{text}'; the program has '{now}'"
            yield Diagnostic(ANOTHER, message, hint=LEARN_ANEW, place=place)


def _other_rules(
    checked: CheckedProgram, own: Identity, known: Identity, lines: Mapping[str, int], place: str
) -> Iterator[Diagnostic]:
    """Rules that were changed, then rules that are missing here, then rules that are new."""
    gone = list((Counter(known.statements) - Counter(own.statements)).elements())
    spans = {canonical(rule.statement): rule.statement.span for rule in checked.rules}
    new = list((Counter(own.statements) - Counter(known.statements)).elements())
    unmarked = [text for text in spans if text not in own.statements]
    of_file = "" if place == "parameters" else f" of {place}"
    for text in gone:
        where = f" of line {lines[text]}" if text in lines else ""
        near = get_close_matches(text, [*new, *unmarked], n=1, cutoff=0.75)
        if near:
            (now,) = near
            (new if now in new else unmarked).remove(now)
            before = f"; it stood on line {lines[text]}" if text in lines else ""
            message = f"this rule has changed since the parameters{of_file} were learned{before}"
            hint = f"it was: {text}"
            yield Diagnostic(ANOTHER, message, spans[now], hint, place=place)
        else:
            message = f"the parameters belong to a rule{where} that the program does not have: {text}"
            yield Diagnostic(ANOTHER, message, hint=LEARN_ANEW, place=place)
    for text in new:
        message = f"this rule is not among those to which the parameters{of_file} belong"
        yield Diagnostic(ANOTHER, message, spans.get(text, NOWHERE), LEARN_ANEW, place=place)
