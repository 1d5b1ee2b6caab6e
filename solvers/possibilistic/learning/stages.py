"""The stages of a program: which rule sets can be worked out together, after which others.

A rule set is learned when all that its premises rest on is known. Its stage is the longest chain of concepts and
derived relations below it. Rule sets of one stage whose sign tables are equal (all pairs of cells of a grid) lie next
to one another in the table of degrees, so that one view of it shows them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nesy.solvers.ground_model import GroundModel, GroundUncertainRule
from nesy.solvers.possibilistic.dependencies import Dependencies, Node, dependencies
from nesy.solvers.possibilistic.distributions import Shapes
from nesy.solvers.possibilistic.fixpoint import lower_loop
from nesy.solvers.possibilistic.learning.cutting import CutLowering, Layout
from nesy.solvers.possibilistic.lower import asked_sets
from nesy.solvers.possibilistic.partition import Partition
from nesy.solvers.possibilistic.premise import literals, variable
from nesy.solvers.possibilistic.rulesets import Patterns
from nesy.solvers.possibilistic.schedule import Plan, schedule


@dataclass(frozen=True)
class RuleSet:
    """The uncertain rules on one concept at one index. ``start`` is the row of λ_1; ``stage`` counts from 0."""

    node: Node
    rules: tuple[GroundUncertainRule, ...]
    partition: Partition
    start: int
    stage: int

    @cached_property
    def shape(self) -> tuple[int, int, bytes]:
        """Equal for rule sets with equal sign tables."""
        signs = self.partition.signs
        return (signs.shape[0], signs.shape[1], signs.tobytes())


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``plan`` reads the rows ``reads`` and its outputs are the rows ``start … stop - 1``."""

    plan: Plan
    reads: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Stages:
    """A program cut into stages. ``sets`` are in the order of their rows;"""

    model: GroundModel
    depends: Dependencies
    layout: Layout
    sets: tuple[RuleSet, ...]
    stages: tuple[Stage, ...]
    loops: frozenset[Node]
    asked: Mapping[int, tuple[tuple[int, ...], ...]]

    @cached_property
    def set_of(self) -> Mapping[Node, int]:
        """The place of each concept's rule set in ``sets``."""
        return {entry.node: place for place, entry in enumerate(self.sets)}

    def lowering(self, shapes: Shapes, patterns: Patterns) -> CutLowering:
        """An empty circuit for one stage."""
        return CutLowering(
            model=self.model,
            shapes=shapes,
            patterns=patterns,
            asked=self.asked,
            layout=self.layout,
            depends=self.depends,
            loops=self.loops,
        )

    def distributions(self, nodes: Sequence[Node]) -> Stage:
        """A stage above all others whose outputs are Π of all values of the concepts ``nodes``, one after the other."""
        state = self.lowering(Shapes(), Patterns())
        outputs = [
            state.distributions[node].possibility((value,)) for node in nodes for value in range(state.size(node[0]))
        ]
        return Stage(_plan(state, outputs), tuple(state.reads), 0, len(outputs))


@dataclass(frozen=True, slots=True)
class _Item:
    """What is worked out at once: λ and ρ of the ``rules`` of a concept, what its ``clauses`` give, an ``atom``, or a
    ``loop``.
    """

    members: tuple[Node, ...]
    stage: int
    kind: str


def cut(model: GroundModel, given: Iterable[int] = (), wanted: Iterable[Node] | None = None) -> Stages:
    """Cut ``model`` into stages.

    The values of percepts and of the attributes ``given`` come from outside. With ``wanted`` only what these concepts
    at their indices depend on is taken. Raises E520 and E522 as compiling does.
    """
    outside = {place for place, attribute in enumerate(model.attributes) if attribute.kind == "percept"} | set(given)
    depends = dependencies(model)
    live = _live(depends, outside, wanted)
    loops = frozenset(
        node for members in depends.order if depends.is_loop(members) for node in members if node[0] not in outside
    )
    items = _items(depends, live, loops)
    patterns = Patterns()
    layout, sets, ordered = _laid_out(model, depends, items, sorted(outside), patterns)
    found = Stages(model, depends, layout, sets, (), loops, asked_sets(model))
    shapes = Shapes()
    stages = []
    start = layout.outside
    for members in ordered:
        state = found.lowering(shapes, patterns)
        outputs = [node for item in members for node in _outputs(state, item)]
        stages.append(Stage(_plan(state, outputs), tuple(state.reads), start, start + len(outputs)))
        start += len(outputs)
    return replace(found, stages=tuple(stages))


def _plan(state: CutLowering, outputs: Sequence[int]) -> Plan:
    return schedule(state.circuit, list(state.reads.values()), outputs)


