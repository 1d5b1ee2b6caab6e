"""The most probable state of a model, given what is known: exact for finite, Gaussian and conjugate parts, climbed
for others."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Answer, Status
from nesy.solvers.probabilistic.answering import results
from nesy.solvers.probabilistic.inference.choose import APART, Chosen
from nesy.solvers.probabilistic.inference.conjugate import conjugate_mode
from nesy.solvers.probabilistic.inference.joining import Answered, computed
from nesy.solvers.probabilistic.inference.modes import SAME, Mode, mode_of
from nesy.solvers.probabilistic.inference.part import Part
from nesy.solvers.probabilistic.inference.quadrature import Nested
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior, drawn
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes

FINITE, GAUSSIAN, CONJUGATE, CLIMBED = "elimination", "gaussian", "conjugate", "climbing"
SUFFIX = ", most probable"


def check(chosen: Chosen) -> None:
    """Raises E596 for a part that is neither finite nor has a smooth density, or is too entangled for tables."""
    for part in chosen.parts:
        if part.finite is None and _smooth(part) is None:
            message = (
                "the most probable state is found in finite models with small tables and where the density is smooth; "
                "events over numbers, unbounded counts and many finite variables stand against it"
            )
            raise NesyError(Diagnostic("E596", message, hint="take --mode posterior", place="--mode"))


def _smooth(part: Part) -> Nested | None:
    return part.smooth or (part.nested if part.nested is not None and not part.nested.parts.outer else None)


@dataclass(frozen=True)
class Found:
    """One part's state: its method, the values of its estimands, the log joint density, and what is to be said."""

    method: str
    posteriors: tuple[Posterior, ...]
    log_joint: float
    log_evidence: float | None = None
    diagnostics: Mapping[str, object] | None = None
    remarks: tuple[Diagnostic, ...] = ()
    status: Status = Status.SOLVED


def most_probable(
    chosen: Chosen,
    readings: Mapping[str, Tensor],
    batch: int,
    warnings: tuple[Diagnostic, ...] = (),
    conflict: Diagnostic | None = None,
    seed: int = 0,
) -> Answer:
    """The value of each estimand in one most probable state, for a batch; its probability is among the details.

    All values belong to the same state, also where several are equally probable. Finite models tell the log probability
    of the state (``log_probability``), others its log density together with what is known (``log_density``).
    ``conflict`` is what is said of instances in which what is known is impossible. Raises E596, see :func:`check`.
    """
    started = time.perf_counter()
    check(chosen)
    columns = [
        _of_finite(part, readings, batch)
        if part.finite is not None
        else [_climbed(part, seed + APART * number)] * batch
        for number, part in enumerate(chosen.parts)
    ]
    rows = [[column[instance] for column in columns] for instance in range(batch)]
    found = [_state(chosen, row) for row in rows]
    answered = {
        name: replace(result, probability=None, sd=None, quantiles=None, levels=(), samples=None, error=None)
        for name, result in results(chosen.graph, found).items()
    }
    finite = all(part.finite is not None for part in chosen.parts)
    name = "log_probability" if finite else "log_density"
    joint = [_joint(row, finite=finite) if row else -torch.inf for row in rows]
    details: list[dict[str, object]] = []
    for entry, value in zip(found, joint, strict=True):
        told: dict[str, object] = {"method": entry.method, "diagnostics": dict(entry.diagnostics)}
        if entry.status in (Status.SOLVED, Status.ESTIMATED):
            told[name] = value
        said = conflict.message if entry.status is Status.INFEASIBLE and conflict is not None else None
        told["remarks"] = [said] if said else [remark.message for remark in entry.remarks]
        details.append(told)
    statistics = {"seconds": time.perf_counter() - started, "method": [entry.method for entry in found], name: joint}
    remarks = dict.fromkeys(remark for entry in found for remark in entry.remarks)
    conflicts = () if conflict is None else (conflict,)
    status = [entry.status for entry in found]
    return Answer("probabilistic", answered, status, statistics, (*warnings, *conflicts, *remarks), details=details)


def _joint(row: Sequence[Found], *, finite: bool) -> float:
    """The log joint density of a state; divided by the evidence where all is finite."""
    total = sum(entry.log_joint for entry in row)
    return total - sum(entry.log_evidence or 0.0 for entry in row) if finite else total


