"""Which of several conditions cannot hold together: cores of assumptions, made smaller one condition at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import clingo

from nesy.solvers.asp.waiting import ready
from nesy.solvers.logic.program import LogicProgram, Rule


@dataclass(frozen=True, slots=True)
class Unit:
    """One condition: constraints of the program (places in ``rules``, all without a head), or atoms that are false."""

    rules: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Core:
    """Places of units that cannot hold together; ``minimal``: without any one of them, the others can."""

    units: tuple[int, ...]
    minimal: bool


def find_core(
    program: LogicProgram, units: Sequence[Unit], excluded: Iterable[int] = (), *, seconds: float = 5.0
) -> Core | None:
    """Units that contradict the rest of ``program`` with the ``excluded`` atoms false; None where there are none.

    Constraints that are part of no unit hold in any case. After ``seconds`` the core is given as small as it is by
    then; None, too, if there was no core yet.
    """
    until = time.perf_counter() + seconds
    control = clingo.Control(["--warn=none"], logger=lambda *_: None)
    with control.backend() as backend:
        selectors = _copy(program, units, excluded, backend)
    kept = _core(control, selectors, range(len(units)), until)
    if kept is None:
        return None
    kept = sorted(kept)
    size = max(1, len(kept) // 2)
    while size:
        # many at once first; in the last round, what is kept has been shown to be needed
        place = 0
        while place < len(kept):
            smaller = _core(control, selectors, [*kept[:place], *kept[place + size :]], until)
            if smaller is None:
                place += size
            else:
                kept = sorted(smaller)
        size //= 2
    return Core(tuple(kept), time.perf_counter() < until)


def _core(control: clingo.Control, selectors: Sequence[int], active: Iterable[int], until: float) -> list[int] | None:
    """The active units that the solver needs for a contradiction; None if it finds none in time."""
    places = {selectors[unit]: unit for unit in active}
    with control.solve(assumptions=list(places), yield_=False, async_=True) as handle:
        if not ready(handle, until - time.perf_counter()):
            handle.cancel()
            return None
        if handle.get().satisfiable is not False:
            return None
        return [places[literal] for literal in handle.core() if literal in places]


def _copy(program: LogicProgram, units: Sequence[Unit], excluded: Iterable[int], backend: clingo.Backend) -> list[int]:
    """Copy the program; the result has the selector of each unit, without which its constraints say nothing."""
    atoms = [0, *(backend.add_atom() for _ in range(program.size))]
    selectors = [backend.add_atom() for _ in units]
    for selector in selectors:
        backend.add_rule([selector], [], choice=True)
    owner = {place: selectors[number] for number, unit in enumerate(units) for place in unit.rules}

    def literal(number: int) -> int:
        return atoms[number] if number > 0 else -atoms[-number]

    for place, rule in enumerate(program.rules):
        head = [atoms[atom] for atom in rule.head]
        switch = [owner[place]] if place in owner else []
        if isinstance(rule, Rule):
            backend.add_rule(head, [*map(literal, rule.body), *switch], rule.choice)
            continue
        weighted = [(literal(number), weight) for number, weight in rule.body]
        if switch:
            reached = backend.add_atom()
            backend.add_weight_rule([reached], rule.lower, weighted)
            backend.add_rule(head, [reached, *switch], rule.choice)
        else:
            backend.add_weight_rule(head, rule.lower, weighted, rule.choice)
    for table in program.values:
        for row in table:
            present = [atoms[atom] for atom in row if atom]
            backend.add_rule([], [-atom for atom in present])
            many = backend.add_atom()
            backend.add_weight_rule([many], 2, [(atom, 1) for atom in present])
            backend.add_rule([], [many])
    for atom in excluded:
        backend.add_rule([], [atoms[atom]])
    for selector, unit in zip(selectors, units, strict=True):
        for atom in unit.excluded:
            backend.add_rule([], [atoms[atom], selector])
    return selectors
