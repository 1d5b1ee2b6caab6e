"""The experiment on abduction: what its parts draw and count, and one small unit from end to end on made-up images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch

import nesy
from benchmarks.papers.abduction import calibration, images, methods, sets, settings, units
from benchmarks.papers.abduction.completion import completed
from benchmarks.papers.abduction.settings import DATA, DELTAS, EACH, EPSILONS, REGIMES, TEST_SETS, WEATHERS
from benchmarks.papers.abduction.summaries import Results, Runs
from benchmarks.papers.stored import fill
from nesy.perception.corruptions import KINDS
from nesy.perception.datasets import Dataset
from tests.nesy.abduction.made import predictions_of
from tests.repo.sources import ROOT

MNIST = DATA[0]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Images of ten classes: a bright bar whose place tells the class, with a little noise; all different."""

    def load(name: str, split: str) -> Dataset:
        number = {"train": 400, "validation": 300, "test": 200}[split]
        labels = np.arange(number) % 10
        random = np.random.default_rng(len(split))
        shown = random.integers(0, 60, (number, 28, 28)).astype(np.uint8)
        for place, label in enumerate(labels):
            shown[place, 2 + 2 * label : 6 + 2 * label, 4:24] = 220
        return Dataset(name, split, shown, labels, tuple(range(10)))

    monkeypatch.setattr(images, "load_dataset", load)
    images.pool.cache_clear()
    yield
    images.pool.cache_clear()


def test_fifteen_test_sets_as_in_the_paper() -> None:
    assert len(TEST_SETS) == 15
    kinds = [kinds for kinds in TEST_SETS.values() if kinds is not None]
    assert len(set(kinds)) == len(kinds) == 12
    for combination in kinds:
        assert list(combination) == [kind for kind in KINDS if kind in combination]
    assert {len(combination) for combination in kinds} == {1, 2, 3, 4}


@pytest.mark.usefixtures("made")
def test_held_out_mixes_have_other_corruptions_and_other_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "MIX_SCENES", 5)
    asked: list[tuple[str, ...]] = []

    def noted(shown: np.ndarray, intensities: dict[str, float], seed: object) -> np.ndarray:
        asked.append(tuple(intensities))
        assert all(0 < amount <= 1 for amount in intensities.values())
        return shown

    monkeypatch.setattr(sets, "corrupt_images", noted)
    for seed in range(5):
        mixes = sets.held_out_mixes(MNIST, REGIMES[0], seed)
        assert [len(mix) for mix in mixes] == [20] * len(sets.MIXED)
    assert not set(asked) & set(TEST_SETS.values())
    assert [len(kinds) for kinds in asked[: len(sets.MIXED)]] == list(sets.MIXED)


@pytest.mark.usefixtures("made")
def test_scenes_show_every_class_once() -> None:
    drawn = images.draw_scenes(MNIST, "test", 12, np.random.default_rng(0))
    assert (np.sort(drawn.truth.reshape(-1, 4), 1) == np.arange(4)).all()
    assert drawn.scene.tolist() == np.repeat(np.arange(12), 4).tolist()
    assert len({image.tobytes() for image in drawn.images}) == len(drawn)
    assert len({tuple(row) for row in drawn.truth.reshape(-1, 4).tolist()}) > 3


@pytest.mark.usefixtures("made")
def test_a_run_can_be_repeated() -> None:
    for name in ("MDS-A 1", "BM 2"):
        one, other = _twice(name)
        assert np.array_equal(one.images, other.images)
        assert np.array_equal(one.truth, other.truth)
    first, second = (images.in_source_weather(_twice("UM 1")[0].images, "fog", (1, seed)) for seed in (2, 3))
    assert not np.array_equal(first, second)


def _twice(name: str) -> tuple[images.Batch, images.Batch]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sets, "SET_SCENES", 8)
        return sets.test_set(MNIST, REGIMES[0], name, 3, "test"), sets.test_set(MNIST, REGIMES[0], name, 3, "test")


