"""The instances of attributes: which indices there are, and which of them are needed."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.statements import RandomDeclaration
from nesy.dsl.syntax import Variable
from nesy.dsl.values import Value, format_reference
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.probabilistic.building.expressions import Bindings, Solver, Translator
from nesy.solvers.probabilistic.building.facts import Facts
from nesy.solvers.probabilistic.building.solutions import Solutions
from nesy.solvers.probabilistic.model.expressions import TRUE, Constant, Expression, Reference

Index = tuple[Value, ...]

MOST_UNROLLED = 20_000
"""Values of one definition that nothing restricts, after which it is taken never to end."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An attribute at one index, and where it was asked for first."""

    info: AttributeInfo
    index: Index
    span: Span


class Registry:
    """Hands out the nodes that expressions refer to, and remembers which are still to be built."""

    def __init__(self, checked: CheckedProgram, facts: Facts) -> None:
        self.translator = Translator(checked, facts, self)
        self.solver: Solver = Solutions(self.translator)
        self.translator.solver = self.solver
        self.known: dict[str, Instance] = {}
        self.waiting: deque[str] = deque()
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, dict[Index, list[Bindings]]] = {}
        self._computed = frozenset(
            entry.name
            for entry in checked.program.statements
            if isinstance(entry, RandomDeclaration) and entry.distribution.name == "dirichlet"
        )

    def reference(self, info: AttributeInfo, index: Index, span: Span) -> Reference:
        """The node of an attribute at an index; it is built if it has not been yet. E590 if there is none."""
        name = info.name
        label = format_reference(name, index)
        if label not in self.known:
            self._check(info, index, label, span)
            self._count(info)
            self.known[label] = Instance(info, index, span)
            self.waiting.append(label)
        return Reference(label)

    def values(self, label: str) -> tuple[Value, ...] | None:
        """The values of a random variable with a finite type; None for other nodes."""
        info = self.known[label].info
        finite = info.kind != "definition" and isinstance(info.value, Domain)
        return info.value.values if finite and isinstance(info.value, Domain) else None

    def is_variable(self, info: AttributeInfo) -> bool:
        """Whether the instances of an attribute are random variables: those of a Dirichlet are computed."""
        return info.kind in ("random", "percept") and info.name not in self._computed

    def _check(self, info: AttributeInfo, index: Index, label: str, span: Span) -> None:
        if info.kind == "definition":
            fits: bool = all(
                isinstance(item, Variable) or domain.position(value) is not None
                for item, domain, value in zip(info.index_items, info.index, index, strict=True)
            )
            parameters = self.parameters(info, index)
            there = fits and any(True for _ in self.solver.solve(info.condition, parameters))
        else:
            there = index in self.rows(info)
        if not there:
            message = f"{label} lies outside the index of '{info.name}'"
            hint = "guard it by a condition that is known while grounding, such as if T = 1 then … else …"
            raise NesyError(Diagnostic("E590", message, span, hint))

    def _count(self, info: AttributeInfo) -> None:
        """E591 for a definition such as ``define f(N) = f(N + 1).``, which asks for ever new values of its own."""
        self._counts[info.name] += 1
        if info.kind == "definition" and self._counts[info.name] >= MOST_UNROLLED and self.indices(info) is None:
            message = f"the definition of '{info.name}' does not end: {MOST_UNROLLED:,} values are asked for"
            hint = "restrict its index: for step(N), or end it by a condition: if N = 0 then … else …"
            raise NesyError(Diagnostic("E591", message, info.span, hint))

    @staticmethod
    def parameters(info: AttributeInfo, index: Index) -> dict[str, Expression]:
        """The index variables of an attribute with their values."""
        return {
            item.name: Constant(value)
            for item, value in zip(info.index_items, index, strict=True)
            if isinstance(item, Variable)
        }

    def indices(self, info: AttributeInfo) -> Sequence[Index] | None:
        """All indices in order; None for a definition with parameters that nothing restricts."""
        if info.kind == "definition" and not info.condition and any(isinstance(x, Variable) for x in info.index_items):
            return None
        try:
            return list(self.rows(info))
        except NesyError as error:
            if info.kind == "definition" and all(found.code == "E590" for found in error.diagnostics):
                return None
            raise

    def rows(self, info: AttributeInfo) -> Mapping[Index, list[Bindings]]:
        """The indices in the order of their types, each with the values that its condition gives to variables."""
        if info.name not in self._rows:
            self._rows[info.name] = self._index(info)
        return self._rows[info.name]

    def _index(self, info: AttributeInfo) -> dict[Index, list[Bindings]]:
        found: dict[Index, list[Bindings]] = {}
        for solution, guard in self.solver.solve(info.condition, {}):
            assert guard == TRUE
            axes = [
                (self._constant(solution, item),) if isinstance(item, Variable) else domain.values
                for item, domain in zip(info.index_items, info.index, strict=True)
            ]
            for index in product(*axes):
                found.setdefault(index, []).append(solution)
        return {index: found[index] for index in sorted(found, key=lambda index: _order(info, index))}

    @staticmethod
    def _constant(solution: Bindings, item: Variable) -> Value:
        found = solution.get(item.name)
        value = found.value if isinstance(found, Constant) else None
        if isinstance(value, float):
            message = f"the index variable {item.name} takes the decimal number {value}"
            hint = "index by names or whole numbers; a condition gives the decimal: mu(P) = b * X for height(P, X)"
            raise NesyError(Diagnostic("E590", message, item.span, hint))
        if value is None:
            message = f"nothing says which values the index variable {item.name} takes"
            raise NesyError(Diagnostic("E590", message, item.span, "bind it: … for player(P)"))
        return value


def _order(info: AttributeInfo, index: Index) -> tuple[object, ...]:
    keys = []
    for domain, value in zip(info.index, index, strict=True):
        place = domain.position(value)
        keys.append((0, place) if place is not None else (1, order_key(value)))
    return tuple(keys)
