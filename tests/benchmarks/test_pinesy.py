"""The experiments of the Π-NeSy paper: scores, splits, units of work on made-up readings, results that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.papers.pinesy import run, samples, scores, splits, units
from benchmarks.papers.pinesy.networks import Readings
from benchmarks.papers.pinesy.problems import PROBLEMS, SETTINGS, Images, Problem, Setting
from benchmarks.papers.pinesy.published import COLUMNS, PUBLISHED
from benchmarks.papers.pinesy.summaries import Results, Runs
from nesy.perception.datasets import Dataset
from tests.effort import tries
from tests.repo.sources import ROOT

PAPER = next(setting for setting in SETTINGS if setting.name == "paper")


@pytest.mark.slow
def test_area_is_the_chance_of_the_higher_score() -> None:
    @settings(max_examples=tries(60), deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=12))
    def check(cases: list[tuple[int, bool]]) -> None:
        above = [score for score, positive in cases if positive]
        below = [score for score, positive in cases if not positive]
        found = scores.area(np.array([float(score) for score, _ in cases]), np.array([yes for _, yes in cases]))
        if not above or not below:
            assert np.isnan(found)
            return
        wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a in above for b in below]
        assert found == pytest.approx(sum(wins) / len(wins))

    check()


def test_a_tie_is_no_decision() -> None:
    assert scores.decided(np.array([[0.2, 1.0, 0.3], [1.0, 0.4, 1.0]])).tolist() == [1, -1]


def test_the_best_cut_lies_between_the_classes() -> None:
    found = np.array([-0.99, -0.98, -0.5, 0.9])
    assert scores.best_cut(found, np.array([False, False, True, True])) == pytest.approx(-0.74)
    assert scores.best_cut(found, np.ones(4, dtype=bool)) < -0.99


def test_areas_of_puzzles() -> None:
    possibility = np.array([[0.0, 1.0], [1.0, 0.3], [1.0, 0.1], [1.0, 0.0]])
    valid = np.array([True, True, False, False])
    assert scores.margin_area(possibility, valid) == 1.0
    assert scores.paper_area(possibility, valid) == pytest.approx((1.0 + 0.75) / 2)


def test_sums_have_their_digits_and_carries() -> None:
    digits, carries = samples.sums(np.array([[[9, 9, 5], [0, 0, 7]], [[1, 2, 3], [4, 5, 6]]]))
    assert digits.tolist() == [[1, 0, 0, 2], [0, 5, 7, 9]]
    assert carries.tolist() == [[1, 1, 1, 0], [0, 0, 0, 0]]


@pytest.fixture
def mnist(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many images as MNIST has, of one pixel each, with labels in turn."""

    def made(count: int) -> Dataset:
        return Dataset("mnist", "train", np.zeros((count, 1, 1), np.uint8), np.arange(count) % 10, tuple(range(10)))

    training, test = made(60_000), made(10_000)
    for module in (splits, samples):
        monkeypatch.setattr(module, "mnist_training", lambda: training)
        monkeypatch.setattr(module, "mnist_test", lambda: test)
    splits.split_of.cache_clear()
    yield
    splits.split_of.cache_clear()


@pytest.mark.usefixtures("mnist")
def test_digits_are_split_as_in_the_paper() -> None:
    split, low = splits.split_of(Images(), 0), splits.split_of(Images(low=True), 0)
    assert [len(split.places[part]) for part in splits.PARTS] == [50_000, 10_000, 10_000]
    assert not set(split.places["train"]) & set(split.places["validation"])
    assert low.places["train"].tolist() == split.places["train"][:2_500].tolist()
    assert not np.array_equal(split.places["train"], splits.split_of(Images(), 1).places["train"])


@pytest.mark.slow
@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize(("low", "train"), [(False, 200), (True, 10)])
def test_puzzles_are_split_as_in_the_paper(low: bool, train: int) -> None:
    split = splits.split_of(Images(4, low), 0)
    assert split.puzzles is not None
    for part, count in (("train", train), ("validation", 100), ("test", 100)):
        grids, valid = split.puzzles[part]
        places = split.places[part]
        assert len(grids) == count
        assert valid.sum() == count / 2
        assert ((places % 10) + 1).tolist() == grids.reshape(-1).tolist()
        assert len(set(places.tolist())) == len(places)
    assert not set(split.places["train"]) & set(split.places["validation"])


