"""What learning may be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.solvers.possibilistic.learning.pooling import Pooling

POLICIES = ("exact", "reference")
ESTIMATES = ("chebyshev", "trimmed", "pooled")


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How parameters are learned.

    ``policy``: what becomes of equations that a threshold t excludes. ``exact`` drops them and solves the others by
    their own Chebyshev distance. ``reference`` is the published procedure: targets are first replaced by each sample's
    lowest approximation, and all equations stay but are lowered only by the largest distance below t.

    ``threshold``: samples with ∇ᵘ below it are learned from. ``validation`` searches for it by the accuracy on
    validation data, a number is used for all rule sets, None keeps every sample; ``auto`` is ``validation`` where there
    are such data, otherwise None, and None for the estimate ``pooled``, whose groups need their exceptions.

    The search goes up the grid (i / ``grid_size``) ** ``grid_power`` · (1 + ``margin``), i = 1 … ``grid_size`` (the
    paper takes the power 2 where data are few), for one concept after the other. A step is accepted if the accuracy
    rises by more than ``accept`` percentage points; ``stagnation`` steps without that end the search for a concept.

    ``estimate``: ``chebyshev``, the lowest approximate solution; ``trimmed``, the same after the share ``outliers`` of
    the samples may have been left out (``outliers`` above 0 makes ``chebyshev`` this); ``pooled``, from frequencies in
    groups of alike samples (see :mod:`~nesy.solvers.possibilistic.learning.pooling`), formed as ``pooling`` says with
    the engine's transformation.

    ``every``: learn all uncertain rules, also those that are not marked ``[learn]``; each ground rule for itself.
    ``rounds``: how often at most rules are learned anew whose shared parameters stand at several stages. ``seed``: for
    what draws at random; the fits themselves draw nothing.
    """

    policy: Literal["exact", "reference"] = "exact"
    threshold: float | Literal["auto", "validation"] | None = "auto"
    grid_size: int = 30
    grid_power: float = 5.0
    margin: float = 0.001
    accept: float = 0.01
    stagnation: int = 1
    estimate: Literal["chebyshev", "trimmed", "pooled"] = "chebyshev"
    outliers: float = 0.0
    pooling: Pooling = field(default_factory=Pooling)
    every: bool = False
    rounds: int = 20
    seed: int = 0

    @property
    def estimator(self) -> str:
        """The estimate that is used: ``trimmed`` wherever outliers may be left out."""
        return "trimmed" if self.estimate == "chebyshev" and self.outliers > 0 else self.estimate

    @property
    def grid(self) -> tuple[float, ...]:
        """The thresholds of the search, increasing."""
        count = self.grid_size
        return tuple((place / count) ** self.grid_power * (1.0 + self.margin) for place in range(1, count + 1))


def check_options(options: LearningOptions) -> None:
    """E523 where an option has a value that it cannot have."""
    problems = []
    for name, known in (("policy", POLICIES), ("estimate", ESTIMATES)):
        value = str(getattr(options, name))
        if value not in known:
            problems.append(_unknown(name, value, known))
    threshold = options.threshold
    if isinstance(threshold, str):
        if threshold not in ("auto", "validation"):
            problems.append(_unknown("threshold", threshold, ("auto", "validation")))
    elif threshold is not None and not threshold > 0.0:
        problems.append(_outside("threshold", threshold, "above 0; a sample is kept if its distance lies below it"))
    bounds = {
        "outliers": (0.0 <= options.outliers < 1.0, "the share of samples, at least 0 and below 1"),
        "grid_size": (options.grid_size >= 1, "at least 1"),
        "grid_power": (options.grid_power > 0.0, "above 0"),
        "margin": (options.margin >= 0.0, "at least 0"),
        "stagnation": (options.stagnation >= 1, "at least 1"),
        "rounds": (options.rounds >= 1, "at least 1"),
    }
    if options.estimate == "trimmed" and options.outliers == 0.0:
        problems.append(_outside("outliers", 0.0, "above 0 where the estimate is 'trimmed'"))
    if options.estimate == "pooled" and options.outliers > 0.0:
        problems.append(
            _outside("outliers", options.outliers, "0 where the estimate is 'pooled', which needs all samples")
        )
    problems += [_outside(name, getattr(options, name), hint) for name, (good, hint) in bounds.items() if not good]
    if problems:
        raise NesyError(problems)


def _unknown(name: str, value: str, known: tuple[str, ...]) -> Diagnostic:
    hint = did_you_mean(value, known) or f"known: {', '.join(known)}"
    return Diagnostic("E523", f"learning knows no {name} '{value}'", hint=hint, place=f"option {name}")


def _outside(name: str, value: object, hint: str) -> Diagnostic:
    return Diagnostic("E523", f"learning cannot take {name} = {value}", hint=hint, place=f"option {name}")