def test_source_weather_is_mostly_the_own_one() -> None:
    grey = np.full((400, 28, 28), 100, np.uint8)
    found = images.in_source_weather(grey, "noise", (0,)).astype(float)
    noisy = found.std((1, 2)) > 0.1 * 0.6 * 255
    assert 0.6 < noisy.mean() < 0.85
    clean = images.in_source_weather(grey, "clean", (0,))
    assert (clean == 100).all((1, 2)).mean() >= 0.7


def test_what_specialists_see_and_error_rules_look_at() -> None:
    shown = np.zeros((1, 28, 28), np.uint8)
    shown[0, 0, 0:2], shown[0, 1, 0] = 255, 51
    assert images.pixels(shown)[0, 0] == pytest.approx((255 + 255 + 51) / 4 / 255)
    assert images.pixels(shown).shape == (1, 196)
    figures = images.statistics(shown)
    assert figures["brightness"][0] == pytest.approx(2.2 / 784)
    assert figures["top"][0] == pytest.approx(2.2 / 112)
    assert figures["darkest"][0] == 0
    down, across = 0.8 + 1 + 0.2, 1 + 0.2
    assert figures["gradient"][0] == pytest.approx(down / (27 * 28) + across / (28 * 27))
    assert figures["contrast"][0] == pytest.approx(np.std(shown / 255))


def test_the_last_object_of_a_scene_is_known() -> None:
    labels = np.array([0, 2, -1, 3, -1, -1, 0, 1, 0, 0, -1, 3, 3, 2, 1, 0])
    found = completed(labels, np.repeat(np.arange(4), 4), 4)
    assert found.tolist() == [0, 2, 1, 3, -1, -1, 0, 1, 0, 0, -1, 3, 3, 2, 1, 0]


def test_the_rule_of_a_scene_says_the_same_to_a_back_end(tmp_path: Path) -> None:
    """With one object open, the labels that are fused and the rule leave one world, and that is ``completed``."""
    path = tmp_path / "scene.nesy"
    path.write_text(
        "type object = 1..4.\ntype class = 0..3.\npercept label(object) : class.\n"
        ":- label(X) = C, label(Y) = C, X < Y.\nquery label(_).\n",
        encoding="utf-8",
    )
    random = np.random.default_rng(0)
    labels = random.permuted(np.tile(np.arange(4), (6, 1)), axis=1)
    labels[np.arange(6), random.integers(4, size=6)] = -1
    evidence = torch.from_numpy(np.where(labels[:, :, None] < 0, 0.25, labels[:, :, None] == np.arange(4)))
    choice = nesy.load(path).compile("asp").infer({"label": evidence})["label"].choice
    assert choice is not None
    found = completed(labels.reshape(-1), np.repeat(np.arange(6), 4), 4)
    assert choice.reshape(-1).tolist() == found.tolist()


def test_without_tie_breaker_objects_with_two_labels_have_none() -> None:
    predictions = predictions_of([[0, 0, 1], [0, 0, 1], [-1, -1, -1], [2, -1, 2]])
    kept = np.array([[True, True, False], [True, False, True], [False] * 3, [True, False, True]])
    assert methods.without_tie_breaker(predictions, kept).tolist() == [0, -1, -1, 2]


def test_problems_of_a_choice() -> None:
    predictions = predictions_of([[0, 1], [1, 1]], classes=2)
    flagged = np.zeros((len(EPSILONS), 2, 2), bool)
    flagged[3, 0, 1] = True
    case = methods.Case(predictions, np.array([0, 0]), flagged, (0, 1))
    each = methods.problem_of(case, methods.Choice(EACH, 0.1), scenes=True)
    assert each.epsilons == EPSILONS
    assert each.scenes is not None
    assert each.scenes.all_different.tolist() == [True]
    one = methods.problem_of(case, methods.Choice(EPSILONS[3], 0.2), "covered")
    assert one.flagged.tolist() == [[[False, True], [False, False]]]
    assert (one.bound, one.denominator, one.scenes) == (0.2, "covered", None)
    assert methods.rules_alone(case, methods.Choice(EPSILONS[3])).labels.tolist() == [0, 1]
    assert not methods.without_rules(case).flagged.any()


