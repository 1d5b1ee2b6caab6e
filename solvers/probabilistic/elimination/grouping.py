"""From steps to operations: steps of one form that do not wait for one another are rows of one tensor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nesy.solvers.probabilistic.elimination.steps import Row, Step


@dataclass(frozen=True, slots=True)
class Run:
    """Rows ``start, start + step, …`` of one buffer, ``count`` of them; a ``step`` of 0 repeats one row."""

    buffer: str | int
    start: int
    step: int
    count: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A step done for several members at once; ``left`` and ``right`` say where their operands lie.

    Its result is the buffer of its number. ``done_with`` are buffers that nothing needs later.
    """

    step: Step
    members: int
    left: tuple[Run, ...]
    right: tuple[Run, ...]
    done_with: tuple[str | int, ...]

    @property
    def size(self) -> int:
        """Entries of the result for one instance."""
        found = self.members
        for card in self.step.shape:
            found *= card
        return found


@dataclass(frozen=True)
class Plan:
    """Operations in order, and where the tables without variables lie whose product is the result."""

    operations: tuple[Operation, ...]
    results: tuple[Run, ...]


def group(steps: Sequence[Step], results: Sequence[Row]) -> Plan:
    """Arrange ``steps`` by how many others they wait for, and join those of one form."""
    levels: list[int] = []
    for step in steps:
        levels.append(1 + max((levels[row.buffer] for row in step.operands if isinstance(row.buffer, int)), default=0))
    forms: dict[tuple[int, tuple[object, ...]], list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        forms[levels[place], step.signature].append(place)
    moved: dict[int, Row] = {}
    grouped: list[tuple[Step, list[tuple[Row, ...]]]] = []
    for (_, _), members in sorted(forms.items(), key=lambda entry: entry[0][0]):
        rows = {place: tuple(_moved(row, moved) for row in steps[place].operands) for place in members}
        ordered = sorted(members, key=lambda place: [(str(row.buffer), row.row) for row in rows[place]])
        for row, place in enumerate(ordered):
            moved[place] = Row(len(grouped), row)
        grouped.append((steps[ordered[0]], [rows[place] for place in ordered]))
    final = runs(sorted((_moved(row, moved) for row in results), key=lambda row: (str(row.buffer), row.row)))
    return Plan(tuple(_operations(grouped, final)), final)


def _operations(grouped: Sequence[tuple[Step, list[tuple[Row, ...]]]], final: Sequence[Run]) -> Iterable[Operation]:
    last: dict[str | int, int] = {}
    for place, (_, rows) in enumerate(grouped):
        for operands in rows:
            last.update((row.buffer, place) for row in operands)
    for run in final:
        last.pop(run.buffer, None)
    ends: dict[int, list[str | int]] = defaultdict(list)
    for buffer, place in last.items():
        ends[place].append(buffer)
    for place, (step, rows) in enumerate(grouped):
        sides = [runs([operands[side] for operands in rows]) for side in range(len(step.operands))]
        right = sides[1] if len(sides) > 1 else ()
        yield Operation(step, len(rows), sides[0], right, tuple(ends[place]))


def _moved(row: Row, moved: dict[int, Row]) -> Row:
    return row if isinstance(row.buffer, str) else moved[row.buffer]


def runs(rows: Iterable[Row]) -> tuple[Run, ...]:
    """Rows as few runs, in order."""
    found: list[Run] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and last.buffer == row.buffer:
            step = row.row - (last.start + last.step * (last.count - 1))
            if last.count == 1 or step == last.step:
                found[-1] = Run(row.buffer, last.start, step, last.count + 1)
                continue
        found.append(Run(row.buffer, row.row, 0, 1))
    return tuple(found)
