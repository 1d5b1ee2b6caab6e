"""The heaviest worlds of one instance, one after the other."""

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
class HeavyWorld:
    """The value of each percept that matters, by variable, and the logarithm of the world's weight."""

    values: Mapping[int, int]
    log_weight: float


@dataclass(frozen=True)
class WorldFinder:
    """Finds worlds of a program: a route that asks for the percepts too."""

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
        return choose_route(asked, replace(self.options, solver=None, device="cpu", dtype="float64"))[0]

    def heaviest(self, evidence: Mapping[str, Tensor], query: int, value: int, count: int) -> list[HeavyWorld]:
        """The heaviest worlds in which ``query`` has ``value``, at most ``count``, for evidence on one instance.

        The next one is the heaviest of those that agree with a known one on the first percepts and differ on the next
        (Lawler 1972); all of these are searched at once.
        """
        card = self._card(query)
        target = torch.nn.functional.one_hot(torch.tensor([value]), card).double()
        waiting = [(world, given) for world, given in self._search(evidence, {query: target}, [{}])]
        found: list[HeavyWorld] = []
        while waiting and len(found) < count:
            waiting.sort(key=lambda entry: -entry[0].log_weight)
            world, allowed = waiting.pop(0)
            found.append(world)
            if len(found) < count:
                waiting += self._search(evidence, {query: target}, list(self._others(world, allowed)))
        return found

    def _others(self, world: HeavyWorld, allowed: Mapping[int, frozenset[int]]) -> Iterator[dict[int, frozenset[int]]]:
        """What the percepts may be in worlds other than ``world``, in parts that do not overlap."""
        before = dict(allowed)
        for place in self.percepts:
            values = before.get(place, frozenset(range(self.worlds.expressions.cards[place])))
            yield {**before, place: values - {world.values[place]}}
            before[place] = frozenset({world.values[place]})

    def _search(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor], parts: list[dict[int, frozenset[int]]]
    ) -> list[tuple[HeavyWorld, dict[int, frozenset[int]]]]:
        """The heaviest world of each part that holds a possible one."""
        given = {name: tensor.repeat(len(parts), 1, 1) for name, tensor in evidence.items()}
        for row, part in enumerate(parts):
            for place, values in part.items():
                variable = self.worlds.variables[place]
                name = self.worlds.model.attributes[variable.attribute].name
                keep = torch.zeros(given[name].shape[-1], dtype=torch.float64)
                keep[list(values)] = 1.0
                given[name][row, variable.index] *= keep
        totals, answers = self.route.most_probable(given, targets)
        first = len(self.worlds.asked)
        found = []
        for row, total in enumerate(totals.tolist()):
            if total > -torch.inf:
                places = {p: int(answers[first + n][row].argmax()) for n, p in enumerate(self.percepts)}
                found.append((HeavyWorld(places, total), parts[row]))
        return found

    def _card(self, query: int) -> int:
        found = self.worlds.model.queries[query]
        return 2 if found.formula is not None else len(self.worlds.model.attributes[found.attribute].domain)
