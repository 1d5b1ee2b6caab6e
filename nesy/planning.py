"""Plans as text: the route of a back end, the size of every line, what explodes, what it costs, why not otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from nesy.solvers.planning.culprits import many

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nesy.solvers.planning.plan import Plan, Range, Row

LONGEST = 60
"""Characters of a statement in a table."""


def draw_plan(plan: Plan, console: Console) -> None:
    """One plan in full."""
    console.print("\n".join(_head(plan)), markup=False, soft_wrap=True)
    if plan.rows:
        console.print()
        console.print(_sizes(plan))
        console.print(_total(plan), markup=False, soft_wrap=True)
    tail = [*_culprits(plan), *_cost(plan), *_others(plan)]
    if tail:
        console.print("\n" + "\n".join(tail), markup=False, soft_wrap=True)


def draw_summary(plans: Sequence[Plan], console: Console) -> None:
    """Several plans, a line each; why a back end cannot take the program below."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head, right in (
        ("back end", False),
        ("route", False),
        ("answers", False),
        ("ground instances", True),
        ("compile", True),
        ("answer", True),
    ):
        table.add_column(head, justify="right" if right else "left", overflow="fold")
    for plan in plans:
        if plan.cost is None:
            table.add_row(plan.backend, "–", "refused", "", "", "")
            continue
        compiling, answering = _seconds(plan.cost.compile_seconds), _seconds(plan.cost.answer_seconds)
        table.add_row(plan.backend, plan.solver, plan.exactness, many(plan.instances), compiling, answering)
    console.print(table)
    for plan in plans:
        for obstacle in plan.obstacles[:1]:
            more = f" (and {len(plan.obstacles) - 1} more)" if len(plan.obstacles) > 1 else ""
            line = f"{plan.backend}: line {obstacle.span.line}: {obstacle.message}{more}"
            console.print(line, markup=False, soft_wrap=True)
    for line in dict.fromkeys(line for plan in plans for line in _culprits(plan)):
        console.print(line, markup=False, soft_wrap=True)


def _head(plan: Plan) -> Iterator[str]:
    if not plan.possible:
        yield f"{plan.backend}: cannot take this program"
        for obstacle in plan.obstacles:
            yield f"  line {obstacle.span.line}: {obstacle.message}"
            yield f"    {obstacle.hint}"
        return
    yield f"{plan.backend}: {plan.solver}"
    yield f"  why       {plan.reason}"
    yield f"  answers   {plan.meaning}"
    for place, step in enumerate(plan.steps):
        yield f"  {'how' if place == 0 else '':<9} {step}"


def _sizes(plan: Plan) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("line", justify="right")
    table.add_column("statement", overflow="fold")
    table.add_column("instances", justify="right")
    table.add_column("parts", justify="right")
    table.add_column("tried", justify="right")
    files = {row.span.file for row in plan.rows}
    for row in plan.rows:
        line = str(row.span.line) if len(files) == 1 else f"{PurePath(row.span.file).name}:{row.span.line}"
        text = row.statement if len(row.statement) <= LONGEST else f"{row.statement[: LONGEST - 1]}…"
        table.add_row(line, escape(text), _told(row, row.instances), _told(row, row.parts), _told(row, row.tried))
    return table


def _told(row: Row, value: float) -> str:
    if row.accuracy == "unknown":
        return "?"
    sign = {"exact": "", "about": "~", "at most": "≤"}[row.accuracy]
    return f"{sign}{many(value)}" if value else ""


def _total(plan: Plan) -> str:
    facts = f", {plan.facts:,} facts" if plan.facts else ""
    budget = f"budget {plan.budget:,} a statement" if plan.budget is not None else "no budget"
    return f"in all {many(plan.instances)} instances, {many(plan.parts)} parts{facts}; {budget}"


def _culprits(plan: Plan) -> Iterator[str]:
    for found in plan.culprits:
        yield f"line {found.span.line}: {found.message}"
        yield f"  {found.cure}"


def _cost(plan: Plan) -> Iterator[str]:
    if plan.cost is None:
        return
    cost = plan.cost
    batch = "an answer" if cost.batch == 1 else f"{cost.batch:,} answers"
    yield f"compile   {_seconds(cost.compile_seconds)}"
    yield f"{batch:<9} {_seconds(cost.answer_seconds)}{f' ({cost.note})' if cost.note else ''}"
    yield f"memory    {_span(cost.memory_mb, 1.0, 'MB')} beside the libraries"


def _others(plan: Plan) -> Iterator[str]:
    if plan.others:
        width = max(len(other.name) for other in plan.others)
        yield "why not"
        for other in plan.others:
            line = f"line {other.span.line}: " if other.span.line else ""
            yield f"  {other.name:<{width}}  {'' if other.possible else 'cannot: '}{line}{other.reason}"


def _seconds(found: Range) -> str:
    if found.high < 1:
        return _span(found, 1e3, "ms")
    if found.low > 7200:
        return _span(found, 1 / 3600, "h")
    return _span(found, 1.0, "s")


def _span(found: Range, scale: float, unit: str) -> str:
    low, high = _round(found.low * scale), _round(found.high * scale)
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def _round(value: float) -> str:
    """Two digits: more would be false precision."""
    return many(float(f"{value:.1e}")) if value >= 10 else f"{value:.1g}"
