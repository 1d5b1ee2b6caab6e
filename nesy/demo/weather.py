"""The demonstration of abduction: networks from different weathers read the same digits in a weather new to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.abduce import HeldOut, abduce
from nesy.abduction.baselines.votes import accept_all, plurality
from nesy.abduction.error_rules import CueOptions, ErrorRuleLearner
from nesy.abduction.metrics import repetitions
from nesy.abduction.object_explanations import ObjectExplanation
from nesy.abduction.result import Abduction
from nesy.demo.eyes import Choice
from nesy.demo.results import rule_text, timed
from nesy.demo.scene import Provenance, Timing, time_text
from nesy.demo.weather_scene import Opinion, Sighting, Tally, Trust, WeatherScene
from nesy.dsl import parse
from nesy.perception.corruptions import corrupt_images, random_intensities
from nesy.perception.datasets import SPLITS, Dataset, load_dataset
from nesy.perception.generators.pool import ImagePool
from nesy.perception.linear import linear_perceiver
from nesy.perception.protocol import Perceiver
from nesy.perception.sources import find_source
from nesy.program import make_program

RULES = "weather.nesy"
MODELS = ("rotation", "fog", "noise")
"""The weathers that the models come from: one camera hangs askew, one stands in fog, one is noisy."""

TRAINED, HELD_OUT = 400, 400
"""Images that each model is trained on, and images from which error rules are learned."""

MIXED = "mixed"
WEATHERS: Mapping[str, Mapping[str, float]] = {
    MIXED: {"rotation": 0.6, "fog": 0.6, "noise": 0.6},
    "fog": {"fog": 0.6, "noise": 0.4},
    "noise": {"noise": 0.6, "fog": 0.4},
}
"""Corruptions with their intensities. In ``mixed`` weather each object has one of the three, else it has both."""

BUDGET = 0.0
"""The recall that the error rules of a model may cost on held-out images."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Scenes as drawn: images ``[scene, object, height, width]`` in their weather, and what they show."""

    images: NDArray[np.uint8]
    truth: NDArray[np.int64]


def weather_scene(
    name: Choice,
    reason: str,
    folder: Path | None,
    *,
    weather: str,
    objects: int,
    count: int,
    seed: int,
    command: str,
) -> WeatherScene:
    """Train the models, draw ``count`` scenes of so many different digits, and abduce what they show.

    ``name`` is the data set, which is on this machine, and ``reason`` why it was taken.
    """
    from nesy import __version__

    parts = {split: load_dataset(name, split, folder=folder, download=False) for split in SPLITS}
    models, training = timed(lambda: specialists(parts["train"], seed))
    drawn = draw(parts["test"], weather, objects=objects, count=count, seed=seed)
    known = held_out(parts["validation"], models, objects, seed)
    rules = rule_text(RULES)
    program, compiling = timed(lambda: make_program(rules, parse(rules, RULES), {"k": objects}))
    evidence, perceiving = timed(lambda: readings(models, drawn.images))
    found, reasoning = timed(
        lambda: abduce(program, evidence, max_inconsistency=0.0, held_out=known, targets=drawn.truth.reshape(-1))
    )
    number = telling(found, drawn)
    right = [int((found.problem.predictions.labels[:, place] == found.truth).sum()) for place in range(len(models))]
    accuracy = ", ".join(f"{model} {share / drawn.truth.size:.0%}" for model, share in zip(MODELS, right, strict=True))
    return WeatherScene(
        f"{weather} ({', '.join(f'{kind} {amount:g}' for kind, amount in WEATHERS[weather].items())})",
        number + 1,
        sightings(found, drawn, number),
        tallies(found, drawn),
        trust(found),
        _outcome(found),
        "".join(rules.to_nesy() for rules in found.learned.values()),
        Timing(perceiving, compiling, reasoning, drawn.truth.size, count),
        Provenance(
            command,
            __version__,
            seed,
            find_source(name).title,
            reason,
            f"{len(models)} linear readers, {TRAINED} images each, trained in {time_text(training)}",
            f"in this weather right: {accuracy}",
            RULES,
            rules,
        ),
    )


# ----- models and scenes


def specialists(images: Dataset, seed: int) -> tuple[Perceiver, ...]:
    """A linear reader for each of :data:`MODELS`, trained on images in its own weather."""
    found = []
    for place, model in enumerate(MODELS):
        chosen = np.random.default_rng([seed, place]).permutation(len(images))[:TRAINED]
        own = in_weather(images.take(chosen), (model,), [seed, place])
        found.append(linear_perceiver(own, count=TRAINED, seed=seed))
    return tuple(found)


def in_weather(images: Dataset, weathers: Sequence[str], seed: Sequence[int]) -> Dataset:
    """Each image in one of ``weathers`` at random, at an intensity of 0.2 to 0.8."""
    drawn = random_intensities(len(images), weathers, 0.2, 0.8, seed)
    return replace(images, images=corrupt_images(images.images, drawn, seed))


def draw(images: Dataset, weather: str, *, objects: int, count: int, seed: int) -> Drawn:
    """Scenes of different digits. E491 if there are not enough images of a digit."""
    generator = np.random.default_rng(seed)
    truth = np.stack([generator.permutation(10)[:objects] for _ in range(count)])
    pool = ImagePool(images.labels, generator)
    shown = images.images[np.concatenate([pool.draw(digits) for digits in truth])]
    amounts = {kind: np.full(truth.size, amount) for kind, amount in WEATHERS[weather].items()}
    if weather == MIXED:
        own = generator.integers(len(amounts), size=truth.size)
        amounts = {kind: np.where(own == place, amount, 0) for place, (kind, amount) in enumerate(amounts.items())}
    return Drawn(corrupt_images(shown, amounts, seed).reshape(*truth.shape, *images.image_shape), truth)


