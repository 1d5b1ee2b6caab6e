"""The ground model: a finite, indexed program, from which every back end lowers.

Attributes are laid out as tensors (family, index, value axis). Crisp relations are known. Uncertain rules and
``:-`` rules over attributes are instantiated; each keeps its source line and its variable bindings, so that every
answer can be explained in the user's own words. Variables, arithmetic and crisp conditions are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from nesy.dsl.checked import CheckedProgram, Domain
from nesy.dsl.checks.constants import Scalar
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.values import Value, format_reference, format_value


@dataclass(frozen=True)
class Attribute:
    """One attribute family.

    ``index`` lists the index tuples in order (one empty tuple if there is no index). ``shape`` is the shape of the
    index axes of evidence and answers: the extents of the index types where the index is their full product
    (in row-major order of ``index``), otherwise ``(len(index),)``; ``()`` without index. A percept read by several
    sources is one attribute ``label`` and one attribute ``label@m1`` for each source.
    """

    name: str
    kind: Literal["percept", "concept"]
    index: tuple[tuple[Value, ...], ...]
    shape: tuple[int, ...]
    domain: Domain
    span: Span

    @cached_property
    def positions(self) -> Mapping[tuple[Value, ...], int]:
        """Place of each index tuple in ``index``."""
        return {entry: place for place, entry in enumerate(self.index)}

    def label(self, position: int) -> str:
        """``cell(1,2)``: the name of the attribute at one index."""
        return format_reference(self.name, self.index[position])


@dataclass(frozen=True, slots=True)
class Origin:
    """The statement that a ground thing was made from, and the values of its variables in order of appearance."""

    span: Span
    statement: str
    bindings: tuple[tuple[str, Value], ...] = ()


# ----- formulas


@dataclass(frozen=True, slots=True)
class AttributeLiteral:
    """“Attribute ``attribute`` at index ``index`` takes one of ``values``”.

    ``attribute`` is a place in ``GroundModel.attributes``, ``index`` a place in its ``index``, ``values`` are
    places on its value axis, increasing; they may be none (never) or all (always). Negation is the complement.
    """

    attribute: int
    index: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AtomLiteral:
    """“Derived atom ``atom`` holds” (a place in ``GroundModel.atoms``), or, ``negated``, it does not."""

    atom: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conjunction; true when empty."""

    items: tuple[GroundFormula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Disjunction; false when empty."""

    items: tuple[GroundFormula, ...]


GroundFormula: TypeAlias = AttributeLiteral | AtomLiteral | AllOf | AnyOf
"""Negation normal form: negations have been pushed into the literals."""

# ----- rules


@dataclass(frozen=True, slots=True)
class GroundUncertainRule:
    """“if premise then conclusion”, with s = π(conclusion | ¬premise) and r = π(¬conclusion | premise).

    ``learn`` names the parameters to learn and ``group`` the rules that share one pair of them.
    """

    premise: GroundFormula
    conclusion: AttributeLiteral
    s: float
    r: float
    origin: Origin
    learn: tuple[Literal["s", "r"], ...] = ()
    group: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class GroundRule:
    """``head :- body`` over attributes: head is a derived atom or one value of a concept; body a conjunction."""

    head: AtomLiteral | AttributeLiteral
    body: tuple[AttributeLiteral | AtomLiteral, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class GroundAtom:
    """An atom of a derived relation."""

    name: str
    arguments: tuple[Value, ...]

    def __str__(self) -> str:
        return format_reference(self.name, self.arguments)


@dataclass(frozen=True, slots=True)
class GroundQuery:
    """One thing to report.

    ``kind``: ``attribute`` (the distribution of ``attribute`` at ``index``), or ``formula`` (true or false: a
    relation atom, a comparison, …); a crisp formula is an empty :class:`AllOf` or :class:`AnyOf`. ``label`` is
    its key in answers, such as ``cell(1,2)`` or ``path(s,t)``; ``family`` the attribute's or relation's name.
    """

    label: str
    family: str
    kind: Literal["attribute", "formula"]
    attribute: int = -1
    index: int = -1
    formula: GroundFormula | None = None
    span: Span | None = None


# ----- model


@dataclass(frozen=True)
class GroundModel:
    """A ground program, restricted to what its queries depend on.

    ``facts`` maps a crisp relation to its tuples, sorted. ``warnings`` say what was left out and why. ``readings`` are
    the percepts (``label@m1`` for one source's) that a back end's own form of the program speaks of, beside formulas
    and queries.
    """

    program: CheckedProgram
    attributes: tuple[Attribute, ...]
    facts: Mapping[str, tuple[tuple[Scalar, ...], ...]]
    atoms: tuple[GroundAtom, ...]
    rules: tuple[GroundRule, ...]
    uncertain: tuple[GroundUncertainRule, ...]
    queries: tuple[GroundQuery, ...]
    warnings: tuple[Diagnostic, ...] = ()
    readings: frozenset[str] = frozenset()

    @cached_property
    def attribute_places(self) -> Mapping[str, int]:
        """Place of each attribute in ``attributes`` by name."""
        return {attribute.name: place for place, attribute in enumerate(self.attributes)}

    @property
    def percepts(self) -> tuple[Attribute, ...]:
        """The attributes that evidence speaks of, sources included."""
        return tuple(attribute for attribute in self.attributes if attribute.kind == "percept")

    def formulas(self) -> Iterator[GroundFormula]:
        """All formulas: premises, bodies of rules (literal by literal), and what queries ask."""
        yield from (rule.premise for rule in self.uncertain)
        yield from (literal for rule in self.rules for literal in rule.body)
        yield from (query.formula for query in self.queries if query.formula is not None)

    def describe(self, formula: GroundFormula) -> str:
        """A ground formula as text: ``cell(1,2) in {3,4} and not p(a)``."""
        match formula:
            case AttributeLiteral(place, index, values):
                attribute = self.attributes[place]
                return describe_membership(attribute.label(index), attribute.domain, values)
            case AtomLiteral(atom, negated):
                return f"not {self.atoms[atom]}" if negated else str(self.atoms[atom])
            case AllOf(items):
                return " and ".join(map(self._nested, items)) if items else "true"
            case AnyOf(items):
                return " or ".join(map(self._nested, items)) if items else "false"

    def _nested(self, formula: GroundFormula) -> str:
        text = self.describe(formula)
        many = isinstance(formula, AllOf | AnyOf) and len(formula.items) > 1
        return f"({text})" if many else text


def describe_membership(label: str, domain: Domain, values: tuple[int, ...]) -> str:
    """``a = 3``, ``a != 3``, ``a in {3,4}``: the shortest text for “``label`` takes one of ``values``”."""
    if domain.is_bool and len(values) == 1:
        return label if domain.values[values[0]] else f"not {label}"
    if len(values) == 1:
        return f"{label} = {format_value(domain.values[values[0]])}"
    if len(values) > 1 and len(values) == len(domain) - 1:
        (missing,) = set(range(len(domain))) - set(values)
        return f"{label} != {format_value(domain.values[missing])}"
    return f"{label} in {{{','.join(format_value(domain.values[value]) for value in values)}}}"
