"""The problem of abduction as plain data: what every solver and the checker are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import Predictions

Pair = tuple[int, int]
"""A model and a class, by number: the abducible “what this model says of this class is to be believed”."""

Denominator = Literal["objects", "covered", "denials"]
"""What the rate of inconsistency counts and divides by.

- ``objects`` (A): inconsistent objects among all objects; with scenes, violated scenes among all scenes.
- ``covered`` (B): inconsistent objects among those with a label; with scenes, violated scenes among those in which some
  object has a prediction that the error rules leave.
- ``denials`` (C): violated ground denials among all ground denials. Without scenes these are, for each object, the
  incompatible pairs of different classes.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """An error rule and where it holds.

    ``text`` is the rule as a person reads it, ``origin`` where it comes from (``rules.nesy:12``, or that it was
    learned). It speaks of predictions of ``model`` and belongs to the budgets with these places in
    ``AbductionProblem.epsilons``; ``objects`` are those whose prediction it flags, ascending.
    """

    text: str
    origin: str
    model: int
    epsilons: tuple[int, ...]
    objects: NDArray[int64]


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most ``k`` of ``objects`` (different, of one scene or of several) have a label in ``classes``."""

    objects: tuple[int, ...]
    classes: frozenset[int]
    k: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """A ground constraint ``:- …``: not for every entry ``(object, classes)`` has the object a label in the classes."""

    body: tuple[tuple[int, frozenset[int]], ...]
    origin: str = ""


@dataclass(frozen=True, eq=False)
class Scenes:
    """Constraints between objects.

    ``scene`` [N] is the scene of each object, numbered from 0; ``all_different`` [S] marks the scenes whose objects
    have different labels. A constraint over objects of several scenes counts against the scene of its first object.
    Among the labellings that cover most, the one with the greatest sum of ``weights`` [N, C] is wanted: calibrated
    log-odds, say; None: the confidence of the most confident prediction that supports the label.
    """

    scene: NDArray[int64]
    all_different: NDArray[bool_]
    at_most: tuple[AtMost, ...] = ()
    denials: tuple[Denial, ...] = ()
    weights: NDArray[float64] | None = None


@dataclass(frozen=True, eq=False)
class AbductionProblem:
    """Cover as many objects as possible with the inconsistency rate at most ``bound``.

    ``epsilons`` are the E recall budgets among which each accepted pair takes one, different from one another; (0.0,)
    where the error rules are fixed. ``flagged`` [E, N, F] tells whether the error rules of a budget hold of a
    prediction.
    ``incompatible`` [C, C], symmetric, tells which labels contradict one another on one object. Without ``scenes`` an
    object may keep several labels, and the abducibles are pairs; with ``scenes`` each object gets at most one of its
    unflagged predictions, so that the constraints hold in all but a few scenes.
    """

    predictions: Predictions
    epsilons: tuple[float, ...]
    flagged: NDArray[bool_]
    incompatible: NDArray[bool_]
    bound: float
    denominator: Denominator = "objects"
    scenes: Scenes | None = None
    required: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()
    reasons: tuple[Reason, ...] = ()
