"""Rule-file texts that several tests of the language read."""

from __future__ import annotations

import re
from pathlib import Path

GRAMMAR = Path(__file__).parents[2] / "dsl" / "grammar.lark"


def documented_examples() -> tuple[str, ...]:
    """The example programs of the grammar's comments."""
    blocks = re.findall(r"(?:^///     .*\n)+", GRAMMAR.read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(block.replace("///     ", "") for block in blocks)


ADDITION = """% two images, their sum
type digit = 0..9.
type total = 0..18.

percept a(1..2) : digit.                      % read by a network
concept c : (digit, digit).
concept y : total.

c in {(K, _)} iff a(1) = K.                   % one rule for each K
c in {(_, K)} iff a(2) = K.
y = T iff c in {(U, V) : U + V = T}.

query y.
"""

SUDOKU = """type row = 1..9.   type col = 1..9.   type digit = 1..9.
percept cell(row, col) : digit.

clash(R,C1, R,C2) :- row(R), col(C1), col(C2), C1 < C2.
clash(R1,C1, R2,C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2,
                       (R1-1)/3 = (R2-1)/3, (C1-1)/3 = (C2-1)/3.

concept pair(R1,C1,R2,C2) : (digit, digit) for clash(R1,C1,R2,C2).
concept valid : bool.

pair(R1,C1,R2,C2) in {(K,_)} iff cell(R1,C1) = K.          % possibilistic reading: classify
valid iff all pair(_,_,_,_) in {(X,Y) : X != Y}.

:- clash(R1,C1,R2,C2), cell(R1,C1) = V, cell(R2,C2) = V.   % logical reading: complete, repair

query cell(_,_).
"""
