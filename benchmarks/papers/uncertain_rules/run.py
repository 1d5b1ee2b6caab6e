"""Rules that fail at known rates: ``python benchmarks/papers/uncertain_rules/run.py [--only NAME …] [--seeds N]``.

Learns the parameters of four rule files by every method, scores the decisions on cases that were not learned from,
and writes ``results/NAME.json`` after every unit of work (one setting, one seed). What is there already is not done
again; delete a file to repeat it. ``python docs/make_uncertain_rules.py`` draws tables and figures from the results.
MNIST is looked for in the folder that the variable ``NESY_DATA`` names.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
sys.path.insert(0, str(HERE))

import learners  # noqa: E402
import numpy as np  # noqa: E402
import scores  # noqa: E402
import torch  # noqa: E402
from data import Cases, triage_cases  # noqa: E402
from experiments import Experiment, Setting, experiments, rates_as_read, tumour_rates  # noqa: E402
from names import LOGISTIC, NOTHING, POOLED  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

import nesy  # noqa: E402
from nesy.dsl.files import replace_file  # noqa: E402


def run_unit(experiment: Experiment, setting: Setting, seed: int) -> dict[str, Any]:
    """All methods on one draw of training and test cases; plain data."""
    model = nesy.load(experiment.rules).ground()
    train, test = setting.make(seed)
    methods: dict[str, Any] = {}
    for method in experiment.methods:
        started = time.perf_counter()
        learned = learners.learn(model, train, method, setting.outliers, seed)
        seconds = time.perf_counter() - started
        degrees = learners.infer(learned, test)
        record: dict[str, Any] = {
            "parameters": [[round(s, 4), round(r, 4)] for s, r in learned.pairs],
            "seconds": round(seconds, 3),
            "distances": learned.distances,
            "scores": {},
        }
        for concept in experiment.concepts:
            found, probabilities = scores.of_degrees(degrees[concept], test.outcomes[concept])
            record["scores"][concept] = scores.as_record(found)
        if setting.plotted and method in (NOTHING, POOLED):
            record["calibration"] = _points(probabilities, test, experiment.concepts[-1])
        methods[method] = record
    methods[LOGISTIC] = _logistic(experiment, setting, train, test)
    unit: dict[str, Any] = {"rates": setting.rates, "train": len(train), "test": len(test), "methods": methods}
    if experiment.name == "tumours":
        unit["rates"] = [[round(value, 4) for value in pair] for pair in tumour_rates(test)]
    return unit


def _logistic(experiment: Experiment, setting: Setting, train: Cases, test: Cases) -> dict[str, Any]:
    started = time.perf_counter()
    record: dict[str, Any] = {"scores": {}}
    for concept in experiment.concepts:
        count = 10 if concept == "filed" else 2
        fitted = LogisticRegression(max_iter=5_000).fit(train.features, train.outcomes[concept])
        probabilities = np.zeros((len(test), count))
        probabilities[:, fitted.classes_] = fitted.predict_proba(test.features)
        found = scores.of_probabilities(probabilities, test.outcomes[concept])
        record["scores"][concept] = scores.as_record(found)
    if setting.plotted:
        record["calibration"] = _points(probabilities, test, experiment.concepts[-1])
    record["seconds"] = round(time.perf_counter() - started, 3)
    return record


def _points(probabilities: np.ndarray, test: Cases, concept: str) -> list[list[float]]:
    points = scores.calibration(probabilities, test.outcomes[concept])
    return [[round(said, 4), round(happened, 4), count] for said, happened, count in points]


def triage_rates_as_read() -> list[list[float]]:
    """Rates of failure for what the instruments show, on a table of its own."""
    cases = triage_cases(200_000, 10_000)
    model = nesy.load(next(e.rules for e in experiments() if e.name == "triage")).ground()
    degrees = learners.infer(learners.untouched(model), cases)
    decided = {concept: found.argmax(1) for concept, found in degrees.items()}
    return [[round(value, 4) for value in pair] for pair in rates_as_read(cases, decided)]


def run(experiment: Experiment, seeds: int, folder: Path) -> None:
    """Run what ``folder`` does not have yet of one experiment."""
    path = folder / f"{experiment.name}.json"
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"units": {}}
    if experiment.name == "triage" and "as_read" not in stored:
        stored["as_read"] = triage_rates_as_read()
    for setting in experiment.settings:
        for seed in range(seeds):
            key = f"{setting.name} | {seed}"
            if key in stored["units"]:
                continue
            started = time.perf_counter()
            stored["units"][key] = run_unit(experiment, setting, seed)
            stored["made_with"] = {"python": platform.python_version(), "torch": torch.__version__}
            _write(path, stored)
            print(f"{experiment.name}: {key}: {time.perf_counter() - started:.1f} s", flush=True)


def _write(path: Path, stored: dict[str, Any]) -> None:
    """One line for each unit, so that a change is seen where it is."""
    rest = {name: value for name, value in stored.items() if name != "units"}
    lines = [
        f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(unit, ensure_ascii=False)}"
        for key, unit in stored["units"].items()
    ]
    head = json.dumps(rest, ensure_ascii=False)[:-1]
    text = f'{head}{", " if rest else ""}"units": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda stream: stream.write(text.encode()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [experiment.name for experiment in experiments()]
    parser.add_argument("--only", nargs="*", choices=known, default=known, metavar="NAME", help=", ".join(known))
    parser.add_argument("--seeds", type=int, default=10, help="draws of each setting (default 10)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results lie")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for experiment in experiments():
        if experiment.name in arguments.only:
            run(experiment, arguments.seeds, arguments.results)


if __name__ == "__main__":
    main()
