"""The Model Olympics: vignettes and what people answered, from a folder in the layout of ``lio-wong/rmc``.

None of it is shipped. A scenario is a text ``scenarios/model-readable/NAME.txt`` with the parts BACKGROUND, CONDITIONS
and QUERIES; what people said is JSON, ``{scenario: [{"query1": [clicks], …}, …]}``, clicks from 0 to 100.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.papers.synthesis.measures import Floats
from nesy.dsl.diagnostics import Diagnostic, NesyError

SPORTS = {"tug-of-war": "tug", "canoe-race": "canoe", "biathalon": "biathlon"}
KINDS = {"query1": "constant", "query2": "constant", "query3": "constant"}
KINDS |= {
    "query4": "temporal",
    "query5": "temporal",
    "query6": "temporal",
    "query7": "prediction",
    "query8": "prediction",
}
"""What each of the eight questions is about: a lasting trait, a passing state, or a new match."""
JUDGEMENTS = {
    "explicit": "human-experiments/olympics/phase-1/multiclick_scenario_res_explicit.json",
    "implicit": "human-experiments/olympics/phase-1/multiclick_scenario_res_implicit.json",
}
SCENARIOS = "scenarios/model-readable"
_ENDINGS = ("", "_implicit", "_explicit", "_implicit_continuous_variable", "_explicit_continuous_variable")


@dataclass(frozen=True)
class Scenario:
    """A vignette: sentences that say what happened, eight questions, and what each person answered ``[queries]``.

    A person's answer is the mean of that person's clicks, NaN where there are none; ``clicks`` pools all of them.
    """

    name: str
    sport: str
    conditions: tuple[str, ...]
    queries: tuple[str, ...]
    people: tuple[Floats, ...]
    clicks: tuple[Floats, ...]


def load_scenarios(folder: str | Path, experiment: str) -> tuple[Scenario, ...]:
    """All scenarios of an experiment that have both a text and judgements, by name.

    Raises :class:`NesyError` (E415) where the folder does not have the layout.
    """
    place = Path(folder)
    path = place / JUDGEMENTS[experiment]
    try:
        judged = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        hint = "give a folder in the layout of the repository lio-wong/rmc"
        raise NesyError(
            Diagnostic("E415", f"the judgements cannot be read: {error}", hint=hint, place=str(path))
        ) from None
    found = []
    for name, answers in sorted(judged.items()):
        sport = next((short for long, short in SPORTS.items() if name.startswith(long)), None)
        text = _text(place / SCENARIOS, name.removesuffix("_win_how_much"))
        if sport is not None and text is not None:
            found.append(_scenario(name, sport, text, answers))
    return tuple(found)


def _text(folder: Path, name: str) -> str | None:
    for ending in _ENDINGS:
        path = folder / f"{name}{ending}.txt"
        if path.exists():
            return path.read_text(encoding="utf-8")
    return None


def _scenario(name: str, sport: str, text: str, answers: Sequence[Mapping[str, Sequence[float]]]) -> Scenario:
    parts = dict(
        re.findall(r"^(BACKGROUND|CONDITIONS|QUERIES)\n(.*?)(?=^[A-Z]{6,}\n|\Z)", text, re.MULTILINE | re.DOTALL)
    )
    conditions = tuple(line.strip() for line in parts["CONDITIONS"].splitlines() if line.strip())
    queries = tuple(re.findall(r"^Query \d+: (.+)$", parts["QUERIES"], re.MULTILINE))
    names = [f"query{number}" for number in range(1, len(queries) + 1)]
    people = tuple(
        np.array([float(np.mean(person[query])) if person.get(query) else np.nan for query in names])
        for person in answers
    )
    clicks = tuple(np.array([float(click) for person in answers for click in person.get(query, ())]) for query in names)
    return Scenario(name, sport, conditions, queries, people, clicks)
