"""Answers as tables, summaries, JSON lines and files."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

import nesy
from nesy.output import draw_instances, draw_summary, json_lines, write_answers

PROGRAM = """
percept a(1..2) : {x, y, "light [red]"}.
concept b : {u, v, w}.
if a(1) = x then b = u [r = 0.25].
if a(1) in {x, y} then b = v [r = 0.5].
query a(_).
query b.
"""
READINGS = [
    {"a": {1: {"x": 1.0}, 2: "light [red]"}},
    {"a": {1: {"y": 0.5, "light [red]": 0.5}, 2: {"x": 0.75, "y": 0.25}}},
]


def answers() -> list[nesy.Answer]:
    engine = nesy.load(PROGRAM).compile()
    return [engine.infer(READINGS[:1]), engine.infer(READINGS[1:])]


def drawn(draw: object) -> list[str]:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    draw(answers(), console)  # type: ignore[operator]
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines() if "─" not in line]


def test_tables() -> None:
    assert drawn(draw_instances) == [
        "instance 0",
        "query value possibility necessity inconsistency other values",
        "a(1) x 1.000 1.000",
        'a(2) "light [red]" 1.000 1.000',
        "b u 0.500 0.750 0.500 v 0.250, w 0.250",
        "instance 1",
        "query value possibility necessity other values",
        'a(1) undecided y 1.000, "light [red]" 1.000',
        "a(2) x 1.000 0.500 y 0.500",
        "b undecided u 1.000, v 1.000, w 1.000",
    ]


def test_summaries() -> None:
    assert drawn(draw_summary) == [
        "2 instances",
        "query values",
        "a(1) x: 1, undecided: 1",
        'a(2) "light [red]": 1, x: 1',
        "b u: 1, undecided: 1",
    ]


def test_json_lines_count_through() -> None:
    first, second = (json.loads(line) for line in json_lines(answers()))
    assert (first["instance"], second["instance"]) == (0, 1)
    assert first["answers"]["b"]["inconsistency"] == 0.5
    assert "inconsistency" not in second["answers"]["b"]
    assert second["answers"]["a(2)"]["possibility"] == {"x": 1.0, "y": 0.5, '"light [red]"': 0.0}


def test_files(tmp_path: Path) -> None:
    write_answers(str(tmp_path / "a.npz"), answers())
    with np.load(tmp_path / "a.npz") as found:
        assert found["a.possibility"].shape == (2, 2, 3)
        assert found["b.choice"].tolist() == [0, -1]
    write_answers(str(tmp_path / "a.jsonl"), answers())
    assert (tmp_path / "a.jsonl").read_text().splitlines() == [line.strip() for line in json_lines(answers())]


def test_gradients_do_not_hinder_writing(tmp_path: Path) -> None:
    engine = nesy.load("percept a : 1..2. query a.").compile()
    answer = engine.infer({"a": torch.zeros(1, 2, requires_grad=True).softmax(-1)})
    write_answers(str(tmp_path / "a.npz"), [answer])
    assert json.loads(next(json_lines([answer])))["answers"]["a"]["value"] is None


def test_answers_are_written_as_they_come() -> None:
    made: list[int] = []

    def coming() -> Iterator[nesy.Answer]:
        for number, answer in enumerate(answers()):
            made.append(number)
            yield answer

    lines = json_lines(coming())
    next(lines)
    assert made == [0]
    console = Console(file=io.StringIO(), width=100, color_system=None)
    draw_summary(coming(), console)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().startswith("2 instances")
