"""Speed of synthesis: `python benchmarks/speed/vignettes.py [--json FILE] [--influence]`.

Seven vignettes of each of three sports, each with three matches and eight questions on the scale that people are asked
on (rank among a hundred, effort, a new match), written from the kinds of evidence that T. Gerstenberg and N. D. Goodman
(2012) tell apart. Each is read, put together, checked and answered from the rule file of the Model Olympics, on one
thread; CPU seconds, loading of the rule file apart. Beside it, in the same process, ``pyro.infer.Importance`` on the
program that nesy emits for one of them: effective traces a CPU second, the making of the model included on our side.
``--influence`` also finds out what moved each answer, which runs the model once more for every observation.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import pyro
import torch
from probabilistic import emitted, timed
from pyro.infer import Importance

from nesy.synthesis import Settings, load_library, synthesise

RULES = Path(__file__).resolve().parents[1] / "papers" / "synthesis" / "rules" / "olympics.nesy"
STRUCTURES: dict[str, tuple[tuple[str, str], ...]] = {
    "confounded partner": (("ab", "cd"), ("ab", "ef"), ("ab", "gh")),
    "confounded opponent": (("ab", "cd"), ("ae", "cd"), ("af", "cd")),
    "strong indirect": (("ab", "cd"), ("cd", "ef"), ("cd", "gh")),
    "weak indirect": (("ab", "cd"), ("ef", "cd"), ("gh", "cd")),
    "diverse": (("ab", "cd"), ("ae", "fg"), ("ah", "bd")),
    "round robin": (("ab", "cd"), ("ab", "ef"), ("cd", "ef")),
    "explain away": (("ab", "cd"), ("ab", "ce"), ("ce", "ab")),
}
"""Who beats whom in each match; ``a`` is the one that is asked about."""
NAMES = {"a": "Ada", "b": "Ben", "c": "Cleo", "d": "Dan", "e": "Eve", "f": "Finn", "g": "Gil", "h": "Hal"}
SPORTS = {"tug of war": "match", "canoe race": "race", "biathlon": "round"}
ORDINALS = ("first", "second", "third")
GOAL = 2.0
"""Seconds for all vignettes of a sport."""
TRACES = 300
"""Those of Pyro."""


def vignette(structure: str, event: str) -> str:
    """The text: three matches, three questions about strength, three about effort, two about a new match."""
    sentences = [
        f"In the {ordinal} {event}, {_team(winners)} beat {_team(losers)}."
        for ordinal, (winners, losers) in zip(ORDINALS, STRUCTURES[structure], strict=True)
    ]
    (winners, losers), *_ = STRUCTURES[structure]
    people = [NAMES[letter] for letter in f"{winners}{losers[0]}"]
    sentences += [
        f"Out of 100 random athletes, where do you think {name} ranks in terms of intrinsic strength?"
        for name in people
    ]
    sentences += [
        f"On a percentage scale from 0 to 100%, how much effort do you think {name} put into the first {event}?"
        for name in people
    ]
    new = f"In a new {event} later today during this same tournament, how likely is it that"
    sentences += [f"{new} {_team(pair)} will beat {_team(other)}?" for pair, other in (("ac", "bd"), ("ab", "cd"))]
    return " ".join(sentences)


def _team(letters: str) -> str:
    return " and ".join(NAMES[letter] for letter in letters)


def measure(sport: str, *, influence: bool) -> dict[str, Any]:
    """CPU seconds of the vignettes of a sport, and the largest standard error in units of the deviation."""
    library = load_library(RULES)
    seconds, errors, methods, effective = [], [], set(), []
    for structure in STRUCTURES:
        text = vignette(structure, SPORTS[sport])
        start = time.process_time()
        found = synthesise([library], text, Settings(seed=1, influence=influence))
        seconds.append(time.process_time() - start)
        effective.append(float(str(found.scores.best.inferred.diagnostics["effective"])))
        assert len(found.answers.queries) == 8, found.reading.unused
        methods.add(found.scores.best.inferred.method)
        for entry in found.answers.queries:
            spread = entry.posterior.sd or 0.5
            errors.append(entry.posterior.error / spread)
    model, _ = emitted(found.program)
    pyro.set_rng_seed(0)
    pyros, posterior = timed(lambda: Importance(model, num_samples=TRACES).run())
    weights = torch.tensor(posterior.log_weights).double().softmax(0)
    theirs = 1 / float((weights**2).sum()) / pyros
    return {
        "sport": sport,
        "effective a second": sum(effective) / sum(seconds),
        "pyro": theirs,
        "ratio": sum(effective) / sum(seconds) / theirs,
        "seconds": sum(seconds),
        "slowest": max(seconds),
        "error": max(errors),
        "methods": sorted(methods),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--influence", action="store_true", help="find out what moved the answers, too")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    synthesise([load_library(RULES)], vignette("diverse", "match"), Settings(seed=1, influence=False))  # warm
    rows = [measure(sport, influence=chosen.influence) for sport in SPORTS]
    for row in rows:
        print(
            f"{row['sport']:<12} seven vignettes {row['seconds']:.2f} s ({row['seconds'] / GOAL:.2f} of the goal), "
            f"slowest {row['slowest']:.2f} s, error {row['error']:.3f} sd, by {', '.join(row['methods'])}; "
            f"{row['effective a second']:,.0f} effective traces a second, Pyro {row['pyro']:.1f}, "
            f"ratio {row['ratio']:,.0f}"
        )
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
