"""Which rule sets are solved together.

The unknowns of learning are parameters: one pair (s, r) for each ground rule, or for each group of rules that share one
by ``[learn per K]``. Rule sets that share no parameter with others are independent systems: those with equal sign
tables are solved as one batch. Rule sets that share parameters form one system, their samples stacked.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.ground_model import GroundUncertainRule
from nesy.solvers.possibilistic.learning.stages import RuleSet, Stages

ELEMENTS = 8_000_000
"""Targets and degrees of premises that one batch of independent systems holds at most."""

LARGEST = 100_000_000
"""Targets and degrees that one system of rule sets with different sign tables or columns holds at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rule sets (places in ``Stages.sets``) of one sign table and one attribute with the same columns.

    ``columns`` gives, for s_1, r_1, s_2, r_2, …, the place among the unknowns, −1 where it is not learned.
    """

    sets: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One batch of systems (``shared`` False: one for each rule set of its only part), or one system of all rule sets.

    ``stage`` is the last stage of its rule sets and ``spanning`` whether they belong to several.
    """

    parts: tuple[Part, ...]
    unknowns: int
    shared: bool
    stage: int
    spanning: bool
    attribute: int

    @property
    def sets(self) -> tuple[int, ...]:
        return tuple(place for part in self.parts for place in part.sets)


def parameter_key(rule: GroundUncertainRule, *, every: bool) -> Hashable:
    """What rules that share their parameters have in common. Different statements never share any."""
    if rule.learn:
        return (rule.origin.span, rule.origin.statement, "group", rule.group)
    return (rule.origin.span, rule.origin.statement, "own", rule.origin.bindings) if every else None


def parameter_keys(rule: GroundUncertainRule, *, every: bool) -> tuple[Hashable, Hashable]:
    """The keys of s and r; None where it is not learned."""
    key = parameter_key(rule, every=every)
    names = rule.learn or (("s", "r") if every else ())
    return (key, "s") if "s" in names else None, (key, "r") if "r" in names else None


def tasks_of(stages: Stages, samples: int, *, every: bool) -> tuple[Task, ...]:
    """The tasks, in the order of the stages at which they can be solved; E540 where one is too large."""
    keys = [tuple(key for rule in entry.rules for key in parameter_keys(rule, every=every)) for entry in stages.sets]
    single: list[int] = []
    found: list[Task] = []
    for members in _blocks(keys):
        if len(members) == 1:
            single += members
        else:
            found.append(_shared(stages, keys, members, samples))
    found += _batches(stages, keys, sorted(single), samples)
    return tuple(sorted(found, key=lambda task: (task.stage, task.sets[0])))


def _blocks(keys: Sequence[tuple[Hashable, ...]]) -> list[list[int]]:
    """Sets of rule sets that share parameters, directly or through others; those without any are left out."""
    parent = list(range(len(keys)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    owner: dict[Hashable, int] = {}
    for place, mine in enumerate(keys):
        for key in mine:
            if key is not None:
                other = root(owner.setdefault(key, place))
                parent[max(root(place), other)] = min(root(place), other)
    blocks: dict[int, list[int]] = {}
    for place, mine in enumerate(keys):
        if any(key is not None for key in mine):
            blocks.setdefault(root(place), []).append(place)
    return list(blocks.values())


def _numbered(mine: Sequence[Hashable], numbers: dict[Hashable, int]) -> tuple[int, ...]:
    return tuple(-1 if key is None else numbers.setdefault(key, len(numbers)) for key in mine)


def _shared(stages: Stages, keys: Sequence[tuple[Hashable, ...]], members: Sequence[int], samples: int) -> Task:
    numbers: dict[Hashable, int] = {}
    parts: dict[Hashable, list[int]] = {}
    columns = {place: _numbered(keys[place], numbers) for place in members}
    for place in members:
        entry = stages.sets[place]
        parts.setdefault((entry.node[0], entry.stage, entry.shape, columns[place]), []).append(place)
    _refuse_large(stages, members, list(parts.values()), samples)
    levels = [stages.sets[place].stage for place in members]
    return Task(
        tuple(Part(tuple(places), columns[places[0]]) for places in parts.values()),
        len(numbers),
        True,
        max(levels),
        min(levels) != max(levels),
        stages.sets[members[0]].node[0],
    )


def _refuse_large(stages: Stages, members: Sequence[int], parts: Sequence[Sequence[int]], samples: int) -> None:
    """E540 where rule sets that share some parameters, but not all of the same rules, are too many for one system."""
    if len(parts) == 1:
        return
    firsts = [stages.sets[places[0]] for places in parts]
    width = sum(len(entry.partition.cells) + 2 * len(entry.rules) for entry in firsts)
    if len(members) * samples * width > LARGEST:
        rule = next(rule for rule in firsts[0].rules if rule.learn)
        message = (
            f"the rules on {stages.depends.label(firsts[0].node)} share parameters with those on {len(members) - 1} "
            f"other concepts, but not all of them: one system of {len(parts)} kinds of rule sets, too large for "
            f"{samples} samples"
        )
        hint = "share all parameters of these rules or none, mark fewer of them [learn], or learn from fewer samples"
        raise NesyError(Diagnostic("E540", message, rule.origin.span, hint))


def _batches(stages: Stages, keys: Sequence[tuple[Hashable, ...]], members: Sequence[int], samples: int) -> list[Task]:
    """Batches of neighbours; a batch of many rule sets is divided so that it fits into memory."""

    def alike(place: int) -> Hashable:
        entry = stages.sets[place]
        return (entry.stage, entry.node[0], entry.shape, _numbered(keys[place], {}))

    found = []
    for _, group in groupby(members, alike):
        places = list(group)
        first = stages.sets[places[0]]
        columns = _numbered(keys[places[0]], {})
        step = max(1, ELEMENTS // max(1, samples * _width(first)))
        for start in range(0, len(places), step):
            part = Part(tuple(places[start : start + step]), columns)
            found.append(Task((part,), 1 + max(columns), False, first.stage, False, first.node[0]))
    return found


def _width(entry: RuleSet) -> int:
    return max(len(entry.partition.cells), 2 * len(entry.rules))
