"""Plans: what is evaluated together, and how rows are used again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AllOf
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.circuit import Circuit
from nesy.solvers.possibilistic.forward import Program
from nesy.solvers.possibilistic.schedule import Bucket, schedule
from tests.solvers.models import Builder, literal


def chain_circuit(length: int) -> tuple[Circuit, list[int]]:
    """Links x(n) = max(min(x(n - 1), early(n)), late(n)) whose early part does not depend on the chain."""
    circuit = Circuit()
    inputs = [[circuit.input(0) for _ in range(3)] for _ in range(length)]
    link = inputs[0][0]
    outputs = []
    for a, b, c in inputs:
        early = circuit.maximum((a, b), circuit.kind("early"))
        link = circuit.maximum((circuit.minimum((link, early), circuit.kind("min")), c), circuit.kind("max"))
        outputs.append(circuit.minimum((link, a, b), circuit.kind("out")))
    return circuit, outputs


@pytest.mark.parametrize("batch", [1, 7])
def test_only_the_chain_is_sequential(batch: int) -> None:
    circuit, outputs = chain_circuit(20)
    plan = schedule(circuit, circuit.inputs, outputs)
    sizes = [step.count for step in plan.steps if isinstance(step, Bucket)]
    assert sizes[0] >= 19, "all early nodes at once"
    assert sizes[-1] >= 19, "all outputs at once"
    inputs = np.random.default_rng(3).random((60, batch))
    program = Program(plan, batch, torch.float64, torch.device("cpu"))
    program.inputs.copy_(torch.from_numpy(inputs))
    program.run()
    link = inputs[0]
    for place, found in enumerate(program.read().numpy()):
        a, b, c = inputs[3 * place : 3 * place + 3]
        link = np.maximum(np.minimum(link, np.maximum(a, b)), c)
        np.testing.assert_array_equal(found, np.minimum(np.minimum(link, a), b))


def test_rows_are_used_again() -> None:
    builder = Builder()
    a = builder.percept("a", 4, (6,))
    before = [(a, index) for index in range(6)]
    for layer in range(8):
        c = builder.concept(f"c{layer}", 4, (6,))
        for index in range(6):
            for value in range(4):
                premise = AllOf((literal(*before[index], value), literal(*before[(index + 1) % 6], value)))
                builder.rule(premise, literal(c, index, value), 0.1 * value, 0.05 * index)
        before = [(c, index) for index in range(6)]
    builder.ask(c, 0)
    engine = compile_model(builder.build(), Options())
    assert engine.plan.rows * 3 < engine._separate_rows.rows
