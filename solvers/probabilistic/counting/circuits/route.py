"""Worlds answered by a compiled circuit, for programs whose tables would be too large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.probabilistic.counting.circuits.compiling import OpenConceptError, compile_circuit
from nesy.solvers.probabilistic.counting.circuits.evaluation import CircuitEvaluator
from nesy.solvers.probabilistic.counting.circuits.targets import log_weight, most_probable
from nesy.solvers.probabilistic.counting.circuits.weights import Block, Weights, lifted, reached
from nesy.solvers.probabilistic.counting.expressions import ALWAYS, Expressions, Node
from nesy.solvers.probabilistic.counting.substitution import Substitution
from nesy.solvers.probabilistic.counting.worlds import ByValues, Worlds

SMALL = {torch.float64: 1e-12, torch.float32: 1e-5}
"""Values from which on numbers are exact enough; below, logarithms are used."""
LEAST = {torch.float64: 1e-30, torch.float32: 1e-12}
"""Probabilities that stand for 0 where only the gradient is concerned."""
TINY = {torch.float64: 1e-8, torch.float32: 1e-4}
"""Posteriors below this are too small for the rounding errors of a gradient."""
ROOM = 1 << 22
"""Circuit values that are in memory at once."""


@dataclass(frozen=True)
class Task:
    """What was compiled: variables in order, conditions, and the seconds that it might take."""

    variables: tuple[int, ...]
    conditions: tuple[Node, ...]
    seconds: float | None


@dataclass
class CircuitRoute:
    """``places[query]`` are the roots of a query's values (root 0 is that the conditions hold); None for percepts."""

    worlds: Worlds
    task: Task
    evaluator: CircuitEvaluator
    weights: Weights
    places: tuple[tuple[int, ...] | None, ...]
    queries: Mapping[int, tuple[int, tuple[Node, ...]]]
    """For each query that is not about a percept: a variable that stands for it, and what gives it each value."""
    chunk: int | None
    name: str = "circuit"
    joined: tuple[CircuitEvaluator, Weights] | None = None

    @property
    def statistics(self) -> Mapping[str, object]:
        circuit = self.evaluator.circuit
        found = {"nodes": circuit.size, "products": circuit.products, "layers": len(circuit.layers)}
        return {**found, "compiler": "PySDD", "chunk": self.size}

    @property
    def size(self) -> int:
        """Instances evaluated at once."""
        return self.chunk or max(1, min(4096, ROOM // max(1, self.evaluator.circuit.size)))

    @property
    def percepts(self) -> Sequence[int]:
        return [variable for variable in self.task.variables if variable < len(self.worlds.variables)]

    @property
    def open_concepts(self) -> Sequence[int]:
        """None: they are refused."""
        return ()

    # ----- answers

    def posteriors(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        parts = [self._posteriors(part) for part in self._chunks(evidence)]
        count = len(self.places)
        return torch.cat([total for total, _ in parts]), [
            torch.cat([found[q] for _, found in parts]) for q in range(count)
        ]

    def log_weight(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
        if targets:
            return log_weight(self, evidence, targets)
        return torch.cat([self._values(part)[0] for part in self._chunks(evidence)])

    def most_probable(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        return most_probable(self, evidence, targets)

    # ----- evaluation

    def _chunks(self, evidence: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
        batch = max(len(tensor) for tensor in evidence.values())
        return [
            {n: t if len(t) == 1 else t[start : start + self.size] for n, t in evidence.items()}
            for start in range(0, batch, self.size)
        ]

    def _values(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The log-weight of all worlds, ``[batch]``, and the shares of the roots in it, ``[root, batch]``."""
        differentiable = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in evidence.values())
        leaves, factor = self.weights.linear(evidence)
        if differentiable and not reached(evidence, self.weights.blocks):
            like = leaves.dtype
            raised, _ = self.weights.linear(lifted(evidence, LEAST[like]))
            smooth = self.evaluator.values(raised)
            values = self.evaluator.values(leaves.detach()) + (smooth - smooth.detach())
        else:
            values = self.evaluator.values(leaves)
        total = values[0]
        risky = total.detach() < SMALL[leaves.dtype]
        if not bool(risky.any()):
            return total.log() + factor, values / total
        logs, log_factor = self.weights.logarithms(evidence, maximal=False)
        exact = self.evaluator.log_values(logs)
        possible = exact[0] > -torch.inf
        shares = torch.where(possible, (exact - torch.where(possible, exact[0], 0.0)).exp(), torch.zeros_like(exact))
        safe = torch.where(risky, torch.ones_like(total), total)
        log_total = torch.where(risky, exact[0] + log_factor, safe.log() + factor)
        return log_total, torch.where(risky, shares, values / safe)

    def _posteriors(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        total, shares = self._values(evidence)
        percepts = self._percepts(evidence, total) if None in self.places else {}
        found = []
        for query, places in enumerate(self.places):
            found.append(percepts[query] if places is None else shares[list(places)].T)
        return total, found

    def _percepts(self, evidence: Mapping[str, Tensor], total: Tensor) -> dict[int, Tensor]:
        """The posteriors of the queried percepts, by the gradient of the log-weight: p · ∂ log Z / ∂ p."""
        differentiable = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in evidence.values())
        batch = len(total)
        names = sorted({block.name for block in self.weights.blocks})
        with torch.inference_mode(False), torch.enable_grad():
            given = {name: tensor.clone() if tensor.is_inference() else tensor for name, tensor in evidence.items()}
            for name in names:
                own = given[name].expand(batch, *given[name].shape[1:])
                given[name] = own if own.requires_grad else own.detach().requires_grad_()
            if differentiable:
                logs, factor = self.weights.logarithms(given, maximal=False)
                value = self.evaluator.log_values(logs)[0] + factor
            else:
                value, _ = self._values(given)
            wanted = [given[name] for name in names]
            if value.requires_grad:
                gradients: Sequence[Tensor] = torch.autograd.grad(value.sum(), wanted, create_graph=differentiable)
            else:
                gradients = [torch.ones_like(tensor) for tensor in wanted]
        tables = {name: given[name] * each for name, each in zip(names, gradients, strict=True)}
        rows = {block.name: set(block.rows) for block in self.weights.blocks}
        found = {}
        for query, places in enumerate(self.places):
            if places is None:
                variable = self.worlds.variables[self.worlds.asked[query]]
                name = self.worlds.model.attributes[variable.attribute].name
                if variable.index in rows.get(name, ()):
                    table = self._exact(evidence, total.detach(), name, variable.index, tables[name][:, variable.index])
                else:
                    table = evidence[name].expand(batch, -1, -1)[:, variable.index]
                table = table * (total.detach() > -torch.inf)[:, None]
                found[query] = table if differentiable else table.detach()
        return found

    def _exact(self, evidence: Mapping[str, Tensor], total: Tensor, name: str, row: int, table: Tensor) -> Tensor:
        """``table`` with small entries, which a gradient gives up to rounding, worked out with this value alone."""
        given = evidence[name].detach().expand(len(total), -1, -1)
        small = (table.detach() < TINY[table.dtype]) & (given[:, row] > 0) & (total > -torch.inf)[:, None]
        exact = torch.where(given[:, row] > 0, table.detach(), torch.zeros_like(given[:, row]))
        instances, values = small.nonzero(as_tuple=True)
        with torch.no_grad():
            for start in range(0, len(instances), self.size):
                chosen, value = instances[start : start + self.size], values[start : start + self.size]
                part = {n: t if len(t) == 1 else t[chosen] for n, t in evidence.items()}
                only = given[chosen].clone()
                places = torch.arange(len(chosen), device=only.device)
                only[:, row] = 0.0
                only[places, row, value] = given[chosen, row, value]
                exact[chosen, value] = (self._values({**part, name: only})[0] - total[chosen]).exp()
        return table + (exact - table.detach())


def circuit_route(worlds: Worlds, chunk: int | None, *, seconds: float | None = None) -> CircuitRoute:
    """Compile ``worlds``. Raises NoCircuitError, and NesyError with E605 for a concept that the rules leave open."""
    substitution = Substitution(worlds)
    expressions = worlds.expressions
    conditions: list[Node] = []
    for definition in worlds.definitions:
        values = substitution.values[definition.variable]
        if isinstance(definition, ByValues):
            conditions.append(expressions.negation(expressions.at_least([(value, 1) for value in values], 2)))
        conditions.append(expressions.either(values))
    conditions += [expressions.negation(substitution.node(each.node)) for each in worlds.conditions]
    softs = [substitution.node(each.node) for each in worlds.softs]
    wanted = _wanted(worlds, substitution)
    decided = [each.variable for each in worlds.definitions if not isinstance(each, ByValues)]
    exclusive = [substitution.values[variable] for variable in decided]
    nodes = [*conditions, *softs, *(node for values in (*wanted, *exclusive) if values is not None for node in values)]
    percepts = sorted(expressions.variables(nodes))
    broken = [_variable(expressions, 2) for _ in softs]
    for variable, soft, node in zip(broken, worlds.softs, softs, strict=True):
        # the variable's first value stands for “broken”
        same = expressions.literal(variable, [0 if soft.cost > 0 else 1])
        opposite, other = expressions.negation(same), expressions.negation(node)
        conditions.append(expressions.either([expressions.both([same, node]), expressions.both([opposite, other])]))
    queries = {
        query: (_variable(expressions, len(each)), each) for query, each in enumerate(wanted) if each is not None
    }
    roots: list[Node] = [ALWAYS]
    places: list[tuple[int, ...] | None] = []
    for each in wanted:
        places.append(None if each is None else tuple(range(len(roots), len(roots) + len(each))))
        roots += each or ()
    order = [*percepts, *broken]
    try:
        circuit = compile_circuit(expressions, order, conditions, roots, exclusive, seconds=seconds)
    except OpenConceptError as error:
        raise open_concept(worlds, decided[error.number]) from None
    weights = Weights(_blocks(worlds, percepts), tuple(abs(each.cost) for each in worlds.softs))
    task = Task(tuple(order), tuple(conditions), seconds)
    return CircuitRoute(worlds, task, CircuitEvaluator(circuit), weights, tuple(places), queries, chunk)


def _variable(expressions: Expressions, card: int) -> int:
    """A new variable with ``card`` values."""
    expressions.cards.append(card)
    return len(expressions.cards) - 1


def _wanted(worlds: Worlds, substitution: Substitution) -> list[tuple[Node, ...] | None]:
    """The nodes of each query's values; None for percepts."""
    found: list[tuple[Node, ...] | None] = []
    for asked, query in zip(worlds.asked, worlds.model.queries, strict=True):
        if query.formula is not None:
            node = substitution.node(asked)
            found.append((worlds.expressions.negation(node), node))
        else:
            found.append(substitution.values.get(asked))
    return found


def open_concept(worlds: Worlds, variable: int) -> NesyError:
    """E605: what a circuit cannot share out."""
    info = worlds.variables[variable]
    message = f"the rules leave '{info.label}' several values, and the program is too entangled to share them out"
    hint = "add rules that decide about it in every case"
    return NesyError(Diagnostic("E605", message, worlds.model.attributes[info.attribute].span, hint))


def _blocks(worlds: Worlds, percepts: Sequence[int]) -> tuple[Block, ...]:
    """The percepts in order, neighbours of one name together."""
    found: list[Block] = []
    for place in percepts:
        variable = worlds.variables[place]
        attribute = worlds.model.attributes[variable.attribute]
        last = found[-1] if found else None
        if last is not None and last.name == attribute.name:
            found[-1] = Block(last.name, (*last.rows, variable.index), last.card)
        else:
            found.append(Block(attribute.name, (variable.index,), len(attribute.domain)))
    return tuple(found)
