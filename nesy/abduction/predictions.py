"""What several models say about the same objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.dsl.values import Value

ABSTAINED = -1
"""The label of a model that says nothing about an object, and of an object without a label."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """The readings of F models for N objects; objects, models and classes are numbered in these orders.

    ``labels`` [N, F] are places in ``classes``, or :data:`ABSTAINED`; ``confidence`` [N, F] lies in [0, 1] and is 0
    where the model abstains; ``distributions`` [N, F, C] where whole distributions are known. ``columns`` are metadata
    and other percepts, by name, ``[N]`` or ``[N, F]``.
    """

    objects: tuple[str, ...]
    models: tuple[str, ...]
    classes: tuple[Value, ...]
    labels: NDArray[int64]
    confidence: NDArray[float64]
    distributions: NDArray[float64] | None = None
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of objects, models and classes."""
        return len(self.objects), len(self.models), len(self.classes)

    @property
    def answered(self) -> NDArray[bool_]:
        """Whether a model says anything about an object, [N, F]."""
        return np.not_equal(self.labels, ABSTAINED)
