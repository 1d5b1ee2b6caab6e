"""Compiles conditions to a sentential decision diagram by PySDD; runs as a process of its own.

A diagram may grow without bound within one operation of the library, which cannot be interrupted; a process can. It
reads one pickled :class:`dict` and writes another. It imports nothing of nesy, so that it starts at once.

A variable with n values is n − 1 Booleans, “it has value 0”, “else value 1”, …, the last value where none holds; so
each Boolean is a choice with two weights that sum to 1, and nothing has to be smoothed. Boolean b (from 0) has the
leaves 2 + 2b (true) and 3 + 2b (false); leaf 0 is never, leaf 1 always true.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Sequence
from typing import Any

Form = tuple[Any, ...]
"""``("literal", variable, values)``, ``("both", items)``, ``("either", items)``, ``("not", item)``,
``("sum", ((item, weight), …), lower)``."""


class Worker:
    """Compiles nodes of a graph of forms; ``cards[variable]`` are numbers of values, ``variables`` the order."""

    def __init__(self, forms: Sequence[Form], cards: Sequence[int], variables: Sequence[int]) -> None:
        from pysdd.sdd import SddManager, Vtree

        self.forms, self.cards = forms, cards
        self.first: dict[int, int] = {}
        self.count = 0
        for variable in variables:
            self.first[variable] = self.count
            self.count += cards[variable] - 1
        self.manager: Any = SddManager.from_vtree(Vtree(var_count=max(1, self.count), vtree_type="balanced"))
        self.known: dict[int, Any] = {}

    def compiled(self, node: int) -> Any:
        """The diagram of a node."""
        waiting = [node]
        while waiting:
            top = waiting[-1]
            missing = [] if top in self.known else [part for part in parts(self.forms[top]) if part not in self.known]
            if missing:
                waiting += missing
                continue
            if top not in self.known:
                self.known[top] = self._made(self.forms[top])
            waiting.pop()
        return self.known[node]

    def conjoined(self, items: Iterable[Any]) -> Any:
        """The conjunction of diagrams, small ones first."""
        found = self.manager.true()
        for item in sorted(items, key=lambda each: each.size()):
            found = found & item
        return found

    def overlapping(self, nodes: Iterable[int]) -> bool:
        """Whether two of ``nodes`` can hold at once."""
        before = self.manager.false()
        for node in nodes:
            diagram = self.compiled(node)
            if not (before & diagram).is_false():
                return True
            before = before | diagram
        return False

    def _made(self, form: Form) -> Any:
        match form:
            case ("literal", variable, values):
                return self._literal(variable, values)
            case ("not", item):
                return ~self.known[item]
            case ("both", items):
                return self.conjoined(self.known[item] for item in items)
            case ("either", items):
                return ~self.conjoined(~self.known[item] for item in items)
            case (_, items, lower):
                return self._at_least(items, lower)
        raise ValueError(form)

    def _literal(self, variable: int, values: Sequence[int]) -> Any:
        true, false = self.manager.true(), self.manager.false()
        last = self.cards[variable] - 1
        found = true if last in values else false
        for value in reversed(range(last)):
            chosen = self.manager.vars[self.first[variable] + value + 1]
            found = (chosen & (true if value in values else false)) | (~chosen & found)
        return found

    def _at_least(self, items: Sequence[tuple[int, int]], lower: int) -> Any:
        """A sum as a decision about one item after the other, from the last one back."""
        true, false = self.manager.true(), self.manager.false()
        left = sum(weight for _, weight in items)
        reached: dict[int, Any] = {}

        def at(total: int) -> Any:
            return true if total >= lower else reached.get(total, false)

        for node, weight in reversed(items):
            left -= weight
            condition = self.known[node]
            reached = {
                total: (condition & at(total + weight)) | (~condition & at(total))
                for total in range(min(left, lower - 1) + 1)
            }
        return at(0)

    def circuit(self, roots: Sequence[Any]) -> tuple[list[list[tuple[int, int]]], list[int]]:
        """Sums of products for all of ``roots``, each numbered on after the leaves, and the places of the roots."""
        leaves = 2 + 2 * self.count
        places: dict[int, int] = {}
        nodes: list[list[tuple[int, int]]] = []

        def place(diagram: Any) -> int:
            if diagram.is_false() or diagram.is_true():
                return int(diagram.is_true())
            if diagram.is_literal():
                literal: int = diagram.literal
                return 2 * abs(literal) + (literal < 0)
            return places[diagram.id]

        waiting = list(roots)
        while waiting:
            top = waiting[-1]
            if not top.is_decision() or top.id in places:
                waiting.pop()
                continue
            elements = list(top.elements())
            missing = [part for pair in elements for part in pair if part.is_decision() and part.id not in places]
            if missing:
                waiting += missing
                continue
            products = [(place(prime), place(sub)) for prime, sub in elements if not sub.is_false()]
            places[top.id] = leaves + len(nodes)
            nodes.append(products)
            waiting.pop()
        return nodes, [place(root) for root in roots]


def parts(form: Form) -> list[int]:
    """The nodes that a form is made of."""
    match form:
        case ("literal", _, _):
            return []
        case ("not", item):
            return [item]
        case (_, items):
            return list(items)
        case (_, items, _):
            return [item for item, _ in items]
    raise ValueError(form)


def compile_job(job: dict[str, Any]) -> dict[str, Any]:
    """What a job asks for: the circuit of ``roots``, each together with all of ``conditions``.

    ``exclusive`` are lists of nodes of which no two may hold at once; the number of the first list where two do is the
    answer instead (``open``).
    """
    worker = Worker(job["forms"], job["cards"], job["variables"])
    for number, nodes in enumerate(job["exclusive"]):
        if worker.overlapping(nodes):
            return {"open": number}
    whole = worker.conjoined(map(worker.compiled, job["conditions"]))
    nodes, roots = worker.circuit([whole & worker.compiled(root) for root in job["roots"]])
    return {"leaves": 2 + 2 * worker.count, "nodes": nodes, "roots": roots}


def limit_memory(size: int) -> None:
    """Let allocations beyond ``size`` bytes fail, where the system can do so."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    given = pickle.load(sys.stdin.buffer)
    limit_memory(given["memory"])
    pickle.dump(compile_job(given), sys.stdout.buffer)
