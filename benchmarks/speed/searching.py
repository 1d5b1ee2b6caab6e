"""Solving instances of a family by nesy and by models written by hand, and measuring both on the same costs."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

RULES = Path(__file__).resolve().parent / "rules"
RESOLUTION = 1000
BY_HAND = {"CP-SAT by hand": ("cpsat", "cbc", "highs", "scip"), "clingo by hand": ("clingo",)}
"""Models written by hand, and the solvers of nesy that are held against each."""

ALLOWED = 1.3
"""How many times as long as a model by hand nesy is to take at most."""

Probabilities = Mapping[str, NDArray[np.float64]]
"""By percept name, ``[*index shape, value]``."""
Choice = dict[str, NDArray[np.int64]]
"""The place of the value of each percept, ``[*index shape]``."""
Solve = Callable[[Probabilities], tuple[Choice | None, bool]]
"""From one instance to values (None: none were found), and whether they are proved optimal."""


@dataclass(frozen=True)
class Instance:
    """How the percepts are read, and what they show."""

    read: Probabilities
    truth: Choice


@dataclass(frozen=True)
class Family:
    """Instances of one kind. ``by_hand`` makes a solver of the model written by hand for a time limit."""

    name: str
    kind: str
    rules: str
    constants: Mapping[str, int]
    instances: Sequence[Instance]
    by_hand: Mapping[str, Callable[[float], Solve]]
    facts: str = ""


@dataclass(frozen=True)
class Row:
    """One solver on one family; seconds of CPU time, those of a solver's own process included.

    ``made`` is what is paid once: the rule file read, grounded and lowered, or the model by hand built. ``ratio`` is to
    the model by hand for the same kind of solver. ``batch`` is the smallest number of instances that, with what is paid
    once on both sides, takes at most ``ALLOWED`` times as long as by hand.
    """

    family: str
    kind: str
    solver: str
    instances: int
    made: float
    median: float
    worst: float
    ratio: float | None
    batch: int | None
    proved: float
    within_second: float
    right: float
    argmax: float


# ----- solvers


def nesy_solver(family: Family, backend: str, solver: str, limit: float) -> Solve:
    """A compiled rule file."""
    import torch

    import nesy

    text = (RULES / family.rules).read_text(encoding="utf-8") + family.facts
    engine = nesy.load(text, constants=family.constants).compile(backend, solver=solver, time_limit=limit)

    def solve(read: Probabilities) -> tuple[Choice | None, bool]:
        answer = engine.infer({name: torch.from_numpy(table[None]) for name, table in read.items()})
        choices = {name: answer[name].choice for name in read}
        found = {name: choice[0].numpy() for name, choice in choices.items() if choice is not None}
        return (None if any((f < 0).any() for f in found.values()) else found), str(answer.status[0]) == "optimal"

    return solve


def costs(table: NDArray[np.float64]) -> NDArray[np.int64]:
    """−log p relative to the best of each index, in thousandths of a nat."""
    logs = np.log(table)
    return np.rint((logs.max(-1, keepdims=True) - logs) * RESOLUTION).astype(np.int64)


def cpsat_solver(model: cp_model.CpModel, literals: Mapping[str, NDArray[np.object_]], limit: float) -> Solve:
    """A model written by hand: ``literals`` are the 0/1 variables of each percept, ``[*index shape, value]``."""
    from ortools.sat.python import cp_model

    flat = [literal for table in literals.values() for literal in table.reshape(-1)]

    def solve(read: Probabilities) -> tuple[Choice | None, bool]:
        weights = [weight for name in literals for weight in costs(read[name]).reshape(-1).tolist()]
        model.minimize(cp_model.LinearExpr.weighted_sum(flat, weights))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.max_time_in_seconds = limit
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False
        found = {}
        for name, table in literals.items():
            true = np.array([solver.boolean_value(literal) for literal in table.reshape(-1)])
            found[name] = true.reshape(table.shape).argmax(-1)
        return found, status == cp_model.OPTIMAL

    return solve


def clingo_solver(program: str, limit: float) -> Solve:
    """A program written by hand, grounded for each instance with its costs as facts: ``cost(name,(index),place,W)``.

    The values of a percept are its places from 0 on, its indices count from 0: ``cell(R,C,V)``.
    """
    import clingo

    def solve(read: Probabilities) -> tuple[Choice | None, bool]:
        control = clingo.Control(["--opt-strategy=usc,stratify"], logger=lambda *_: None)
        facts = []
        for name, table in read.items():
            paid = costs(table)
            places = zip(*np.nonzero(paid), strict=True)
            facts += [f"cost_{name}({','.join(map(str, place))},{paid[place]})." for place in places]
        control.add("base", [], program + "".join(facts))
        control.ground([("base", [])])
        found: list[Choice] = []

        def keep(model: clingo.Model) -> None:
            choice = {name: np.full(table.shape[:-1], -1) for name, table in read.items()}
            for symbol in model.symbols(atoms=True):
                if symbol.name in choice:
                    *index, value = (argument.number for argument in symbol.arguments)
                    choice[symbol.name][tuple(index)] = value
            found.append(choice)

        with control.solve(on_model=keep, async_=True) as handle:
            if not handle.wait(limit):
                handle.cancel()
            proved = bool(handle.get().exhausted)
        return (found[-1] if found else None), proved

    return solve


# ----- measuring


def cpu_seconds() -> float:
    """Of this process and of those that it has started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass
