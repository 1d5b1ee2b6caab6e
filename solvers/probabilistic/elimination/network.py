"""Discrete factor graphs: variables with finitely many values, constant tables, tables that come with each batch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Table:
    """A constant factor: ``values`` has one axis for each variable of ``scope``; float64, entries ≥ 0 and finite.

    Tables with equal entries are recognised, so that what is said of many variables alike is computed at once.
    """

    scope: tuple[int, ...]
    values: Tensor

    @cached_property
    def key(self) -> str:
        """Equal for equal tables, whatever their variables."""
        array = np.ascontiguousarray(self.values.numpy())
        return hashlib.sha1(array.tobytes() + repr(array.shape).encode(), usedforsecurity=False).hexdigest()

    def over(self, scope: tuple[int, ...]) -> Table:
        """The same entries for other variables."""
        found = Table(scope, self.values)
        found.__dict__["key"] = self.key
        return found


@dataclass(frozen=True, slots=True)
class Input:
    """A factor that comes with each batch: row ``row`` of the tensor ``name``, ``[batch or 1, rows, card…]``."""

    scope: tuple[int, ...]
    name: str
    row: int = 0


@dataclass(frozen=True)
class Network:
    """A product of factors over the variables 0 … n − 1, of which ``cards[i]`` is the number of values.

    All inputs of one name have variables with the same numbers of values. Tables must lie on the CPU.
    """

    cards: tuple[int, ...]
    tables: tuple[Table, ...] = ()
    inputs: tuple[Input, ...] = ()

    def size(self, scope: tuple[int, ...]) -> int:
        """Number of entries of a table over ``scope``."""
        found = 1
        for variable in scope:
            found *= self.cards[variable]
        return found


def table(scope: tuple[int, ...], values: object) -> Table:
    """A constant factor from numbers of any kind, ``[card…]``."""
    array = torch.as_tensor(np.asarray(values, dtype=np.float64))
    return Table(scope, array.contiguous())
