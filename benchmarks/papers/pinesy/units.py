"""One unit of work: one problem, one setting, one transformation, one run."""

from __future__ import annotations

import time
from functools import cache
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np

import nesy
from benchmarks.papers.pinesy import scores
from benchmarks.papers.pinesy.committee import committee
from benchmarks.papers.pinesy.networks import readings_of
from benchmarks.papers.pinesy.problems import Images, Problem, Setting
from benchmarks.papers.pinesy.samples import Reader, Samples, addition, sudoku, sums
from benchmarks.papers.pinesy.splits import Part
from nesy.perception.generators import is_valid
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic import PossibilisticEngine, compile_model
from nesy.solvers.possibilistic.learning.options import LearningOptions

RULES = Path(__file__).resolve().parent / "rules"


@cache
def ground(problem: Problem) -> GroundModel:
    """The rules of a problem; all parameters are 0."""
    return nesy.load(RULES / f"{problem.kind}.nesy", constants=problem.constants).ground()


def run_unit(problem: Problem, setting: Setting, transform: str, run: int) -> dict[str, Any]:
    """Learn and test; plain data. Seconds are CPU seconds of one thread, without the network's."""
    images = problem.images(low=setting.low)
    read = _reader(setting, images, run)
    engine = compile_model(ground(problem), Options(transform=transform))
    unit: dict[str, Any] = {}
    if setting.policy is not None:
        engine, unit = _learn(engine, problem, setting, images, run, read)
    test = _samples(problem, images, run, "test", read)
    started = time.process_time()
    answer = engine.infer(test.evidence)
    unit["inference_seconds"] = (time.process_time() - started) / len(test)
    unit["samples"] = len(test)
    unit["image_accuracy"] = float((test.labels == test.readings).mean())
    degrees = {name: result.possibility.numpy() for name, result in answer.items() if result.possibility is not None}
    if problem.kind == "addition":
        return unit | _addition_scores(degrees, test)
    validation = _samples(problem, images, run, "validation", read)
    seen = engine.infer(validation.evidence)["valid"].possibility
    assert seen is not None
    cut = scores.best_cut(scores.margins(seen.numpy()), validation.outcomes[:, 0] == 1)
    return unit | _sudoku_scores(degrees, test, cut)


def _reader(setting: Setting, images: Images, run: int) -> Reader:
    if setting.committee is None:
        return readings_of(images, run).at
    found = committee(setting.committee)
    return lambda part, places: found.at(part, places, images.classes)


def _samples(problem: Problem, images: Images, run: int, part: Part, read: Reader) -> Samples:
    if problem.kind == "addition":
        return addition(problem.number, images, run, part, read)
    return sudoku(images, run, part, read)


def _learn(
    engine: PossibilisticEngine, problem: Problem, setting: Setting, images: Images, run: int, read: Reader
) -> tuple[PossibilisticEngine, dict[str, Any]]:
    """The engine with learned parameters, and what learning told."""
    train = _samples(problem, images, run, "train", read)
    validation = _samples(problem, images, run, "validation", read)
    assert setting.policy is not None
    options = LearningOptions(
        policy=setting.policy,
        threshold=setting.threshold,
        grid_power=2.0 if setting.low else 5.0,
    )
    started = time.process_time()
    known = {name: tensor for name, tensor in validation.targets.items() if name in ("y", "first", "valid")}
    learned = engine.learn(train.evidence, train.targets, options, validation=(validation.evidence, known))
    seconds = time.process_time() - started
    report = learned.report
    parameters = np.array([(rule.s, rule.r) for rule in learned.model.uncertain])
    return compile_model(learned.model, engine.options), {
        "learning_seconds": seconds,
        "train_samples": len(train),
        "kept": sum(entry.kept for entry in report.rule_sets) / sum(entry.samples for entry in report.rule_sets),
        "thresholds": dict(report.thresholds),
        "largest_distance": max(entry.distance for entry in report.rule_sets),
        "fits": len(report.search),
        "parameters_above_0": int((parameters > 0).sum()),
        "parameters_1": int((parameters >= 1).sum()),
        "parameters": int(parameters.size),
        "largest_parameter": float(parameters.max()),
        "validation_before": report.accuracy_before,
        "validation_after": report.accuracy_after,
    }


def _addition_scores(degrees: dict[str, Any], test: Samples) -> dict[str, Any]:
    found = np.concatenate([scores.decided(degrees["first"])[:, None], scores.decided(degrees["y"])], 1)
    right = (found == test.outcomes).all(1)
    count, images = test.labels.shape
    digits = images // 2
    read, _ = sums(test.readings.reshape(count, 2, digits))
    return {
        "accuracy": float(right.mean()),
        "ambiguous": float((found == -1).any(1).mean()),
        "network_alone": float((read == test.outcomes).all(1).mean()),
        "all_images_right": float((test.readings == test.labels).all(1).mean()),
    }


def _sudoku_scores(degrees: dict[str, Any], test: Samples, cut: float) -> dict[str, Any]:
    """``cut``: the difference of possibilities above which a puzzle is called valid in ``cut_accuracy``."""
    possibility = degrees["valid"].reshape(len(test), 2)
    valid = test.outcomes[:, 0] == 1
    found = scores.decided(possibility)
    size = isqrt(test.labels.shape[1])
    read = np.array([is_valid(grid.reshape(size, size) + 1) for grid in test.readings])
    return {
        "accuracy": float((found == test.outcomes[:, 0]).mean()),
        "ambiguous": float((found == -1).mean()),
        "network_alone": float((read == valid).mean()),
        "all_images_right": float((test.readings == test.labels).all(1).mean()),
        "paper_area": scores.paper_area(possibility, valid),
        "cut": cut,
        "cut_accuracy": float(((scores.margins(possibility) > cut) == valid).mean()),
        "margin_area": scores.margin_area(possibility, valid),
    }
