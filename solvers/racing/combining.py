"""Two searches that proved nothing, made one: the better model, and the better bound at each level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nesy.solvers.answer import Status
from nesy.solvers.logic.tasks import Mode, Outcome, StableModel


def combined(outcomes: Mapping[str, Outcome], mode: Mode) -> Outcome:
    """The outcome of a race without a winner; ``outcomes`` by solver.

    The bound at a level holds where the levels above it are at their optimum, whoever has found that. So the greatest
    bound of each level counts; where all are reached, this proves an optimum that neither solver has proved.
    """
    with_models = {name: outcome for name, outcome in outcomes.items() if outcome.models}
    if not with_models:
        status = Status.TIMEOUT if all(o.status is Status.TIMEOUT for o in outcomes.values()) else Status.UNKNOWN
        return Outcome(status)
    if mode is not Mode.OPTIMUM:
        name = max(with_models, key=lambda each: len(with_models[each].models))
        return Outcome(Status.FEASIBLE, with_models[name].models, solver=name, remark=f"{name} found the most models")
    name = min(with_models, key=lambda each: _paid(with_models[each].models[0]))
    best = with_models[name].models[0]
    bound = _bounds(outcomes.values())
    proved = bool(best.costs) and all(bound.get(level) == cost for level, cost in best.costs.items())
    remark = f"{name} found the better model" if len(with_models) > 1 else f"only {name} found a model"
    if proved:
        return Outcome(Status.OPTIMAL, (best,), bound, solver=name, remark=f"{remark}, and the bounds prove it best")
    return Outcome(Status.FEASIBLE, (best,), bound or None, solver=name, remark=f"{remark}, and nobody proved it best")


def _paid(model: StableModel) -> tuple[int, ...]:
    """The costs, the most important level first."""
    return tuple(cost for _, cost in sorted(model.costs.items(), reverse=True))


def _bounds(outcomes: Iterable[Outcome]) -> dict[int, int]:
    found: dict[int, int] = {}
    for outcome in outcomes:
        for level, bound in (outcome.bound or {}).items():
            found[level] = max(bound, found.get(level, bound))
    return found
