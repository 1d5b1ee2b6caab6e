"""The experiments of the paper: ``python -m benchmarks.papers.pinesy.run [--only NAME …] [--settings …] [--runs N]``.

Run from the top of the repository. Writes ``results/NAME.json`` after every unit of work (one setting, one
transformation, one run); what is there already is not done again, and a file that is deleted is made anew. Networks are
trained where they are needed (see ``networks``). ``python docs/make_experiments.py`` draws the page from the results.
MNIST is looked for in the folder that the variable ``NESY_DATA`` names.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.papers.pinesy.committee import committee
from benchmarks.papers.pinesy.networks import readings_of
from benchmarks.papers.pinesy.problems import IMAGES, PROBLEMS, RUNS, SETTINGS, TRANSFORMS, Images, Problem
from benchmarks.papers.pinesy.splits import mnist_test, mnist_training
from benchmarks.papers.pinesy.units import run_unit
from nesy.dsl.files import replace_file
from nesy.perception.calibration import expected_calibration_error

RESULTS = Path(__file__).resolve().parent / "results"
Units = dict[str, dict[str, Any]]


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


def committee_unit() -> dict[str, Any]:
    """How good the committee is: on training images by the networks that did not see them, and on the test images.

    ``single_accuracy`` is what the single networks have on the same images, each on those that it did not see.
    """
    found = committee()
    labels = mnist_training().labels
    single = [readings_of(Images(), run) for run in range(RUNS)]
    rights = [r.probabilities["validation"].argmax(1) == labels[r.places["validation"]] for r in single]
    held_out = found.held_out[found.covered].argmax(1) == labels[found.covered]
    return {
        "members": RUNS,
        "held_out_images": int(found.covered.sum()),
        "held_out_accuracy": float(held_out.mean()),
        "single_accuracy": float(np.concatenate(rights).mean()),
        "test_accuracy": float((found.test.argmax(1) == mnist_test().labels).mean()),
        "training_seconds": found.seconds,
    }


def fill(path: Path, wanted: dict[str, Callable[[], dict[str, Any]]]) -> None:
    """Do those units of work that ``path`` does not hold, and write it after each."""
    stored: Units = json.loads(path.read_text(encoding="utf-8"))["units"] if path.exists() else {}
    for key, work in wanted.items():
        if key in stored:
            continue
        started = time.perf_counter()
        stored[key] = _rounded(work())
        stored = {name: stored[name] for name in sorted(stored)}
        _write(path, stored)
        print(f"{path.stem}: {key}: {time.perf_counter() - started:.1f} s", flush=True)


def _rounded(value: Any) -> Any:
    """Floats with six significant digits, NaN as None."""
    match value:
        case dict():
            return {name: _rounded(entry) for name, entry in value.items()}
        case float():
            return float(f"{value:.6g}") if value == value else None
        case _:
            return value


def _write(path: Path, units: Units) -> None:
    """One line for each unit, so that a change is seen where it is."""
    head = json.dumps({"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()})
    lines = [f"  {json.dumps(key)}: {json.dumps(unit)}" for key, unit in units.items()]
    text = f'{{"made_with": {head}, "units": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda stream: stream.write(text.encode()))


def units_of(problem: Problem, settings: list[str], runs: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """All units of a problem by key, the runs outermost, so that an interrupted command leaves whole runs."""
    found: dict[str, Callable[[], dict[str, Any]]] = {}
    for run in range(runs):
        for setting in SETTINGS:
            for transform in TRANSFORMS:
                if setting.name in settings:
                    key = f"{setting.name} | {transform} | {run}"
                    found[key] = lambda s=setting, t=transform, r=run: run_unit(problem, s, t, r)  # type: ignore[misc]
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
            f"{images.name} | {run}": lambda i=images, r=run: network_unit(i, r)  # type: ignore[misc]
            for run in range(chosen.runs)
            for images in IMAGES
        }
        fill(chosen.results / "networks.json", jobs)  # type: ignore[arg-type]
    if "committee" in chosen.only:
        fill(chosen.results / "committee.json", {"committee": committee_unit})
    for problem in PROBLEMS:
        if problem.name in chosen.only:
            fill(chosen.results / f"{problem.name}.json", units_of(problem, chosen.settings, chosen.runs))


if __name__ == "__main__":
    main()