def readings(models: Sequence[Perceiver], images: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    """What each model says about images ``[batch, object, height, width]``, as evidence."""
    return {f"label@{name}": model.perceive(images).numpy() for name, model in zip(MODELS, models, strict=True)}


def held_out(images: Dataset, models: Sequence[Perceiver], objects: int, seed: int) -> HeldOut:
    """Images in the weathers that the models know, from which error rules are learned."""
    number = min(HELD_OUT, len(images)) // objects * objects
    chosen = np.random.default_rng([seed, len(MODELS)]).permutation(len(images))[:number]
    seen = in_weather(images.take(chosen), MODELS, [seed, len(MODELS)])
    batch = seen.images.reshape(-1, objects, *images.image_shape)
    learner = ErrorRuleLearner(cues=CueOptions(families=("margin",)))
    return HeldOut(readings(models, batch), seen.labels, (BUDGET,), learner)


# ----- what there is to show


def telling(found: Abduction, drawn: Drawn) -> int:
    """The scene in which most objects come out right whose most confident reading is wrong."""
    before, after = accept_all(found.problem.predictions), found.hypothesis.labels
    truth = drawn.truth.reshape(-1)
    gains = (after == truth).astype(np.int64) - (before == truth)
    return int(gains.reshape(drawn.truth.shape).sum(1).argmax())


def sightings(found: Abduction, drawn: Drawn, scene: int) -> tuple[Sighting, ...]:
    """The objects of one scene."""
    objects = drawn.truth.shape[1]
    loudest = accept_all(found.problem.predictions).reshape(-1, objects)[scene].tolist()
    labels = found.hypothesis.labels.reshape(-1, objects)[scene].tolist()
    shown = []
    for place, (before, after) in enumerate(zip(loudest, labels, strict=True)):
        explanation = found.explain(found.objects[scene * objects + place])
        taken = [_name(other) for other in range(objects) if other != place and labels[other] == before >= 0]
        shown.append(
            Sighting(
                _name(place),
                drawn.images[scene, place],
                int(drawn.truth[scene, place]),
                _opinions(explanation),
                before if before >= 0 else None,
                after if after >= 0 else None,
                explanation.support,
                loudest.count(before) > 1,
                _reason(explanation, before, taken),
            )
        )
    return tuple(shown)


def _name(place: int) -> str:
    return f"object {place + 1}"


def _opinions(explanation: ObjectExplanation) -> tuple[Opinion, ...]:
    """The classes of the percept are the digits, so a label is a digit."""
    return tuple(
        Opinion(
            fate.model,
            fate.label if isinstance(fate.label, int) else None,
            fate.confidence,
            "; ".join(rule.values or rule.text for rule in fate.rules) if fate.fate == "flagged" else None,
        )
        for fate in explanation.fates
    )


def _reason(explanation: ObjectExplanation, before: int, taken: Sequence[str]) -> str:
    """Why the most confident reading does not stand."""
    opinion = max((one for one in _opinions(explanation) if one.digit == before), key=lambda one: one.confidence)
    said = f"{opinion.model}'s {before} ({opinion.confidence:.2f})"
    if opinion.rejected is not None:
        return f"{said} is rejected by an error rule: {opinion.rejected}"
    return f"{said} is left out: {before} is {taken[0]}" if taken else f"{said} is left out: the others fit better"


def tallies(found: Abduction, drawn: Drawn) -> tuple[Tally, ...]:
    """How good each model, the two simplest ensembles and abduction are."""
    predictions = found.problem.predictions
    labels = {model: predictions.labels[:, place] for place, model in enumerate(predictions.models)}
    labels |= {"most votes": plurality(predictions), "most confident": accept_all(predictions)}
    labels["abduction"] = found.hypothesis.labels
    scenes, objects = drawn.truth.shape
    scene = np.repeat(np.arange(scenes), objects)
    shown = []
    for method, given in labels.items():
        right = given == drawn.truth.reshape(-1)
        whole = int(right.reshape(scenes, objects).all(1).sum())
        clashing = int(repetitions(given, scene).sum())
        shown.append(Tally(method, int(right.sum()), int((given < 0).sum()), right.size, whole, clashing, scenes))
    return tuple(shown)


def trust(found: Abduction) -> tuple[Trust, ...]:
    """What became of each model's readings."""
    predictions, final = found.problem.predictions, found.hypothesis.labels
    shown = []
    for place, model in enumerate(predictions.models):
        given = predictions.answered[:, place]
        believed = given & (predictions.labels[:, place] == final)
        flagged = given & ~believed & found.problem.flagged[0, :, place]
        rest = given & ~believed & ~flagged
        shown.append(Trust(model, *(int(part.sum()) for part in (given, believed, flagged, rest))))
    return tuple(shown)


def _outcome(found: Abduction) -> str:
    hypothesis = found.hypothesis
    size = len(found.objects)
    return (
        f"{hypothesis.covered} of {size} objects have a label, and no scene has a digit twice; "
        f"no hypothesis covers more than {hypothesis.bound} ({hypothesis.status}, {hypothesis.method})"
    )
