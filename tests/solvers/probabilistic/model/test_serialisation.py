"""Model graphs as JSON."""

from __future__ import annotations

import json

import pytest

import nesy
from nesy.solvers.probabilistic.model.serialisation import digest, read, written
from tests.solvers.probabilistic.graphs import BURGLARY, MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of


@pytest.mark.parametrize("program", [BURGLARY, TUG_OF_WAR, SCHOOLS, MIXTURE])
def test_graphs_survive_json(program: str) -> None:
    graph = graph_of(program)
    again = read(json.loads(json.dumps(written(graph))))
    assert again == graph
    assert [node.span for node in again.nodes] == [node.span for node in graph.nodes]
    assert digest(again) == digest(graph)


def test_digests_tell_graphs_apart_and_leave_places_out() -> None:
    assert digest(graph_of(BURGLARY)) == digest(graph_of("\n\n" + BURGLARY))
    assert digest(graph_of(BURGLARY)) != digest(graph_of(BURGLARY.replace("0.94", "0.93")))


@pytest.mark.parametrize("data", [{}, {"format": "other"}, {"format": "nesy model graph 1", "nodes": [3]}])
def test_other_data_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(nesy.NesyError, match="E444"):
        read(data)