class _Runner:
    """One solver on its way through the instances of a family."""

    name: str
    made: float
    solve: Solve
    count: int
    seconds: list[float] = field(default_factory=list)
    proved: list[bool] = field(default_factory=list)
    right: int = 0

    @staticmethod
    def of(name: str, make: Callable[[], Solve], count: int) -> _Runner:
        started = cpu_seconds()
        solve = make()
        return _Runner(name, cpu_seconds() - started, solve, count)

    def run(self, instance: Instance) -> None:
        started = cpu_seconds()
        found, proved = self.solve(instance.read)
        self.seconds.append(cpu_seconds() - started)
        self.proved.append(proved)
        self.right += found is not None and _equal(found, instance.truth)

    def ratio(self, runners: Sequence[_Runner]) -> float | None:
        """How many times as long as the model by hand, instance by instance; the median of the ratios."""
        hand = next((other for other in runners if self.name in BY_HAND.get(other.name, ())), None)
        if hand is None:
            return None
        return float(np.median([own / other for own, other in zip(self.seconds, hand.seconds, strict=False)]))

    def pays_from(self, runners: Sequence[_Runner]) -> int | None:
        """The smallest batch that, with what is paid once on both sides, takes at most ``ALLOWED`` times as long as the
        model by hand; None if no batch does."""
        hand = next((other for other in runners if self.name in BY_HAND.get(other.name, ())), None)
        if hand is None:
            return None
        gained = ALLOWED * float(np.mean(hand.seconds)) - float(np.mean(self.seconds))
        return max(1, ceil((self.made - ALLOWED * hand.made) / gained)) if gained > 0 else None

    def row(self, family: Family, runners: Sequence[_Runner]) -> Row:
        """What came of it."""
        share = 1 / self.count
        alone = sum(
            _equal({k: v.argmax(-1) for k, v in i.read.items()}, i.truth) for i in family.instances[: self.count]
        )
        fast = sum(done and time <= 1.0 for done, time in zip(self.proved, self.seconds, strict=True))
        return Row(
            family.name, family.kind, self.name, self.count, self.made, float(np.median(self.seconds)),
            max(self.seconds), self.ratio(runners), self.pays_from(runners), sum(self.proved) * share, fast * share,
            self.right * share, alone * share,
        )  # fmt: skip


def _equal(found: Choice, truth: Choice) -> bool:
    return all(bool((found[name] == table).all()) for name, table in truth.items())


def measured(family: Family, counts: Mapping[str, int], limit: float) -> list[Row]:
    """The rows of a family, nesy and what is written by hand.

    Solvers take turns at the instances: what else runs on the machine meets them alike.
    """
    runners = []
    for name, count in counts.items():
        if name in BY_HAND:
            make = partial(family.by_hand[name], limit)
        else:
            make = partial(nesy_solver, family, "asp" if name == "clingo" else "integer", name, limit)
        runners.append(_Runner.of(name, make, min(count, len(family.instances))))
        runners[-1].solve(family.instances[0].read)  # warm
    for place, instance in enumerate(family.instances):
        print(f"{family.name}, {family.kind}: {place + 1} …", file=sys.stderr, flush=True)
        order = runners if place % 2 else runners[::-1]
        for runner in order:
            if place < runner.count:
                runner.run(instance)
    return [runner.row(family, runners) for runner in runners]


def show(rows: Sequence[Row]) -> None:
    """The table, as Markdown."""
    print(
        "| family | kind | solver | once | median | worst | to by hand | batch | proved | within 1 s | right "
        "| argmax right |"
    )
    print(f"| --- | --- | --- |{' ---: |' * 9}")
    for row in rows:
        cells = [row.family, row.kind, row.solver, *(f"{1e3 * time:.0f}" for time in (row.made, row.median, row.worst))]
        cells.append("" if row.ratio is None else f"{row.ratio:.2f}")
        cells.append("" if row.ratio is None else "–" if row.batch is None else f"{row.batch}")
        cells += [f"{share:.0%}" for share in (row.proved, row.within_second, row.right, row.argmax)]
        print(f"| {' | '.join(cells)} |")