def test_the_best_choice_is_right_where_any_model_is() -> None:
    predictions = predictions_of([[0, 1], [1, 1], [-1, -1]], classes=2)
    assert units.best_choice(predictions, np.array([1, 0, 0])).tolist() == [1, 1, -1]


@pytest.mark.slow
@pytest.mark.usefixtures("made")
def test_a_small_unit_from_end_to_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Specialists of easy images are nearly always right, and so is everything that is made of them."""
    few = {name: TEST_SETS[name] for name in ("MDS-A 1", "UM 1")}
    for module in (sets, units, settings):
        monkeypatch.setattr(module, "TEST_SETS", few)
    monkeypatch.setattr(sets, "SET_SCENES", 10)
    monkeypatch.setattr(sets, "MIX_SCENES", 8)
    monkeypatch.setattr(sets, "MIXED", (1, 3))
    monkeypatch.setattr(calibration, "SOURCE_IMAGES", 100)
    cells = {name: (method, found[:: max(1, len(found) // 2)]) for name, (method, found) in calibration.CELLS.items()}
    monkeypatch.setattr(calibration, "CELLS", cells)
    units.specialists_of.cache_clear()
    regime = settings.Regime("A", 120, 0.6, 0.3, steps=60)
    monkeypatch.setattr(units, "REGIMES", (regime,))
    path = tmp_path / "mnist.json"
    fill(path, {"A | 0": lambda: units.run_unit(MNIST, regime, 0)})
    units.specialists_of.cache_clear()
    runs = Results(tmp_path).runs("mnist", "A")
    assert runs.sets == list(few)
    assert runs.values("accept all + tie-breaker").shape == (1, 2)
    assert runs.values("accept all + tie-breaker", "accuracy").mean() > 0.8
    assert runs.values("scenes", "accuracy").mean() > 0.8
    assert runs.mean("scenes", "repeated") == 0
    ceiling = runs.values(settings.CEILING)
    assert (ceiling >= np.maximum(runs.best(), runs.values("accept all + tie-breaker"))).all()
    choices = json.loads(path.read_text())["units"]["A | 0"]["choices"]
    for epsilon, delta in choices.values():
        assert epsilon in (*EPSILONS, EACH)
        assert delta in DELTAS
    assert runs.models("answered").shape == (1, 2, len(WEATHERS))


def _unit(best: list[float], ours: list[float]) -> dict[str, object]:
    models = [[low, low / 2] for low in best]
    figures = {"f1": ours, "accuracy": ours, "coverage": 0.9, "repeated": 0.1, "contradicting": None}
    return {
        "sets": ["one", "two"],
        "models": {"f1": models, "accuracy": models, "answered": models},
        "methods": {"ours": figures},
        "bootstrap": {"ours | theirs": [0.2, 0.1, 0.3, 1.0]},
        "held_out": {"IP": [[0.0, 0.1, 0.5], [0.02, 0.1, 0.7]]},
        "choices": {"IP": [0.02, 0.1]},
    }


def test_figures_of_results() -> None:
    runs = Runs([_unit([0.5, 0.8], [0.6, 0.8]), _unit([0.4, 0.4], [0.4, 0.2])])
    assert runs.gains("ours") == pytest.approx(np.array([[0.2, 0.0], [0.0, -0.5]]))
    mean, deviation = runs.gain("ours")
    assert mean == pytest.approx((0.1 - 0.25) / 2)
    assert deviation == pytest.approx((0.1 + 0.25) / 2)
    assert runs.values("model mean").tolist() == [[0.375, pytest.approx(0.6)], [pytest.approx(0.3)] * 2]
    assert runs.record("ours") == (0.5, 1.5)
    assert runs.mean("ours", "coverage") == pytest.approx(0.9)
    assert np.isnan(runs.mean("ours", "contradicting"))
    assert runs.interval("ours", "theirs") == pytest.approx((0.2, 0.1, 0.3, 2))
    assert runs.grid("IP") == {(0.0, 0.1): (0.5, 0), (0.02, 0.1): (pytest.approx(0.7), 2)}


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "figures" / "abduction").glob("*.svg")), ids=lambda p: p.stem)
def test_figures_can_be_read(path: Path) -> None:
    assert ET.parse(path).getroot().tag.endswith("svg")