def _live(depends: Dependencies, outside: set[int], wanted: Iterable[Node] | None) -> set[Node]:
    """What is to be worked out: all, or what ``wanted`` rests on; what comes from outside needs nothing."""
    if wanted is None:
        return {node for node in depends.edges if node[0] not in outside}
    found: set[Node] = set()
    waiting = [node for node in wanted if node[0] not in outside]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(target for target in depends.edges.get(node, ()) if target[0] not in outside)
    return found


def _items(depends: Dependencies, live: set[Node], loops: frozenset[Node]) -> list[_Item]:
    """The items with their stages, in the order of dependencies."""
    known: dict[Node, int] = {}
    items: list[_Item] = []

    def add(members: tuple[Node, ...], below: Iterable[Node], *kinds: str) -> None:
        stage = max((known.get(node, 0) for node in below), default=0)
        items.extend(_Item(members, stage, kind) for kind in kinds)
        known.update(dict.fromkeys(members, stage + 1))

    for members in depends.order:
        mine = tuple(node for node in members if node in live)
        if not mine:
            continue
        if mine[0] in loops:
            for node in mine:
                rules = depends.uncertain.get(node, ())
                if rules:
                    add((node,), [variable(entry) for rule in rules for entry in literals(rule.premise)], "rules")
            inner = set(mine)
            outer = [target for node in mine for target in depends.edges[node] if target not in inner]
            add(mine, [*outer, *mine], "loop")
        elif mine[0][0] < 0:
            add(mine, depends.edges[mine[0]], "atom")
        else:
            uncertain, clauses = depends.uncertain.get(mine[0]), depends.clauses.get(mine[0])
            kinds = [name for name, present in (("rules", uncertain), ("clauses", clauses)) if present]
            add(mine, depends.edges[mine[0]], *kinds)
    used = {target for node in live for target in depends.edges[node]}
    last = max((item.stage for item in items), default=0)
    return [item if used.intersection(item.members) else replace(item, stage=last) for item in items]


def _laid_out(
    model: GroundModel, depends: Dependencies, items: Sequence[_Item], outside: Sequence[int], patterns: Patterns
) -> tuple[Layout, tuple[RuleSet, ...], list[list[_Item]]]:
    """Rows for everything, the rule sets, and the items of each stage in the order of their rows."""
    given: dict[int, int] = {}
    row = 0
    for place in outside:
        given[place] = row
        row += len(model.attributes[place].index) * len(model.attributes[place].domain)
    first = row
    rules: dict[Node, int] = {}
    clauses: dict[Node, int] = {}
    atoms: dict[int, int] = {}
    sets: list[RuleSet] = []
    ordered = _by_stage(model, items, depends, patterns)
    for number, members in enumerate(ordered):
        for item, made in members:
            (node, *_) = item.members
            if item.kind == "rules" and made is not None:
                rules[node] = row
                sets.append(RuleSet(node, tuple(depends.uncertain[node]), made, row, number))
                row += 2 * made.signs.shape[1]
                continue
            for node in item.members:
                attribute, number = node
                if attribute < 0:
                    atoms[number] = row
                    row += 2
                else:
                    clauses[node] = row
                    row += len(model.attributes[attribute].domain)
    layout = Layout(given, rules, clauses, atoms, first, row)
    return layout, tuple(sets), [[item for item, _ in members] for members in ordered]


def _by_stage(
    model: GroundModel, items: Sequence[_Item], depends: Dependencies, patterns: Patterns
) -> list[list[tuple[_Item, Partition | None]]]:
    """The items of each stage: rule sets first, those with equal sign tables together, then the rest."""
    count = 1 + max((item.stage for item in items), default=-1)
    tables: list[dict[bytes, list[tuple[_Item, Partition | None]]]] = [{} for _ in range(count)]
    others: list[list[tuple[_Item, Partition | None]]] = [[] for _ in range(count)]
    for item in items:
        if item.kind != "rules":
            others[item.stage].append((item, None))
            continue
        node = item.members[0]
        size = len(model.attributes[node[0]].domain)
        made = patterns.partition(size, tuple(rule.conclusion.values for rule in depends.uncertain[node]))
        key = bytes(made.signs.shape) + made.signs.tobytes()
        tables[item.stage].setdefault(key, []).append((item, made))
    return [
        [*(entry for members in table.values() for entry in members), *rest]
        for table, rest in zip(tables, others, strict=True)
    ]


def _outputs(state: CutLowering, item: _Item) -> list[int]:
    """The nodes of an item's rows."""
    node = item.members[0]
    match item.kind:
        case "rules":
            return [side for pair in state.premises(node, state.depends.uncertain[node]) for side in pair]
        case "clauses":
            return state.clause_degrees(node)
        case "atom":
            state.atom(node[1], state.depends.clauses.get(node, ()))
            return list(state.atoms[node[1]])
        case _:
            lower_loop(state, item.members, state.depends)
            return state.loop_degrees(item.members)
