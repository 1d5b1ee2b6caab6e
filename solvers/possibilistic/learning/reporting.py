"""What the last fits tell, rule set by rule set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nesy.solvers.possibilistic.learning.fitting import Fit
from nesy.solvers.possibilistic.learning.report import Dropped, RuleSetReport, StageReport
from nesy.solvers.possibilistic.learning.stages import Stages
from nesy.solvers.possibilistic.learning.tasks import Task


def stage_reports(stages: Stages, tasks: Sequence[Task], fits: Mapping[int, Fit]) -> tuple[StageReport, ...]:
    """The reports of all stages at which something was learned; ``fits`` by the place of the task."""
    found: dict[int, list[RuleSetReport]] = {}
    for place, task in enumerate(tasks):
        fit = fits[place]
        for number, which in enumerate(task.sets):
            entry = _set_report(stages, task, fit, number, which)
            found.setdefault(entry.stage, []).append(entry)
    return tuple(StageReport(number, tuple(found[number])) for number in sorted(found))


def _set_report(stages: Stages, task: Task, fit: Fit, number: int, which: int) -> RuleSetReport:
    entry = stages.sets[which]
    system = 0 if task.shared else number
    known, kept, alone = fit.single.known[number], fit.estimate.kept[number], fit.single.alone[number]
    limit = float(fit.thresholds[system])
    far = known & (alone >= limit)
    fixed = far & (fit.single.excess[number] >= limit)
    reasons = {
        "no target": ~known,
        "rules that are not learned exclude the target": fixed,
        "distance not below the threshold": far & ~fixed,
        "trimmed": known & ~far & ~kept,
    }
    dropped = [
        Dropped(reason, tuple(samples.nonzero()[:, 0].tolist())) for reason, samples in reasons.items() if samples.any()
    ]
    return RuleSetReport(
        concept=stages.depends.label(entry.node),
        lines=tuple(dict.fromkeys(rule.origin.span.line for rule in entry.rules)),
        stage=entry.stage,
        samples=int(known.sum()),
        kept=int(kept.sum()),
        dropped=tuple(dropped),
        equations_dropped=int(fit.estimate.equations_dropped[system]),
        threshold=None if limit == float("inf") else limit,
        distance=float(fit.estimate.distance[system]),
        seconds=fit.seconds / len(task.sets),
    )
