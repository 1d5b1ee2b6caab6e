"""What templates have in common is computed once for each state, and never kept for the next one."""

from __future__ import annotations

import pytest
import torch

from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference
from nesy.solvers.probabilistic.vectorised import templates
from nesy.solvers.probabilistic.vectorised.codes import Codes
from nesy.solvers.probabilistic.vectorised.plates import plates, template_of
from tests.solvers.probabilistic.graphs import SCHOOLS, graph_of


def test_shared_parts_are_computed_once_for_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[torch.Tensor] = []
    monkeypatch.setitem(templates._UNARY, "exp", lambda x: calls.append(x) or x.exp())
    graph = graph_of(SCHOOLS)
    shape = plates(graph)
    compiler = templates.Compiler(shape, Codes(graph))
    shared: Expression = Apply("exp", (Reference("mu"),))
    sums = [Apply("+", (shared, Constant(1.0))), Apply("*", (shared, shared))]
    together = compiler.together([template_of([each]) for each in sums])
    alone = compiler.compile(template_of([shared]))
    place = shape.places["mu"][0]
    for value in (0.0, 2.0):
        state = [torch.zeros(1, block.size, dtype=torch.float64) for block in shape.blocks]
        state[place] = torch.tensor([[value], [value + 1]], dtype=torch.float64)
        calls.clear()
        found = together(state)
        assert len(calls) == 1
        grown = state[place].exp()
        assert torch.equal(found[0], grown + 1)
        assert torch.equal(found[1], grown * grown)
        assert torch.equal(alone(state), grown)
