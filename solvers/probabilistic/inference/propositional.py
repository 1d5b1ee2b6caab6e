"""Contradictions between truth values: conditions that no assignment satisfies, whatever the numbers are.

Every condition becomes a formula over free truth values: those of random variables, one for each value of a finite
one, and the order of all numbers that are compared, which is total and transitive. What a formula cannot express is
left free, so that an unsatisfiable set of formulas is impossible for certain. clingo decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

from nesy.solvers.probabilistic.inference.contradictions import minimal
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Reference, Scalar, kind_of
from nesy.solvers.probabilistic.model.graph import (
    Condition,
    Definition,
    Equation,
    Event,
    Factor,
    ModelGraph,
    Observation,
    RandomVariable,
)
from nesy.solvers.probabilistic.model.intervals import Interval
from nesy.solvers.probabilistic.model.supports import Supports

MOST_CONDITIONS, MOST_NODES, MOST_TERMS = 60, 2000, 24
"""With more conditions or nodes nothing is tested; with more numbers compared, the order is not transitive."""
SECONDS = 1.0
"""So long one test takes at most; what takes longer counts as satisfiable."""


def propositional_conflict(graph: ModelGraph) -> tuple[Condition, ...]:
    """Conditions that cannot hold together by their logic and the order of numbers; minimal; empty if there are none.

    ``observe a > b. observe b > c. observe c > a.`` and ``observe p or q. observe not p. observe not q.`` cannot hold.
    Only asked of graphs with numbers: finite ones are answered exactly.
    """
    logical = [entry for entry in graph.conditions if not isinstance(entry, Factor)]
    if max(len(logical) / MOST_CONDITIONS, len(graph.nodes) / MOST_NODES) > 1:
        return ()
    if not any(isinstance(entry, Event) for entry in logical):
        return ()
    if all(variable.domain is not None for variable in graph.variables) or not _impossible(graph, logical):
        return ()
    return minimal(graph, logical, _impossible)


def _impossible(graph: ModelGraph, conditions: Sequence[Condition]) -> bool:
    import clingo

    text = _Formulas(graph).written(conditions)
    control = clingo.Control(["--warn=none"], logger=lambda *_: None)
    control.add("base", [], text)
    control.ground([("base", [])])
    with control.solve(async_=True) as handle:
        return bool(handle.wait(SECONDS)) and handle.get().unsatisfiable is True


class _Formulas:
    """The rules of one set of conditions. A literal is ``v(3)`` or ``not v(3)``."""

    def __init__(self, graph: ModelGraph) -> None:
        self.graph = graph
        self.rules: list[str] = []
        self.atoms: dict[object, str] = {}
        self.variables: dict[str, str] = {}
        self.terms: dict[Expression, int] = {}
        self.supports = Supports(ModelGraph(graph.nodes))

    def written(self, conditions: Sequence[Condition]) -> str:
        about = self.graph.ancestors(tuple(label for entry in conditions for label in entry.parents))
        for node in self.graph.nodes:
            # in their order, so that long chains do not become deep calls
            if node.label in about and node.kind == "bool":
                self._variable(node.label)
        for condition in conditions:
            match condition:
                case Event(expression):
                    self.rules.append(f":- {_negated(self.literal(expression))}.")
                case Observation(label, value):
                    self.rules.append(f":- {_negated(self._equal(Reference(label), Constant(value)))}.")
                case Equation(expression, value):
                    self.rules.append(f":- {_negated(self._equal(expression, Constant(value)))}.")
        self._order()
        return "\n".join(self.rules)

    # ----- truth values

    def literal(self, expression: Expression) -> str:
        """The literal that is true where an expression holds."""
        match expression:
            case Constant(value):
                return "#true" if value is True else "#false"
            case Reference(label):
                return self._variable(label)
            case Apply("not", (operand,)):
                return _negated(self.literal(operand))
            case Apply("and", operands):
                return self._gate(expression, [list(map(self.literal, operands))])
            case Apply("or", operands):
                return self._gate(expression, [[self.literal(operand)] for operand in operands])
            case Apply("if", (condition, then, otherwise)):
                return self._either(expression, self.literal(condition), self.literal(then), self.literal(otherwise))
            case Apply("=", (left, right)):
                return self._equal(left, right)
            case Apply("!=", (left, right)):
                return _negated(self._equal(left, right))
            case Apply("<" | "<=" | ">" | ">=" as operator, (left, right)):
                one, other = (left, right) if operator in ("<", "<=") else (right, left)
                return self._at_most(one, other) if operator in ("<=", ">=") else _negated(self._at_most(other, one))
            case _:
                return self._free(expression)

    def _variable(self, label: str) -> str:
        node = self.graph.by_label[label]
        if label not in self.variables:
            if isinstance(node, Definition):
                self.variables[label] = self.literal(node.expression)
            else:
                self.variables[label] = found = self._free(label)
                if node.distribution.name == "bernoulli":
                    (chance,) = node.distribution.arguments
                    self.rules.append(f":- {found}, {self._is(chance, 0)}.")
                    self.rules.append(f":- {_negated(found)}, {self._is(chance, 1)}.")
        return self.variables[label]

    def _is(self, chance: Expression, value: int) -> str:
        """The literal that is true where a probability surely is 0 or 1."""
        match chance:
            case Constant(known):
                return "#true" if known == value else "#false"
            case Apply("if", (condition, then, otherwise)):
                parts = (self._is(then, value), self._is(otherwise, value))
                if parts == ("#false", "#false"):
                    return "#false"
                return self._either((chance, value), self.literal(condition), *parts)
            case _:
                return "#false"

    def _equal(self, left: Expression, right: Expression) -> str:
        kind = kind_of(left, self.graph.kind)
        if kind == "bool":
            one, other = self.literal(left), self.literal(right)
            return self._either(("=", left, right), one, other, _negated(other))
        if kind == "number":
            both = [self._at_most(left, right), self._at_most(right, left)]
            return self._gate(("=", left, right), [both])
        match left, right:
            case (Reference(label), Constant(value)) | (Constant(value), Reference(label)):
                return self._value(label, value)
            case _:
                return self._free(("=", left, right))

    def _value(self, label: str, value: Scalar) -> str:
        """The literal that is true where a variable with named values has this one; it has exactly one."""
        node = self.graph.by_label[label]
        if not isinstance(node, RandomVariable) or node.domain is None:
            return self._free((label, value))
        if (label, value) not in self.atoms:
            options = [self._free((label, option)) for option in node.domain.values]
            self.rules.append(f":- not 1 {{ {'; '.join(options)} }} 1.")
        return self.atoms.get((label, value), "#false")

    # ----- order

    def _at_most(self, left: Expression, right: Expression) -> str:
        return f"le({self._term(left)},{self._term(right)})"

    def _term(self, expression: Expression) -> int:
        return self.terms.setdefault(expression, len(self.terms))

    def _order(self) -> None:
        """All numbers that are compared are in one order; constants and the ends of supports have their places."""
        for expression in list(self.terms):
            if isinstance(expression, Reference) and isinstance(support := self.supports[expression.label], Interval):
                for end, below in ((support.low, True), (support.high, False)):
                    if abs(end) != float("inf"):
                        bound, term = self._term(Constant(end)), self._term(expression)
                        self.rules.append(f":- not le({bound},{term})." if below else f":- not le({term},{bound}).")
        numbers = {
            place: float(entry.value)
            for entry, place in self.terms.items()
            if isinstance(entry, Constant) and isinstance(entry.value, int | float)
        }
        places = range(len(self.terms))
        self.rules += [f"{{ le({one},{other}) }}." for one in places for other in places]
        self.rules += [f":- not le({one},{one})." for one in places]
        for one, other in combinations(places, 2):
            self.rules.append(f":- not le({one},{other}), not le({other},{one}).")
        for one, other in permutations(numbers, 2):
            if numbers[one] > numbers[other]:
                self.rules.append(f":- le({one},{other}).")
        if len(places) <= MOST_TERMS:
            for one, other, last in permutations(places, 3):
                self.rules.append(f":- le({one},{other}), le({other},{last}), not le({one},{last}).")

    # ----- atoms

    def _free(self, key: object) -> str:
        if key not in self.atoms:
            self.atoms[key] = f"v({len(self.atoms)})"
            self.rules.append(f"{{ {self.atoms[key]} }}.")
        return self.atoms[key]

    def _gate(self, key: object, options: Sequence[Sequence[str]]) -> str:
        """The literal that is true where all literals of one of the options are."""
        if key not in self.atoms:
            self.atoms[key] = f"v({len(self.atoms)})"
            self.rules += [f"{self.atoms[key]} :- {', '.join(option) or '#true'}." for option in options]
        return self.atoms[key]

    def _either(self, key: object, condition: str, then: str, otherwise: str) -> str:
        return self._gate(key, [[condition, then], [_negated(condition), otherwise]])


def _negated(literal: str) -> str:
    match literal:
        case "#true":
            return "#false"
        case "#false":
            return "#true"
        case _:
            return literal.removeprefix("not ") if literal.startswith("not ") else f"not {literal}"
