"""The compiled program: batches of percept distributions in, exact posteriors of every query out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import torch
from torch import Tensor

from nesy.dsl.statements import Query
from nesy.solvers.answer import Answer, Result, Status
from nesy.solvers.backend import Options
from nesy.solvers.evidence import check_evidence
from nesy.solvers.explanation import Explanation
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.assembly import Family, families
from nesy.solvers.possibilistic.engine import single_best
from nesy.solvers.probabilistic.counting.elimination_route import Route
from nesy.solvers.probabilistic.counting.worlds import Worlds

NOTHING = {"": torch.ones((1, 1, 1), dtype=torch.float64)}
"""Evidence where there is none: it tells the routes dtype, device and a batch of one."""
CERTAIN = 1e-12
"""How far the logarithm of a sum of probabilities may be from 0 by rounding."""


@dataclass(frozen=True)
class CountingEngine:
    """Answers batches. Made by :func:`nesy.solvers.probabilistic.counting.compile_counting`."""

    worlds: Worlds
    queries: Sequence[Query] | None
    options: Options
    route: Route
    reason: str
    compile_seconds: float
    title: str
    families: tuple[Family, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "families", families(self.model))

    @property
    def model(self) -> GroundModel:
        """Attributes, relations and queries of the ground program."""
        return self.worlds.model

    @property
    def dtype(self) -> torch.dtype:
        return torch.float32 if self.options.dtype == "float32" else torch.float64

    # ----- inference

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """Answer one batch of percept distributions, ``[batch, *index shape, value]`` by percept name.

        ``answer[…].probability`` is the posterior given that the constraints hold, with gradients to the evidence;
        ``statistics["log_evidence"]`` the logarithm of the probability that they do, ``[batch]`` (with soft
        constraints, of the expected weight). Where that is 0 the instance is infeasible.
        """
        started = time.perf_counter()
        given = self._rows(evidence)
        total, posteriors = self.route.posteriors(given)
        total = total + self.worlds.log_reward
        status = [Status.SOLVED if each > -torch.inf else Status.INFEASIBLE for each in total.detach().tolist()]
        kept = {name: tensor.detach().clone() for name, tensor in given.items()}
        statistics = {
            "seconds": time.perf_counter() - started,
            "compile_seconds": self.compile_seconds,
            "route": self.route.name,
            "reason": self.reason,
            "exact": True,
            **self.route.statistics,
            "log_evidence": total,
        }
        explainer = partial(self._explain, kept)
        return Answer(
            "probabilistic",
            self._results(posteriors, len(total)),
            status,
            statistics,
            self.model.warnings,
            explainer,
            details=[self._details(each) for each in total.detach().tolist()],
        )

    def _details(self, log_evidence: float) -> dict[str, object]:
        """What JSON says of an instance beside its answers; without restrictions the evidence is certain."""
        found: dict[str, object] = {"method": self.route.name}
        if self.worlds.restrictions:
            found["log_evidence"] = log_evidence if log_evidence > -torch.inf else None
        return found

    def log_probability(self, evidence: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """``[batch]``: the log-probability that queries have given values, with gradients to the evidence.

        ``targets`` are places of values on the value axis, integer tensors ``[batch, *index shape]`` by family, or
        weights of values, ``[batch, *index shape, value]``. All families together have these values, given the
        constraints.
        """
        given = self._rows(evidence)
        weighted: dict[int, Tensor] = {}
        for family in self.families:
            if family.name in targets:
                table = targets[family.name].to(next(iter(given.values())).device)
                if not table.is_floating_point():
                    table = torch.nn.functional.one_hot(table.long(), len(family.domain))
                rows = table.to(self.dtype).reshape(len(table), len(family.labels), len(family.domain))
                weighted.update((query, rows[:, place]) for place, query in enumerate(family.queries))
        found = self.route.log_weight(given, weighted)
        return found if self.is_certain else found - self.route.log_weight(given, {})

    @cached_property
    def is_certain(self) -> bool:
        """Whether every reading has a world, so that there is nothing to condition on."""
        if self.worlds.restrictions:
            return False
        even = {
            each.name: torch.full((1, len(each.index), len(each.domain)), 1 / len(each.domain), dtype=torch.float64)
            for each in self.model.percepts
        }
        return bool(self.route.log_weight(even or NOTHING, {}).abs() < CERTAIN)

    def cost(self, evidence: Mapping[str, Tensor]) -> Tensor:
        """``[batch]``: what the most probable world costs in nats, relative to the best value of every percept.

        The sum of −log(p / best p) of its readings and of the weights of the soft constraints that it breaks: what the
        back ends that search minimise at level 0. ∞ where nothing is possible.
        """
        given = self._rows(evidence)
        with torch.no_grad():
            found = -self.route.most_probable(given, {})[0]
            for place in self.route.percepts:
                variable = self.worlds.variables[place]
                name = self.model.attributes[variable.attribute].name
                found = found + given[name][:, variable.index].amax(-1).log()
        return found

    def listing(self) -> str:
        """The program as Python text that imports torch and pyro alone."""
        from nesy.solvers.probabilistic.emission.worlds import worlds_program

        return worlds_program(self.worlds, f"{self.route.name}: {self.reason}", self.title)

    def _rows(self, evidence: Mapping[str, Tensor]) -> dict[str, Tensor]:
        checked = check_evidence(self.model, evidence, device=self.options.device, dtype=self.dtype)
        if not checked:
            return {name: tensor.to(device=self.options.device, dtype=self.dtype) for name, tensor in NOTHING.items()}
        places = self.model.attribute_places
        return {
            name: tensor.reshape(len(tensor), len(self.model.attributes[places[name]].index), tensor.shape[-1])
            for name, tensor in checked.items()
        }

    def _results(self, posteriors: list[Tensor], batch: int) -> dict[str, Result]:
        results = {}
        for family in self.families:
            stacked = torch.stack([posteriors[query].expand(batch, len(family.domain)) for query in family.queries], 1)
            table = stacked.reshape(batch, *family.shape, len(family.domain))
            best = single_best(stacked.detach().permute(1, 2, 0)).T.reshape(batch, *family.shape)
            results[family.name] = Result(
                family.name, family.labels, family.shape, family.domain, probability=table, choice=best
            )
        return results

    def _explain(self, evidence: Mapping[str, Tensor], instance: int, query: str | None) -> tuple[Explanation, ...]:
        from nesy.solvers.probabilistic.counting.explain import explain

        return explain(self, {name: t[instance : instance + 1] for name, t in evidence.items()}, instance, query)
