"""Drawing and writing answers: tables for a terminal, JSON lines, and files."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from nesy.dsl.values import format_value
from nesy.files import write_atomically
from nesy.posterior_output import COLUMNS, error_cell, fill_numbers, is_number, method_line
from nesy.searched_output import has_answer, heading, models_table, remarks

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nesy.solvers.answer import Answer, Result

RUNNERS_UP = 3
"""How many other values a table shows beside the answered one."""
SETTLED = ("solved", "optimal", "estimated")
"""Statuses that a summary does not count."""
LARGEST_SUMMARY = 60
"""How many rows a summary has at most."""
OTHERS = {"possibility": "other values", "probability": "other values", "possible": "possible values"}
"""What the last column of a table holds, by the measure that it comes from."""
SHOWN = 5e-4
"""Degrees below this are drawn as 0."""


def json_lines(answers: Iterable[Answer]) -> Iterator[str]:
    """One JSON object per instance and line; instances are counted through all ``answers``."""
    start = 0
    for answer in answers:
        for instance in range(answer.batch):
            yield json.dumps(answer.to_json(instance) | {"instance": start + instance}, ensure_ascii=False) + "\n"
        start += answer.batch


def write_answers(path: str, answers: Sequence[Answer]) -> None:
    """Write answers to a file.

    ``.npz`` holds one array per query and measure, ``.nc`` the draws of a single instance as ArviZ reads them, anything
    else JSON lines.
    """
    if path.endswith(".nc"):
        from nesy.inference_data import netcdf

        write_atomically(path, netcdf(answers))
        return
    if not path.endswith(".npz"):
        write_atomically(path, "".join(json_lines(answers)))
        return
    import numpy as np
    import torch

    arrays = {}
    for family, result in answers[0].results.items():
        for measure in result.measures:
            parts = [answer.results[family].measures[measure].detach().cpu() for answer in answers]
            arrays[f"{family}.{measure}"] = torch.cat(parts).numpy()
        if result.choice is not None:
            chosen = [answer.results[family].choice for answer in answers]
            arrays[f"{family}.choice"] = torch.cat([part.cpu() for part in chosen if part is not None]).numpy()
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


# ----- tables


def draw_instances(answers: Sequence[Answer], console: Console) -> None:
    """One table for each instance: query, value, degrees, the next-best values."""
    number = 0
    many = sum(answer.batch for answer in answers) > 1
    for answer in answers:
        for instance in range(answer.batch):
            words = heading(answer, instance)
            if many or words:
                console.print(f"instance {number}" + (f": {words}" if words else ""), soft_wrap=True)
            if has_answer(answer, instance):
                if any(not is_number(result) for result in answer.results.values()):
                    console.print(instance_table(answer, instance))
                if any(map(is_number, answer.results.values())):
                    console.print(fill_numbers(answer, instance, _table([])))
            for remark in (*remarks(answer, instance), *method_line(answer, instance)):
                console.print(remark, markup=False, soft_wrap=True)
            number += 1


def instance_table(answer: Answer, instance: int) -> Table:
    """The answers of one instance as a table; where several models were asked for, these side by side."""
    if models := list(answer.models[instance]) if answer.models else []:
        return models_table(models, _table([]))
    measures = [name for name in ("possibility", "necessity", "probability") if _has(answer, name)]
    conflict = "possibility" in measures and any(
        float(result.possibility[instance].detach().amax(-1).min()) < 1 - SHOWN
        for result in answer.results.values()
        if result.possibility is not None
    )
    others = [name for name, title in OTHERS.items() if _has(answer, name)][:1]
    titles = [OTHERS[name] for name in others]
    estimated = ["error"] if _has(answer, "error") else []
    table = _table(["query", "value", *measures, *(["inconsistency"] if conflict else []), *estimated, *titles])
    for result in answer.results.values():
        for label in result.labels if not is_number(result) else ():
            single = result.at(label)
            *shown, rest = _row(single, label, instance, measures, conflict=conflict)
            row = [*shown, *([error_cell(single, instance)] if estimated else []), rest]
            table.add_row(*row[: len(table.columns)])
    return table


def _table(columns: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        numeric = column in ("possibility", "necessity", "probability", "inconsistency", *COLUMNS)
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    return table


def _has(answer: Answer, measure: str) -> bool:
    return any(getattr(result, measure) is not None for result in answer.results.values())


def _row(result: Result, label: str, instance: int, measures: Sequence[str], *, conflict: bool) -> list[str]:
    from rich.markup import escape

    degrees = {name: tensor[instance].tolist() for name, tensor in result.measures.items()}
    choice = int(result.choice[instance]) if result.choice is not None else -1
    leading = degrees.get("possibility") or degrees.get("probability") or []
    value = format_value(result.domain.values[choice]) if choice >= 0 else "undecided"
    shown = [_degree(degrees[name][choice]) if choice >= 0 and name in degrees else "" for name in measures]
    if conflict:
        lost = 1 - max(degrees.get("possibility", [1.0]))
        shown.append(_degree(lost) if lost >= SHOWN else "")
    others = _others(result, leading, choice)
    if result.possible is not None:
        flags = zip(result.domain.values, result.possible[instance].tolist(), strict=True)
        others = ", ".join(format_value(name) for name, member in flags if member)
    return [escape(label), escape(value), *shown, escape(others)]


def _others(result: Result, degrees: Sequence[float], choice: int) -> str:
    """``6 0.200, 7 0.050, …``: the next-best values that are not excluded."""
    ranked = sorted((place for place in range(len(degrees)) if place != choice), key=lambda place: -degrees[place])
    left = [place for place in ranked if degrees[place] >= SHOWN]
    limit = RUNNERS_UP if choice >= 0 else 2 * RUNNERS_UP
    parts = [f"{format_value(result.domain.values[place])} {_degree(degrees[place])}" for place in left[:limit]]
    return ", ".join(parts) + (", …" if len(left) > limit else "")


def _degree(number: float) -> str:
    return f"{number:.3f}"


def draw_summary(answers: Iterable[Answer], console: Console) -> None:
    """How often each query has each value over a long batch; ``answers`` are seen once, one after the other."""
    from rich.markup import escape

    batch = 0
    counts: dict[str, Counter[str]] = {}
    unsolved: Counter[str] = Counter()
    for answer in answers:
        batch += answer.batch
        _count(answer, counts)
        unsolved.update(str(status) for status in answer.status if str(status) not in SETTLED)
    table = _table(["query", "values"])
    for label, found in list(counts.items())[:LARGEST_SUMMARY]:
        table.add_row(escape(label), escape(_tally(found)))
    console.print(f"{batch} instances")
    console.print(table)
    if len(counts) > LARGEST_SUMMARY:
        console.print(f"… and {len(counts) - LARGEST_SUMMARY} more queries")
    for status, count in unsolved.items():
        console.print(f"{count} {status}")


def _count(answer: Answer, counts: dict[str, Counter[str]]) -> None:
    """Add how often each query of ``answer`` has each value."""
    for result in answer.results.values():
        if result.choice is None:
            continue
        places = result.choice.reshape(answer.batch, -1).T.tolist()
        for label, row in zip(result.labels, places, strict=True):
            names = [format_value(result.domain.values[place]) if place >= 0 else "undecided" for place in row]
            counts.setdefault(label, Counter()).update(names)


def _tally(found: Counter[str]) -> str:
    parts = [f"{value}: {count}" for value, count in found.most_common(8)]
    return ", ".join(parts) + (", …" if len(found) > 8 else "")
