"""Conditions on the values of variables as Python text over torch tensors.

What several conditions have in common is computed once, before the first of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from nesy.solvers.probabilistic.counting.expressions import (
    ALWAYS,
    NEVER,
    AtLeast,
    Both,
    Either,
    Expressions,
    Literal,
    Node,
    Opposite,
    parts,
)
from nesy.solvers.probabilistic.emission.wrapping import wrapped

LONG = 60
"""Conditions of more characters get a name of their own."""


class ConditionWriter:
    """Writes the nodes of a graph of conditions; ``names`` are the variables' names in the program.

    ``used`` are all nodes that will be written, each as often as it will be: they show what is shared.
    """

    def __init__(self, expressions: Expressions, names: Sequence[str], used: Iterable[Node]) -> None:
        self._forms, self._cards = expressions.forms, expressions.cards
        self._names = names
        self._uses = Counter(used)
        self._texts: dict[Node, str] = {NEVER: "torch.tensor(False)", ALWAYS: "torch.tensor(True)"}
        # parts have lower numbers than what is made of them
        for node in range(len(self._forms) - 1, ALWAYS, -1):
            if node in self._uses:
                self._uses.update(parts(self._forms[node]))

    def written(self, node: Node) -> tuple[list[str], str]:
        """The lines that compute what the node shares with others, and the node itself as an argument."""
        lines: list[str] = []
        missing: set[Node] = set()
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each not in self._texts and each not in missing:
                missing.add(each)
                waiting += parts(self._forms[each])
        for each in sorted(missing):
            text = self._text(each)
            shared = self._uses[each] > 1 and not isinstance(self._forms[each], Literal | Opposite)
            if shared or (len(text) > LONG and each != node):
                lines += wrapped(f"n{each} = {_bare(text)}", "    ")
                text = f"n{each}"
            self._texts[each] = text
        return lines, _bare(self._texts[node])

    def _text(self, node: Node) -> str:
        form = self._forms[node]
        match form:
            case Literal(variable, values):
                return self._literal(variable, values)
            case Both(items):
                return f"({' & '.join(self._texts[item] for item in items)})"
            case Either(items):
                return f"({' | '.join(self._texts[item] for item in items)})"
            case Opposite(item):
                return f"~{self._texts[item]}"
            case AtLeast(items, lower):
                weighted = ", ".join(f"({weight}, {self._texts[item]})" for item, weight in items)
                return f"(total({weighted}) >= {lower})"

    def _literal(self, variable: int, values: tuple[int, ...]) -> str:
        name, card = self._names[variable], self._cards[variable]
        if len(values) == 1:
            return f"({name} == {values[0]})"
        if len(values) == card - 1:
            (left,) = set(range(card)).difference(values)
            return f"({name} != {left})"
        if values == tuple(range(len(values))):
            return f"({name} <= {values[-1]})"
        if values == tuple(range(values[0], card)):
            return f"({name} >= {values[0]})"
        return f"torch.isin({name}, torch.tensor([{', '.join(map(str, values))}]))"


def _bare(text: str) -> str:
    """A condition without the brackets around the whole of it."""
    return text[1:-1] if text.startswith("(") else text


def places(values: Sequence[int]) -> str:
    """Places on a value axis as a range or a list."""
    if len(values) > 2:
        step = values[1] - values[0]
        if list(values) == list(range(values[0], values[-1] + 1, step)):
            start = f"{values[0]}, " if values[0] or step > 1 else ""
            return f"range({start}{values[-1] + 1}{f', {step}' if step > 1 else ''})"
    return f"[{', '.join(map(str, values))}]"
