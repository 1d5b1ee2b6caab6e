"""What learning reports, as a table and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nesy.dsl.diagnostics import counted
from nesy.dsl.values import format_value

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nesy.solvers.possibilistic.learning.learn import Learned
    from nesy.solvers.possibilistic.learning.parameters import Pair, Parameters, RuleParameters
    from nesy.solvers.possibilistic.learning.report import LearningReport, RuleSetReport

LARGEST = 20
"""So many parameters are listed one by one."""
NAMED = 5
"""So many samples are named where samples were dropped."""

UNSAYABLE = (
    "∇ = 1, so the targets tell nothing about s and r, which are the lowest, 0; "
    "--estimate pooled goes by how often rules fail, a --threshold leaves the exceptions out"
)
"""Of targets that are as far as can be from what the rules can say: moved by 1, they are all 0."""


@dataclass(frozen=True)
class Summary:
    """The rule sets of one concept at one stage: all its indices together."""

    concept: str
    stage: int
    rule_sets: tuple[RuleSetReport, ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """Where the rules stand."""
        return tuple(sorted({line for entry in self.rule_sets for line in entry.lines}))

    @property
    def seconds(self) -> float:
        """The time of all."""
        return sum(entry.seconds for entry in self.rule_sets)

    def dropped(self) -> dict[str, list[int]]:
        """Samples that were left out of some rule set, by reason."""
        found: dict[str, set[int]] = {}
        for entry in self.rule_sets:
            for part in entry.dropped:
                found.setdefault(part.reason, set()).update(part.samples)
        return {reason: sorted(samples) for reason, samples in found.items()}


def summaries(rule_sets: Iterable[RuleSetReport]) -> tuple[Summary, ...]:
    """One summary for each concept and stage, in the order of learning."""
    found: dict[tuple[str, int], list[RuleSetReport]] = {}
    for entry in rule_sets:
        found.setdefault((entry.concept.partition("(")[0], entry.stage), []).append(entry)
    return tuple(Summary(concept, stage, tuple(entries)) for (concept, stage), entries in found.items())


# ----- as a table


def draw_report(learned: Learned, console: Console) -> None:
    """Draw what was learned from what, and the parameters themselves where they are few."""
    report, parameters = learned.report, learned.parameters
    pairs = [pair for rule in parameters.rules for pair in rule.pairs]
    numbers = sum(value is not None for pair in pairs for value in (pair.s, pair.r))
    rules = sum(bool(rule.pairs) for rule in parameters.rules)
    title = (
        f"{counted(numbers, 'parameter')} of {counted(rules, 'rule')} learned from "
        f"{counted(report.samples, 'sample')} ({report.policy}, {report.estimate}) in {report.seconds:.2f} s"
    )
    found = summaries(report.rule_sets)
    console.print(title, markup=False, soft_wrap=True)
    console.print(_report_table(found, parameters))
    for remark in _remarks(report, found):
        console.print(remark, markup=False, soft_wrap=True)
    if 0 < len(pairs) <= LARGEST:
        console.print()
        console.print(_parameter_table(parameters.rules))


def _remarks(report: LearningReport, found: Sequence[Summary]) -> Iterator[str]:
    """What was left out, what follows from the rules, and how often the validation samples are right."""
    for summary in found:
        for reason, samples in summary.dropped().items():
            named = ", ".join(map(str, samples[:NAMED])) + (", …" if len(samples) > NAMED else "")
            yield f"{summary.concept}: {counted(len(samples), 'sample')} dropped ({reason}): {named}"
        equations = sum(entry.equations_dropped for entry in summary.rule_sets)
        if equations:
            yield f"{summary.concept}: {counted(equations, 'single equation')} of other samples dropped"
        if report.estimate != "pooled" and any(entry.distance >= 1.0 for entry in summary.rule_sets):
            yield f"{summary.concept}: {UNSAYABLE}"
    if report.determined:
        yield f"targets that follow from the rules and other targets: {', '.join(report.determined)}"
    if report.accuracy_before is not None and report.accuracy_after is not None:
        yield f"validation accuracy: {report.accuracy_before:.1f} % before, {report.accuracy_after:.1f} % after"
    if not report.settled:
        yield f"parameters shared across stages did not come to rest in {counted(report.rounds, 'round')}"


def _report_table(found: Sequence[Summary], parameters: Parameters) -> Table:
    columns = ("concept", "lines", "kept", "threshold", "∇", "s", "r", "time")
    table = _table(columns, left=("concept", "lines"), folded=("concept",))
    for summary in found:
        entries = summary.rule_sets
        pairs = [pair for rule in parameters.rules if rule.concept == summary.concept for pair in rule.pairs]
        more = f" ({len(entries)})" if len(entries) > 1 else ""
        limits = [entry.threshold for entry in entries]
        table.add_row(
            f"{summary.concept}{more}",
            _lines(summary.lines),
            f"{_counts(entry.kept for entry in entries)} of {_counts(entry.samples for entry in entries)}",
            "all" if None in limits else _range(limits),
            _range(entry.distance for entry in entries),
            _range(pair.s for pair in pairs),
            _range(pair.r for pair in pairs),
            f"{summary.seconds:.2f} s",
        )
    return table


def _parameter_table(rules: Sequence[RuleParameters]) -> Table:
    from rich.markup import escape

    table = _table(("line", "rule", "", "s", "r"), left=("rule", ""), folded=("rule", ""))
    for rule in rules:
        for pair in rule.pairs:
            bindings = ", ".join(
                f"{name} = {format_value(value)}" for name, value in zip(rule.variables, pair.values, strict=True)
            )
            line, text = (str(rule.line), escape(rule.statement)) if pair is rule.pairs[0] else ("", "")
            table.add_row(line, text, escape(bindings), _range([pair.s]), _range([pair.r]))
    return table


def _table(columns: Sequence[str], *, left: Sequence[str], folded: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for column in columns:
        justify: Literal["left", "right"] = "left" if column in left else "right"
        table.add_column(column, justify=justify, no_wrap=column not in folded, overflow="fold")
    return table


def _lines(lines: Sequence[int]) -> str:
    """``5``, ``5, 7``, ``5 … 40 (12)``."""
    return ", ".join(map(str, lines)) if len(lines) <= 2 else f"{lines[0]} … {lines[-1]} ({len(lines)})"


def _counts(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    return str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"


def _range(numbers: Iterable[float | None]) -> str:
    """``0.100``, ``0.000–0.250``; a dash where there is no number."""
    found = sorted(number for number in numbers if number is not None)
    if not found:
        return "–"
    low, high = f"{found[0]:.3f}", f"{found[-1]:.3f}"
    return low if low == high else f"{low}–{high}"


# ----- as plain data


def report_to_json(learned: Learned) -> dict[str, object]:
    """Everything that the report knows; samples are numbered from 0."""
    report = learned.report
    return {
        "policy": report.policy,
        "estimate": report.estimate,
        "samples": report.samples,
        "seconds": report.seconds,
        "accuracy": {"before": report.accuracy_before, "after": report.accuracy_after},
        "thresholds": dict(report.thresholds),
        "determined": list(report.determined),
        "rounds": report.rounds,
        "settled": report.settled,
        "search": [
            {
                "concept": step.concept,
                "threshold": step.threshold,
                "accuracy": step.accuracy,
                "accepted": step.accepted,
            }
            for step in report.search
        ],
        "rule_sets": [_rule_set_data(entry) for entry in report.rule_sets],
        "rules": [_rule_data(rule) for rule in learned.parameters.rules],
    }


def _rule_set_data(entry: RuleSetReport) -> dict[str, object]:
    return {
        "concept": entry.concept,
        "lines": list(entry.lines),
        "stage": entry.stage,
        "samples": entry.samples,
        "kept": entry.kept,
        "dropped": [{"reason": part.reason, "samples": list(part.samples)} for part in entry.dropped],
        "equations_dropped": entry.equations_dropped,
        "threshold": entry.threshold,
        "distance": entry.distance,
        "seconds": entry.seconds,
    }


def _rule_data(rule: RuleParameters) -> dict[str, object]:
    return {
        "line": rule.line,
        "statement": rule.statement,
        "concept": rule.concept,
        "learn": list(rule.learn),
        "pairs": len(rule.pairs),
        "s": _bounds(rule.pairs, "s"),
        "r": _bounds(rule.pairs, "r"),
    }


def _bounds(pairs: Sequence[Pair], name: str) -> list[float] | None:
    """The lowest and the highest; None where nothing is learned."""
    values = [value for pair in pairs if (value := pair.s if name == "s" else pair.r) is not None]
    return [min(values), max(values)] if values else None
