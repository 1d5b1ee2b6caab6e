"""Exact probabilities over percepts: ``python benchmarks/speed/counting.py [--json FILE] [--quick]``.

P(the sum of two numbers of k digits is what it is), from ``rules/addition.nesy``, value and gradient, one instance and
batches, beside the recursion that one would write by hand in torch, KLay's evaluation of a carry circuit written by
hand, and ProbLog; P(a 4×4 board is valid) beside KLay over an SDD. The peers take part where they are installed. CPU
time of one thread in float64 (KLay: float32); all values are compared with the recursion.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from counting_baseline import ByHand
from counting_peers import HAS_KLAY, HAS_PROBLOG, klay_board, klay_sum, problog_sum
from torch import Tensor

import nesy
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic.counting import compile_counting

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting import CountingEngine

RULES = Path(__file__).resolve().parent / "rules"
BATCH = {1: 1024, 2: 1024, 4: 1024, 15: 1024, 100: 64}
PROBLOG = (1, 2, 4)
"""Digits that ProbLog is asked for."""


def timed(function: Callable[[], object], repeats: int) -> float:
    """The least CPU milliseconds of one call, after one that is not counted."""
    function()
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best * 1e3


def gradient(function: Callable[[Tensor], Tensor], given: Tensor) -> Callable[[], None]:
    """A call of value and gradient."""

    def call() -> None:
        leaf = given.clone().requires_grad_()
        function(leaf).sum().backward()

    return call


def value(function: Callable[[Tensor], Tensor], given: Tensor) -> Callable[[], None]:
    """A call of the value alone."""

    def call() -> None:
        with torch.no_grad():
            function(given)

    return call


def drawn(batch: int, k: int) -> tuple[Tensor, Tensor]:
    """Softmax readings ``[batch, 2k, 10]`` whose true digit stands out, and the digits of the true sums."""
    generator = torch.Generator().manual_seed(0)
    digits = torch.randint(0, 10, (batch, 2 * k), generator=generator)
    noise = torch.randn(batch, 2 * k, 10, generator=generator, dtype=torch.float64)
    readings = torch.softmax(noise + 5 * torch.nn.functional.one_hot(digits, 10), -1)
    sums = [int("".join(map(str, row[:k]))) + int("".join(map(str, row[k:]))) for row in digits.tolist()]
    return readings, torch.tensor([[int(digit) for digit in str(total).zfill(k + 1)] for total in sums])


def addition(k: int) -> dict[str, Any]:
    """One row of the table of sums."""
    program, queries = nesy.load(RULES / "addition.nesy", constants={"k": k}).with_queries(["w(0)", "y(_)"])
    start = time.perf_counter()  # a circuit is compiled in a process of its own
    engine = compile_counting(program.checked, queries, Options())
    row: dict[str, Any] = {"k": k, "route": engine.route.name, "compile ms": 1e3 * (time.perf_counter() - start)}
    hand = ByHand(k)
    for batch in (1, BATCH[k]):
        readings, totals = drawn(batch, k)
        ours, theirs = _sum_function(engine, totals), _hand_function(hand, totals)
        worst = float((ours(readings) - theirs(readings)).abs().max())
        assert worst < 1e-9, worst
        repeats = 30 if batch == 1 else 7
        for kind, call in (("value", value), ("gradient", gradient)):
            row[f"nesy {kind} {batch}"] = timed(call(ours, readings), repeats) / batch
            row[f"by hand {kind} {batch}"] = timed(call(theirs, readings), repeats) / batch
    readings, totals = drawn(1, k)
    expected = float(hand.log_probability(readings, totals))
    if HAS_KLAY:
        peer = klay_sum(k, totals[0].tolist())
        row["KLay difference"] = abs(float(peer(readings[0])) - expected)
        row["KLay value 1"] = timed(value(peer, readings[0]), 30)
        row["KLay gradient 1"] = timed(gradient(peer, readings[0]), 30)
    if HAS_PROBLOG and k in PROBLOG:
        found = problog_sum(k, readings[0], totals[0].tolist())
        assert abs(found - math.exp(expected)) < 1e-9
        row["ProbLog value 1"] = timed(lambda: problog_sum(k, readings[0], totals[0].tolist()), 1)
    return row


def _sum_function(engine: CountingEngine, totals: Tensor) -> Callable[[Tensor], Tensor]:
    places = torch.nn.functional.one_hot(totals, 10).double()
    places[:, 0] = 1.0  # the leading digit is told by the carry
    targets = {"y": places, "w": totals[:, 0]}
    return lambda readings: engine.log_probability({"a": readings}, targets)


def _hand_function(hand: ByHand, totals: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda readings: hand.log_probability(readings, totals)


def board() -> dict[str, Any]:
    """P(valid) of 4×4 boards."""
    program = nesy.load(RULES / "board.nesy")
    start = time.perf_counter()  # a circuit is compiled in a process of its own
    engine = compile_counting(program.checked, None, Options())
    row: dict[str, Any] = {"route": engine.route.name, "compile ms": 1e3 * (time.perf_counter() - start)}
    generator = torch.Generator().manual_seed(0)

    def log_valid(cells: Tensor) -> Tensor:
        return engine.route.log_weight({"cell": cells.reshape(len(cells), 16, 4)}, {})

    for batch in (1, 1024):
        logits = 3 * torch.randn(batch, 16, 4, generator=generator, dtype=torch.float64)
        cells = torch.softmax(logits, -1)
        for kind, call in (("value", value), ("gradient", gradient)):
            row[f"nesy {kind} {batch}"] = timed(call(log_valid, cells), 20 if batch == 1 else 4) / batch
    if HAS_KLAY:
        peer = klay_board()
        row["KLay difference"] = abs(float(peer(cells[0])) - float(log_valid(cells[:1])))
        row["KLay value 1"] = timed(value(peer, cells[0]), 20)
        row["KLay gradient 1"] = timed(gradient(peer, cells[0]), 20)
        row["KLay value 1024"] = timed(value(torch.vmap(peer), cells), 3) / 1024
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--quick", action="store_true", help="k = 1 and 4 only")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows = []
    for k in (1, 4) if chosen.quick else BATCH:
        rows.append(addition(k))
        show(f"sum of two numbers of {k} digits", rows[-1])
    rows.append(board())
    show("4×4 board", rows[-1])
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def show(title: str, row: dict[str, Any]) -> None:
    """Print one row; milliseconds an instance."""
    print(title)
    for name, entry in row.items():
        print(f"  {name:22} {entry:.5g}" if isinstance(entry, float) else f"  {name:22} {entry}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
