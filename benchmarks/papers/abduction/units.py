"""One unit of work: one data set, one regime, one seed. All that comes out is plain data."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.abduction.ablations import by_order
from benchmarks.papers.abduction.calibration import Calibration, calibrate
from benchmarks.papers.abduction.completion import completed
from benchmarks.papers.abduction.methods import METHODS, Case, Choice, Fused
from benchmarks.papers.abduction.sets import test_set
from benchmarks.papers.abduction.settings import CEILING, COMPARED, PILOT, REGIMES, TEST_SETS, Data, Regime
from benchmarks.papers.abduction.specialists import Specialist, train
from nesy.abduction.baselines.single import model_scores
from nesy.abduction.baselines.table import ensembles
from nesy.abduction.baselines.votes import accept_all
from nesy.abduction.metrics import Difference, Trial, contradictions, paired_bootstrap, repetitions, score
from nesy.abduction.predictions import Predictions

Labels = NDArray[np.int64]


@cache
def specialists_of(data: Data, images: int, steps: int, seed: int) -> tuple[Specialist, ...]:
    """Regimes that train as long on as many images share the specialists of a seed."""
    alike = (regime for regime in REGIMES if (regime.images, regime.steps) == (images, steps))
    return train(data, next(alike), seed)


def run_unit(data: Data, regime: Regime, seed: int) -> dict[str, Any]:
    """Train, learn, choose, test."""
    started = time.process_time()
    specialists = specialists_of(data, regime.images, regime.steps, seed)
    trained = time.process_time()
    calibration = calibrate(data, regime, specialists, seed)
    calibrated = time.process_time()
    trials: dict[tuple[str, str], list[Trial]] = {pair: [] for pair in COMPARED}
    models: dict[str, list[list[float]]] = {"f1": [], "accuracy": [], "answered": []}
    figures: dict[str, list[list[float]]] = {}
    solving: dict[str, list[Fused]] = {}
    for name in TEST_SETS:
        batch = test_set(data, regime, name, seed, "test")
        case = calibration.case(batch)
        labels, fused = fuse(calibration, case, batch.truth)
        for pair in COMPARED:
            trials[pair].append(Trial(labels[pair[0]], labels[pair[1]], batch.truth))
        models["f1"].append(model_scores(case.predictions, batch.truth).tolist())
        models["accuracy"].append(model_scores(case.predictions, batch.truth, "accuracy").tolist())
        models["answered"].append(case.predictions.answered.mean(0).tolist())
        for method, given in labels.items():
            kept = fused[method].kept if method in fused else None
            figures.setdefault(method, []).append(_scored(given, kept, case, batch.truth))
        for method, found in fused.items():
            solving.setdefault(method, []).append(found)
    return {
        "choices": {method: [choice.epsilon, choice.delta] for method, choice in calibration.choices.items()},
        "single": specialists[calibration.order[0]].weather,
        "held_out": {
            name: [[cell.epsilon, cell.delta, value] for cell, value in calibration.grids[name].items()]
            for name in ("IP", "heuristic", "scenes")
        },
        "rules": [len(budget.rules) for budget in calibration.rules],
        "sets": list(TEST_SETS),
        "models": {name: _short(values) for name, values in models.items()},
        "methods": {method: by_figure(values) for method, values in figures.items()},
        "bootstrap": {
            f"{first} | {second}": _interval(found, len(data.classes)) for (first, second), found in trials.items()
        },
        "solving": {method: _solving(found) for method, found in solving.items()},
        "seconds": [trained - started, calibrated - trained, time.process_time() - calibrated],
    }


def by_figure(values: list[list[float]]) -> dict[str, Any]:
    """F1 and accuracy for each set, means of coverage, of scenes with a repeated label, of contradicting objects."""
    f1, accuracy, *others = np.array(values).T
    coverage, repeated, contradicting = (float(other.mean()) for other in others)
    return {
        "f1": _short(f1.tolist()),
        "accuracy": _short(accuracy.tolist()),
        "coverage": coverage,
        "repeated": repeated,
        "contradicting": contradicting,
    }


def _short(values: Any) -> Any:
    """Four places are enough for shares of a thousand objects."""
    return [_short(value) for value in values] if isinstance(values, list) else round(values, 4)


def fuse(calibration: Calibration, case: Case, truth: Labels) -> tuple[dict[str, Labels], dict[str, Fused]]:
    """Labels by every method, and all that was found by those that have predictions to keep or reject."""
    predictions, choices = case.predictions, calibration.choices
    pilot = Choice(*PILOT)
    fused = {
        "IP + tie-breaker": METHODS["IP"](case, choices["IP"]),
        "heuristic + tie-breaker": METHODS["heuristic"](case, choices["heuristic"]),
        "annealed + tie-breaker": METHODS["annealed"](case, choices["IP"]),
        "error rules + tie-breaker": METHODS["error rules"](case, choices["error rules"]),
        "scenes": METHODS["scenes"](case, choices["scenes"]),
        "IP, ε by pair": METHODS["annealed"](case, choices["IP, ε by pair"]),
        "IP, ε and δ as in the pilot": METHODS["annealed"](case, pilot),
        "IP, no error rules": METHODS["no error rules"](case, choices["no error rules"]),
        "IP, rate among covered": METHODS["covered"](case, choices["covered"]),
        "IP, rate among denials": METHODS["denials"](case, choices["denials"]),
        "heuristic, one ε": METHODS["heuristic"](case, choices["heuristic, one ε"]),
    }
    for order, found in by_order(case, choices["heuristic"], calibration.precision).items():
        fused[f"heuristic, {order}"] = found
    oracle = int(model_scores(predictions, truth).argmax())
    labels = {
        "best single model": predictions.labels[:, oracle],
        CEILING: best_choice(predictions, truth),
        "single model chosen before": predictions.labels[:, calibration.order[0]],
        **ensembles(predictions, precision=calibration.precision),
        "IP": fused["IP + tie-breaker"].alone,
        "heuristic": fused["heuristic + tie-breaker"].alone,
        **{name: found.labels for name, found in fused.items()},
        "scenes, completed": completed(fused["scenes"].labels, case.scene, len(predictions.classes)),
    }
    return labels, fused


def best_choice(predictions: Predictions, truth: Labels) -> Labels:
    """The right label where some model gives it, that of the most confident model elsewhere."""
    said = (predictions.labels == truth[:, None]).any(1)
    return np.where(said, truth, accept_all(predictions))


def _scored(labels: Labels, kept: NDArray[np.bool_] | None, case: Case, truth: Labels) -> list[float]:
    """F1, accuracy, coverage, share of scenes with a repeated label, of objects with contradicting kept predictions."""
    found = score(labels, truth, len(case.predictions.classes))
    against = float("nan") if kept is None else float(contradictions(case.predictions.labels, kept).mean())
    return [found.f1, found.accuracy, found.coverage, float(repetitions(labels, case.scene).mean()), against]


def _interval(trials: list[Trial], classes: int) -> list[float]:
    found: Difference = paired_bootstrap(trials, classes, relative=True, replicates=200)
    return [found.value, found.low, found.high, found.better]


def _solving(found: list[Fused]) -> dict[str, float]:
    """Mean seconds, share proved optimal, mean number of accepted pairs, over the sets."""
    hypotheses = [entry.hypothesis for entry in found if entry.hypothesis is not None]
    if not hypotheses:
        return {}
    return {
        "seconds": float(np.mean([entry.seconds for entry in hypotheses])),
        "proved": float(np.mean([entry.gap == 0 for entry in hypotheses])),
        "accepted": float(np.mean([len(entry.accepted) for entry in hypotheses])),
    }
