"""Propositional programs of every construct, as text and as plain data with a meaning of its own.

Stable models and costs are worked out here from what is *meant*, by trying every interpretation of twelve atoms: two
percepts with three values, a concept with two, four relations. Neither gringo nor the lowering has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import log

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
RESOLUTION = 1000


@dataclass(frozen=True)
class World:
    """Values of ``x(1)``, ``x(2)`` and ``y``, and the relations that hold."""

    x: tuple[int, int]
    y: int
    held: frozenset[str]


@dataclass(frozen=True)
class Literal:
    """``a``, ``not a``, or a reading: ``x(1) = 2``, ``y != 1``."""

    name: str
    index: int = 0
    value: int = 0
    negated: bool = False

    @property
    def text(self) -> str:
        if not self.value:
            return f"not {self.name}" if self.negated else self.name
        place = f"({self.index})" if self.index else ""
        return f"{self.name}{place} {'!=' if self.negated else '='} {self.value}"

    def holds(self, world: World) -> bool:
        if self.value:
            found = world.y if self.name == "y" else world.x[self.index - 1]
            return (found == self.value) != self.negated
        return (self.name in world.held) != self.negated


Body = tuple[Literal, ...]


def all_hold(body: Body, world: World) -> bool:
    return all(literal.holds(world) for literal in body)


@dataclass(frozen=True)
class Aggregate:
    """``count { 0 : a; 1 : b } > 1``, ``sum { 2,0 : a; 1,1 : b } >= 2``, ``max { 3 : a; 1 : b } < 3``."""

    function: str
    elements: tuple[tuple[int, Literal], ...]
    operator: str
    bound: int

    @property
    def text(self) -> str:
        written = [
            f"{weight},{place} : {literal.text}" if self.function == "sum" else f"{weight} : {literal.text}"
            for place, (weight, literal) in enumerate(self.elements)
        ]
        return f"{self.function} {{ {'; '.join(written)} }} {self.operator} {self.bound}"

    def holds(self, world: World) -> bool:
        weights = [weight for weight, literal in self.elements if literal.holds(world)]
        match self.function:
            case "sum":
                value: float = sum(weights)
            case "count":
                value = len(set(weights))
            case "min":
                value = min(weights, default=float("inf"))
            case _:
                value = max(weights, default=float("-inf"))
        return {"<": value < self.bound, ">": value > self.bound, ">=": value >= self.bound}[self.operator]


@dataclass(frozen=True)
class Rule:
    """A disjunction (or one atom) over a body; ``low`` and ``high`` bound a choice."""

    heads: tuple[str, ...]
    body: Body
    choice: bool = False
    low: int = 0
    high: int = len(NAMES)

    @property
    def text(self) -> str:
        if self.choice:
            head = f"{self.low} {{ {'; '.join(self.heads)} }} {self.high}"
        else:
            head = " ; ".join(self.heads)
        return f"{head} :- {', '.join(part.text for part in self.body)}."


@dataclass(frozen=True)
class Constraint:
    body: Body
    aggregate: Aggregate | None = None

    @property
    def text(self) -> str:
        parts = [part.text for part in self.body] + ([self.aggregate.text] if self.aggregate else [])
        return f":- {', '.join(parts)}."

    def broken(self, world: World) -> bool:
        return all_hold(self.body, world) and (self.aggregate is None or self.aggregate.holds(world))


@dataclass(frozen=True)
class Soft:
    body: Body
    weight: int
    level: int

    @property
    def text(self) -> str:
        return f":~ {', '.join(part.text for part in self.body)}. [{self.weight}@{self.level}]"


@dataclass(frozen=True)
class Goal:
    direction: str
    elements: tuple[tuple[int, Literal], ...]
    level: int

    @property
    def text(self) -> str:
        written = (f"{weight}@{self.level},{n} : {literal.text}" for n, (weight, literal) in enumerate(self.elements))
        return f"{self.direction} {{ {'; '.join(written)} }}."

    def cost(self, world: World) -> int:
        total = sum(weight for weight, literal in self.elements if literal.holds(world))
        return total if self.direction == "minimize" else -total


@dataclass(frozen=True)
class Uncertain:
    """``if x(1) = 2 then y = 1 [s = 0.2, r = 0].``"""

    premise: Literal
    conclusion: Literal
    s: float
    r: float

    @property
    def text(self) -> str:
        return f"if {self.premise.text} then {self.conclusion.text} [s = {self.s}, r = {self.r}]."

    def degree(self, world: World) -> float:
        premise, conclusion = self.premise.holds(world), self.conclusion.holds(world)
        return self.r if premise and not conclusion else self.s if conclusion and not premise else 1.0


@dataclass(frozen=True)
class Generated:
    rules: tuple[Rule, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    softs: tuple[Soft, ...] = ()
    goals: tuple[Goal, ...] = ()
    uncertain: tuple[Uncertain, ...] = ()
    evidence: tuple[tuple[int, ...], ...] = field(default=((1, 1, 1), (1, 1, 1)))
    """Weights of the values of x(1) and x(2); a probability is a weight by its row's sum."""

    @property
    def text(self) -> str:
        return self.asking("x(_)", "y", *NAMES)

    def asking(self, *queries: str) -> str:
        """The rule file with these queries."""
        parts = (*self.rules, *self.constraints, *self.softs, *self.goals, *self.uncertain)
        named = [f"{name} :- x(1) = 1, x(1) = 2." for name in NAMES]  # every relation has a rule
        head = ["percept x(1..2) : 1..3.", "concept y : 1..2."]
        asked = (f"query {query}." for query in queries)
        return "\n".join([*head, *(part.text for part in parts), *named, *asked])

    def models(self) -> Iterator[World]:
        """All worlds that are stable, whose readings have a probability and whose certain rules hold."""
        values = [[v for v, weight in enumerate(row, 1) if weight] for row in self.evidence]
        for first, second, y in product(*values, (1, 2)):
            for flags in product((False, True), repeat=len(NAMES)):
                held = frozenset(name for name, flag in zip(NAMES, flags, strict=True) if flag)
                world = World((first, second), y, held)
                if self._allowed(world) and self._stable(world):
                    yield world

    def _allowed(self, world: World) -> bool:
        bounded = (rule for rule in self.rules if rule.choice and all_hold(rule.body, world))
        return (
            not any(constraint.broken(world) for constraint in self.constraints)
            and all(rule.low <= len(world.held & set(rule.heads)) <= rule.high for rule in bounded)
            and all(rule.degree(world) > 0 for rule in self.uncertain)
        )

    def _stable(self, world: World) -> bool:
        """Whether the relations are a least set that satisfies the reduct."""
        reduct: list[tuple[frozenset[str], frozenset[str]]] = []
        for rule in self.rules:
            outside = [part for part in rule.body if part.value or part.negated]
            if not all(part.holds(world) for part in outside):
                continue
            needs = frozenset(part.name for part in rule.body if not part.value and not part.negated)
            heads = [frozenset((h,)) for h in rule.heads if h in world.held] if rule.choice else [frozenset(rule.heads)]
            reduct += [(head, needs) for head in heads]

        def satisfied(held: frozenset[str]) -> bool:
            return all(head & held or not needs <= held for head, needs in reduct)

        names = sorted(world.held)
        smaller = (
            frozenset(name for name, flag in zip(names, flags, strict=True) if flag)
            for flags in product((False, True), repeat=len(names))
        )
        return satisfied(world.held) and not any(len(part) < len(names) and satisfied(part) for part in smaller)

    def cost(self, world: World) -> dict[int, int]:
        """What a world pays by level: broken uncertain rules above all, then the levels of the file, readings at 0."""
        paid = self.penalties(world)
        for row, value in zip(self.evidence, world.x, strict=True):
            paid[0] += round(RESOLUTION * (log(max(row)) - log(row[value - 1])))
        return paid

    def penalties(self, world: World) -> dict[int, int]:
        """The same without the readings."""
        paid: dict[int, int] = {0: 0}
        for soft in self.softs:
            unit = RESOLUTION if soft.level == 0 else 1
            paid[soft.level] = paid.get(soft.level, 0) + unit * soft.weight * all_hold(soft.body, world)
        for goal in self.goals:
            unit = RESOLUTION if goal.level == 0 else 1
            paid[goal.level] = paid.get(goal.level, 0) + unit * goal.cost(world)
        highest = max(paid)
        degrees = sorted({d for rule in self.uncertain for d in (rule.s, rule.r) if 0 < d < 1}, reverse=True)
        for level, degree in enumerate(degrees, highest + 1):
            paid[level] = sum(rule.degree(world) == degree for rule in self.uncertain)
        return paid

    def optimum(self) -> tuple[int, ...] | None:
        """The least costs, the most important level first; None without a model."""
        found = [tuple(cost for _, cost in sorted(self.cost(world).items(), reverse=True)) for world in self.models()]
        return min(found, default=None)


