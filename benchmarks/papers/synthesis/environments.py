"""Worlds to experiment in: five of the ten environments of BoxingGym (arXiv 2501.01540), written anew as rule files.

A design is a number X, in hundredths; the outcome of trial T is ``outcome(T, X)``. What was seen is added as facts and
observations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import nesy
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Executor

FOLDER = Path(__file__).parent / "environments"
RANGES = {
    "death_process": (0.1, 3.0),
    "discounting": (1.0, 365.0),
    "dugongs": (0.5, 10.0),
    "item_response": (-4.0, 4.0),
    "location": (-5.0, 5.0),
}
"""The lowest and the highest design."""


@dataclass(frozen=True)
class Seen:
    """One experiment: its design and what came out."""

    design: float
    outcome: float | bool


@dataclass(frozen=True)
class Environment:
    """An environment by name."""

    name: str

    @property
    def rules(self) -> str:
        """The rule file."""
        return (FOLDER / f"{self.name}.nesy").read_text(encoding="utf-8")

    def designs(self, count: int, seed: int) -> tuple[float, ...]:
        """Different random designs, rounded to two places."""
        low, high = RANGES[self.name]
        generator = np.random.default_rng(seed)
        found: dict[float, None] = {}
        while len(found) < count:
            found[round(float(generator.uniform(low, high)), 2)] = None
        return tuple(found)

    def graph(self, seen: Sequence[Seen], designs: Sequence[float]) -> ModelGraph:
        """The model with what was seen, asking for the outcome of the trial ``next`` with each of the designs."""
        lines = [self.rules]
        for number, entry in enumerate(seen, 1):
            said = self.outcome(entry.design, f"t{number}")
            lines.append(f"trial(t{number}). at(t{number}, {_hundredths(entry.design)}).")
            if isinstance(entry.outcome, bool):
                lines.append(f"observe {said}." if entry.outcome else f"observe not {said}.")
            else:
                lines.append(f"observe {said} = {_text(entry.outcome)}.")
        lines.append("trial(next).")
        lines += [f"at(next, {_hundredths(design)})." for design in designs]
        lines += [f"query {self.outcome(design)}." for design in designs]
        return build(nesy.load("\n".join(lines)).checked).graph

    def outcome(self, design: float, trial: str = "next") -> str:
        """The label of the outcome of a design."""
        return f"outcome({trial},{_hundredths(design)})"

    def run(self, truth: int, design: float, trial: int) -> Seen:
        """What comes out in the world number ``truth``: the same world for each design and trial."""
        graph = self.graph((), (design,))
        executor = Executor(graph)
        state, _ = executor.draw(1, torch.Generator().manual_seed(truth))
        number, _ = executor.plates.places[self.outcome(design)]
        drawn = executor.drawn(
            executor.sites[number], state[:number], 1, torch.Generator().manual_seed(7919 * truth + trial)
        )
        value = float(drawn[0, 0])
        info = nesy.load(self.rules).checked.attributes["outcome"].value
        return Seen(design, bool(value) if getattr(info, "is_bool", False) else value)


def _hundredths(design: float) -> int:
    return round(100 * design)


def _text(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if value >= 0 else f"-{_text(-value)}"


ENVIRONMENTS = tuple(Environment(name) for name in sorted(RANGES))
