"""What a comparison holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import Diagnostic

if TYPE_CHECKING:
    from nesy.solvers.answer import Answer


@dataclass(frozen=True)
class Run:
    """One back end: its answer, or why it cannot take the program (``refusals``)."""

    backend: str
    answer: Answer | None = None
    refusals: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One relation, checked for one query (or for the instance as a whole: ``query`` is empty)."""

    relation: str
    instance: int
    query: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Back ends that answer a query differently, as they may: the answered value of each."""

    instance: int
    query: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Comparison:
    """The back ends side by side. ``checks`` are all relations that were checked, ``differences`` are no faults."""

    runs: tuple[Run, ...]
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...]
    batch: int
    warnings: tuple[Diagnostic, ...] = field(default=())

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The answer of each back end that took the program."""
        return {run.backend: run.answer for run in self.runs if run.answer is not None}

    @cached_property
    def alarms(self) -> tuple[Diagnostic, ...]:
        """One diagnostic (E441) for each relation that does not hold."""
        return tuple(_alarms(self.checks))

    def relations(self) -> Mapping[str, tuple[int, int]]:
        """How often each relation was checked, and how often it failed."""
        found: dict[str, tuple[int, int]] = {}
        for check in self.checks:
            count, failed = found.get(check.relation, (0, 0))
            found[check.relation] = count + 1, failed + (not check.holds)
        return found

    def to_json(self, instance: int) -> dict[str, object]:
        """One instance as plain data."""
        backends: dict[str, object] = {}
        for run in self.runs:
            if run.answer is None:
                backends[run.backend] = {"refused": [entry.to_json() for entry in run.refusals]}
            else:
                backends[run.backend] = run.answer.to_json(instance)
        own = [check for check in self.checks if check.instance == instance]
        return {
            "instance": instance,
            "backends": backends,
            "relations": {
                relation: {"checked": count, "failed": failed}
                for relation, (count, failed) in Comparison((), tuple(own), (), 1).relations().items()
            },
            "alarms": [entry.to_json() for entry in _alarms(own)],
            "differences": {each.query: dict(each.values) for each in self.differences if each.instance == instance},
        }


def _alarms(checks: list[Check] | tuple[Check, ...]) -> Iterator[Diagnostic]:
    for check in checks:
        if not check.holds:
            about = f", {check.query}" if check.query else ""
            hint = "this is a defect of nesy, or of a solver: please report it with the rule file and the evidence"
            message = f"two back ends contradict each other: {check.detail}; {check.relation}"
            yield Diagnostic("E441", message, hint=hint, place=f"instance {check.instance}{about}")
