"""Solving instances of a family by nesy and by models written by hand, and measuring both on the same costs."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    """One solver on one family; seconds of CPU time, those of a solver's own process included."""

    family: str
    kind: str
    solver: str
    instances: int
    median: float
    worst: float
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


def measure(family: Family, name: str, solve: Solve, count: int) -> Row:
    """Solve the first ``count`` instances, one after the other."""
    instances = family.instances[:count]
    solve(instances[0].read)  # warm
    seconds, proved, right = [], [], 0
    for instance in instances:
        started = cpu_seconds()
        found, is_proved = solve(instance.read)
        seconds.append(cpu_seconds() - started)
        proved.append(is_proved)
        right += found is not None and _equal(found, instance.truth)
    alone = sum(_equal({k: v.argmax(-1) for k, v in one.read.items()}, one.truth) for one in instances)
    fast = sum(done and time <= 1.0 for done, time in zip(proved, seconds, strict=True))
    share = 1 / len(instances)
    return Row(
        family.name, family.kind, name, len(instances), float(np.median(seconds)), max(seconds),
        sum(proved) * share, fast * share, right * share, alone * share,
    )  # fmt: skip


def _equal(found: Choice, truth: Choice) -> bool:
    return all(bool((found[name] == table).all()) for name, table in truth.items())


def measured(family: Family, counts: Mapping[str, int], limit: float) -> list[Row]:
    """The rows of a family: for each solver that has a count, nesy and what is written by hand."""
    rows = []
    for name, count in counts.items():
        if count:
            print(f"{family.name}, {family.kind}: {name} …", file=sys.stderr, flush=True)
            if name in BY_HAND:
                solve = family.by_hand[name](limit)
            else:
                solve = nesy_solver(family, "asp" if name == "clingo" else "integer", name, limit)
            rows.append(measure(family, name, solve, min(count, len(family.instances))))
    return rows


def show(rows: Sequence[Row]) -> None:
    """The table, as Markdown."""
    print("| family | kind | solver | median | worst | to by hand | proved | within 1 s | right | argmax right |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    medians = {(row.family, row.kind, row.solver): row.median for row in rows}
    for row in rows:
        other = next((hand for hand, solvers in BY_HAND.items() if row.solver in solvers), None)
        base = medians.get((row.family, row.kind, other or ""))
        ratio = "" if base is None else f"{row.median / base:.2f}"
        print(
            f"| {row.family} | {row.kind} | {row.solver} | {row.median * 1e3:.0f} | {row.worst * 1e3:.0f} | {ratio} | "
            f"{row.proved:.0%} | {row.within_second:.0%} | {row.right:.0%} | {row.argmax:.0%} |"
        )
