"""Reasons for the value of a query in one instance: the readings of its heaviest worlds, as few as suffice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundQuery
from nesy.solvers.probabilistic.counting.elimination_route import Route
from nesy.solvers.probabilistic.counting.routes import choose_route
from nesy.solvers.probabilistic.counting.worlds import Worlds


@dataclass(frozen=True)
class Reason:
    """Values of percepts, by variable, that decide about a query; the log-weight of all worlds with them."""

    values: Mapping[int, int]
    log_weight: float


MOST_READINGS = 60
"""Readings of a world up to which it is asked which of them matter."""
SURE = 1e-12
"""What a probability may lack of 1."""


@dataclass(frozen=True)
class ReasonFinder:
    """Finds reasons, by a route that asks for the percepts too."""

    worlds: Worlds
    options: Options

    @cached_property
    def percepts(self) -> tuple[int, ...]:
        """The percepts that conditions, concepts or queries speak of."""
        return self.worlds.spoken_percepts

    @cached_property
    def route(self) -> Route:
        """A route for the queries, then one for each of the percepts."""
        worlds = self.worlds
        queries = list(worlds.model.queries)
        for place in self.percepts:
            variable = worlds.variables[place]
            family = worlds.model.attributes[variable.attribute].name
            queries.append(GroundQuery(variable.label, family, "attribute", variable.attribute, variable.index))
        model = replace(worlds.model, queries=tuple(queries))
        asked = replace(worlds, model=model, asked=(*worlds.asked, *self.percepts))
        return choose_route(asked, replace(self.options, method="auto", device="cpu", dtype="float64"))[0]

    def reasons(self, evidence: Mapping[str, Tensor], query: int, value: int, count: int) -> list[Reason]:
        """At most ``count`` reasons for ``query`` to have ``value``, for evidence on one instance.

        The first comes from the heaviest world, the next from the heaviest one to which no reason before applies. These
        worlds agree with the reason on its first readings and differ in the next (Lawler 1972): all such parts are
        searched at once.
        """
        target = torch.nn.functional.one_hot(torch.tensor([value]), self._card(query)).double()
        waiting = self._search(evidence, {query: target}, [{}])
        found: list[Reason] = []
        while waiting and len(found) < count:
            waiting.sort(key=lambda entry: -entry[0].log_weight)
            world, allowed = waiting.pop(0)
            reason = self._reduced(evidence, query, value, world)
            found.append(reason)
            if len(found) < count:
                waiting += self._search(evidence, {query: target}, list(self._others(reason, allowed)))
        return found

    def _reduced(self, evidence: Mapping[str, Tensor], query: int, value: int, world: Reason) -> Reason:
        """As few of the readings of a world as still decide about the query, the least probable ones left out first."""
        kept = dict(world.values)
        if len(kept) <= MOST_READINGS:
            for place in sorted(kept, key=lambda each: self._probability(evidence, each, kept[each])):
                fewer = {other: chosen for other, chosen in kept.items() if other != place}
                _, answers = self.route.posteriors(self._with(evidence, fewer))
                if float(answers[query][0, value]) > 1 - SURE:
                    kept = fewer
        return Reason(kept, float(self.route.log_weight(self._with(evidence, kept), {})[0]))

    def _others(self, reason: Reason, allowed: Mapping[int, frozenset[int]]) -> Iterator[dict[int, frozenset[int]]]:
        """What the percepts may be in worlds to which a reason does not apply, in parts that do not overlap."""
        before = dict(allowed)
        for place, value in reason.values.items():
            values = before.get(place, frozenset(range(self.worlds.expressions.cards[place])))
            yield {**before, place: values - {value}}
            before[place] = frozenset({value})

    def _search(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor], parts: list[dict[int, frozenset[int]]]
    ) -> list[tuple[Reason, dict[int, frozenset[int]]]]:
        """The heaviest world of each part that holds a possible one."""
        if not parts:
            return []
        given = {name: tensor.repeat(len(parts), 1, 1) for name, tensor in evidence.items()}
        for row, part in enumerate(parts):
            for place, values in part.items():
                self._restrict(given, row, place, values)
        totals, answers = self.route.most_probable(given, targets)
        first = len(self.worlds.asked)
        found = []
        for row, total in enumerate(totals.tolist()):
            if total > -torch.inf:
                places = {p: int(answers[first + n][row].argmax()) for n, p in enumerate(self.percepts)}
                found.append((Reason(places, total), parts[row]))
        return found

    def _with(self, evidence: Mapping[str, Tensor], values: Mapping[int, int]) -> dict[str, Tensor]:
        """The evidence, restricted to some values."""
        given = {name: tensor.clone() for name, tensor in evidence.items()}
        for place, value in values.items():
            self._restrict(given, 0, place, frozenset({value}))
        return given

    def _restrict(self, given: dict[str, Tensor], row: int, place: int, values: frozenset[int]) -> None:
        variable = self.worlds.variables[place]
        tensor = given[self.worlds.model.attributes[variable.attribute].name]
        keep = torch.zeros(tensor.shape[-1], dtype=tensor.dtype)
        keep[list(values)] = 1.0
        tensor[row, variable.index] *= keep

    def _probability(self, evidence: Mapping[str, Tensor], place: int, value: int) -> float:
        variable = self.worlds.variables[place]
        return float(evidence[self.worlds.model.attributes[variable.attribute].name][0, variable.index, value])

    def _card(self, query: int) -> int:
        found = self.worlds.model.queries[query]
        return 2 if found.formula is not None else len(self.worlds.model.attributes[found.attribute].domain)
