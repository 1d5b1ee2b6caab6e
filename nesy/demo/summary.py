"""What ``--json`` prints: one object per instance."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from nesy.demo.repair import RepairScene
from nesy.demo.scene import AdditionScene, Finding, Provenance, Puzzle, Seen, SudokuScene, Sum, Timing
from nesy.demo.weather_scene import WeatherScene
from nesy.explanations import explanation_to_json


def sudoku_json(scene: SudokuScene) -> list[dict[str, object]]:
    """The puzzles: readings and truth as nested lists, marked cells as pairs of row and column from 1."""
    origin = _origin(scene.timing, scene.provenance)
    return [{"instance": place} | _puzzle(puzzle) | origin for place, puzzle in enumerate(scene.puzzles)]


def addition_json(scene: AdditionScene) -> list[dict[str, object]]:
    """The sums: readings and truth as nested lists, one list for each number, and the digits of the sum."""
    origin = _origin(scene.timing, scene.provenance)
    return [{"instance": place} | _sum(one) | origin for place, one in enumerate(scene.sums)]


def repair_json(scene: RepairScene) -> list[dict[str, object]]:
    """The puzzles before and after; where several readers were compared, their shares come last."""
    origin = _origin(scene.timing, scene.provenance)
    found: list[dict[str, object]] = [
        {
            "instance": place,
            "reader": scene.reader,
            "status": solution.status,
            "cost": solution.cost,
            "readings": solution.read.tolist(),
            "blank": _cells(solution.blank),
            "solution": None if solution.grid is None else solution.grid.tolist(),
            "truth": solution.truth.tolist(),
            "right": solution.right,
            "repairs": [asdict(repair) for repair in solution.repairs],
        }
        | origin
        for place, solution in enumerate(scene.solutions)
    ]
    return found + ([{"shares": [asdict(share) for share in scene.shares]}] if len(scene.shares) > 1 else [])


def weather_json(scene: WeatherScene) -> list[dict[str, object]]:
    """The objects of the scene that is shown, what became of each model's readings, and the scores over all scenes."""
    objects = []
    for sighting in scene.sightings:
        facts = {name: getattr(sighting, name) for name in ("name", "truth", "before", "after", "support", "reason")}
        objects.append(facts | {"readings": [asdict(opinion) for opinion in sighting.opinions]})
    return [
        {
            "scene": scene.number,
            "weather": scene.weather,
            "objects": objects,
            "models": [asdict(entry) for entry in scene.trust],
            "outcome": scene.outcome,
            "scores": [asdict(tally) for tally in scene.tallies],
            "error_rules": scene.error_rules,
        }
        | _origin(scene.timing, scene.provenance)
    ]


def _puzzle(puzzle: Puzzle) -> dict[str, object]:
    return {
        "size": puzzle.size,
        **_readings(puzzle.cells, puzzle.size),
        "conflicts": _cells(puzzle.conflicts),
        "corrupted": _cells(puzzle.changed),
        "answers": {puzzle.finding.query: _finding(puzzle.finding)},
    }


def _sum(one: Sum) -> dict[str, object]:
    return {
        "digits": one.digits,
        **_readings(one.cells, one.digits),
        "sum": "".join(finding.value or "?" for finding in one.findings),
        "right": one.right,
        "answers": {finding.query: _finding(finding) for finding in one.findings},
    }


def _readings(cells: tuple[Seen, ...], width: int) -> dict[str, object]:
    """Values, their probabilities, and what the images show, as rows of so many columns."""
    columns: dict[str, list[int] | list[float]] = {
        "readings": [seen.best[0] for seen in cells],
        "probabilities": [seen.best[1] for seen in cells],
        "truth": [seen.truth for seen in cells],
    }
    rows: dict[str, object] = {
        name: [entries[start : start + width] for start in range(0, len(entries), width)]
        for name, entries in columns.items()
    }
    return rows | {"misread": [seen.label for seen in cells if seen.misread]}


def _cells(marked: NDArray[np.bool_]) -> list[list[int]]:
    return [[int(row) + 1, int(column) + 1] for row, column in np.argwhere(marked)]


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "value": finding.value,
        "truth": finding.truth,
        "possibility": {entry.value: entry.possibility for entry in finding.degrees},
        "necessity": {entry.value: entry.necessity for entry in finding.degrees},
        "explanations": [explanation_to_json(explanation) for explanation in finding.explanations],
    }


def _origin(timing: Timing, provenance: Provenance) -> dict[str, object]:
    facts = asdict(provenance)
    del facts["rules"]
    return {"timing": asdict(timing), "provenance": facts}
