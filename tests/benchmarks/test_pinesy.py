"""The harness of the paper's experiments, on drawn data: splits, samples, scores, units of work, resuming."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.papers.pinesy import run, samples, scores, splits, units
from benchmarks.papers.pinesy.problems import Images, Problem, Setting
from nesy.perception.datasets import Dataset
from tests.repo.sources import ROOT

RANDOM = np.random.default_rng(0)
LABELS = {"train": RANDOM.integers(10, size=600), "test": RANDOM.integers(10, size=400)}


def drawn(split: str) -> Dataset:
    """Images of one pixel, the label's value."""
    labels = LABELS[split]
    return Dataset("drawn", split, labels.astype(np.uint8)[:, None, None], labels, tuple(range(10)))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 training images (500 to learn from) and 400 test images; six puzzles to learn from, four for the rest."""
    for module in (splits, samples):
        monkeypatch.setattr(module, "mnist_training", lambda: drawn("train"))
        monkeypatch.setattr(module, "mnist_test", lambda: drawn("test"))
    monkeypatch.setattr(splits, "TRAINING_IMAGES", 500)
    monkeypatch.setattr(splits, "LOW_IMAGES", 25)
    monkeypatch.setattr(splits, "PUZZLES", {"train": 3, "validation": 2, "test": 2})
    monkeypatch.setattr(splits, "LOW_PUZZLES", 1)
    monkeypatch.setattr(samples, "split_of", splits.split_of.__wrapped__)
    monkeypatch.setattr(units, "readings_of", lambda images, run: Readings(images.classes))


class Readings:
    """A network that is wrong about every twentieth image, and never quite sure."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def at(self, part: str, places: Any) -> Any:
        labels = LABELS["test" if part == "test" else "train"][places]
        seen = np.where(places % 20 == 7, (labels + 1) % self.classes, labels)
        weights = 0.1 + (places[..., None] * 31 + np.arange(self.classes) * 17) % 53 / 100
        np.put_along_axis(weights, seen[..., None], 9.0, -1)
        return weights / weights.sum(-1, keepdims=True)


# ----- scores and sums


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=12))
def test_area_counts_pairs(cases: list[tuple[int, bool]]) -> None:
    above = [value for value, positive in cases if positive]
    below = [value for value, positive in cases if not positive]
    found = scores.area(np.array([float(v) for v, _ in cases]), np.array([p for _, p in cases]))
    if not above or not below:
        assert np.isnan(found)
        return
    pairs = sum((a > b) + (a == b) / 2 for a in above for b in below)
    assert found == pytest.approx(pairs / (len(above) * len(below)))


def test_two_best_values_decide_nothing() -> None:
    assert scores.decided(np.array([[0.2, 1.0, 0.3], [1.0, 0.0, 1.0]])).tolist() == [1, -1]


@given(st.integers(1, 6).flatmap(lambda k: st.tuples(*[st.integers(0, 10**k - 1)] * 2, st.just(k))))
def test_sums(case: tuple[int, int, int]) -> None:
    first, second, count = case
    digits = [[int(digit) for digit in str(number).zfill(count)] for number in (first, second)]
    found, carries = samples.sums(np.array([digits]))
    assert "".join(map(str, found[0])) == str(first + second).zfill(count + 1)
    assert carries[0, -1] == 0
    assert carries[0, 0] == found[0, 0]


# ----- splits and rules


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("low", [False, True])
def test_digits_are_split(low: bool) -> None:
    places = splits.split_of.__wrapped__(Images(0, low), 3).places
    assert [len(places[part]) for part in splits.PARTS] == [25 if low else 500, 100, 400]
    assert not set(places["train"]) & set(places["validation"])
    if low:
        assert set(places["train"]) <= set(splits.split_of.__wrapped__(Images(), 3).places["train"])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("low", [False, True])
def test_puzzles_are_split(low: bool) -> None:
    found = splits.split_of.__wrapped__(Images(4, low), 0)
    assert found.puzzles is not None
    for part, half in (("train", 1 if low else 3), ("validation", 2), ("test", 2)):
        grids, valid = found.puzzles[part]
        assert valid.tolist() == [True] * half + [False] * half
        labels = LABELS["test" if part == "test" else "train"][found.places[part]]
        assert (labels + 1 == grids.reshape(-1)).all()
    assert not set(found.places["train"]) & set(found.places["validation"])


@pytest.mark.parametrize("digits", [1, 2, 4])
def test_rules_of_addition(digits: int) -> None:
    families = {
        (rule.conclusion.attribute, rule.conclusion.index)
        for rule in units.ground(Problem("addition", digits)).uncertain
    }
    assert len(families) == 3 * digits + 1


def test_rules_of_sudoku() -> None:
    rules = units.ground(Problem("sudoku", 4)).uncertain
    rows, blocks = 2 * 4 * comb(4, 2), 4 * comb(4, 2) - 4 * 2 * 2
    assert len(rules) == (rows + blocks) * 8 + 1


# ----- units of work


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("policy", ["exact", "reference", None])
@pytest.mark.parametrize("transform", ["antipignistic", "specificity"])
def test_sums_are_those_of_the_readings(policy: Any, transform: str) -> None:
    unit = units.run_unit(Problem("addition", 2), Setting("tried", policy), transform, 0)
    assert unit["samples"] == 100
    assert unit["image_accuracy"] == pytest.approx(0.95)
    assert unit["accuracy"] == unit["network_alone"] >= unit["all_images_right"]
    assert unit["ambiguous"] == 0
    if policy is not None:
        assert unit["train_samples"] == 125
        assert unit["parameters_above_0"] == 0


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("low", [False, True])
def test_grids_are_judged_by_the_readings(low: bool) -> None:
    unit = units.run_unit(Problem("sudoku", 4), Setting("tried", "exact", low=low), "antipignistic", 0)
    assert unit["samples"] == 4
    assert unit["train_samples"] == (2 if low else 6)
    assert unit["accuracy"] == unit["network_alone"]
    assert 0 <= unit["paper_area"] <= 1
    assert 0 <= unit["margin_area"] <= 1


# ----- the command


def test_what_is_done_is_not_repeated(tmp_path: Path) -> None:
    done: list[str] = []

    def work(name: str) -> dict[str, Any]:
        done.append(name)
        if name == "b" and done.count("b") == 1:
            raise KeyboardInterrupt
        return {"value": 1 / 3, "missing": float("nan")}

    wanted = {name: lambda name=name: work(name) for name in "abc"}
    path = tmp_path / "results" / "tried.json"
    with pytest.raises(KeyboardInterrupt):
        run.fill(path, wanted)
    run.fill(path, wanted)
    run.fill(path, wanted)
    assert done == ["a", "b", "b", "c"]
    stored = json.loads(path.read_text())["units"]
    assert stored == {name: {"value": 0.333333, "missing": None} for name in "abc"}


FIGURES = sorted((ROOT / "docs" / "figures" / "experiments").glob("*.svg"))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda path: path.stem)
def test_figures_can_be_read(figure: Path) -> None:
    assert ET.parse(figure).getroot().tag.endswith("svg")
