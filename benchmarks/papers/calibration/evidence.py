"""Estimates of the evidence, and their standard errors, against evidence that is known exactly.

For each of 30 models (six families that have an exact answer, each with five simulated data sets) a method estimates
the log evidence from a hundred seeds. The errors should be as large as the method says: the root mean square of the
errors over that of the standard errors is near 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.papers.calibration.families import (
    CONJUGATE,
    DRIFT,
    FINITE,
    GAUSSIAN,
    HIERARCHY,
    SAMPLES,
    SWITCHES,
    Family,
)
from benchmarks.papers.calibration.ranks import shown
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.interpreter.traces import sample

EXACT = (FINITE, CONJUGATE, GAUSSIAN, DRIFT, SWITCHES, HIERARCHY)
DATA_SETS, SEEDS = 5, 100
ESTIMATORS = ("weighting", "filter", "smc", "laplace")


def estimates(family: Family, number: int) -> dict[str, Any]:
    """What each method says of one data set; ``within`` counts errors of at most two and four standard errors."""
    graph = family.graph
    trace = sample(graph, np.random.default_rng((7, number)))
    known = replace(graph, conditions=shown(graph, family.seen, trace))
    (exact,) = Chosen(known, {}).infer({}, 1, seed=0, time_limit=None)
    assert exact.log_evidence is not None
    found: dict[str, Any] = {"log_evidence": exact.log_evidence, "by": exact.method}
    for method in ESTIMATORS:
        if method not in family.methods:
            continue
        chosen = Chosen(known, {}, method, SAMPLES[method])
        errors, said = [], []
        for seed in range(SEEDS):
            (inferred,) = chosen.infer({}, 1, seed=seed, time_limit=None)
            if inferred.status is Status.ESTIMATED and inferred.log_evidence is not None:
                errors.append(inferred.log_evidence - exact.log_evidence)
                said.append(inferred.log_evidence_error)
        if not errors:
            found[method] = {"answers": 0}
            continue
        error, spread = np.array(errors), np.array(said)
        found[method] = {
            "answers": len(errors),
            "first": float(error[0] / spread[0]),
            "bias": float(error.mean()),
            "ratio": float((error**2).mean() ** 0.5 / (spread**2).mean() ** 0.5),
            "within": [float((abs(error) <= times * spread).mean()) for times in (2, 4)],
        }
    return found