def _read(images: Images, run: int) -> Readings:
    """Readings of a made-up network: one image in 200 is taken for the next class, less surely than the others."""
    random = np.random.default_rng(run)
    places, probabilities = {}, {}
    for part, found in splits.split_of(images, run).places.items():
        places[part] = np.unique(found)
        labels = places[part] % 10
        wrong = random.random(len(labels)) < 0.005
        seen = np.where(wrong, (labels + 1) % images.classes, labels)
        logits = random.normal(0, 1, (len(labels), images.classes))
        logits[np.arange(len(labels)), seen] += np.where(wrong, 7, 14)
        powers = np.exp(logits)
        probabilities[part] = powers / powers.sum(1, keepdims=True)
    return Readings(places, probabilities, 1.0, 1.0)


@pytest.mark.slow
@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize(
    ("problem", "setting"),
    [
        (Problem("sudoku", 4), PAPER),
        (Problem("addition", 2), Setting("low data", "exact", low=True)),
        (Problem("addition", 2), Setting("low data, no thresholds", "reference", 1.01, low=True)),
    ],
    ids=["sudoku", "addition", "without thresholds"],
)
def test_the_network_decides(monkeypatch: pytest.MonkeyPatch, problem: Problem, setting: Setting) -> None:
    """With readings that have one most probable class, learning leaves s = r = 0, and the rules decide as the digits
    that the network takes the images for."""
    monkeypatch.setattr(units, "readings_of", _read)
    unit = units.run_unit(problem, setting, "antipignistic", 0)
    assert unit["largest_parameter"] == 0.0
    assert unit["accuracy"] == unit["network_alone"]
    assert unit["ambiguous"] == 0.0
    assert unit["all_images_right"] <= unit["accuracy"]
    if problem.kind == "sudoku":
        assert unit["margin_area"] >= unit["paper_area"] >= unit["accuracy"] - 1e-9


def test_rule_bases_have_the_paper_s_sizes() -> None:
    sudoku, addition = (units.ground(Problem(kind, number)) for kind, number in (("sudoku", 4), ("addition", 2)))
    pairs = next(attribute for attribute in sudoku.attributes if attribute.name == "pair")
    assert len(pairs.index) == 56
    assert sum(rule.learn is not None for rule in sudoku.uncertain) == 56 * 8 + 1
    learned = [rule for rule in addition.uncertain if rule.learn]
    assert len(learned) == 20 + 21 + 2 + 20 + 1


def test_what_is_there_is_not_done_again(tmp_path: Path) -> None:
    calls: list[str] = []

    def work(name: str) -> dict[str, object]:
        calls.append(name)
        return {"accuracy": 1 / 3, "nothing": float("nan")}

    path = tmp_path / "problem.json"
    wanted = {"a | antipignistic | 0": lambda: work("first"), "a | antipignistic | 1": lambda: work("second")}
    run.fill(path, dict(list(wanted.items())[:1]))
    run.fill(path, wanted)
    run.fill(path, wanted)
    assert calls == ["first", "second"]
    found = Results(tmp_path).runs("problem", "a", "antipignistic")
    assert found.values("accuracy").tolist() == [0.333333, 0.333333]
    assert np.isnan(found.mean("nothing"))


def test_runs_have_means_and_deviations() -> None:
    found = Runs([{"accuracy": 0.5}, {"accuracy": 1.0}])
    assert (found.mean("accuracy"), found.spread("accuracy")) == (0.75, 0.25)


def test_published_figures_are_numbers() -> None:
    for entry in PUBLISHED:
        assert set(entry.accuracy) <= set(COLUMNS)
        assert entry.source
        assert all(20 < mean < 100 for digits in COLUMNS if (mean := entry.mean(digits)) is not None)


def test_all_problems_are_there() -> None:
    assert [problem.name for problem in PROBLEMS] == [
        *(f"addition-{digits}" for digits in (1, 2, 4, 15, 100)),
        "sudoku-4",
        "sudoku-9",
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "figures" / "experiments").glob("*.svg")), ids=lambda p: p.stem
)
def test_figures_can_be_read(path: Path) -> None:
    assert ET.parse(path).getroot().tag.endswith("svg")
