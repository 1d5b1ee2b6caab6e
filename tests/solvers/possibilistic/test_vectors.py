"""Circuits and shared extremes over subsets."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
import torch

from nesy.solvers.possibilistic.circuit import FALSE, TRUE, Circuit, Op
from nesy.solvers.possibilistic.forward import Program, run_functional
from nesy.solvers.possibilistic.schedule import schedule
from nesy.solvers.possibilistic.vectors import Vector


def evaluate(circuit: Circuit, outputs: list[int], inputs: np.ndarray) -> np.ndarray:
    """Outputs ``[outputs, batch]`` by both ways of running; they must agree exactly."""
    table = torch.from_numpy(inputs)
    program = Program(schedule(circuit, circuit.inputs, outputs), table.shape[1], table.dtype, table.device)
    program.inputs.copy_(table)
    program.run()
    found = program.read()
    again = run_functional(schedule(circuit, circuit.inputs, outputs, reuse=False), table)
    assert torch.equal(found, again)
    return found.numpy()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("batch", [1, 3, 4000])
def test_every_subset(size: int, batch: int) -> None:
    circuit = Circuit()
    row = Vector(circuit, [circuit.input(0) for _ in range(size)], "row")
    subsets = list(chain.from_iterable(combinations(range(size), count) for count in range(1, size + 1)))
    outputs = [row.extreme(op, subset) for op in (Op.MINIMUM, Op.MAXIMUM) for subset in subsets]
    inputs = np.random.default_rng(size).random((size, batch))
    expected = [inputs[list(subset)].min(0) for subset in subsets] + [inputs[list(subset)].max(0) for subset in subsets]
    np.testing.assert_array_equal(evaluate(circuit, outputs, inputs), expected)
    assert row.minimum(()) == TRUE
    assert row.maximum(()) == FALSE


def test_all_but_one_takes_linear_work() -> None:
    circuit = Circuit()
    row = Vector(circuit, [circuit.input(0) for _ in range(64)], "row")
    outputs = [row.minimum([place for place in range(64) if place != missing]) for missing in range(64)]
    assert schedule(circuit, circuit.inputs, outputs).operations <= 3 * 64 - 6


def test_folding() -> None:
    circuit = Circuit()
    x, y = circuit.input(0), circuit.input(0)
    half, most = circuit.constant(0.5), circuit.constant(0.75)
    kind = circuit.kind("k")
    assert circuit.minimum((x, TRUE), kind) == x
    assert circuit.minimum((x, FALSE), kind) == FALSE
    assert circuit.maximum((x, TRUE), kind) == TRUE
    assert circuit.maximum((x, x), kind) == x
    assert circuit.minimum((half, most), kind) == half
    assert circuit.operands[circuit.maximum((half, x, most, y), kind)] == (x, y, most)
    assert circuit.minimum((x, y), kind) == circuit.minimum((x, y), circuit.kind("other"))
    outputs = [FALSE, half, x, circuit.maximum((half, x, most, y), kind)]
    found = evaluate(circuit, outputs, np.array([[0.1, 0.9], [0.2, 0.3]]))
    np.testing.assert_array_equal(found, [[0, 0], [0.5, 0.5], [0.1, 0.9], [0.75, 0.9]])


def test_nothing_to_evaluate() -> None:
    circuit = Circuit()
    assert evaluate(circuit, [TRUE], np.empty((0, 2))).tolist() == [[1.0, 1.0]]
