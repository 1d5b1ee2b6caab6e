"""Model graphs as text: for the terminal, for other programs to draw (Mermaid and DOT), and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nesy.solvers.probabilistic.model.graph import ModelGraph, Observation, RandomVariable
from nesy.synthesis.separation import markov_blanket

SIGNS = {"random": "○", "definition": "□", "condition": "●", "query": "?"}
"""What marks a line of a listing: random, computed, observed, asked."""
MARGIN = 44


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node as it is drawn. ``role``: ``random``, ``definition``, ``condition`` or ``query``; ``said`` in words."""

    name: str
    role: str
    said: str


@dataclass(frozen=True)
class Diagram:
    """A dependency graph: nodes and edges (from what influences to what is influenced)."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]

    def blanket(self, name: str) -> tuple[str, ...]:
        """The Markov blanket of a node: given these, no other node tells anything about it."""
        parents: dict[str, list[str]] = {node.name: [] for node in self.nodes if node.role != "query"}
        for start, end in self.edges:
            if end in parents:
                parents[end].append(start)
        return markov_blanket(parents, name)

    @property
    def asked(self) -> tuple[str, ...]:
        """The nodes of which a query speaks directly."""
        queries = {node.name for node in self.nodes if node.role == "query"}
        return tuple(dict.fromkeys(start for start, end in self.edges if end in queries))

    def listing(self) -> tuple[str, ...]:
        """The graph in lines for the terminal: what has one name is one line, with what it depends on."""
        family = {node.name: _family(node) for node in self.nodes}
        counts = Counter(family.values())
        above: dict[str, dict[str, None]] = {name: {} for name in counts}
        for start, end in self.edges:
            above[family[end]][family[start]] = None
        first = {family[node.name]: node for node in reversed(self.nodes)}
        order = dict.fromkeys(family[node.name] for node in self.nodes)
        shown = {name: f"{name} ×{counts[name]}" if counts[name] > 1 else name for name in order}
        width = min(max(map(len, shown.values()), default=0), MARGIN)
        lines = []
        for name in order:
            said = first[name].said if first[name].role == "random" else ""
            arrow = f"← {', '.join(above[name])}" if above[name] else ""
            lines.append(f"{SIGNS[first[name].role]} {shown[name]:<{width}}  {said}{' ' * bool(said)}{arrow}".rstrip())
        return tuple(lines)

    def mermaid(self) -> str:
        """The graph in the notation of Mermaid."""
        shapes = {"random": "([{}])", "definition": "[{}]", "condition": "[[{}]]", "query": "{{{{{}}}}}"}
        number = {node.name: f"n{place}" for place, node in enumerate(self.nodes)}
        lines = ["flowchart TD"]
        lines += [
            "    " + number[node.name] + shapes[node.role].format('"' + node.name.replace('"', "'") + '"')
            for node in self.nodes
        ]
        lines += [f"    {number[start]} --> {number[end]}" for start, end in self.edges]
        return "\n".join(lines) + "\n"

    def dot(self) -> str:
        """The graph in the notation of Graphviz."""
        shapes = {"random": "ellipse", "definition": "box", "condition": "doubleoctagon", "query": "diamond"}

        def quoted(text: str) -> str:
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

        lines = ["digraph model {"]
        lines += [f"    {quoted(node.name)} [shape={shapes[node.role]}];" for node in self.nodes]
        lines += [f"    {quoted(start)} -> {quoted(end)};" for start, end in self.edges]
        return "\n".join([*lines, "}"]) + "\n"


def diagram_of(graph: ModelGraph) -> Diagram:
    """The diagram of a model graph, its conditions and its queries."""
    nodes: list[GraphNode] = []
    edges: list[tuple[str, str]] = []
    for node in graph.nodes:
        if isinstance(node, RandomVariable):
            nodes.append(GraphNode(node.label, "random", f"{node.distribution.name}{_unit(node.unit)}"))
        else:
            nodes.append(GraphNode(node.label, "definition", f"computed{_unit(node.unit)}"))
        edges.extend((parent, node.label) for parent in node.parents)
    for place, condition in enumerate(graph.conditions):
        name = f"{condition.text}" if not isinstance(condition, Observation) else f"{condition.text} (seen)"
        name = name if name not in {node.name for node in nodes} else f"{name} #{place}"
        nodes.append(GraphNode(name, "condition", "observed"))
        edges.extend((parent, name) for parent in condition.parents)
    known = {node.name for node in nodes}
    for estimand in graph.estimands:
        name = f"{estimand.label}?"
        if name not in known:
            nodes.append(GraphNode(name, "query", "asked"))
            edges.extend((parent, name) for parent in estimand.parents)
    return Diagram(tuple(nodes), tuple(_distinct(edges)))


def _family(node: GraphNode) -> str:
    """The name without its index; conditions and queries are lines of their own."""
    return node.name.split("(", 1)[0] if node.role in ("random", "definition") else node.name


def _unit(unit: str) -> str:
    return f", in {unit}" if unit else ""


def _distinct(edges: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return dict.fromkeys(edges)