def _state(chosen: Chosen, row: Sequence[Found]) -> Inferred:
    """The parts' states as one."""
    if chosen.conflict or any(entry.status is Status.INFEASIBLE for entry in row):
        return Inferred("none", True, Status.INFEASIBLE)
    method = " + ".join(dict.fromkeys(entry.method for entry in row)) + SUFFIX
    diagnostics: dict[str, object] = {}
    for entry in row:
        diagnostics |= entry.diagnostics or {}
    remarks = tuple(remark for entry in row for remark in entry.remarks)
    if any(entry.status is Status.UNKNOWN for entry in row):
        return Inferred(method, False, Status.UNKNOWN, (), None, 0.0, diagnostics, remarks)
    parts = [
        Answered("", places, part.graph, Inferred(entry.method, True, entry.status, entry.posteriors))
        for places, part, entry in zip(chosen.asked, chosen.parts, row, strict=True)
    ]
    found: list[Posterior] = [Posterior()] * len(chosen.graph.estimands)
    for part in parts:
        for place, posterior in zip(part.places, part.found.posteriors, strict=False):
            found[place] = posterior
    for places, whole in zip(chosen.across, chosen.wholes, strict=True):
        codes, columns = computed(chosen.graph, whole, parts, 1)
        for place, values in zip(places, columns, strict=True):
            found[place] = _value(chosen.graph.estimands[place], values, codes)
    climbed = any(entry.status is Status.ESTIMATED for entry in row)
    status = Status.ESTIMATED if climbed else Status.SOLVED
    return Inferred(method, not climbed, status, tuple(found), None, 0.0, diagnostics, remarks)


def _value(estimand: Estimand, values: Tensor, codes: Codes) -> Posterior:
    """A value as a posterior that is certain of it; ``values`` is its code, ``[1]``."""
    probability = None
    draws = drawn(values, estimand.domain, codes)
    if estimand.domain is not None:
        axis = codes.domain(estimand.domain).to(FLOAT)
        probability = torch.nn.functional.one_hot((axis - values).abs().argmin(), len(axis)).to(FLOAT)
    return Posterior(probability, mean=float(values[0]), draws=draws)


def _of_finite(part: Part, readings: Mapping[str, Tensor], batch: int) -> list[Found]:
    """The state of a finite part for each instance."""
    assert part.finite is not None
    value, tables = part.finite.most_probable(readings)
    evidence = part.finite.elimination.posteriors(readings)[0].expand(batch)
    value, tables, shift = value.expand(batch), [each.expand(batch) for each in tables], part.finite.log_shift
    found = []
    for instance in range(batch):
        if float(value[instance]) == -torch.inf:
            found.append(Found("none", (), -torch.inf, status=Status.INFEASIBLE))
            continue
        posteriors = tuple(
            _value(asked.estimand, asked.items[table[instance]][None], part.finite.codes)
            for asked, table in zip(part.finite.asked, tables, strict=True)
        )
        found.append(Found(FINITE, posteriors, float(value[instance]) + shift, float(evidence[instance]) + shift))
    return found


def _climbed(part: Part, seed: int) -> Found:
    """The state of a part with a smooth density."""
    nested = _smooth(part)
    assert nested is not None
    closed = conjugate_mode(nested.executor)
    mode = closed or mode_of(nested, Generator().manual_seed(seed))
    if mode is None:
        message = "no start for a climb: what is known has density 0 at every draw from the prior"
        return Found(CLIMBED, (), -torch.inf, remarks=(_remark(message),), status=Status.UNKNOWN)
    if mode.unbounded:
        message = f"there is no most probable state: at the edge of {mode.unbounded} the density has no bound"
        return Found(CLIMBED, (), torch.inf, remarks=(_remark(message),), status=Status.UNKNOWN)
    executor = nested.executor
    posteriors = tuple(
        _value(estimand, column, executor.codes)
        for estimand, column in zip(executor.graph.estimands, executor.asked(mode.state, 1), strict=True)
    )
    if mode.exact:
        return Found(GAUSSIAN if closed is None else CONJUGATE, posteriors, mode.log_density)
    diagnostics = {"starts": mode.starts, "reached": mode.reached, "optima": 1 + len(mode.others)}
    return Found(CLIMBED, posteriors, mode.log_density, None, diagnostics, _doubts(mode), Status.ESTIMATED)


def _remark(message: str) -> Diagnostic:
    return Diagnostic("W599", message, hint="take --mode posterior")


def _doubts(mode: Mode) -> tuple[Diagnostic, ...]:
    """What is to be said of a state beside its values."""
    found = []
    if mode.edges:
        found.append(_remark(f"the density is greatest at the edge of the support of {', '.join(mode.edges)}"))
    if mode.others and mode.others[0] > mode.log_density - SAME:
        found.append(_remark("several states are equally probable; this is one of them"))
    elif mode.others:
        apart = mode.log_density - mode.others[0]
        number = f"{len(mode.others)} further optima" if len(mode.others) > 1 else "a further optimum"
        found.append(_remark(f"{number}: the best other state is {apart:.3g} nats less probable"))
    return tuple(found)
