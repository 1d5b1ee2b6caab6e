"""Programs over percepts, made at random, and their posteriors by the definition: answer sets of all worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import exp
from random import Random

import numpy as np
import torch
from torch import Tensor

import nesy
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic.counting import CountingEngine, compile_counting

PERCEPTS = {"x": (2, 3), "z": (1, 2)}
"""Rows and values of each percept."""
VALUES = {"c": (0, 1, 2), "d": (2, 3, 4)}
"""Values of concepts that constraints speak of."""
ATOMS = ("p0", "p1", "p2", "p3")


@dataclass(frozen=True)
class RandomProgram:
    """A text, and the cost of each atom that is a soft constraint."""

    text: str
    softs: Mapping[str, int]


def random_program(random: Random) -> RandomProgram:
    """Relations with recursion, stratified negation and counts, concepts of both kinds, constraints, soft ones."""
    lines = ["type v = 1..3.", "percept x(1..2) : v.", "percept z : bool."]

    def reading() -> str:
        return random.choice(
            [f"x({random.randint(1, 2)}) = {random.randint(1, 3)}", f"x({random.randint(1, 2)}) != 2", "z", "not z"]
        )

    for place, name in enumerate(ATOMS):
        for _ in range(random.randint(1, 2)):
            body = [reading() for _ in range(random.randint(1, 2))]
            below = ATOMS[:place]
            if below and random.random() < 0.6:
                body.append(random.choice(["", "not "]) + random.choice(below))
            if random.random() < 0.3:
                body.append(
                    random.choice([f"count {{ I : x(I) = {random.randint(1, 3)} }} >= 1", "sum { V,I : x(I) = V } > 3"])
                )
            lines.append(f"{name} :- {', '.join(body)}.")
    if random.random() < 0.4:
        lines += ["q0 :- p1, z.", "q0 :- q1.", "q1 :- q0, x(1) = 2.", "q1 :- p2.", "p3 :- q0, q1.", "p0 :- p0, not z."]
    concepts, limited = [], False
    if random.random() < 0.6:
        lines += ["concept c : 0..2."]
        kind = random.random()
        for value in range(2):
            readings = " or ".join(reading() for _ in range(random.randint(1, 2)))
            lines.append(f"c = {value} iff {readings}." if kind < 0.8 else f"if {readings} then c = {value}.")
        lines.append("if not z then c != 2." if kind < 0.3 else "c = 2 iff z and x(1) = 3.")
        concepts.append("c")
        limited = kind < 0.8
    if random.random() < 0.6:
        lines += ["concept d : 2..6.", "d = X + Y :- x(1) = X, x(2) = Y."]
        concepts.append("d")
    for _ in range(random.choice([0, 0, 1, 2])):
        more = [f"{each} = {random.choice(VALUES[each])}" for each in concepts if random.random() < 0.4]
        more = [each for each in more if limited or each[0] == "d"]
        lines.append(f":- {', '.join([reading(), random.choice(ATOMS), *more])}.")
    softs = {}
    if random.random() < 0.4:
        name = random.choice(ATOMS)
        softs[name] = random.randint(1, 3)
        lines.append(f":~ {name}. [{softs[name]}]")
    lines += [f"query {each}." for each in ("x(_)", "z", *ATOMS, *concepts)]
    return RandomProgram("\n".join(lines), softs)


def random_evidence(random: Random, batch: int = 2, *, zeros: float = 0.2) -> dict[str, Tensor]:
    """Distributions, some values of which have probability 0."""
    found = {}
    for name, (rows, values) in PERCEPTS.items():
        table = np.array([[[random.random() + 0.05 for _ in range(values)] for _ in range(rows)] for _ in range(batch)])
        for entry in table.reshape(-1, values):
            if random.random() < zeros:
                entry[random.randrange(values)] = 0.0
            entry /= entry.sum()
        found[name] = torch.from_numpy(table if name == "x" else table[:, 0])
    return found


def compiled(text: str, route: str | None = None, **options: object) -> CountingEngine:
    """``text`` compiled, by one route if it is named."""
    return compile_counting(nesy.load(text).checked, None, Options(method=route or "auto", **options))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Worlds:
    """``weights[instance]`` of each world, and the value of each query label there."""

    weights: list[list[float]]
    answers: list[Mapping[str, object]]

    def total(self, instance: int) -> float:
        return sum(self.weights[instance])

    def posterior(self, instance: int, label: str, value: object) -> float:
        """The share of the worlds in which ``label`` has ``value``; 0 where no world is possible."""
        pairs = zip(self.weights[instance], self.answers, strict=True)
        return sum(weight for weight, answers in pairs if answers[label] == value) / max(self.total(instance), 1e-300)


def worlds(program: RandomProgram, evidence: Mapping[str, Tensor]) -> Worlds:
    """All answer sets of all readings, with what they weigh; several of one reading share its weight."""
    engine = nesy.load(program.text).compile("asp", mode="models", models=0)
    readings = list(product(range(3), range(3), range(2)))
    certain = {
        "x": torch.nn.functional.one_hot(torch.tensor([reading[:2] for reading in readings]), 3).double(),
        "z": torch.nn.functional.one_hot(torch.tensor([reading[2] for reading in readings]), 2).double(),
    }
    answer = engine.infer(certain)
    batch = len(evidence["z"])
    weights: list[list[float]] = [[] for _ in range(batch)]
    answers: list[Mapping[str, object]] = []
    for place, reading in enumerate(readings):
        for model in answer.models[place]:
            values: Mapping[str, object] = model["answers"]  # type: ignore[assignment]
            answers.append(values)
            cost = sum(price for name, price in program.softs.items() if values[name])
            for instance in range(batch):
                chance = evidence["x"][instance, 0, reading[0]] * evidence["x"][instance, 1, reading[1]]
                chance = chance * evidence["z"][instance, reading[2]]
                weights[instance].append(float(chance) * exp(-cost) / len(answer.models[place]))
    return Worlds(weights, answers)
