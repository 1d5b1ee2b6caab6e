"""Graphs as text."""

from __future__ import annotations

from nesy.synthesis.drawing import Diagram, GraphNode

DIAGRAM = Diagram(
    (
        GraphNode("a(1)", "random", "normal"),
        GraphNode('b "x"', "definition", "computed"),
        GraphNode("q?", "query", "asked"),
    ),
    (("a(1)", 'b "x"'), ('b "x"', "q?")),
)


def test_mermaid() -> None:
    assert DIAGRAM.mermaid() == (
        'flowchart TD\n    n0(["a(1)"])\n    n1["b \'x\'"]\n    n2{{"q?"}}\n    n0 --> n1\n    n1 --> n2\n'
    )


def test_dot() -> None:
    assert DIAGRAM.dot() == (
        'digraph model {\n    "a(1)" [shape=ellipse];\n    "b \\"x\\"" [shape=box];\n    "q?" [shape=diamond];\n'
        '    "a(1)" -> "b \\"x\\"";\n    "b \\"x\\"" -> "q?";\n}\n'
    )
