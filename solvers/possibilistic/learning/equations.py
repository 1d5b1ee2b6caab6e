"""The equation systems of a task: λ, ρ and targets of its rule sets put together as a :class:`RuleSystem`.

One rule set gives, for each sample and each cell of its partition, the equation min over the rules of max(their degree,
their parameter) = target. Rules whose parameters are not learned, and ``:-`` rules on the same concept, bound its left
side from above by a constant.

Rule sets with different sign tables that share parameters become one system of blocks: a sample of one block has inert
degrees (1) for the rules of the others, and the equations of the others do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nesy.solvers.possibilistic.learning.stages import RuleSet
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.tasks import Part, Task
from nesy.solvers.possibilistic.systems.rule_system import RuleSystem

TargetsOf = Callable[[Sequence[int]], Tensor]
"""Targets of cells ``[rule sets, samples, cells]`` of the rule sets (of one part) at these places."""


@dataclass(frozen=True, slots=True)
class Equations:
    """A task's system. ``known`` ``[rule sets, samples]``: whether there is a target."""

    system: RuleSystem
    known: Tensor


def equations(task: Task, table: Table, floors: Tensor, targets: TargetsOf) -> Equations:
    """The equations of ``task`` under the parameters ``floors`` of the rules that are not learned."""
    parts = [_part(part, task.shared, table, floors, targets) for part in task.parts]
    return parts[0] if len(parts) == 1 else _blocks(parts)


def _part(part: Part, shared: bool, table: Table, floors: Tensor, targets: TargetsOf) -> Equations:
    sets = [table.stages.sets[place] for place in part.sets]
    first, device = sets[0], table.degrees.device
    possible, excluded = table.premises(sets)
    wanted = targets(part.sets)
    known = ~wanted.isnan().any(-1)
    signs = torch.from_numpy(np.ascontiguousarray(first.partition.signs)).to(device)
    system = RuleSystem(
        signs=signs,
        possible=possible,
        excluded=excluded,
        targets=wanted.nan_to_num(0.0),
        columns=torch.tensor(part.columns, dtype=torch.int64, device=device),
        bound=_bound(part, sets, table, floors, possible, excluded, signs),
        shared=shared,
    )
    return Equations(system, known)


def _bound(
    part: Part,
    sets: Sequence[RuleSet],
    table: Table,
    floors: Tensor,
    possible: Tensor,
    excluded: Tensor,
    signs: Tensor,
) -> Tensor | None:
    """The constant term of each equation ``[rule sets, samples, cells]``: None where there is none below 1."""
    found: Tensor | None = None
    starts = torch.tensor([entry.start for entry in sets], device=floors.device)
    inert = floors.new_ones(())
    for place in range(len(sets[0].rules)):
        fixed = [part.columns[2 * place + side] < 0 for side in (0, 1)]
        lowest = [floors[starts + 2 * place + side].to(possible)[:, None] for side in (0, 1)]
        if not any(fixes and bool((low < 1).any()) for fixes, low in zip(fixed, lowest, strict=True)):
            continue
        alpha = torch.maximum(possible[..., place], lowest[0]) if fixed[0] else inert.to(possible)
        beta = torch.maximum(excluded[..., place], lowest[1]) if fixed[1] else inert.to(possible)
        term = torch.where(signs[:, place], alpha[..., None], beta[..., None])
        found = term if found is None else torch.minimum(found, term)
    clauses = clause_limits(sets, table)
    if clauses is not None:
        found = clauses if found is None else torch.minimum(found, clauses)
    return found


def clause_limits(sets: Sequence[RuleSet], table: Table) -> Tensor | None:
    """What ``:-`` rules on the same concepts allow the cells; concepts in a cycle of ``:-`` rules are taken without
    them.
    """
    layout, loops = table.stages.layout, table.stages.loops
    if not any(entry.node in layout.clauses and entry.node not in loops for entry in sets):
        return None
    cells = sets[0].partition.cells
    found = table.degrees.new_ones((len(sets), table.samples, len(cells)))
    for place, entry in enumerate(sets):
        first = layout.clauses.get(entry.node)
        if first is not None and entry.node not in loops:
            for cell, values in enumerate(cells):
                found[place, :, cell] = table.degrees[[first + value for value in values]].amax(0)
    return found


def _blocks(parts: Sequence[Equations]) -> Equations:
    """One system of several parts, which share their unknowns."""
    systems = [part.system for part in parts]
    rules = [system.signs.shape[1] for system in systems]
    cells = [system.signs.shape[0] for system in systems]
    signs = _diagonal([system.signs for system in systems])
    possible, excluded, targets, bound = [], [], [], []
    for number, system in enumerate(systems):
        before, after = sum(rules[:number]), sum(rules[number + 1 :])
        pad = (before, after)
        possible.append(torch.nn.functional.pad(system.possible, pad, value=1.0))
        excluded.append(torch.nn.functional.pad(system.excluded, pad, value=1.0))
        around = (sum(cells[:number]), sum(cells[number + 1 :]))
        own = torch.ones_like(system.targets) if system.bound is None else system.bound.expand_as(system.targets)
        targets.append(torch.nn.functional.pad(system.targets, around))
        bound.append(torch.nn.functional.pad(own, around))
    joint = RuleSystem(
        signs=signs,
        possible=torch.cat(possible),
        excluded=torch.cat(excluded),
        targets=torch.cat(targets),
        columns=torch.cat([system.columns for system in systems]),
        bound=torch.cat(bound),
        shared=True,
    )
    return Equations(joint, torch.cat([part.known for part in parts]))


def _diagonal(tables: Sequence[Tensor]) -> Tensor:
    """Sign tables as blocks of one, − elsewhere."""
    found = torch.zeros(sum(len(table) for table in tables), sum(table.shape[1] for table in tables), dtype=torch.bool)
    found = found.to(tables[0].device)
    row = column = 0
    for table in tables:
        found[row : row + table.shape[0], column : column + table.shape[1]] = table
        row, column = row + table.shape[0], column + table.shape[1]
    return found
