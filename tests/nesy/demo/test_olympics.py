"""The demonstration of synthesis: terminal, JSON and page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nesy.cli.app import app
from nesy.demo.olympics_report import graph_svg, histogram_svg, layers
from nesy.solvers.probabilistic.inference.results import Posterior
from nesy.solvers.probabilistic.model.expressions import Reference
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.synthesis.answers import QueryAnswer
from nesy.synthesis.drawing import Diagram, GraphNode


def demo(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["demo", "olympics", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.slow
def test_the_terminal_shows_text_knowledge_model_and_answers() -> None:
    output = demo("--vignette", "flu")
    for part in ("Ann coughs.", "library diagnosis", "random flu(P)", "flu(ann)   somebody has the flu", "20.5%"):
        assert part in output


def test_json() -> None:
    found = json.loads(demo("--vignette", "flu", "--json"))
    assert found["answer"]["status"] == "solved"


def test_the_page_stands_alone_and_escapes(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    demo("--vignette", "outbreak", "--report", str(path))
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    for part in ("infected(dee)", "Dee is ill", "<svg", "What was considered"):
        assert part in page


def test_layers_are_longest_paths() -> None:
    nodes = tuple(GraphNode(name, "random", "") for name in "abc")
    diagram = Diagram(nodes, (("a", "b"), ("b", "c"), ("a", "c")))
    assert layers(diagram) == {"a": 0, "b": 1, "c": 2}
    assert graph_svg(diagram).count("<line") == 3


def test_histograms_are_drawn_for_numbers_only() -> None:
    estimand = Estimand("x<y", "x", Reference("x"))
    number = QueryAnswer(estimand, "", "", None, Posterior(mean=1.0, sd=2.0), None, ())
    svg = histogram_svg(number)
    assert "x&lt;y" in svg
    edges, shares = number.histogram() or ((), ())
    assert sum(shares) == pytest.approx(1.0)
    assert edges[0] < 1.0 < edges[-1]
    assert histogram_svg(QueryAnswer(estimand, "", "", None, Posterior(), None, ())) == ""
