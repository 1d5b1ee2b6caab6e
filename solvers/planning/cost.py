"""What a program of an estimated size costs, by the measured model of its back end."""

from __future__ import annotations

from collections.abc import Iterable

from nesy.solvers.planning.plan import Cost, CostModel, Range
from nesy.solvers.planning.statements import Size

PART = 0.25
"""What a part costs of what an instance does."""


def cost_of(model: CostModel, crisp: Iterable[Size], open_sizes: Iterable[Size], batch: int) -> Cost:
    """Seconds and megabytes for a program whose statements have these sizes, and a batch of instances."""
    tried, rules = _totals(crisp)
    open_tried, open_rules = _totals(open_sizes)
    compile_seconds = model.start + model.tried * (tried + open_tried) + model.rule * (rules + open_rules)
    answers = model.call + (model.answer + model.answer_rule * open_rules) * batch
    memory = model.memory + model.memory_rule * (rules + open_rules)
    return Cost(
        Range.around(compile_seconds, model.spread),
        Range.around(answers, model.answer_spread),
        Range.around(memory, model.spread),
        batch,
        model.answer_note,
    )


def _totals(sizes: Iterable[Size]) -> tuple[float, float]:
    """What is tried, and what is made; attributes are tables, whose size does not count here."""
    counted = [size for size in sizes if size.kind not in ("percept", "concept")]
    return sum(size.tried for size in counted), sum(size.instances + PART * size.parts for size in counted)