# ----- drawing programs

_relations = st.sampled_from(NAMES).map(Literal)
_readings = st.builds(
    lambda index, value, negated: Literal("x", index, value, negated),
    st.integers(1, 2),
    st.integers(1, 3),
    st.booleans(),
) | st.builds(lambda value, negated: Literal("y", 0, value, negated), st.integers(1, 2), st.booleans())
_negative = _relations.map(lambda literal: Literal(literal.name, negated=True))
_literals = _relations | _relations | _readings | _negative
_bodies = st.lists(_literals, min_size=1, max_size=3).map(tuple)
_heads = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def _choices(draw: st.DrawFn) -> Rule:
    heads = draw(_heads)
    low = draw(st.integers(0, len(heads)))
    return Rule(heads, draw(_bodies), True, low, draw(st.integers(low, len(heads))))


@st.composite
def _aggregates(draw: st.DrawFn) -> Aggregate:
    elements = draw(st.lists(st.tuples(st.integers(-1, 3), _literals), min_size=1, max_size=4))
    function = draw(st.sampled_from(["count", "sum", "min", "max"]))
    return Aggregate(function, tuple(elements), draw(st.sampled_from(["<", ">", ">="])), draw(st.integers(0, 3)))


_elements = st.lists(st.tuples(st.integers(-2, 3), _literals), min_size=1, max_size=3).map(tuple)
_degrees = st.sampled_from([0.0, 0.2, 0.5, 1.0])


