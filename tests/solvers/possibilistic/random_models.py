"""Random ground models: general cells, products, interwoven premises, cascades, recursion, ties."""

from __future__ import annotations

from random import Random

import numpy as np

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundModel
from tests.solvers.models import Builder, numbers, product

DEGREES = (0.0, 0.0, 0.2, 0.5, 0.7, 1.0)


class Maker:
    """Makes one model; ``blocks`` tells an order in which its nodes can be worked out."""

    def __init__(self, random: Random, *, recursive: bool = True) -> None:
        self.random = random
        self.builder = Builder()
        self.nodes: list[tuple[int, int]] = []
        self.atoms: list[int] = []
        self.blocks: list[list[tuple[int, int]]] = []
        self._percepts()
        for number in range(random.randint(1, 4)):
            kind = random.choice(["concept", "concept", "concept", "relation", "clauses"])
            if kind == "concept":
                self._concept(number)
            elif kind == "relation":
                self._relation(number, recursive=recursive)
            else:
                self._clauses(number, recursive=recursive)
        for place, attribute in enumerate(self.builder.attributes):
            if attribute.kind == "concept" or random.random() < 0.3:
                self.builder.ask(place)
        for atom in self.atoms:
            self.builder.ask_atom(atom)
        self.builder.ask_formula("formula", self.formula(2))
        self.model: GroundModel = self.builder.build()

    def _percepts(self) -> None:
        for number in range(self.random.randint(1, 3)):
            shape = self.random.choice([(), (2,), (2, 2)])
            place = self.builder.percept(f"a{number}", self.random.randint(1, 5), shape)
            self.nodes += [(place, index) for index in range(len(self.builder.attributes[place].index))]

    def subset(self, size: int) -> tuple[int, ...]:
        return tuple(value for value in range(size) if self.random.random() < 0.5)

    def literal(self) -> AttributeLiteral | AtomLiteral:
        if self.atoms and self.random.random() < 0.3:
            return AtomLiteral(self.random.choice(self.atoms))
        attribute, index = self.random.choice(self.nodes)
        size = len(self.builder.attributes[attribute].domain)
        return AttributeLiteral(attribute, index, self.subset(size))

    def formula(self, depth: int) -> GroundFormula:
        shape = self.random.random()
        if depth == 0 or shape < 0.4:
            return self.literal()
        items = tuple(self.formula(depth - 1) for _ in range(self.random.randint(0 if shape > 0.95 else 1, 3)))
        return AllOf(items) if shape < 0.75 else AnyOf(items)

    def _concept(self, number: int) -> None:
        sizes = [self.random.randint(2, 3) for _ in range(self.random.randint(2, 3))]
        factors = [numbers(size, f"n{size}") for size in sizes]
        domain = product(*factors) if self.random.random() < 0.5 else numbers(self.random.randint(1, 6))
        count = self.random.choice([1, 1, 3])
        place = self.builder.concept(f"c{number}", domain, (count,) if count > 1 else ())
        family = self.random.random() < 0.5
        found = []
        for index in range(count):
            if family and self.nodes:
                self._one_for_each(place, index)
            else:
                self._any_rules(place, index)
            self.blocks.append([(place, index)])
            found.append((place, index))
            if self.random.random() < 0.5:  # a later index may rest on this one
                self.nodes.append(found.pop())
        self.nodes += found

    def _one_for_each(self, place: int, index: int) -> None:
        """Rules “component k = v iff attribute = v”, as in the benchmarks."""
        domain = self.builder.attributes[place].domain
        for component in range(len(domain.components) or 1):
            source = self.random.choice(self.nodes)
            size = len(self.builder.attributes[source[0]].domain)
            for value in range(len(domain.components[component]) if domain.components else len(domain)):
                if domain.components:
                    inside = [p for p, entry in enumerate(domain.values) if entry[component] == value]  # type: ignore[index]
                else:
                    inside = [value]
                premise = AttributeLiteral(*source, (value % size,))
                conclusion = AttributeLiteral(place, index, tuple(inside))
                self.builder.rule(premise, conclusion, self._parameter(), self._parameter())

    def _any_rules(self, place: int, index: int) -> None:
        size = len(self.builder.attributes[place].domain)
        for _ in range(self.random.randint(0, 4)):
            conclusion = AttributeLiteral(place, index, self.subset(size))
            self.builder.rule(self.formula(2), conclusion, self._parameter(), self._parameter())

    def _parameter(self) -> float:
        return self.random.choice([*DEGREES, self.random.random()])

    def _relation(self, number: int, *, recursive: bool) -> None:
        mine = [self.builder.atom(f"h{number}", argument) for argument in range(self.random.randint(1, 4))]
        for atom in mine:
            for _ in range(self.random.randint(0, 3)):
                body = [self.literal() for _ in range(self.random.randint(0, 3))]
                if recursive and self.random.random() < 0.6:
                    body.append(AtomLiteral(self.random.choice(mine)))
                self.builder.clause(AtomLiteral(atom), body)
        self.blocks.append([(-1, atom) for atom in mine])
        self.atoms += mine

    def _clauses(self, number: int, *, recursive: bool) -> None:
        size = self.random.randint(2, 4)
        count = self.random.randint(1, 3)
        place = self.builder.concept(f"d{number}", size, (count,))
        mine = [(place, index) for index in range(count)]
        for index in range(count):
            for _ in range(self.random.randint(1, 4)):
                body = [self.literal() for _ in range(self.random.randint(0, 2))]
                if recursive and self.random.random() < 0.5:
                    body.append(AttributeLiteral(*self.random.choice(mine), self.subset(size)))
                head = AttributeLiteral(place, index, (self.random.randrange(size),))
                self.builder.clause(head, body)
            if self.random.random() < 0.3:
                self._any_rules(place, index)
        self.blocks.append(mine)
        self.nodes += mine

    def degrees(self, *, normalised: bool) -> dict[int, np.ndarray]:
        """Random possibility distributions with ties, ``[index, value]`` by place of the percept."""
        found = {}
        for place, attribute in enumerate(self.builder.attributes):
            if attribute.kind == "percept":
                rows = [
                    [self.random.choice([*DEGREES, self.random.random()]) for _ in attribute.domain.values]
                    for _ in attribute.index
                ]
                for row in rows:
                    if normalised:
                        row[self.random.randrange(len(row))] = 1.0
                found[place] = np.array(rows)
        return found
