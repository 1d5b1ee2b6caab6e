"""The same Boolean networks by other systems, where they are installed: ``pip install pgmpy problog``; Pyro is.

A network is a list of variables in topological order, each with the names of its parents and the probability of being
true for each of their values; noisy-or is given by its causes. Each function answers all ``asked`` given ``seen``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Node:
    """``table[values of the parents]`` is the probability of true; noisy-or where it is None: each cause that is true
    brings it about with probability ``strength``, and nothing at all with ``leak``."""

    name: str
    parents: tuple[str, ...] = ()
    table: Mapping[tuple[bool, ...], float] | None = None
    strength: float = 0.0
    leak: float = 0.0

    def chance(self, values: tuple[bool, ...]) -> float:
        """The probability of true."""
        if self.table is not None:
            return self.table[values]
        return 1 - (1 - self.leak) * (1 - self.strength) ** sum(values)


Network = Sequence[Node]
Seen = Mapping[str, bool]


def pyro(network: Network, seen: Seen, asked: Sequence[str]) -> list[float]:
    """``TraceEnum_ELBO.compute_marginals``, which enumerates all unobserved variables."""
    import torch
    from pyro import sample
    from pyro.distributions import Bernoulli
    from pyro.infer import TraceEnum_ELBO, config_enumerate

    tables = {
        node.name: torch.tensor(
            [node.chance(values) for values in product((False, True), repeat=len(node.parents))], dtype=torch.float64
        ).reshape((2,) * len(node.parents))
        for node in network
    }

    @config_enumerate
    def model() -> None:
        values: dict[str, Any] = {}
        for node in network:
            places = tuple(values[parent].long() for parent in node.parents)
            chance = tables[node.name][places] if places else tables[node.name]
            known = torch.tensor(float(seen[node.name]), dtype=torch.float64) if node.name in seen else None
            values[node.name] = sample(node.name, Bernoulli(chance), obs=known)

    found = TraceEnum_ELBO(max_plate_nesting=0).compute_marginals(model, lambda: None)
    return [float(found[name].probs) for name in asked]


def pgmpy(network: Network, seen: Seen, asked: Sequence[str]) -> list[float]:
    """pgmpy's variable elimination."""
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork

    model = DiscreteBayesianNetwork([(parent, node.name) for node in network for parent in node.parents])
    model.add_nodes_from([node.name for node in network])
    for node in network:
        chances = [node.chance(values) for values in product((False, True), repeat=len(node.parents))]
        rows = [[1 - chance for chance in chances], chances]
        cards = [2] * len(node.parents)
        model.add_cpds(TabularCPD(node.name, 2, rows, evidence=list(node.parents) or None, evidence_card=cards or None))
    evidence = {name: int(value) for name, value in seen.items()}
    inference = VariableElimination(model)
    # one by one: asked together, their joint table is made
    found = [inference.query([name], evidence, show_progress=False) for name in asked]
    return [float(factor.values[1]) for factor in found]


def problog(network: Network, seen: Seen, asked: Sequence[str]) -> list[float]:
    """ProbLog: parsing, grounding, compiling to d-DNNF (quicker here than its SDD) and counting."""
    from problog import get_evaluatable
    from problog.program import PrologString

    lines = []
    for node in network:
        if node.table is None:
            lines.append(f"{node.leak}::{node.name}.")
            lines += [f"{node.strength}::{node.name} :- {parent}." for parent in node.parents]
            continue
        for values in product((False, True), repeat=len(node.parents)):
            body = ", ".join(
                parent if value else f"\\+{parent}" for parent, value in zip(node.parents, values, strict=True)
            )
            lines.append(f"{node.chance(values)}::{node.name}{' :- ' + body if body else ''}.")
    lines += [f"evidence({name}, {str(value).lower()})." for name, value in seen.items()]
    lines += [f"query({name})." for name in asked]
    found = get_evaluatable("ddnnf").create_from(PrologString("\n".join(lines))).evaluate()
    values = {str(name): float(chance) for name, chance in found.items()}
    return [values[name] for name in asked]


PEERS = {"Pyro": pyro, "pgmpy": pgmpy, "ProbLog": problog}
NEEDED = {"Pyro": "pyro", "pgmpy": "pgmpy", "ProbLog": "problog"}
"""The import names."""
