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


def test_a_listing_has_one_line_for_each_name() -> None:
    nodes = tuple(
        GraphNode(name, role, said)
        for name, role, said in (
            ("a(1)", "random", "normal"),
            ("a(2)", "random", "normal"),
            ("sum", "definition", "computed"),
            ("sum > 3", "condition", "observed"),
            ("a(1)?", "query", "asked"),
        )
    )
    edges = (("a(1)", "sum"), ("a(2)", "sum"), ("sum", "sum > 3"), ("a(1)", "a(1)?"))
    assert Diagram(nodes, edges).listing() == (
        "○ a ×2     normal",
        "□ sum      ← a",
        "● sum > 3  ← sum",
        "? a(1)?    ← a",
    )


def test_what_is_around_a_query() -> None:
    nodes = tuple(
        GraphNode(name, role, "")
        for name, role in (
            ("a", "random"),
            ("b", "random"),
            ("c", "random"),
            ("a > b", "condition"),
            ("a?", "query"),
        )
    )
    diagram = Diagram(nodes, (("a", "c"), ("a", "a > b"), ("b", "a > b"), ("a", "a?")))
    assert diagram.asked == ("a",)
    assert diagram.blanket("a") == ("b", "c", "a > b")
