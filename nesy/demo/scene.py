"""What a demonstration has seen and found out: the data that the terminal and the report draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.demo.png import Ink
from nesy.dsl.diagnostics import counted
from nesy.explanations import SYMBOLS, membership
from nesy.solvers.explanation import Explanation

UNSURE = 0.9
"""A reading with a smaller probability is marked as unsure."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One image and what the network reads in it.

    ``label`` names the percept (``cell(1,2)``); ``best`` and ``second`` are the two most probable values with their
    probabilities; ``truth`` is what the data set says that the image shows.
    """

    label: str
    ink: Ink
    truth: int
    best: tuple[int, float]
    second: tuple[int, float]

    @property
    def misread(self) -> bool:
        return self.best[0] != self.truth

    @property
    def unsure(self) -> bool:
        return self.best[1] < UNSURE


@dataclass(frozen=True, slots=True)
class Degrees:
    """Possibility and necessity of one value of a query."""

    value: str
    possibility: float
    necessity: float


@dataclass(frozen=True, slots=True)
class Finding:
    """The engine's answer to one query: the answered value, the degrees of all values, and why.

    ``value`` is None where the most plausible values tie.
    """

    query: str
    value: str | None
    truth: str
    degrees: tuple[Degrees, ...]
    explanations: tuple[Explanation, ...]

    @property
    def right(self) -> bool:
        return self.value == self.truth

    def of(self, value: str) -> Degrees:
        """The degrees of one value."""
        return next(degrees for degrees in self.degrees if degrees.value == value)

    @property
    def reasons(self) -> tuple[Explanation, ...]:
        """The explanations, the most telling first.

        A query that does not hold is best explained by what makes its failure possible (which cells clash);
        everything else by its strongest competitor, on which its necessity rests.
        """
        telling = "possibility" if self.value == "false" else "necessity"
        return tuple(sorted(self.explanations, key=lambda explanation: explanation.measure != telling))

    @property
    def necessity(self) -> float:
        """How necessary the answered value is, 0 for a tie."""
        return 0.0 if self.value is None else self.of(self.value).necessity


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of wall time: perceiving all images, compiling the rules once, answering ``instances`` at once."""

    perceive: float
    compile: float
    infer: float
    images: int
    instances: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers come from, so that they can be had again."""

    command: str
    version: str
    seed: int
    data: str
    data_reason: str
    network: str
    accuracy: str
    rule_file: str
    rules: str


@dataclass(frozen=True, slots=True, eq=False)
class Puzzle:
    """One visual Sudoku and its verdict.

    ``cells`` in row-major order; ``conflicts`` marks the cells whose reading occurs again in their row, column or
    block, ``changed`` those that the generator has corrupted, both ``[size, size]``.
    """

    cells: tuple[Seen, ...]
    conflicts: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    finding: Finding

    @property
    def size(self) -> int:
        return len(self.conflicts)

    @property
    def made(self) -> str:
        """How the generator made the puzzle, in words: which cells are corrupted, the first three by name."""
        names = [seen.label for seen, changed in zip(self.cells, self.changed.reshape(-1), strict=True) if changed]
        if not names:
            return "drawn as a valid puzzle"
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{counted(len(names), 'corrupted cell')}, {', '.join(names[:3])}{more}"


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """One sum of two numbers: ``cells`` are the images of the first number, then of the second; ``findings`` the
    digits of the sum, the most significant first."""

    cells: tuple[Seen, ...]
    findings: tuple[Finding, ...]

    @property
    def digits(self) -> int:
        return len(self.cells) // 2

    @property
    def right(self) -> bool:
        return all(finding.right for finding in self.findings)

    @property
    def weakest(self) -> Finding:
        """The digit of the sum that is least certain."""
        return min(self.findings, key=lambda finding: finding.necessity)


@dataclass(frozen=True, slots=True, eq=False)
class SudokuScene:
    """Everything that a run of the Sudoku demonstration has to show."""

    puzzles: tuple[Puzzle, ...]
    timing: Timing
    provenance: Provenance


@dataclass(frozen=True, slots=True, eq=False)
class AdditionScene:
    """Everything that a run of the addition demonstration has to show."""

    sums: tuple[Sum, ...]
    timing: Timing
    provenance: Provenance


def explanation_title(explanation: Explanation) -> str:
    """``why Π(not valid) is``: to be followed by the degree."""
    symbol = SYMBOLS.get(explanation.measure, explanation.measure)
    return f"why {symbol}({membership(explanation.query, explanation.value)}) is"


def time_text(seconds: float) -> str:
    """A duration as a person says it: ``3.2 ms``, ``41 ms``, ``2.5 s``."""
    if seconds < 0.01:
        return f"{seconds * 1000:.2g} ms" if seconds < 0.001 else f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
