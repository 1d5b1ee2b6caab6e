"""Drawing images of given classes without drawing one twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception.generators.grids import IntArray


class ImagePool:
    """The images of a data set, by class, in random order.

    An image comes back only after all the others of its class have been drawn, and never within one request.
    """

    def __init__(self, labels: IntArray, generator: np.random.Generator) -> None:
        self._generator = generator
        self._images = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
        self._waiting = {label: np.empty(0, dtype=np.int64) for label in self._images}

    def draw(self, labels: Sequence[int] | IntArray) -> IntArray:
        """One image for each of ``labels`` (any shape): their places in the data set, all different.

        E491 if a class has fewer images than are asked for.
        """
        wanted = np.asarray(labels, dtype=np.int64)
        drawn = np.empty(wanted.size, dtype=np.int64)
        for label in np.unique(wanted).tolist():
            places = np.flatnonzero(wanted.reshape(-1) == label)
            drawn[places] = self._take(label, len(places))
        return drawn.reshape(wanted.shape)

    def _take(self, label: int, count: int) -> IntArray:
        images = self._images.get(label, np.empty(0, dtype=np.int64))
        if len(images) < count:
            message = f"{count} different images of class {label} are needed, the data set has {len(images)}"
            raise NesyError(Diagnostic("E491", message, hint="a larger data set, or a smaller puzzle"))
        if len(self._waiting[label]) < count:
            self._waiting[label] = self._generator.permutation(images)
        taken, self._waiting[label] = self._waiting[label][:count], self._waiting[label][count:]
        return taken
