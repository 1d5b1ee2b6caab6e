"""Evaluation of synthesis: ``python -m benchmarks.papers.synthesis.run [--olympics FOLDER] [--quick]``.

Without ``--olympics`` only the experiments are run. Results go to ``results/``, from which
``python docs/make_synthesis.py`` draws the page.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.papers.synthesis.answering import Answered, by_model, by_synthesis
from benchmarks.papers.synthesis.environments import ENVIRONMENTS
from benchmarks.papers.synthesis.experiments import POLICIES, Effort, explore
from benchmarks.papers.synthesis.measures import Floats, bootstrap, r_squared, split_half, wasserstein
from benchmarks.papers.synthesis.olympics import JUDGEMENTS, KINDS, Scenario, load_scenarios
from nesy.dsl.files import replace_file
from nesy.synthesis import ChatClient

RESULTS = Path(__file__).resolve().parent / "results"


def olympics(folder: Path, experiment: str, client: ChatClient | None, *, times: int) -> dict[str, object]:
    """R² and Wasserstein distances by sport and kind of question, for synthesis, for the prior, and for a model."""
    scenarios = load_scenarios(folder, experiment)
    answered: dict[str, list[Answered]] = {
        "synthesis": [by_synthesis(scenario, seed=1) for scenario in scenarios],
        "prior only": [by_synthesis(scenario, seed=1, conditions=False) for scenario in scenarios],
    }
    if client is not None:
        answered["model, direct"] = [by_model(scenario, client, thoughts=False) for scenario in scenarios]
        answered["model, with thoughts"] = [by_model(scenario, client, thoughts=True) for scenario in scenarios]
    rows = []
    for sport in sorted({scenario.sport for scenario in scenarios}):
        places = [place for place, scenario in enumerate(scenarios) if scenario.sport == sport]
        rows += [_row(scenarios, answered, places, sport, kind, times) for kind in dict.fromkeys(KINDS.values())]
    return {"experiment": experiment, "scenarios": len(scenarios), "rows": rows}


def _row(
    scenarios: Sequence[Scenario],
    answered: dict[str, list[Answered]],
    places: Sequence[int],
    sport: str,
    kind: str,
    times: int,
) -> dict[str, object]:
    columns = [number for number, found in enumerate(KINDS.values()) if found == kind]
    people = [_columns(scenarios[place].people, columns) for place in places]
    means = np.concatenate([np.nanmean(np.stack(group), 0) for group in people])
    row: dict[str, object] = {"sport": sport, "kind": kind, "questions": len(means)}
    row["split half"] = float(np.mean([split_half(group, times=times, seed=1) for group in people]))
    for name, found in answered.items():
        predicted = np.concatenate([found[place].means[columns] for place in places])

        def agreement(group: Sequence[Floats], predicted: Floats = predicted) -> float:
            return r_squared(predicted, np.nanmean(np.stack(group), 0))

        joined = [np.concatenate(row) for row in zip(*people, strict=False)]
        interval = bootstrap(joined, agreement, times=times, seed=1)
        distances = [
            wasserstein(found[place].samples[column], scenarios[place].clicks[column])
            for place in places
            for column in columns
            if len(scenarios[place].clicks[column])
        ]
        row[name] = {
            "r_squared": r_squared(predicted, means),
            "low": interval.low,
            "high": interval.high,
            "wasserstein": float(np.mean(distances)),
        }
    return row


def _columns(people: Sequence[Floats], columns: Sequence[int]) -> list[Floats]:
    return [person[columns] for person in people]


def experiments(*, quick: bool) -> list[dict[str, object]]:
    """EIG regret and prediction error of designs chosen by gain and at random, in every environment."""
    budgets, worlds = ((0, 2), 1) if quick else ((0, 1, 3, 5, 10), 5)
    effort = Effort(4, (60, 200), (100, 300)) if quick else Effort(100, (300, 500), (300, 500))
    rows: list[dict[str, object]] = []
    for environment in ENVIRONMENTS:
        for chosen_by in POLICIES:
            runs = [
                explore(environment, chosen_by=chosen_by, truth=world, budgets=budgets, effort=effort)
                for world in range(1, worlds + 1)
            ]
            regrets = np.array([[step.regret for step in run.steps] for run in runs])
            gaps = [step.gain.upper - step.gain.lower for run in runs for step in run.steps]
            rows.append(
                {
                    "environment": environment.name,
                    "chosen by": chosen_by,
                    "regret": float(regrets.mean()),
                    # the steps of one world hang together, the worlds do not
                    "regret error": float(regrets.mean(1).std(ddof=1) / worlds**0.5) if worlds > 1 else None,
                    "gap of bounds": float(np.mean(gaps)),
                    "prediction errors": {str(n): float(np.mean([run.errors[n] for run in runs])) for n in budgets},
                    "candidates": effort.candidates,
                    "worlds": worlds,
                }
            )
            print(json.dumps(rows[-1]), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--olympics", type=Path, metavar="FOLDER", help="in the layout of lio-wong/rmc")
    parser.add_argument("--llm", metavar="URL")
    parser.add_argument("--model", metavar="NAME", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    made = {"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()}
    found: dict[str, object] = {"experiments": experiments(quick=chosen.quick)}
    if chosen.olympics is not None:
        client = ChatClient(chosen.llm, chosen.model) if chosen.llm else None
        times = 20 if chosen.quick else 300
        found |= {f"olympics-{name}": olympics(chosen.olympics, name, client, times=times) for name in JUDGEMENTS}
    # results with the data of others stay with their user: only the experiments' are kept in the repository
    chosen.output.mkdir(parents=True, exist_ok=True)
    for name, rows in found.items():
        text = json.dumps({"made_with": made, "results": rows}, indent=1) + "\n"
        replace_file(chosen.output / f"{name}.json", lambda stream, text=text: stream.write(text.encode()))
        print(text)


if __name__ == "__main__":
    main()