def _several(strategy: st.SearchStrategy[object], most: int) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


programs = st.builds(
    Generated,
    rules=_several(st.one_of(st.builds(Rule, _heads.map(lambda h: h[:1]), _bodies), _choices(), _choices()), 6).flatmap(
        lambda rules: st.builds(lambda more: (*rules, *more), _several(st.builds(Rule, _heads, _bodies), 1))
    ),
    constraints=_several(st.builds(Constraint, _bodies, st.none() | _aggregates()), 2),
    softs=_several(st.builds(Soft, _bodies, st.integers(1, 3), st.integers(0, 2)), 3),
    goals=_several(st.builds(Goal, st.sampled_from(["minimize", "maximize"]), _elements, st.integers(0, 2)), 1),
    uncertain=_several(
        st.builds(
            Uncertain,
            _readings.filter(lambda p: p.name == "x"),
            st.builds(lambda value: Literal("y", 0, value), st.integers(1, 2)),
            _degrees,
            _degrees,
        ),
        2,
    ),
    evidence=st.tuples(*[st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any).map(tuple)] * 2),
)


def evidence_table(program: Generated) -> Sequence[Sequence[float]]:
    """The probabilities of the values of x(1) and x(2)."""
    return [[weight / sum(row) for weight in row] for row in program.evidence]
