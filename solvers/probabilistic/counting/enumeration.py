"""The last resort: all worlds, one by one. Exact for any program whose percepts have few combinations of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nesy.solvers.probabilistic.counting.expressions import (
    AtLeast,
    Both,
    Either,
    Expressions,
    Literal,
    Node,
    Opposite,
    parts,
)
from nesy.solvers.probabilistic.counting.worlds import ByValues, Definition, Worlds
from nesy.solvers.probabilistic.elimination.logarithms import log_sum, logarithms

MOST_WORLDS = 1 << 20
"""Worlds that are listed at most."""
ROOM = 1 << 23
"""Weights of worlds that are in memory at once."""


class TooManyWorldsError(Exception):
    """There are more combinations of the percepts' values than are listed; ``count`` of them."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True)
class EnumerationRoute:
    """All possible worlds: ``values[percept]`` and ``answers[query]`` are places of values, ``[world]``."""

    worlds: Worlds
    percepts: tuple[int, ...]
    values: Tensor
    log_weights: Tensor
    answers: tuple[Tensor, ...]
    cards: tuple[int, ...]
    open_concepts: tuple[int, ...]
    chunk: int | None
    name: str = "enumeration"

    @property
    def statistics(self) -> Mapping[str, object]:
        return {"worlds": len(self.log_weights), "chunk": self.size}

    @property
    def size(self) -> int:
        """Instances evaluated at once."""
        return self.chunk or max(1, min(4096, ROOM // max(1, len(self.log_weights))))

    def posteriors(self, evidence: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        totals, found = [], []
        for part in self._parts(evidence, {}):
            logs = self._logs(part, {})
            total = log_sum(logs, 1)
            shares = (logs - torch.where(total > -torch.inf, total, 0.0)[:, None]).exp()
            totals.append(total)
            found.append([self._by_value(shares, query) for query in range(len(self.answers))])
        return torch.cat(totals), [torch.cat([each[query] for each in found]) for query in range(len(self.answers))]

    def log_weight(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
        parts = self._parts(evidence, targets)
        return torch.cat([log_sum(self._logs(part, self._targets(part, targets)), 1) for part in parts])

    def most_probable(
        self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        totals: list[Tensor] = []
        found: list[list[Tensor]] = []
        for part in self._parts(evidence, targets):
            logs = self._logs(part, self._targets(part, targets))
            best, places = logs.max(1)
            totals.append(best)
            rows = [answers.to(places.device)[places] for answers in self.answers]
            found.append([torch.nn.functional.one_hot(r, c).to(logs) for r, c in zip(rows, self.cards, strict=True)])
        return torch.cat(totals), [torch.cat([each[query] for each in found]) for query in range(len(self.answers))]

    def _parts(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> list[dict[str, Tensor]]:
        """Chunks of the evidence, and of the targets under the names of their queries."""
        named = {f"query {query}": table[:, None] for query, table in targets.items()}
        given = {**evidence, **named}
        batch = max(len(tensor) for tensor in given.values())
        return [
            {n: t if len(t) == 1 else t[start : start + self.size] for n, t in given.items()}
            for start in range(0, batch, self.size)
        ]

    @staticmethod
    def _targets(part: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> dict[int, Tensor]:
        return {query: part[f"query {query}"][:, 0] for query in targets}

    def _logs(self, evidence: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> Tensor:
        """The log-weights of the worlds, ``[instance, world]``."""
        like = next(iter(evidence.values()))
        batch = max(len(tensor) for tensor in evidence.values())
        found = self.log_weights.to(like)[None].expand(batch, -1)
        for place, percept in enumerate(self.percepts):
            variable = self.worlds.variables[percept]
            given = evidence[self.worlds.model.attributes[variable.attribute].name][:, variable.index]
            found = found + logarithms(given)[:, self.values[place].to(like.device)]
        for query, table in targets.items():
            found = found + logarithms(table)[:, self.answers[query].to(like.device)]
        return found

    def _by_value(self, shares: Tensor, query: int) -> Tensor:
        table = shares.new_zeros((len(shares), self.cards[query]))
        return table.index_add(1, self.answers[query].to(shares.device), shares)


def enumeration_route(worlds: Worlds, chunk: int | None, *, most: int = MOST_WORLDS) -> EnumerationRoute:
    """List the worlds that the conditions allow. Raises TooManyWorldsError beyond ``most``."""
    listing = _Listing(worlds, most)
    listing.run()
    answers, cards = [], []
    for asked, query in zip(worlds.asked, worlds.model.queries, strict=True):
        if query.formula is None:
            answers.append(listing.values[asked])
            cards.append(worlds.expressions.cards[asked])
        else:
            answers.append(listing.holds(asked).astype(np.int64))
            cards.append(2)
    kept = np.flatnonzero(np.isfinite(listing.logs))
    values = np.stack([listing.values[p][kept] for p in listing.percepts] or [np.zeros(len(kept), dtype=np.int64)])
    return EnumerationRoute(
        worlds,
        listing.percepts,
        torch.from_numpy(values),
        torch.from_numpy(listing.logs[kept]),
        tuple(torch.from_numpy(np.ascontiguousarray(each[kept])) for each in answers),
        tuple(cards),
        tuple(listing.open_concepts),
        chunk,
    )


class _Listing:
    """Worlds as columns: the value of each variable, and the log-weight, ``[world]``."""

    def __init__(self, worlds: Worlds, most: int) -> None:
        self.worlds, self.most = worlds, most
        self.expressions: Expressions = worlds.expressions
        self.percepts = worlds.spoken_percepts
        cards = [self.expressions.cards[place] for place in self.percepts]
        count = 1
        for card in cards:
            count *= card
        if count > most:
            raise TooManyWorldsError(count)
        grids = np.indices(cards).reshape(len(cards), -1) if cards else np.zeros((0, 1), dtype=np.int64)
        self.values: dict[int, NDArray[np.int64]] = dict(zip(self.percepts, grids, strict=True))
        self.logs = np.zeros(count)
        self.open_concepts: list[int] = []
        self._known: dict[Node, NDArray[np.bool_]] = {}

    def run(self) -> None:
        """Give every concept its values and weigh the worlds."""
        for definition in self.worlds.definitions:
            self._define(definition)
        for condition in self.worlds.conditions:
            self.logs[self.holds(condition.node)] = -np.inf
        for soft in self.worlds.softs:
            flags = self.holds(soft.node) if soft.cost > 0 else ~self.holds(soft.node)
            self.logs[flags] -= abs(soft.cost)

    def holds(self, node: Node) -> NDArray[np.bool_]:
        """Whether a node holds, ``[world]``."""
        waiting = [node]
        while waiting:
            top = waiting[-1]
            missing = [p for p in parts(self.expressions.forms[top]) if p not in self._known]
            if top not in self._known and missing:
                waiting += missing
                continue
            if top not in self._known:
                self._known[top] = self._evaluated(top)
            waiting.pop()
        return self._known[node]

    def _evaluated(self, node: Node) -> NDArray[np.bool_]:
        form = self.expressions.forms[node]
        match form:
            case Literal(variable, chosen):
                found: NDArray[np.bool_] = np.isin(self.values[variable], chosen)
            case Both(items):
                found = np.ones(len(self.logs), dtype=np.bool_)
                for item in items:
                    found = found & self._known[item]
            case Either(items):
                found = np.zeros(len(self.logs), dtype=np.bool_)
                for item in items:
                    found = found | self._known[item]
            case Opposite(item):
                found = ~self._known[item]
            case AtLeast(items, lower):
                total = np.zeros(len(self.logs), dtype=np.int64)
                for item, weight in items:
                    total += weight * self._known[item]
                found = total >= lower
        return found

    def _define(self, definition: Definition) -> None:
        card = self.expressions.cards[definition.variable]
        if isinstance(definition, ByValues):
            allowed = np.stack([self.holds(node) for node in definition.holds], -1)
            allowed &= allowed.sum(-1, keepdims=True) == 1
        else:
            allowed = np.ones((len(self.logs), card), dtype=np.bool_)
            for rule in definition.rules:
                premise, inside = self.holds(rule.premise)[:, None], np.isin(np.arange(card), rule.values)
                if rule.forward:
                    allowed &= ~premise | inside
                if rule.converse:
                    allowed &= premise | ~inside
        counts = allowed.sum(-1)
        self.logs[counts == 0] = -np.inf
        if (counts <= 1).all():
            self.values[definition.variable] = allowed.argmax(-1)
            return
        self.open_concepts.append(definition.variable)
        allowed[counts == 0, 0] = True
        rows, values = np.nonzero(allowed)
        if len(rows) > self.most:
            raise TooManyWorldsError(len(rows))
        self.logs = (self.logs - np.log(np.maximum(counts, 1)))[rows]
        self.values = {variable: known[rows] for variable, known in self.values.items()}
        self.values[definition.variable] = values
        self._known = {}
