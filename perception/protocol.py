"""What a perceiver is: something that turns raw inputs into the distributions of a percept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from nesy.dsl.values import Value
from nesy.perception.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Inputs: TypeAlias = NDArray[np.uint8] | NDArray[np.floating[Any]] | Tensor


@runtime_checkable
class Perceiver(Protocol):
    """Reads inputs of one shape and says how probable each of its classes is.

    ``classes`` are the values that the outputs mean, in order. ``image_shape`` is the shape of one input (height and
    width, or channels before them). ``device`` is where readings are computed and where they lie.
    """

    @property
    def name(self) -> str: ...

    @property
    def classes(self) -> tuple[Value, ...]: ...

    @property
    def image_shape(self) -> tuple[int, ...]: ...

    @property
    def device(self) -> str: ...

    def perceive(self, inputs: Inputs) -> Tensor:
        """Probabilities ``[batch, index…, class]`` (float64, every row summing to 1) of inputs
        ``[batch, index…, *image_shape]``, bytes or floats in 0 … 1; any number of axes before the image's.

        E453 for another shape, E454 for other numbers.
        """
        ...


@dataclass(frozen=True, slots=True)
class PerceiverOptions:
    """What a perceiver may be told when it is made. Each takes what concerns it.

    ``data`` is a folder with data sets and ``cache`` one for weights (None: the usual places); ``budget`` is how much
    training may cost where there are no weights yet (None: the best weights that are there, else the quickest).
    """

    device: str = "cpu"
    data: Path | None = None
    cache: Path | None = None
    budget: str | None = None
    seed: int = 0
    progress: Progress | None = None


PerceiverFactory: TypeAlias = Callable[[PerceiverOptions], Perceiver]
"""What an entry point of the group ``nesy.perception`` names."""
