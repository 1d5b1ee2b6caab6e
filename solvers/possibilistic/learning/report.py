"""What learning tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Dropped:
    """Samples (their numbers, from 0) that a rule set was not learned from, and why."""

    reason: str
    samples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RuleSetReport:
    """How the rules on one concept at one index were learned.

    ``lines`` are those of their statements; ``samples`` have a target, ``kept`` of them were learned from.
    ``equations_dropped`` counts single equations of kept samples that the policy ``exact`` left out (of all rule sets
    with which parameters are shared). ``distance`` is ∇ of what was kept. ``seconds`` is the rule set's share of the
    time of its fit.
    """

    concept: str
    lines: tuple[int, ...]
    stage: int
    samples: int
    kept: int
    dropped: tuple[Dropped, ...]
    equations_dropped: int
    threshold: float | None
    distance: float
    seconds: float


@dataclass(frozen=True, slots=True)
class StageReport:
    """The rule sets that were learned at one stage, after those of the stages before."""

    number: int
    rule_sets: tuple[RuleSetReport, ...]


@dataclass(frozen=True, slots=True)
class SearchStep:
    """One step of the search: the validation ``accuracy`` (per cent) with ``threshold`` for rules on ``concept``."""

    concept: str
    threshold: float
    accuracy: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class LearningReport:
    """How parameters were learned.

    ``thresholds`` by concept are those of the last fit, None where every sample is kept. ``accuracy_before`` and
    ``accuracy_after`` are per cent of the validation samples with the parameters of the file and with the learned ones.
    ``rounds`` is above 1 where parameters are shared across stages, and ``settled`` says whether they came to rest.
    ``determined`` names concepts whose targets follow from the others.
    """

    policy: str
    estimate: str
    samples: int
    stages: tuple[StageReport, ...]
    thresholds: tuple[tuple[str, float | None], ...]
    search: tuple[SearchStep, ...] = ()
    accuracy_before: float | None = None
    accuracy_after: float | None = None
    rounds: int = 1
    settled: bool = True
    determined: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rule_sets(self) -> tuple[RuleSetReport, ...]:
        """All rule sets, stage by stage."""
        return tuple(entry for stage in self.stages for entry in stage.rule_sets)


@dataclass(frozen=True, slots=True)
class Progress:
    """What learning does now: ``done`` of ``total`` stages, in the fit number ``fit``; the best ``accuracy`` so far."""

    fit: int
    done: int
    total: int
    concept: str = ""
    threshold: float | None = None
    accuracy: float | None = None


Listener: TypeAlias = Callable[[Progress], None]
"""Is told about progress; an exception that it raises ends learning."""
