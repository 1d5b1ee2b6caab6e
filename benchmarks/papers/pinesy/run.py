"""The experiments of the paper: ``python -m benchmarks.papers.pinesy.run [--only NAME …] [--settings …] [--runs N]``.

Run from the top of the repository. Writes ``results/NAME.json`` after every unit of work (one setting, one
transformation, one run); what is there already is not done again, and a file that is deleted is made anew. Networks are
trained where they are needed (see ``networks``). ``python docs/make_experiments.py`` draws the page from the results.
MNIST is looked for in the folder that the variable ``NESY_DATA`` names.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.papers.pinesy.committee import committee, members
from benchmarks.papers.pinesy.networks import readings_of
from benchmarks.papers.pinesy.problems import (
    IMAGES,
    PROBLEMS,
    RUNS,
    SETTINGS,
    TRANSFORMS,
    WIDE,
    WIDE_MEMBERS,
    Images,
    Problem,
)
from benchmarks.papers.pinesy.splits import mnist_test, mnist_training
from benchmarks.papers.pinesy.units import run_unit
from benchmarks.papers.stored import fill
from nesy.perception.calibration import expected_calibration_error

RESULTS = Path(__file__).resolve().parent / "results"


def network_unit(images: Images, run: int) -> dict[str, Any]:
    """How good the network of one run is."""
    readings = readings_of(images, run)
    unit: dict[str, Any] = {"train_images": len(readings.places["train"])}
    for part in ("validation", "test"):
        source = mnist_test() if part == "test" else mnist_training()
        labels = source.labels[readings.places[part]]
        found = readings.probabilities[part]
        unit[f"{part}_accuracy"] = float((found.argmax(1) == labels).mean())
        error = expected_calibration_error(torch.from_numpy(found), torch.from_numpy(labels))
        unit[f"{part}_calibration_error"] = error
    return unit | {"temperature": readings.temperature, "training_seconds": readings.seconds}


def committee_unit(images: Images) -> dict[str, Any]:
    """How good a committee is, and its members one by one, on training images that they did not see; on test images."""
    found = committee(images)
    labels = mnist_training().labels
    members_read = [readings_of(images, run) for run in range(members(images))]
    single = np.concatenate([readings.probabilities["validation"] for readings in members_read])
    shown = np.concatenate([labels[readings.places["validation"]] for readings in members_read])
    return {
        "members": len(members_read),
        "held_out_images": int(found.covered.sum()),
        **_named("single", single, shown),
        **_named("held_out", found.held_out[found.covered], labels[found.covered]),
        "test_accuracy": float((found.test.argmax(1) == mnist_test().labels).mean()),
        "training_seconds": found.seconds,
    }


def _named(name: str, probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy and mean −log p(label) in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return {
        f"{name}_accuracy": float((probabilities.argmax(1) == labels).mean()),
        f"{name}_log_loss": float(-np.log(chosen).mean()),
    }


def units_of(problem: Problem, settings: list[str], runs: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """All units of a problem by key, the runs outermost, so that an interrupted command leaves whole runs."""
    found: dict[str, Callable[[], dict[str, Any]]] = {}
    for run in range(runs):
        for setting in SETTINGS:
            for transform in TRANSFORMS:
                if setting.name in settings:
                    key = f"{setting.name} | {transform} | {run}"
                    found[key] = partial(run_unit, problem, setting, transform, run)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*(problem.name for problem in PROBLEMS), "networks", "committee"]
    known = [setting.name for setting in SETTINGS]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--settings", nargs="*", choices=known, default=known, metavar="NAME", help="; ".join(known))
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each setting (default {RUNS})")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results lie")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if "networks" in chosen.only:
        jobs = {
            f"{images.name} | {run}": partial(network_unit, images, run)
            for run in range(chosen.runs)
            for images in (*IMAGES, WIDE)
            if not images.wide or run < WIDE_MEMBERS
        }
        fill(chosen.results / "networks.json", jobs)
    if "committee" in chosen.only:
        kinds = {"committee": Images(), "wide committee": WIDE}
        wanted = {name: partial(committee_unit, images) for name, images in kinds.items() if name in chosen.settings}
        fill(chosen.results / "committee.json", wanted)
    for problem in PROBLEMS:
        if problem.name in chosen.only:
            fill(chosen.results / f"{problem.name}.json", units_of(problem, chosen.settings, chosen.runs))


if __name__ == "__main__":
    main()
