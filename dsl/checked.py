"""A checked program: what :func:`nesy.dsl.check` returns and grounding starts from.

Names are resolved, types are laid out as finite domains with constants applied, variables of uncertain rules
have a domain, and the direct dependencies between names are known. The statements stay as they were written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.statements import IndexItem, Program, UncertainRule
from nesy.dsl.syntax import Formula
from nesy.dsl.values import Value


@dataclass(frozen=True)
class Domain:
    """A finite, ordered type. ``components`` are the factors of a product type, empty otherwise.

    The values of a product are in lexicographic order (last component fastest). ``bool`` is ``(False, True)``.
    An open type has the values that facts and data give it, in order of first appearance (``is_open``).
    """

    name: str
    values: tuple[Value, ...]
    components: tuple[Domain, ...] = ()
    is_open: bool = False

    @cached_property
    def positions(self) -> Mapping[Value, int]:
        """Each value's place on the value axis. Use :meth:`position` for look-ups: ``True == 1`` in Python."""
        return {value: place for place, value in enumerate(self.values)}

    @property
    def is_bool(self) -> bool:
        """Whether these are the truth values: ``0..1`` is not, though 0 equals False in Python."""
        return self.values == (False, True) and isinstance(self.values[0], bool)

    def position(self, value: Value) -> int | None:
        """Place of ``value`` on the value axis, None if it is outside the domain."""
        place = self.positions.get(value)
        if place is None or isinstance(self.values[place], bool) != isinstance(value, bool):
            return None
        return place

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class NumericType:
    """``real`` or ``int``: the types of random variables that are not finite."""

    name: Literal["real", "int"]


ValueType = Domain | NumericType

AttributeKind = Literal["percept", "concept", "random", "definition"]


@dataclass(frozen=True)
class AttributeInfo:
    """A declared attribute.

    ``index`` has one domain per place (inferred for variables from ``condition``); ``index_items`` are the places
    as written. ``condition`` (after ``for``) restricts the index and is empty where it is the full product.
    """

    name: str
    kind: AttributeKind
    index: tuple[Domain, ...]
    value: ValueType
    index_items: tuple[IndexItem, ...]
    condition: tuple[Formula, ...]
    sources: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class RelationInfo:
    """A relation, declared or not.

    ``arguments`` gives the domain of each place where it is known. ``status``: ``crisp`` (known while grounding),
    ``derived`` (its truth depends on an attribute), ``chosen`` (it depends on a choice or a disjunction).
    """

    name: str
    arity: int
    arguments: tuple[Domain | None, ...]
    status: Literal["crisp", "derived", "chosen"]
    declared: bool
    span: Span


@dataclass(frozen=True)
class TypedRule:
    """An uncertain rule with the domain of each of its variables, in order of first appearance.

    Variables local to a set comprehension or to a quantifier are not listed here but in ``local_variables``.
    """

    statement: UncertainRule
    variables: tuple[tuple[str, Domain], ...]
    local_variables: frozenset[str]


@dataclass(frozen=True)
class CheckedProgram:
    """A program without errors. ``warnings`` are what the checks found worth saying all the same.

    ``depends`` maps the name of each attribute and relation to the names on which its definition draws directly.
    """

    program: Program
    constants: Mapping[str, Value | float]
    types: Mapping[str, Domain]
    attributes: Mapping[str, AttributeInfo]
    relations: Mapping[tuple[str, int], RelationInfo]
    rules: tuple[TypedRule, ...]
    depends: Mapping[str, frozenset[str]]
    warnings: tuple[Diagnostic, ...] = field(default=())

    def needed_by(self, names: Iterable[str]) -> frozenset[str]:
        """All names that the definitions of ``names`` draw on, themselves included."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(self.depends.get(name, ()))
        return frozenset(seen)
