"""Premises, conclusions and queries as templates over rows.

Gringo grounds the *scope* of a formula: one predicate whose atoms are the rows of values that the formula's
variables, and the terms computed from them, take together. The formula itself becomes a :data:`Template` that
says in which columns of the row an index or a value stands. What needs more than a column (sets, comparisons,
crisp conditions, quantifiers) gets a predicate of its own over just the columns that it needs, so that
``{(U, V) : U + V = T}`` is grounded once for each ``T``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nesy.dsl.values import Value

Column: TypeAlias = int
"""Place in a row; negative places are the fixed values at its end."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The atoms of one predicate; each row is its arguments followed by ``fixed`` values."""

    predicate: str
    arity: int
    fixed: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueTemplate:
    """``cell(R, C) = K``: the value stands in one column."""

    attribute: str
    index: tuple[Column, ...]
    value: Column


@dataclass(frozen=True, slots=True)
class SetTemplate:
    """``cell(R, C) in {…}`` and other conditions on one attribute: ``members`` lists key and value."""

    attribute: str
    index: tuple[Column, ...]
    members: Rows
    key: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class CasesTemplate:
    """A condition on several attributes: each row of ``cases`` is a key and, per attribute, index and value."""

    attributes: tuple[tuple[str, int], ...]
    cases: Rows
    key: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class CrispTemplate:
    """A condition without attributes: true if the key is among ``holds``."""

    holds: Rows
    key: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class AtomTemplate:
    """An atom of a derived relation."""

    name: str
    arguments: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class NotTemplate:
    """The complement."""

    operand: Template


@dataclass(frozen=True, slots=True)
class JoinTemplate:
    """A conjunction (``all``) or disjunction (``any``)."""

    kind: Literal["all", "any"]
    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class RangeTemplate:
    """A quantifier: ``body`` for all (or any) rows of ``range`` that start with the key."""

    kind: Literal["all", "any"]
    range: Rows
    key: tuple[Column, ...]
    body: Template


Template: TypeAlias = (
    ValueTemplate
    | SetTemplate
    | CasesTemplate
    | CrispTemplate
    | AtomTemplate
    | NotTemplate
    | JoinTemplate
    | RangeTemplate
)
