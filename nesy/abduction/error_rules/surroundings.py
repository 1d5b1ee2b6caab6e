"""What the conditions of error rules may refer to: readings, their confidence and margin, metadata, crisp relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Codes, Column, Numbers, coded, column_of
from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.values import Value

Rows = frozenset[tuple[Value, ...]]


@dataclass(frozen=True, eq=False)
class Reading:
    """What one source says about each object: ``labels`` [N] are places in ``classes``, −1 where it says nothing.

    ``confidence`` [N] is 0 there. ``margin`` [N] is the distance to the next value, None where it is not known.
    """

    classes: tuple[Value, ...]
    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The predictions of the models and all else that error rules may speak of.

    ``index`` has one entry for each object: the values by which rules name it; objects of different ``instances`` [N]
    may have the same. ``others`` are readings of further percepts with the same index, or with none. ``facts`` are the
    tuples of crisp relations, by name and number of arguments. ``checked`` is the program, where there is one: only
    then can rules be grounded.
    """

    percept: str
    predictions: Predictions
    index: tuple[tuple[Value, ...], ...]
    instances: NDArray[np.int64] | None = None
    others: Mapping[str, Reading] = field(default_factory=dict)
    facts: Mapping[tuple[str, int], Rows] = field(default_factory=dict)
    checked: CheckedProgram | None = None

    @property
    def size(self) -> int:
        """Number of objects."""
        return len(self.predictions.objects)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """All readings: ``label@m1`` for each source, and the further percepts."""
        predictions = self.predictions
        margins = margins_of(predictions)
        found = {
            f"{self.percept}@{model}": Reading(
                predictions.classes,
                predictions.labels[:, place],
                predictions.confidence[:, place],
                None if margins is None else margins[:, place],
            )
            for place, model in enumerate(predictions.models)
        }
        return found | dict(self.others)

    @cached_property
    def _columns(self) -> dict[tuple[str, int | None], Column]:
        return {}

    def metadata(self, name: str, model: int | None) -> Column | None:
        """The metadata ``name`` for each object, or for each object as ``model`` sees it; None where there is none."""
        array = self.predictions.columns.get(name)
        if array is None or (array.ndim == 2) != (model is not None):
            return None
        found = self._columns.get((name, model))
        if found is None:
            found = self._columns[name, model] = column_of(array if model is None else array[:, model])
        return found

    @cached_property
    def index_columns(self) -> tuple[Codes, ...]:
        """Each place of the objects' index as a column."""
        places = len(self.index[0]) if self.index else 0
        return tuple(coded([entry[place] for entry in self.index]) for place in range(places))


def alone(predictions: Predictions, percept: str = "label", percepts: tuple[str, ...] = ()) -> Surroundings:
    """Surroundings without a program: objects are known by their names.

    ``percepts`` are the columns of ``predictions`` that rules write as readings of a percept (``air(O) = fog``); their
    confidence is the column ``confidence(air)`` where there is one, and 1 otherwise.
    """
    others = {}
    for name in percepts:
        values = column_of(np.asarray(predictions.columns[name]))
        found = values if isinstance(values, Codes) else coded(_whole(values))
        sure = predictions.columns.get(f"confidence({name})")
        confidence = found.present.astype(np.float64) if sure is None else np.asarray(sure, dtype=np.float64)
        others[name] = Reading(found.values, found.data, confidence)
    return Surroundings(percept, predictions, tuple((name,) for name in predictions.objects), None, others)


def _whole(numbers: Numbers) -> list[Value | None]:
    return [None if np.isnan(entry) else int(entry) for entry in numbers.data.tolist()]


def margins_of(predictions: Predictions) -> NDArray[Any] | None:
    """How far each model's label is ahead of the next best class, [N, F]; 0 where it abstains; None if unknown."""
    shares = predictions.distributions
    if shares is None:
        return None
    if shares.shape[-1] < 2:
        return np.asarray(predictions.confidence)
    ordered = np.sort(shares, axis=-1)
    return np.where(predictions.labels == ABSTAINED, 0.0, ordered[..., -1] - ordered[..., -2])
