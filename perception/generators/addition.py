"""Sums of two numbers whose digits are images (MNIST-addition, Manhaeve et al., “DeepProbLog”, 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception.generators.grids import IntArray


@dataclass(frozen=True, slots=True)
class AdditionSamples:
    """A batch of sums of two ``digits``-digit numbers.

    ``images`` ``[batch, 2, digits, *image]``, the most significant digit first; ``places`` ``[batch, 2, digits]``,
    where each stands in the data set; ``labels`` the digits shown; ``sums`` ``[batch, digits + 1]``, the sum's digits.
    """

    images: NDArray[Any]
    places: IntArray
    labels: IntArray
    sums: IntArray

    @property
    def digits(self) -> int:
        """Number of digits of each summand."""
        return int(self.labels.shape[-1])

    def numbers(self, sample: int) -> tuple[int, int, int]:
        """The two summands and their sum, of any length."""
        first, second = (_number(digits) for digits in self.labels[sample])
        return first, second, _number(self.sums[sample])

    def __len__(self) -> int:
        return len(self.labels)


def addition_samples(
    images: NDArray[Any],
    labels: NDArray[np.integer[Any]],
    *,
    digits: int,
    count: int | None = None,
    seed: int,
) -> AdditionSamples:
    """Cut a shuffled data set into disjoint groups of 2 · ``digits`` images.

    ``images`` ``[n, *image]`` with ``labels`` 0 … 9, ``[n]``. ``count`` None gives all ⌊n / (2 · digits)⌋ samples.
    E493 if ``digits`` or ``count`` is not positive, E491 if there are not enough images.
    """
    _check(digits, count, len(labels))
    group = 2 * digits
    samples = len(labels) // group if count is None else count
    order = np.random.default_rng(seed).permutation(len(labels))[: samples * group]
    places = order.reshape(samples, 2, digits).astype(np.int64)
    shown = np.asarray(labels, dtype=np.int64)[places]
    return AdditionSamples(images[places], places, shown, _add(shown))


def _check(digits: int, count: int | None, available: int) -> None:
    if digits < 1 or (count is not None and count < 1):
        value = f"{digits} digits" if digits < 1 else f"{count} samples"
        raise NesyError(Diagnostic("E493", f"{value} cannot be drawn", hint="both numbers start at 1"))
    needed = 2 * digits * (1 if count is None else count)
    if needed > available:
        message = f"{needed} different images are needed, the data set has {available}"
        raise NesyError(Diagnostic("E491", message, hint="fewer samples, or fewer digits"))


def _add(labels: IntArray) -> IntArray:
    """Column addition: the digits of the sums, ``[batch, digits + 1]``."""
    batch, _, digits = labels.shape
    sums = np.zeros((batch, digits + 1), dtype=np.int64)
    carry = np.zeros(batch, dtype=np.int64)
    for place in range(digits - 1, -1, -1):
        total = labels[:, 0, place] + labels[:, 1, place] + carry
        sums[:, place + 1] = total % 10
        carry = total // 10
    sums[:, 0] = carry
    return sums


def _number(digits: IntArray) -> int:
    """The number with these decimal digits, without going through text (Python bounds the length of such text)."""
    number = 0
    for digit in digits.tolist():
        number = 10 * number + digit
    return number
