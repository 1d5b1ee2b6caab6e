"""Targets of concepts that were given none, where the rules determine them.

*Forward*: with the true values of what it rests on as evidence, and rules read as crisp (a parameter of 1 says nothing,
any other counts as 0), every value of a concept is possible or not. If exactly one cell of its partition is possible,
that cell is the target. *Backward*: where every rule of a concept with a target speaks of one other concept alone, the
values of that other one which agree with the target are known. If they lie in one cell, that cell is the target.

What follows backward is a truth from which more may follow forward, so both are done until nothing new is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    AttributeLiteral,
    GroundFormula,
    GroundModel,
    GroundUncertainRule,
)
from nesy.solvers.possibilistic.dependencies import Node
from nesy.solvers.possibilistic.learning.equations import clause_limits
from nesy.solvers.possibilistic.learning.stages import RuleSet, Stages, cut
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.targets import Targets
from nesy.solvers.possibilistic.learning.tasks import ELEMENTS
from nesy.solvers.possibilistic.premise import literals, variable

UNKNOWN = -1

Cells = dict[Node, Tensor]
"""The true cell of a concept in each sample, int64 ``[samples]``; −1 where it is not known."""


def determined_cells(model: GroundModel, targets: Targets, wanted: Sequence[Node], samples: int) -> Cells:
    """The true cells of the concepts ``wanted``, which have uncertain rules and no targets of their own.

    −1 only where something of what is given has no target in that sample. Raises :class:`NesyError` with E535 for each
    concept (at the first index where it happens) that is not determined otherwise.
    """
    given = {place for place in targets if model.attributes[place].kind == "concept"}
    stages = cut(model, given, wanted)
    dtype = next((tensor.dtype for tensor in targets.values()), torch.float64)
    device = next((tensor.device for tensor in targets.values()), torch.device("cpu"))
    found: Cells = {}
    while True:
        table = _truths(stages, targets, samples, dtype, device)
        forward = _forward(stages, table, found)
        backward = _backward(stages, targets, {**forward})
        news = {node: cells for node, cells in backward.items() if _adds(cells, forward[node])}
        if not news:
            break
        found = {
            node: torch.where(cells == UNKNOWN, news[node], cells) if node in news else cells
            for node, cells in forward.items()
        }
    _refuse_open(stages, targets, forward, wanted)
    return {node: forward[node] for node in wanted}


def _adds(cells: Tensor, known: Tensor) -> bool:
    return bool(((cells != UNKNOWN) & (known == UNKNOWN)).any())


# ----- forward


def _truths(stages: Stages, targets: Targets, samples: int, dtype: torch.dtype, device: torch.device) -> Table:
    """A table of what is known to be true; unknown is that every value is possible."""
    model = stages.model
    given = {
        model.attributes[place].name: tensor.nan_to_num(1.0).reshape(
            samples, *model.attributes[place].shape, tensor.shape[-1]
        )
        for place, tensor in targets.items()
    }
    return Table(stages, given, samples, dtype, device)


def _forward(stages: Stages, table: Table, known: Mapping[Node, Tensor]) -> Cells:
    """The cells that follow, stage by stage; ``known`` ones are used where nothing follows."""
    floors = torch.zeros(stages.layout.count, dtype=table.degrees.dtype, device=table.degrees.device)
    for entry in stages.sets:
        crisp = [float(parameter == 1.0) for rule in entry.rules for parameter in (rule.s, rule.r)]
        floors[entry.start : entry.start + len(crisp)] = torch.tensor(crisp, dtype=floors.dtype)
    found: Cells = {}
    for number in range(len(stages.stages)):
        table.update(number, floors)
        mine = [entry for entry in stages.sets if entry.stage == number]
        for _, group in groupby(mine, lambda entry: (entry.node[0], entry.shape)):
            for sets in _portions(list(group), table.samples):
                cells = _only_cells(sets, table, floors)
                for entry, row in zip(sets, cells, strict=True):
                    other = known.get(entry.node)
                    if other is not None and _adds(other, row):
                        _impose(entry, row, other, table, floors)
                        row = torch.where(row == UNKNOWN, other, row)
                    found[entry.node] = row
    return found


def _portions(sets: list[RuleSet], samples: int) -> Iterable[list[RuleSet]]:
    width = max(len(sets[0].partition.cells), 2 * len(sets[0].rules))
    step = max(1, ELEMENTS // max(1, samples * width))
    return (sets[start : start + step] for start in range(0, len(sets), step))


def _only_cells(sets: Sequence[RuleSet], table: Table, floors: Tensor) -> Tensor:
    """The only possible cell ``[rule sets, samples]``; −1 where it is not exactly one or degrees are not crisp."""
    possible, excluded = table.premises(sets)
    signs = torch.from_numpy(np.ascontiguousarray(sets[0].partition.signs)).to(floors.device)
    starts = torch.tensor([entry.start for entry in sets], device=floors.device)
    degrees = clause_limits(sets, table)
    if degrees is None:
        degrees = possible.new_ones((len(sets), table.samples, len(signs)))
    for place in range(signs.shape[1]):
        alpha = torch.maximum(possible[..., place], floors[starts + 2 * place][:, None])
        beta = torch.maximum(excluded[..., place], floors[starts + 2 * place + 1][:, None])
        degrees = torch.minimum(degrees, torch.where(signs[:, place], alpha[..., None], beta[..., None]))
    crisp = ((degrees == 0) | (degrees == 1)).all(-1) & ((degrees == 1).sum(-1) == 1)
    return degrees.argmax(-1).where(crisp, torch.full_like(crisp, UNKNOWN, dtype=torch.int64))


def _impose(entry: RuleSet, cells: Tensor, known: Tensor, table: Table, floors: Tensor) -> None:
    """Make α and β of a rule set say that its cell is the ``known`` one, in the samples in which nothing follows."""
    rows = slice(entry.start, entry.start + 2 * len(entry.rules))
    table.degrees[rows] = torch.maximum(table.degrees[rows], floors[rows, None])
    floors[rows] = 0.0
    samples = ((cells == UNKNOWN) & (known != UNKNOWN)).nonzero()[:, 0]
    signs = torch.from_numpy(np.ascontiguousarray(entry.partition.signs)).to(floors)
    holds = signs[known[samples]].T
    table.degrees[entry.start : rows.stop : 2, samples] = holds
    table.degrees[entry.start + 1 : rows.stop : 2, samples] = 1.0 - holds


# ----- backward


def _backward(stages: Stages, targets: Targets, known: Cells) -> Cells:
    """The cells that follow from concepts above. ``known`` is extended on the way down."""
    above: dict[Node, list[Node]] = {}
    depends = stages.depends
    for node, rules in depends.uncertain.items():
        spoken = {variable(entry) for rule in rules for entry in literals(rule.premise)}
        if len(spoken) == 1:
            above.setdefault(spoken.pop(), []).append(node)
    found: Cells = {}
    for entry in reversed(stages.sets):
        node = entry.node
        mine = known[node]
        values = None
        for user in above.get(node, ()):
            possible = _possible_targets(stages, targets, known, user)
            if possible is not None:
                agree = possible @ _agreement(stages.model, depends.uncertain[user], node, user).to(possible).T > 0
                values = agree if values is None else values & agree
        if values is None:
            continue
        cells = torch.stack([values[:, list(cell)].any(1) for cell in entry.partition.cells], 1)
        only = cells.sum(1) == 1
        follows = cells.to(torch.int64).argmax(1).where(only, torch.full_like(mine, UNKNOWN))
        found[node] = follows
        known[node] = torch.where(mine == UNKNOWN, follows, mine)
    return found


def _possible_targets(stages: Stages, targets: Targets, known: Cells, node: Node) -> Tensor | None:
    """Which values of a concept its target calls fully possible, ``[samples, values]`` as 0 and 1; all where it is
    unknown.
    """
    attribute, index = node
    if attribute in targets:
        return (targets[attribute][:, index].nan_to_num(1.0) >= 1.0 - 1e-6).to(torch.float32)
    place = stages.set_of.get(node)
    if place is None or node not in known:
        return None
    entry = stages.sets[place]
    cell_of = torch.tensor(entry.partition.cell_of, device=known[node].device)
    cells = known[node][:, None]
    return ((cell_of == cells) | (cells == UNKNOWN)).to(torch.float32)


def _agreement(model: GroundModel, rules: Sequence[GroundUncertainRule], node: Node, user: Node) -> Tensor:
    """Whether a value of ``node`` allows a value of ``user``, ``[values, values]``, by crisp rules."""
    size, count = len(model.attributes[node[0]].domain), len(model.attributes[user[0]].domain)
    found = np.ones((size, count), dtype=np.bool_)
    for rule in rules:
        inside = np.zeros(count, dtype=np.bool_)
        inside[list(rule.conclusion.values)] = True
        holds = np.array([_holds(rule.premise, value) for value in range(size)])
        if rule.r != 1.0:
            found[holds] &= inside
        if rule.s != 1.0:
            found[~holds] &= ~inside
    return torch.from_numpy(found)


def _holds(formula: GroundFormula, value: int) -> bool:
    """Whether a formula about one attribute holds at one of its values."""
    match formula:
        case AttributeLiteral(_, _, values):
            return value in values
        case AllOf(items):
            return all(_holds(item, value) for item in items)
        case AnyOf(items):
            return any(_holds(item, value) for item in items)
        case AtomLiteral():
            return False


# ----- refusals


def _refuse_open(stages: Stages, targets: Targets, found: Cells, wanted: Sequence[Node]) -> None:
    problems: dict[int, Diagnostic] = {}
    missing = None
    for tensor in targets.values():
        rows = tensor.isnan().any(-1).any(-1)
        missing = rows if missing is None else missing | rows
    for node in wanted:
        open_ = found[node] == UNKNOWN
        if missing is not None:
            open_ = open_ & ~missing
        if node[0] not in problems and bool(open_.any()):
            sample = int(open_.nonzero()[0])
            label = stages.depends.label(node)
            name = stages.model.attributes[node[0]].name
            message = (
                f"there are no targets for '{name}', and the rules do not determine {label} from the other targets: "
                f"not exactly one of its cases remains in sample {sample}"
            )
            hint = f"give targets for {name}, or the true values of what its rules speak of ({_below(stages, node)})"
            problems[node[0]] = Diagnostic("E535", message, hint=hint, place=f"targets for {name}")
    if problems:
        raise NesyError(problems.values())


def _below(stages: Stages, node: Node) -> str:
    """The names of the attributes of which a concept's rules speak."""
    names: dict[str, None] = {}
    for rule in stages.depends.uncertain[node]:
        for entry in literals(rule.premise):
            if isinstance(entry, AttributeLiteral):
                names[stages.model.attributes[entry.attribute].name] = None
            else:
                names[stages.model.atoms[entry.atom].name] = None
    return ", ".join(names)
