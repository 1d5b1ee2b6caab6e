"""The demonstration of abduction: what it draws, what it says, and that it is right about it."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

from nesy.demo import weather
from nesy.demo.summary import weather_json
from nesy.demo.weather import MIXED, WEATHERS, draw, in_weather, weather_scene
from nesy.demo.weather_report import weather_report
from nesy.demo.weather_scene import WeatherScene
from nesy.demo.weather_terminal import print_weather
from nesy.dsl.diagnostics import NesyError
from nesy.perception.corruptions import KINDS
from nesy.perception.datasets import load_dataset

pytestmark = pytest.mark.slow  # models are trained


@pytest.fixture(scope="module")
def scene() -> WeatherScene:
    """Twenty scenes of six of scikit-learn's digits, read by models of few images."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(weather, "TRAINED", 150)
        patched.setattr(weather, "HELD_OUT", 120)
        return weather_scene(
            "digits",
            "<b>for tests</b>",
            None,
            weather=MIXED,
            objects=6,
            count=20,
            seed=0,
            command="nesy demo abduction",
        )


def test_no_digit_occurs_twice_in_a_scene(scene: WeatherScene) -> None:
    after = [sighting.after for sighting in scene.sightings if sighting.after is not None]
    assert len(after) == len(set(after))
    assert scene.tallies[-1].method == "abduction"
    assert scene.tallies[-1].clashing == 0
    assert scene.tallies[0].clashing > 0
    assert "no hypothesis covers more" in scene.outcome
    assert "optimal" in scene.outcome


def test_labels_are_readings_that_stand(scene: WeatherScene) -> None:
    for sighting in scene.sightings:
        opinions = {opinion.model: opinion for opinion in sighting.opinions}
        assert sighting.before == max(sighting.opinions, key=lambda opinion: opinion.confidence).digit
        if sighting.after is not None:
            assert sighting.support is not None
            assert opinions[sighting.support].digit == sighting.after
            assert opinions[sighting.support].rejected is None


def test_the_scene_that_gains_most_is_shown(scene: WeatherScene) -> None:
    gain = sum((one.after == one.truth) - (one.before == one.truth) for one in scene.sightings)
    assert gain >= 1
    changed = [sighting for sighting in scene.sightings if sighting.changed]
    assert changed
    for sighting in changed:
        assert f"'s {sighting.before} (" in sighting.reason


def test_every_reading_is_believed_rejected_or_overruled(scene: WeatherScene) -> None:
    for entry in scene.trust:
        assert entry.given == 20 * 6 == entry.believed + entry.flagged + entry.overruled
    for tally in scene.tallies:
        assert tally.objects == 120
        assert tally.right <= tally.objects - tally.missing
        assert tally.whole * 6 <= tally.right


def test_scenes_show_different_digits_in_their_weather() -> None:
    images = load_dataset("digits", "test")
    drawn = draw(images, MIXED, objects=10, count=6, seed=1)
    assert (np.sort(drawn.truth, 1) == np.arange(10)).all()
    assert drawn.images.shape == (6, 10, 8, 8)
    again = draw(images, MIXED, objects=10, count=6, seed=1)
    assert np.array_equal(drawn.images, again.images)
    assert not np.array_equal(drawn.images, draw(images, MIXED, objects=10, count=6, seed=2).images)
    many = draw(images, "fog", objects=3, count=300, seed=0)
    assert all(len(set(row)) == 3 for row in many.truth.tolist())
    assert {kind for kinds in WEATHERS.values() for kind in kinds} <= set(KINDS)


def test_images_in_one_weather_are_all_changed() -> None:
    images = load_dataset("digits", "validation").take(np.arange(30))
    found = in_weather(images, ("noise",), [3])
    assert (found.images != images.images).any((1, 2)).all()
    assert np.array_equal(found.labels, images.labels)


@pytest.mark.parametrize("width", [60, 130])
def test_the_terminal(scene: WeatherScene, width: int) -> None:
    file = io.StringIO()
    print_weather(Console(file=file, width=width, no_color=True), scene)
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    text = "\n".join(lines)
    assert ("█" in text) == (width == 130)
    loudest = next(line for line in lines if line.startswith("loudest"))
    assert ("!" in loudest) == any(sighting.clash for sighting in scene.sightings)
    for sighting in scene.sightings:
        if sighting.changed:
            assert f"{sighting.name}: " in text
    assert "abduction" in text
    assert "weather.nesy" in text


def test_the_report_needs_nothing_else(scene: WeatherScene) -> None:
    page = weather_report(scene)
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("data:image/png;base64,") == len(scene.sightings)
    assert "http" not in page
    assert "<script" not in page
    assert "&lt;b&gt;for tests&lt;/b&gt;" in page
    for sighting in scene.sightings:
        assert f"{sighting.name}, an image of {sighting.truth}" in page
    assert "error label@" in page or "0 lines" in page


def test_the_summary_is_plain_data(scene: WeatherScene) -> None:
    (found,) = weather_json(scene)
    found = json.loads(json.dumps(found))
    assert [entry["method"] for entry in found["scores"]] == [tally.method for tally in scene.tallies]
    assert len(found["objects"]) == 6
    assert found["objects"][0]["readings"][0]["model"] == "rotation"
    assert found["provenance"]["command"] == "nesy demo abduction"
    assert "rules" not in found["provenance"]


def test_more_objects_than_digits() -> None:
    images = load_dataset("digits", "test").take(np.arange(5))
    with pytest.raises(NesyError) as caught:
        draw(images, "fog", objects=10, count=1, seed=0)
    assert caught.value.diagnostics[0].code == "E491"
