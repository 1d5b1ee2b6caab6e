"""Worlds answered by variable elimination: dense tensors along digits, chains, trees, and whatever is narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from nesy.solvers.ground_model import GroundModel
from nesy.solvers.probabilistic.counting.tabling import Tabled
from nesy.solvers.probabilistic.elimination import Elimination, compile_elimination, elimination_order


class Route(Protocol):
    """A way to answer.

    Evidence is ``[batch, row, value]`` by percept name; answers come query by query, ``[batch, value]``. The log-weight
    is the logarithm of the sum of the weights of all worlds, ``[batch]``.
    """

    @property
    def name(self) -> str: ...

    @property
    def statistics(self) -> Mapping[str, object]: ...

    @property
    def percepts(self) -> Sequence[int]:
        """The percepts whose probabilities are part of the weights."""
        ...

    @property
    def open_concepts(self) -> Sequence[int]:
        """The variables to which the rules may leave several values."""
        ...

    def posteriors(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Log-weights, and the posterior of each query; 0 everywhere where no world is possible."""
        ...

    def log_weight(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
        """``[batch]``: the log-weight with the values of some queries weighted by ``[batch, value]``."""
        ...

    def most_probable(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """The log-weight of the heaviest world, and for each query 1 at its value there, ``[batch, value]``."""
        ...


@dataclass(frozen=True)
class EliminationRoute:
    """Elimination with a probe for each query; formulas that are always or never true need none."""

    model: GroundModel
    tabled: Tabled
    elimination: Elimination
    name: str = "elimination"

    @property
    def statistics(self) -> Mapping[str, object]:
        order = self.elimination.order
        return {
            "width": order.width,
            "largest_table": order.largest,
            "operations": len(self.elimination.plan.operations),
            "chunk": self.elimination.size,
        }

    @property
    def percepts(self) -> Sequence[int]:
        return [each.scope[0] for each in self.tabled.network.inputs]

    @property
    def open_concepts(self) -> Sequence[int]:
        return self.tabled.open_concepts

    def posteriors(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        total, found = self.elimination.posteriors(evidence)
        return total, self._each(total, found)

    def log_weight(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
        return self.elimination.log_partition(evidence, self._probed(targets))

    def most_probable(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        total, found = self.elimination.most_probable(evidence, self._probed(targets))
        return total, self._each(total, found)

    def _probed(self, targets: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """Targets by probe; those of formulas that are always or never true have no probe."""
        places = self._places()
        return {places[query]: table for query, table in targets.items() if query in places}

    def _places(self) -> dict[int, int]:
        """The probe of each query that has one."""
        scopes = {probe.scope: place for place, probe in enumerate(self.elimination.probes)}
        return {query: scopes[(asked,)] for query, asked in enumerate(self.tabled.asked) if not isinstance(asked, bool)}

    def _each(self, total: Tensor, found: Sequence[Tensor]) -> list[Tensor]:
        places = self._places()
        each = []
        for query, asked in enumerate(self.tabled.asked):
            if query in places:
                each.append(found[places[query]])
            else:
                sure = torch.tensor([not asked, bool(asked)], dtype=total.dtype, device=total.device)
                each.append(sure * (total.detach() > -torch.inf)[:, None])
        return each


def probes(tabled: Tabled) -> list[tuple[int, ...]]:
    """The variables that queries ask for, once each."""
    return list(dict.fromkeys((asked,) for asked in tabled.asked if not isinstance(asked, bool)))


def largest_table(tabled: Tabled, *, stop_at: float) -> int:
    """Entries of the largest table that elimination would make; the search stops above ``stop_at``."""
    return elimination_order(tabled.network, probes(tabled), stop_at=stop_at).largest


def elimination_route(model: GroundModel, tabled: Tabled, chunk: int | None) -> EliminationRoute:
    """Compile the network of ``tabled``."""
    return EliminationRoute(model, tabled, compile_elimination(tabled.network, probes(tabled), chunk=chunk))
