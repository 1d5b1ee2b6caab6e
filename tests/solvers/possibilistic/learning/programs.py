"""Programs and labelled samples for the tests of learning."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor

from nesy.dsl import check, parse
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.grounding import ground

ADDITION = """
const k = 1.
type place = 1..k.  type image = 1..2 * k.  type digit = 0..9.  type carry = 0..1.
percept a(image) : digit.
concept c(place) : (digit, digit, carry).
concept w(0..k) : carry.
concept y(place) : digit.
concept leading : carry.
c(J) in {(X, _, _)} iff a(J) = X [learn].
c(J) in {(_, X, _)} iff a(I) = X [learn] where I = J + k.
c(J) in {(_, _, 0)} iff w(J) = 0 [learn].
w(I) = 1 iff c(J) in {(X, Y, R) : X + Y + R >= 10} [learn] where I = J - 1.
w(k) = 0.
y(J) = D iff c(J) in {(X, Y, R) : (X + Y + R) mod 10 = D} [learn].
leading = 0 iff w(0) = 0 [learn].
query leading.  query y(_).
"""

SUDOKU = """
const b = 2.  const m = 4.
type row = 1..m.  type col = 1..m.  type digit = 1..m.
percept cell(row, col) : digit.
clash(R, C1, R, C2) :- row(R), col(C1), col(C2), C1 < C2.
clash(R1, C, R2, C) :- row(R1), row(R2), col(C), R1 < R2.
clash(R1, C1, R2, C2) :-
    row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2, (R1 - 1) / b = (R2 - 1) / b, (C1 - 1) / b = (C2 - 1) / b.
concept pair(R1, C1, R2, C2) : (digit, digit) for clash(R1, C1, R2, C2).
concept valid : bool.
pair(R1, C1, R2, C2) in {(K, _)} iff cell(R1, C1) = K [learn].
pair(R1, C1, R2, C2) in {(_, K)} iff cell(R2, C2) = K [learn].
valid iff all pair(_, _, _, _) in {(X, Y) : X != Y} [learn].
query valid.
"""


def program(text: str, **constants: int) -> GroundModel:
    """The ground program."""
    return ground(check(parse(text), constants))


def hot(labels: Sequence[object], values: int) -> Tensor:
    """Labels (nested lists of places) as targets."""
    return torch.eye(values, dtype=torch.float64)[torch.tensor(labels)]


def readings(random: Random, labels: Tensor, *, right: bool = True) -> Tensor:
    """Probabilities for targets ``[…, values]``: the label is the most probable value, always or (``right`` False)
    mostly.
    """
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    logits = torch.randn(labels.shape, generator=generator, dtype=torch.float64)
    if right:
        return (logits.where(labels == 0, logits.amax(-1, keepdim=True) + 3.0)).softmax(-1)
    return (logits + 2.5 * labels).softmax(-1)


def additions(random: Random, count: int, k: int, *, right: bool = True) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Evidence and targets of sums of two numbers with k digits."""
    digits = [[random.randrange(10) for _ in range(2 * k)] for _ in range(count)]
    sums = []
    for row in digits:
        first, second = (int("".join(map(str, part))) for part in (row[:k], row[k:]))
        sums.append([int(digit) for digit in f"{first + second:0{k + 1}}"])
    labels = hot(digits, 10)
    targets = {"a": labels, "y": hot([row[1:] for row in sums], 10), "leading": hot([row[0] for row in sums], 2)}
    return {"a": readings(random, labels, right=right)}, targets


def sudokus(random: Random, count: int, *, right: bool = True) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Evidence and targets of grids of size 4 × 4, every second one with a wrong cell."""
    grids, valid = [], []
    for number in range(count):
        names = random.sample(range(4), 4)
        grid = [[names[(2 * (row % 2) + row // 2 + col) % 4] for col in range(4)] for row in range(4)]
        if number % 2:
            row, col = random.randrange(4), random.randrange(4)
            grid[row][col] = (grid[row][col] + random.randrange(1, 4)) % 4
        grids.append(grid)
        valid.append(1 - number % 2)
    labels = hot(grids, 4)
    return {"cell": readings(random, labels, right=right)}, {"cell": labels, "valid": hot(valid, 2)}
