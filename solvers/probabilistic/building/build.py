"""Building the model graph of a checked program: ground, instantiate what is needed, order, type, validate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.checks.types import BOOL
from nesy.dsl.diagnostics import Diagnostic, Label, gathered, raise_errors
from nesy.dsl.graphs import components, shortest_cycle
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call, Formula, Variable
from nesy.solvers.ground_model import Attribute
from nesy.solvers.probabilistic.building.conditions import ConditionReader
from nesy.solvers.probabilistic.building.facts import Facts, ground_facts
from nesy.solvers.probabilistic.building.instances import Registry
from nesy.solvers.probabilistic.building.nodes import NodeBuilder
from nesy.solvers.probabilistic.model.expressions import Kind, kind_of
from nesy.solvers.probabilistic.model.graph import (
    Condition,
    Definition,
    Equation,
    Estimand,
    Event,
    ModelGraph,
    Node,
    RandomVariable,
)
from nesy.solvers.probabilistic.model.kinds import kind_problems
from nesy.solvers.probabilistic.model.supports import Supports, continuous_equality
from nesy.solvers.probabilistic.model.validation import problems_of


@dataclass(frozen=True)
class Built:
    """A model graph, the facts that it was grounded with, its percepts, and what was remarked on the way."""

    graph: ModelGraph
    facts: Facts
    percepts: tuple[Attribute, ...]
    warnings: tuple[Diagnostic, ...]


def build(
    checked: CheckedProgram,
    queries: Sequence[Query] | None = None,
    *,
    given: Sequence[Formula] = (),
    strict: bool = False,
) -> Built:
    """The model graph for ``queries`` (None: the program's own; all random variables if it has none).

    ``given`` is observed on top of what the program observes.

    Raises :class:`NesyError` with every finding: what grounding finds (E51x), instances outside an index (E590),
    cycles (E591), arguments that a distribution does not admit (E592), observations outside the support (E593), values
    that do not mix (E597).
    """
    asked = list(_queries(checked) if queries is None else queries)
    ground = ground_facts(checked, [*(query.formula for query in asked), *given], strict=strict)
    registry = Registry(checked, ground.facts)
    reader, builder = ConditionReader(checked, registry), NodeBuilder(checked, registry)
    problems: list[Diagnostic] = []
    estimands: list[Estimand] = []
    conditions: list[Condition] = []
    for query in asked:
        with gathered(problems):
            estimands.extend(reader.query(query))
    for statement in ground.restrictions:
        with gathered(problems):
            conditions.extend(reader.restriction(statement))
    for formula in given:
        with gathered(problems):
            conditions.extend(reader.observed(formula, {}, formula.span))
    nodes: dict[str, Node] = {}
    while registry.waiting:
        label = registry.waiting.popleft()
        with gathered(problems):
            nodes.update((node.label, node) for node in builder.build(label, registry.known[label]))
    raise_errors(problems)
    graph = _typed(_ordered(nodes.values()), conditions, _distinct(estimands))
    raise_errors(kind_problems(graph))
    graph = _settled(graph)
    raise_errors(problems_of(graph))
    percepts = tuple(
        _percept(info, registry)
        for info in checked.attributes.values()
        if info.kind == "percept" and any(node.family == info.name for node in graph.nodes)
    )
    return Built(graph, ground.facts, percepts, ground.warnings)


def _percept(info: AttributeInfo, registry: Registry) -> Attribute:
    """A percept with all of its indices: evidence speaks of the whole family."""
    index = tuple(registry.rows(info))
    assert isinstance(info.value, Domain)
    shape = (len(index),) if info.condition else tuple(map(len, info.index))
    return Attribute(info.name, "percept", index, shape, info.value, info.span)


def _queries(checked: CheckedProgram) -> Iterator[Query]:
    """The program's queries, or one for each random variable."""
    own = [entry for entry in checked.program.statements if isinstance(entry, Query)]
    yield from own
    if not own:
        for info in checked.attributes.values():
            if info.kind == "random":
                index = tuple(Variable("_", info.span) for _ in info.index)
                yield Query(Call(info.name, index, None, info.span), info.span)


def _distinct(estimands: Iterable[Estimand]) -> tuple[Estimand, ...]:
    found: dict[str, Estimand] = {}
    for estimand in estimands:
        found.setdefault(estimand.label, estimand)
    return tuple(found.values())


# ----- order


def _ordered(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes in topological order, stable as far as it goes; E591 for cycles."""
    by_label = {node.label: node for node in nodes}
    edges = {label: node.parents for label, node in by_label.items()}
    problems = []
    order: list[Node] = []
    for group in components(edges):
        if len(group) > 1 or group[0] in edges[group[0]]:
            problems.append(_cycle(by_label, edges, min(group)))
        order.extend(by_label[label] for label in group)
    raise_errors(problems)
    return tuple(order)


def _cycle(nodes: Mapping[str, Node], edges: Mapping[str, tuple[str, ...]], start: str) -> Diagnostic:
    path = shortest_cycle(start, edges)
    shown = " ← ".join((*path, start)) if len(path) <= 6 else " ← ".join((*path[:5], "…", start))
    labels = tuple(
        Label(span, f"'{family}' is declared here")
        for family, span in {nodes[label].family: nodes[label].span for label in path[1:]}.items()
        if family != nodes[start].family
    )
    message = f"{start} depends on itself: {shown}"
    hint = "let each value depend on earlier ones only, and give the first one a value of its own"
    return Diagnostic("E591", message, nodes[start].span, hint, labels)


# ----- kinds and domains


def _typed(nodes: tuple[Node, ...], conditions: Sequence[Condition], estimands: tuple[Estimand, ...]) -> ModelGraph:
    """The graph with the kinds of its definitions."""
    kinds: dict[str, Kind] = {}
    typed: list[Node] = []
    for node in nodes:
        if isinstance(node, Definition):
            node = replace(node, kind=kind_of(node.expression, kinds.__getitem__))
        kinds[node.label] = node.kind
        typed.append(node)
    return ModelGraph(tuple(typed), tuple(conditions), estimands)


LARGEST_TABLE = 64
"""A number that is computed from finite variables and takes more values than this is answered by mean and spread."""


def _settled(graph: ModelGraph) -> ModelGraph:
    """Equations of continuous values told from events; definitions with few values get a domain in answers."""
    supports = Supports(graph)
    conditions: list[Condition] = []
    for condition in graph.conditions:
        equal = None
        if isinstance(condition, Event) and not _is_discrete(graph, condition):
            equal = continuous_equality(condition.expression, supports)
        if equal is None:
            conditions.append(condition)
        else:
            conditions.append(Equation(*equal, condition.text, condition.span))
    estimands = tuple(_with_domain(estimand, graph, supports) for estimand in graph.estimands)
    return ModelGraph(graph.nodes, tuple(conditions), estimands)


def _is_discrete(graph: ModelGraph, event: Event) -> bool:
    """Whether an event hangs on finite and whole values alone, so that an equation in it may have a probability."""
    sources = (graph.by_label[label] for label in graph.sources_of(event.parents))
    return all(isinstance(node, RandomVariable) and (node.domain is not None or node.integer) for node in sources)


def _with_domain(estimand: Estimand, graph: ModelGraph, supports: Supports) -> Estimand:
    if estimand.domain is not None:
        return estimand
    kind = kind_of(estimand.expression, graph.kind)
    if kind == "bool":
        return replace(estimand, domain=BOOL)
    values = supports.values(estimand.expression)
    if values is None:
        return estimand
    if kind == "symbol":
        return replace(estimand, domain=Domain(estimand.family, tuple(v for v in values if not isinstance(v, float))))
    whole = sorted(int(value) for value in values if isinstance(value, int | float) and value % 1 == 0)
    if len(whole) < len(values) or len(values) > LARGEST_TABLE:
        return estimand
    return replace(estimand, domain=Domain(estimand.family, tuple(whole)))
