"""What is tried: the problems of the paper, their sizes, and how a network is trained for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Literal

RUNS = 10
SEED = 1992
"""Every random choice of run n is drawn from (1992, name of what is drawn, n); 1992 is the paper's seed."""

DIGITS = (1, 2, 4, 15, 100)
"""The k of MNIST-Addition-k."""
SIZES = (4, 9)
"""The sides of the Sudoku grids."""
TRANSFORMS = ("antipignistic", "specificity")
"""Π-NeSy-1 and Π-NeSy-2 of the paper."""


@dataclass(frozen=True, slots=True)
class Images:
    """The images that one network learns from.

    ``size`` 0: a random 50,000 of MNIST's training images (``low``: 2,500 of these), the other 10,000 for validation.
    Otherwise: the cells of the training puzzles of that size, 100 valid and 100 corrupted ones (``low``: 5 and 5).
    ``wide``: the same images for a network with twice as many channels, which reads each image in five places.
    """

    size: int = 0
    low: bool = False
    wide: bool = False

    @property
    def name(self) -> str:
        """As results and caches are called."""
        return (f"sudoku{self.size}" if self.size else "digits") + "-low" * self.low + "-wide" * self.wide

    @property
    def classes(self) -> int:
        """Number of classes of the network: ten digits, or the symbols of the grid."""
        return self.size or 10


WIDE = Images(wide=True)
IMAGES = tuple(Images(size, low) for size in (0, *SIZES) for low in (False, True))
WIDE_MEMBERS = 3
"""Runs for which a wide network is trained (it takes five times as long)."""

PUZZLES = {"train": 100, "validation": 50, "test": 50}
"""Valid puzzles of each part; there are as many corrupted ones."""
LOW_PUZZLES = 5
TRAINING_IMAGES, LOW_IMAGES = 50_000, 2_500


@dataclass(frozen=True, slots=True)
class Problem:
    """MNIST-Addition-``number`` or MNIST-Sudoku of side ``number``."""

    kind: Literal["addition", "sudoku"]
    number: int

    @property
    def name(self) -> str:
        """As the files of results are called."""
        return f"{self.kind}-{self.number}"

    @property
    def constants(self) -> dict[str, int | str]:
        """For the rule file."""
        if self.kind == "addition":
            return {"k": self.number}
        return {"m": self.number, "b": isqrt(self.number)}

    def images(self, *, low: bool) -> Images:
        """What the network learns from."""
        return Images(self.number if self.kind == "sudoku" else 0, low)


PROBLEMS = tuple(Problem("addition", k) for k in DIGITS) + tuple(Problem("sudoku", size) for size in SIZES)


@dataclass(frozen=True, slots=True)
class Setting:
    """How parameters are learned: ``policy`` None leaves s = r = 0; ``threshold`` as in ``LearningOptions``.

    ``committee``: whose readings are taken, those of all runs' networks or of the wide ones; None: the run's own.
    """

    name: str
    policy: Literal["exact", "reference"] | None
    threshold: float | Literal["auto", "validation"] | None = "validation"
    low: bool = False
    committee: Images | None = None


KEEP_ALL = 1.01
"""The paper's threshold where it takes none: every sample is kept."""

SETTINGS = (
    Setting("paper", "reference"),
    Setting("exact", "exact"),
    Setting("no thresholds", "reference", KEEP_ALL),
    Setting("no learning", None),
    Setting("low data", "reference", low=True),
    Setting("low data, no thresholds", "reference", KEEP_ALL, low=True),
    Setting("low data, no learning", None, low=True),
    Setting("committee", "exact", committee=Images()),
    Setting("committee, no learning", None, committee=Images()),
    Setting("wide committee", "exact", committee=WIDE),
    Setting("wide committee, no learning", None, committee=WIDE),
)
