"""Several queries of a circuit at once: a circuit in which each is a variable of its own, made when first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.probabilistic.counting.circuits.compiling import NoCircuitError, compile_circuit
from nesy.solvers.probabilistic.counting.circuits.evaluation import CircuitEvaluator
from nesy.solvers.probabilistic.counting.circuits.weights import Block, Weights
from nesy.solvers.probabilistic.counting.expressions import ALWAYS

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting.circuits.route import CircuitRoute


def log_weight(route: CircuitRoute, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
    """``[batch]``: the log-weight of the worlds, those of each value of a query weighted by ``targets``."""
    evaluator, weights = joint(route)
    found = []
    for given in _parts(route, _with_targets(route, evidence, targets)):
        leaves, factor = weights.logarithms(given, maximal=False)
        found.append(evaluator.log_values(leaves)[0] + factor)
    return torch.cat(found)


def most_probable(
    route: CircuitRoute, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """The log-weight of the heaviest world, and for each query 1 at its value there; the targets weight values."""
    evaluator, weights = (route.evaluator, route.weights) if not targets else joint(route)
    values: list[Tensor] = []
    worlds: list[dict[str, Tensor]] = []
    names = sorted(evidence)
    with torch.inference_mode(False), torch.enable_grad():
        for given in _parts(route, _with_targets(route, evidence, targets)):
            batch = max(len(tensor) for tensor in given.values())
            logs = {name: tensor.detach().expand(batch, *tensor.shape[1:]).clone() for name, tensor in given.items()}
            wanted = [logs[name].requires_grad_() for name in names]
            leaves, factor = weights.logarithms(logs, maximal=True)
            value = evaluator.log_values(leaves, maximal=True)[0] + factor
            gradients = torch.autograd.grad(value.sum(), wanted, allow_unused=True)
            chosen = {
                name: _one_hot(logs[name].detach(), gradient) for name, gradient in zip(names, gradients, strict=True)
            }
            values.append(value.detach())
            worlds.append(chosen)
    found = [route.posteriors(world)[1] for world in worlds]
    return torch.cat(values), [torch.cat([each[query] for each in found]).round() for query in range(len(route.places))]


def _one_hot(given: Tensor, gradient: Tensor | None) -> Tensor:
    """The chosen values; of what did not matter, the most probable ones."""
    weights = given if gradient is None else torch.where((gradient != 0).any(-1, keepdim=True), gradient * given, given)
    return torch.nn.functional.one_hot(weights.argmax(-1), given.shape[-1]).to(given)


def joint(route: CircuitRoute) -> tuple[CircuitEvaluator, Weights]:
    """The circuit of the conditions together with a variable for each query, and the weights that go with it."""
    if route.joined is None:
        expressions, task = route.worlds.expressions, route.task
        said = [
            expressions.either(
                expressions.both([expressions.literal(variable, [value]), node]) for value, node in enumerate(nodes)
            )
            for variable, nodes in route.queries.values()
        ]
        variables = [*task.variables, *(variable for variable, _ in route.queries.values())]
        conditions = [*task.conditions, *said]
        try:
            circuit = compile_circuit(expressions, variables, conditions, [ALWAYS], seconds=task.seconds)
        except NoCircuitError as error:
            hint = "ask for fewer values at once, or give more time"
            raise NesyError(Diagnostic("E604", f"the queries together are too entangled: {error}", hint=hint)) from None
        blocks = tuple(
            Block(_name(query), (0,), expressions.cards[variable]) for query, (variable, _) in route.queries.items()
        )
        weights = Weights(route.weights.blocks, route.weights.costs, blocks)
        route.joined = CircuitEvaluator(circuit), weights
    return route.joined


def _with_targets(
    route: CircuitRoute, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
) -> dict[str, Tensor]:
    """The evidence, and the targets as evidence on the queries; those of percepts weight their evidence."""
    if not targets:
        return dict(evidence)
    like = next(iter(evidence.values()))
    found = dict(evidence)
    for query, (variable, _) in route.queries.items():
        ones = like.new_ones((1, route.worlds.expressions.cards[variable]))
        found[_name(query)] = targets.get(query, ones)[:, None]
    for query, table in targets.items():
        if query not in route.queries:
            percept = route.worlds.variables[route.worlds.asked[query]]
            name = route.worlds.model.attributes[percept.attribute].name
            weights = like.new_ones((len(table), *found[name].shape[1:]))
            weights[:, percept.index] = table
            found[name] = found[name] * weights
    return found


def _parts(route: CircuitRoute, given: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    batch = max(len(tensor) for tensor in given.values())
    for start in range(0, batch, route.size):
        yield {n: t if len(t) == 1 else t[start : start + route.size] for n, t in given.items()}


def _name(query: int) -> str:
    return f"query {query}"
