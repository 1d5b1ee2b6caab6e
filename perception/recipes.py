"""The trained networks that nesy can make by itself: which network, on which data, with how much effort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from torch import nn

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.perception.augmentation import Augmentation
from nesy.perception.networks import DigitNet, PaperDigitNet, SmallDigitNet
from nesy.perception.settings import TrainingSettings

NetworkMaker: TypeAlias = Callable[[], nn.Module]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A network for the data set ``name``, and how it is trained within ``budget``."""

    name: str
    budget: str
    make: NetworkMaker
    settings: TrainingSettings
    image_shape: tuple[int, int]


_PAPER = TrainingSettings(
    epochs=20, batch=64, optimiser="adadelta", learning_rate=1.0, weight_decay=0.0, one_cycle=False
)
_QUICK = TrainingSettings(
    epochs=3,
    learning_rate=0.2,
    label_smoothing=0.05,
    average=0.99,
    augmentation=Augmentation(rotation=7, scale=0.08, shift=1),
)
_FULL = TrainingSettings(
    epochs=14,
    learning_rate=0.15,
    label_smoothing=0.05,
    average=0.995,
    augmentation=Augmentation(rotation=12, shear=8, scale=0.12, shift=2, elastic=0.7),
)
_FASHION = TrainingSettings(
    epochs=6,
    learning_rate=0.15,
    label_smoothing=0.05,
    average=0.99,
    augmentation=Augmentation(scale=0.05, shift=1),
)
_DIGITS = TrainingSettings(
    epochs=40,
    batch=64,
    learning_rate=0.1,
    label_smoothing=0.05,
    average=0.98,
    augmentation=Augmentation(rotation=8, scale=0.08, shift=0.6),
)
_fashion_net = partial(DigitNet, mean=0.2860, deviation=0.3530)

RECIPES: tuple[Recipe, ...] = (
    Recipe("digits", "quick", SmallDigitNet, _DIGITS, (8, 8)),
    Recipe("mnist", "full", DigitNet, _FULL, (28, 28)),
    Recipe("mnist", "quick", partial(DigitNet, widths=(8, 16, 32, 64)), _QUICK, (28, 28)),
    Recipe("mnist", "paper", PaperDigitNet, _PAPER, (28, 28)),
    Recipe("fashion-mnist", "quick", _fashion_net, _FASHION, (28, 28)),
)
"""The best comes first for every name: that is what is taken where no budget is named and the weights are there."""


def recipes_for(name: str) -> tuple[Recipe, ...]:
    """The recipes for one data set, best first; E483 if there are none."""
    found = tuple(recipe for recipe in RECIPES if recipe.name == name)
    if not found:
        names = tuple(dict.fromkeys(recipe.name for recipe in RECIPES))
        hint = did_you_mean(name, names) or f"there are networks for {', '.join(names)}"
        raise NesyError(Diagnostic("E483", f"nesy has no network for '{name}'", hint=hint))
    return found


def find_recipe(name: str, budget: str) -> Recipe:
    """The recipe for ``name`` within ``budget``; E483 if there is none."""
    found = recipes_for(name)
    for recipe in found:
        if recipe.budget == budget:
            return recipe
    budgets = tuple(recipe.budget for recipe in found)
    hint = did_you_mean(budget, budgets) or f"the budgets for '{name}' are {', '.join(budgets)}"
    raise NesyError(Diagnostic("E483", f"there is no budget '{budget}' for '{name}'", hint=hint))


def default_recipe(name: str) -> Recipe:
    """What is trained where no budget is named and no weights are there: the quick one if there is one."""
    found = recipes_for(name)
    return next((recipe for recipe in found if recipe.budget == "quick"), found[0])
