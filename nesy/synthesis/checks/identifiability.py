"""What the evidence cannot tell: queries of which it does not speak, and numbers of which it speaks only together.

The second is a test of sensitivities: if at every draw from the prior the derivatives of all that the evidence compares
or measures, by one number and by another, are proportional, then only a combination of the two is known, such as
their sum, and how they share it is the choice of their priors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.expressions import Apply, Expression, kind_of, references, walk
from nesy.solvers.probabilistic.model.graph import Definition, ModelGraph, Observation, RandomVariable
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.synthesis.conditions import with_conditions
from nesy.synthesis.separation import requisite_observations

DRAWS = 8
MOST = 300
"""With more numbers or measures than this, nothing is tested."""
_SAME = 1e-9
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def unspoken(graph: ModelGraph) -> tuple[str, ...]:
    """The queries that are d-separated from all conditions: their posterior is their prior."""
    parents, names = with_conditions(graph)
    known = set(names)
    return tuple(
        estimand.label
        for estimand in graph.estimands
        if estimand.parents and not requisite_observations(parents, estimand.parents, known)
    )


def together(graph: ModelGraph, prior: Executor) -> tuple[tuple[str, ...], ...]:
    """Groups of continuous random variables of which the evidence speaks only together, and a query apart.

    ``prior`` runs the graph without its conditions.
    """
    latents = [node.label for node in graph.variables if _is_free_number(node, graph)]
    measures = list(dict.fromkeys(_measures(graph)))
    asked = [part for entry in graph.estimands for part in _sides(entry.expression, graph)]
    if len(latents) < 2 or not measures or max(len(latents), len(measures), len(asked)) > MOST:
        return ()
    both = _sensitivities(prior, latents, [*measures, *asked])
    alike = _proportional(both[:, : len(measures)]) & ~_proportional(both)
    groups: dict[str, list[str]] = {}
    leader: dict[str, str] = {}
    for place, label in enumerate(latents):
        first = next(
            (leader.get(latents[other], latents[other]) for other in range(place) if alike[other, place]), None
        )
        if first is not None:
            leader[label] = first
            groups.setdefault(first, [first]).append(label)
    return tuple(tuple(sorted(group)) for group in groups.values())


def _is_free_number(node: RandomVariable, graph: ModelGraph) -> bool:
    return node.domain is None and not node.integer and node.label not in graph.observed


def _measures(graph: ModelGraph) -> Iterator[Expression]:
    """What the evidence compares or measures: the parameters of what depends on a number, and the sides of events."""
    relevant = graph.ancestors(tuple(label for entry in graph.conditions for label in entry.parents))
    for node in graph.nodes:
        if node.label in relevant:
            expressions = node.distribution.arguments if isinstance(node, RandomVariable) else (node.expression,)
            for expression in expressions:
                yield from _sides(expression, graph, whole=isinstance(node, RandomVariable))
    for condition in graph.conditions:
        if not isinstance(condition, Observation):
            yield from _sides(condition.expression, graph)


def _sides(expression: Expression, graph: ModelGraph, *, whole: bool = True) -> Iterator[Expression]:
    """The expression, where it is a number, and both sides of all comparisons of numbers in it."""
    if whole and kind_of(expression, graph.kind) == "number":
        yield expression
    for part in walk(expression):
        if isinstance(part, Apply) and part.operator in _COMPARISONS:
            yield from (side for side in part.arguments if kind_of(side, graph.kind) == "number")
    if whole and kind_of(expression, graph.kind) == "bool":
        for label in references(expression):
            node = graph.by_label[label]
            if isinstance(node, Definition) and node.kind == "bool":
                yield from _sides(node.expression, graph)


def _sensitivities(executor: Executor, latents: Sequence[str], measures: Sequence[Expression]) -> Tensor:
    """The derivatives ``[draw, measure, latent]`` at draws from the prior, seed 0; 0 where there is none."""
    state, _ = executor.draw(DRAWS, torch.Generator().manual_seed(0))
    free = [state[number].detach().clone() for number in executor.free]
    numbers = {number: place for place, number in enumerate(executor.free)}
    wanted = sorted({numbers[executor.plates.places[label][0]] for label in latents})
    for place in wanted:
        free[place].requires_grad_()
    complete = executor.complete(free)
    found = torch.zeros(DRAWS, len(measures), len(latents), dtype=torch.float64)
    for row, measure in enumerate(measures):
        value = executor.function(measure)(complete)
        if not value.requires_grad:
            continue
        slopes = torch.autograd.grad(
            value.sum(), [free[place] for place in wanted], retain_graph=True, allow_unused=True
        )
        by_place = dict(zip(wanted, slopes, strict=True))
        for column, label in enumerate(latents):
            block, member = executor.plates.places[label]
            slope = by_place[numbers[block]]
            if slope is not None:
                found[:, row, column] = slope[:, member]
    return torch.nan_to_num(found)


def _proportional(columns: Tensor) -> Tensor:
    """Which pairs of columns ``[draw, measure, column]`` are proportional at every draw, and not 0 throughout."""
    products = columns.mT @ columns
    sizes = products.diagonal(dim1=1, dim2=2)
    squares = sizes[:, :, None] * sizes[:, None, :]
    return (squares > 0).any(0) & (squares - products**2 <= _SAME * squares).all(0)
