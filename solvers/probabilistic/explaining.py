"""Why a posterior is what it is: what was believed before, what each observation changed, along which path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.span import Span
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status
from nesy.solvers.explanation import Conflict, Explanation, Influence, Step
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.solvers.probabilistic.model.graph import Condition, Estimand, ModelGraph

MOST = 30
"""With more conditions than this, those of one statement are left out together."""
TINY = 1e-12

Infer = Callable[[ModelGraph], Inferred]
Statement = Callable[[Span], str]


def explain(
    graph: ModelGraph, found: Inferred, infer: Infer, statement: Statement, instance: int, query: str | None
) -> tuple[Explanation, ...]:
    """One explanation for each estimand (or for the one called ``query``): ``infer`` answers changed models."""
    places = [place for place, estimand in enumerate(graph.estimands) if query in (None, estimand.label)]
    if query is not None and not places:
        raise KeyError(f"'{query}' is not among the queries")
    prior = _tried(infer, replace(graph, conditions=()))
    left_out = [(group, _tried(infer, _without(graph, group))) for group in _groups(graph)]
    return tuple(_explained(graph, place, found, prior, left_out, statement, instance) for place in places)


def conflict_explanation(conditions: Sequence[Condition], statement: Statement, instance: int) -> Explanation:
    """What cannot hold together."""
    steps = tuple(Step(entry.text, 0.0, "", entry.span, statement(entry.span)) for entry in conditions)
    said = tuple(replace(step, statement=step.source or step.statement, because="") for step in steps)
    return Explanation(instance, "", "infeasible", "cost", 0.0, (), (), conflict=Conflict(said, (), minimal=True))


def _groups(graph: ModelGraph) -> list[tuple[Condition, ...]]:
    """The conditions one by one; those of one statement together where there are many."""
    if len(graph.conditions) <= MOST:
        return [(condition,) for condition in graph.conditions]
    groups: dict[int, list[Condition]] = {}
    for condition in graph.conditions:
        groups.setdefault(condition.span.line, []).append(condition)
    return [tuple(group) for group in groups.values()][:MOST]


def _without(graph: ModelGraph, group: Sequence[Condition]) -> ModelGraph:
    return replace(graph, conditions=tuple(entry for entry in graph.conditions if all(entry is not x for x in group)))


def _tried(infer: Infer, graph: ModelGraph) -> Inferred | None:
    """The answer of a changed model; None where it has none."""
    try:
        found = infer(graph)
    except NesyError:
        return None
    return found if found.status in (Status.SOLVED, Status.ESTIMATED) else None


def _explained(
    graph: ModelGraph,
    place: int,
    found: Inferred,
    prior: Inferred | None,
    left_out: Sequence[tuple[tuple[Condition, ...], Inferred | None]],
    statement: Statement,
    instance: int,
) -> Explanation:
    estimand, posterior = graph.estimands[place], found.posteriors[place]
    value = _answered(estimand, posterior)
    influences = []
    notes = []
    for group, other in left_out:
        text = group[0].text if len(group) == 1 else f"{group[0].text} and {len(group) - 1} more"
        if other is None:
            notes.append(f"without {text} there is no answer to compare with")
            continue
        without = other.posteriors[place]
        parents = tuple(label for condition in group for label in condition.parents)
        influences.append(
            Influence(
                text,
                _effect(posterior, without),
                "nats" if posterior.probability is not None else "sd",
                _figure(without, value, estimand),
                " ".join(_path(graph, estimand.parents, parents)),
                group[0].span,
                statement(group[0].span),
            )
        )
    influences.sort(key=lambda entry: -entry.effect)
    measure = "probability" if posterior.probability is not None else "mean"
    before = None if prior is None else _figure(prior.posteriors[place], value, estimand)
    return Explanation(
        instance,
        estimand.label,
        value,
        measure,
        _figure(posterior, value, estimand),
        (),
        (),
        notes=tuple(notes),
        prior=before,
        influences=tuple(influences),
    )


def _answered(estimand: Estimand, posterior: Posterior) -> str:
    """The value that is explained: true for what is true or false, the likeliest one, or nothing for numbers."""
    if posterior.probability is None or estimand.domain is None:
        return ""
    if estimand.domain.is_bool:
        return "true"
    return format_value(estimand.domain.values[int(posterior.probability.argmax())])


def _figure(posterior: Posterior, value: str, estimand: Estimand) -> float:
    """The probability of ``value``, or the mean."""
    if posterior.probability is None or estimand.domain is None:
        return float(posterior.mean or 0.0)
    names = [format_value(entry) for entry in estimand.domain.values]
    return float(posterior.probability[names.index(value)])


def _effect(posterior: Posterior, without: Posterior) -> float:
    """How far an observation moved a posterior: KL(with ‖ without) in nats, or the mean's shift in units of the sd."""
    if posterior.probability is not None and without.probability is not None:
        pairs = zip(posterior.probability.tolist(), without.probability.tolist(), strict=True)
        return max(float(sum(p * log(p / max(q, TINY)) for p, q in pairs if p > TINY)), 0.0)
    if posterior.mean is None or without.mean is None:
        return 0.0
    return abs(posterior.mean - without.mean) / max(posterior.sd or 0.0, TINY)


def _path(graph: ModelGraph, starts: Sequence[str], goals: Sequence[str]) -> list[str]:
    """A shortest path from the estimand to what was observed: labels with arrows in the direction of dependence."""
    children: dict[str, list[str]] = {node.label: [] for node in graph.nodes}
    for label, parents in graph.edges.items():
        for parent in parents:
            children[parent].append(label)
    came: dict[str, tuple[str, str]] = dict.fromkeys(starts, ("", ""))
    frontier = list(starts)
    while frontier:
        reached = next((label for label in frontier if label in goals), None)
        if reached is not None:
            path = [reached]
            while came[path[-1]][0] or came[path[-1]][1]:
                before, arrow = came[path[-1]]
                path += [arrow, before]
            return path[::-1]
        following = []
        for label in frontier:
            for other, arrow in (*((c, "→") for c in children[label]), *((p, "←") for p in graph.edges[label])):
                if other not in came:
                    came[other] = (label, arrow)
                    following.append(other)
        frontier = following
    return []
