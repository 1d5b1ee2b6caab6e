"""The ground logic program: what gringo makes of a program with attributes, as plain data with origins.

Answer-set solving, integer programming, the checker of models and the explanations all start from this one type, so
that a program is grounded once and what they say can be compared rule by rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from nesy.dsl.graphs import components
from nesy.dsl.statements import Query
from nesy.solvers.ground_model import GroundModel, Origin

Literal: TypeAlias = int
"""An atom (numbered from 1), or minus an atom: its default negation."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``head :- body``: a disjunction over the head (a constraint if it is empty), or, with ``choice``, a choice.

    ``origin`` is a place in ``LogicProgram.origins``, −1 for rules that stand for no statement: domains of
    attributes, helpers and what is crisp.
    """

    head: tuple[int, ...]
    body: tuple[Literal, ...]
    choice: bool = False
    origin: int = -1


@dataclass(frozen=True, slots=True)
class WeightRule:
    """``head :- lower ≤ sum of the weights of the literals that hold``; weights are positive."""

    head: tuple[int, ...]
    lower: int
    body: tuple[tuple[Literal, int], ...]
    choice: bool = False
    origin: int = -1


@dataclass(frozen=True, slots=True)
class Penalty:
    """``weight`` is paid at ``level`` where ``literal`` holds; it may be negative (what is maximised)."""

    literal: Literal
    weight: int
    level: int
    origin: int = -1


@dataclass(frozen=True)
class LogicProgram:
    """A ground program over the atoms 1 … ``size``.

    ``model`` names what the atoms stand for: ``values[attribute][index][value]`` is the atom of “the attribute takes
    this value at this index”, 0 where grounding has shown it impossible; in every model exactly one of an index holds.
    The table of a concept that is no part of the search is empty; ``determined`` names these. ``atoms[place]`` is the
    atom of ``model.atoms[place]``. ``names`` has the name of each atom that has one, as messages say it, and ``texts``
    what clingo calls it. ``penalties`` are those of the program; evidence adds its own at level 0 for each instance.
    ``asked`` are the queries as statements. Penalties of uncertain rules stand for broken instances:
    ``degrees[origin, level]`` says how possible these are.
    """

    model: GroundModel
    size: int
    rules: tuple[Rule | WeightRule, ...]
    penalties: tuple[Penalty, ...]
    values: tuple[tuple[tuple[int, ...], ...], ...]
    atoms: tuple[int, ...]
    names: Mapping[int, str]
    origins: tuple[Origin, ...]
    asked: tuple[Query, ...]
    determined: tuple[str, ...] = ()
    degrees: Mapping[tuple[int, int], float] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    goals: frozenset[int] = frozenset()
    """The origins that are no soft constraints but something to be minimised or maximised."""

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """The levels of the penalties and of the evidence (0), the most important first."""
        return tuple(sorted({0, *(penalty.level for penalty in self.penalties)}, reverse=True))

    @cached_property
    def loops(self) -> Mapping[int, int]:
        """The atoms that positive rules let support themselves in a circle: the number of the circle of each.

        A circle is a strongly connected component of the positive dependencies; a program without any is *tight*.
        """
        edges: dict[int, set[int]] = defaultdict(set)
        for rule in self.rules:
            body = rule.body if isinstance(rule, Rule) else [literal for literal, _ in rule.body]
            positive = {literal for literal in body if literal > 0}
            for atom in rule.head:
                edges[atom] |= positive
        found: dict[int, int] = {}
        for place, members in enumerate(components(edges)):
            if len(members) > 1 or members[0] in edges[members[0]]:
                found.update(dict.fromkeys(members, place))
        return found

    def describe(self, literal: Literal) -> str:
        """A literal as text: ``cell(1,2,3)``, ``not p(a)``."""
        name = self.names.get(abs(literal), f"atom {abs(literal)}")
        return name if literal > 0 else f"not {name}"
