"""What the demonstration of abduction has to show: objects with the readings of several models, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.demo.png import Ink
from nesy.demo.scene import Provenance, Timing


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one model says about one object: ``digit`` None where it is not sure enough to say anything.

    ``rejected`` is the error rule that flags it, None where none does.
    """

    model: str
    digit: int | None
    confidence: float
    rejected: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One object: its image, what it shows, the opinions.

    ``before`` is the digit of the most confident opinion, ``after`` the one that abduction gives (None: no label),
    ``support`` the model whose opinion that is; ``clash`` tells whether ``before`` occurs again in the scene.
    """

    name: str
    ink: Ink
    truth: int
    opinions: tuple[Opinion, ...]
    before: int | None
    after: int | None
    support: str | None
    clash: bool
    reason: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of ``objects`` a method labels right, how many it leaves without a label, and in how many of ``scenes``
    all objects are right, or two have the same label."""

    method: str
    right: int
    missing: int
    objects: int
    whole: int
    clashing: int
    scenes: int


@dataclass(frozen=True, slots=True)
class Trust:
    """What became of the ``given`` readings of one model: ``believed`` ones say what the object's label says; of the
    others, ``flagged`` ones are rejected by error rules, and ``overruled`` ones by another model or the scene."""

    model: str
    given: int
    believed: int
    flagged: int
    overruled: int


@dataclass(frozen=True, slots=True, eq=False)
class WeatherScene:
    """Everything that the demonstration has to show; ``sightings`` are the objects of one scene of many."""

    weather: str
    number: int
    sightings: tuple[Sighting, ...]
    tallies: tuple[Tally, ...]
    trust: tuple[Trust, ...]
    outcome: str
    error_rules: str
    timing: Timing
    provenance: Provenance
