"""Terms and formulas of a rule file as ground expressions: variables become values, aggregates become lists.

A :class:`Translator` is given the values of the variables that are bound so far. What is known while grounding is
computed at once, so that ``if T = 1 then 0.5 else rain(T - 1)`` never speaks of a day before the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Protocol, TypeAlias, cast

from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Formula,
    Interval,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Term,
    Text,
    TupleTerm,
    Variable,
)
from nesy.dsl.values import Value, format_value
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import NodeType, global_variables, replace
from nesy.solvers.probabilistic.building.facts import Facts, marked
from nesy.solvers.probabilistic.building.folding import (
    applied,
    conditional,
    conjunction,
    disjunction,
    known_values,
    negation,
)
from nesy.solvers.probabilistic.building.tuples import told_apart
from nesy.solvers.probabilistic.model.arithmetic import UndefinedError, operate
from nesy.solvers.probabilistic.model.expressions import (
    FALSE,
    TRUE,
    Apply,
    Constant,
    Expression,
    Lookup,
    Operator,
    Reference,
    Scalar,
)

Bindings: TypeAlias = Mapping[str, Expression]

MOST_INDICES = 10_000
"""So many combinations of values are looked at to find the values of a random index."""

FUNCTIONS: dict[str, Operator] = {"exp": "exp", "log": "log", "sqrt": "sqrt", "abs": "abs"}
"""Functions by name in rule files."""


class Instances(Protocol):
    """What the translator needs to know of the attributes: which instances there are, and with which values."""

    def reference(self, info: AttributeInfo, index: tuple[Value, ...], span: Span) -> Reference:
        """The node of an attribute at an index; E590 if there is none."""
        ...

    def indices(self, info: AttributeInfo) -> Sequence[tuple[Value, ...]] | None:
        """All indices of an attribute in order; None where they are not known (a definition's parameters)."""
        ...

    def values(self, label: str) -> tuple[Value, ...] | None:
        """The values of a random variable with a finite type; None for other nodes."""
        ...


class Solver(Protocol):
    """What the translator needs to expand aggregates and quantifiers."""

    def solve(
        self, body: Sequence[Formula], bindings: Bindings, ranging: Sequence[Formula | Term] = ()
    ) -> Iterator[tuple[Bindings, Expression]]:
        """The ways to make ``body`` true; what is random in it is left as the condition of each way.

        Variables that ``body`` does not bind range over the indices of the attributes in ``ranging``.
        """
        ...


def wrong_value(message: str, span: Span, hint: str = "numbers, truth values and names do not mix") -> NesyError:
    """E597."""
    return NesyError(Diagnostic("E597", message, span, hint))


class Translator:
    """Makes expressions of terms and formulas."""

    def __init__(self, checked: CheckedProgram, facts: Facts, instances: Instances) -> None:
        self.checked = checked
        self.facts = facts
        self.instances = instances
        self.solver: Solver | None = None
        self._named: dict[Node, Node] = {}

    # ----- terms

    def term(self, term: Term, bindings: Bindings, *, whole: bool = False) -> Expression:
        """A term; ``whole``: in an index, where division is that of whole numbers, as in rules."""
        match term:
            case Number(value):
                return Constant(value)
            case Text(value):
                return Constant(value)
            case Variable(name):
                if name not in bindings:
                    message = f"nothing gives the variable {name} a value here"
                    hint = "bind it by a condition, such as … for player(P)"
                    raise NesyError(Diagnostic("E590", message, term.span, hint))
                return bindings[name]
            case Call():
                return self._call(term, bindings)
            case TupleTerm(items):
                return self._tuple([self.term(item, bindings, whole=whole) for item in items], term)
            case Negative(operand):
                return self.apply("neg", [self.term(operand, bindings, whole=whole)], term.span)
            case Binary(operator, left, right):
                sides = [self.term(side, bindings, whole=whole) for side in (left, right)]
                if whole and operator in ("/", "mod"):
                    return self._whole_division(operator == "/", sides, term.span)
                return self.apply(operator, sides, term.span)
            case Conditional(condition, then, otherwise):
                return self._conditional(condition, then, otherwise, bindings)
            case Aggregate():
                return self._aggregate(term, bindings)
            case Interval():
                raise wrong_value("an interval is no single value", term.span, "write a number, or use 'in'")

    def apply(self, operator: Operator, arguments: Sequence[Expression], span: Span) -> Expression:
        """``operator`` applied to ``arguments``; E597 where it has no value."""
        try:
            return applied(operator, *arguments)
        except UndefinedError as error:
            raise wrong_value(str(error), span) from None

    def _call(self, call: Call, bindings: Bindings) -> Expression:
        info = attribute_of(self.checked, call)
        if info is not None:
            return self._attribute(info, call, bindings)
        if call.name in FUNCTIONS and call.arguments:
            return self.apply(FUNCTIONS[call.name], [self.term(part, bindings) for part in call.arguments], call.span)
        if call.arguments:
            return self.atom(call, bindings)
        if call.name in self.checked.constants:
            return Constant(self.checked.constants[call.name])
        if call.name in ("true", "false"):
            return Constant(call.name == "true")
        return Constant(call.name)

    def _attribute(self, info: AttributeInfo, call: Call, bindings: Bindings) -> Expression:
        index = [self.term(argument, bindings, whole=True) for argument in call.arguments]
        place = next((place for place, part in enumerate(index) if not isinstance(part, Constant)), None)
        if place is None:
            values = known_values(index)
            if values is None:
                raise wrong_value("an index is a whole number or a name", call.span, "use whole numbers")
            return self.instances.reference(info, values, call.span)
        selector = index[place]
        cases = []
        for value in self.values_of(selector, call.arguments[place].span):
            chosen = {**bindings, "'": Constant(value)}
            arguments = (*call.arguments[:place], Variable("'", call.span), *call.arguments[place + 1 :])
            cases.append((value, self._attribute(info, Call(call.name, arguments, call.source, call.span), chosen)))
        return Lookup(selector, tuple(cases))

    def values_of(self, expression: Expression, span: Span) -> tuple[Value, ...]:
        """The values that a random index can take."""
        domains = self.finite_values(expression)
        if domains is None:
            message = "an index that is not fixed must be a finite random variable"
            raise wrong_value(message, span, "give it a type such as 1..9 or {a, b}")
        return domains

    def finite_values(self, expression: Expression) -> tuple[Value, ...] | None:
        """The values that an expression over finite random variables can take; None where they are not known."""
        match expression:
            case Constant(value) if not isinstance(value, float):
                return (value,)
            case Reference(label):
                return self.instances.values(label)
            case Lookup(_, cases):
                parts = [self.finite_values(case) for _, case in cases]
                return _together([value for part in parts if part is not None for value in part], parts)
            case Apply(operator, arguments):
                parts = [self.finite_values(argument) for argument in arguments]
                known = [part for part in parts if part is not None]
                if prod(map(len, known)) > MOST_INDICES:
                    return None
                rows = product(*known) if len(known) == len(parts) else ()
                return _together(
                    [value for row in rows if not isinstance(value := operate(operator, row), float)], parts
                )
            case _:
                return None

    def _tuple(self, items: Sequence[Expression], term: TupleTerm) -> Expression:
        values = known_values(items)
        if values is None:
            raise wrong_value("a tuple of random values is no value", term.span, "compare its parts one by one")
        return Constant(values)

    def _whole_division(self, quotient: bool, sides: Sequence[Expression], span: Span) -> Expression:
        left, right = (side.value if isinstance(side, Constant) else None for side in sides)
        if not isinstance(left, int) or not isinstance(right, int):
            message = "the parts of a division in an index or a condition must be known whole numbers"
            raise wrong_value(message, span, "divide other numbers in a definition or a distribution")
        if right == 0:
            raise wrong_value(f"{left} is divided by 0", span, "guard it by a condition")
        size = abs(left) // abs(right)
        signed = size if (left < 0) == (right < 0) else -size
        return Constant(signed if quotient else left - signed * right)

    def _conditional(self, condition: Formula, then: Term, otherwise: Term, bindings: Bindings) -> Expression:
        known = self.formula(condition, bindings)
        if isinstance(known, Constant):
            return self.term(then if known.value is True else otherwise, bindings)
        return conditional(known, self.term(then, bindings), self.term(otherwise, bindings))

    def _aggregate(self, aggregate: Aggregate, bindings: Bindings) -> Expression:
        """Once for each different tuple of terms; see :func:`told_apart`."""
        assert self.solver is not None
        guards: dict[tuple[Expression, ...], list[Expression]] = {}
        for element in map(self.named, aggregate.elements):
            ways = [
                (tuple(self.term_or_formula(part, solution) for part in element.terms), guard)
                for solution, guard in self.solver.solve(element.condition, bindings, element.terms)
            ]
            for row, guard in told_apart(element.terms, ways, self.finite_values):
                guards.setdefault(row, []).append(guard)
        rows = {row: disjunction(found) for row, found in guards.items()}
        values = [(row[0], guard) for row, guard in rows.items()]
        zero = Constant(0)
        match aggregate.function:
            case "count":
                return self.apply("count", [guard for _, guard in values], aggregate.span)
            case "sum":
                return self.apply("sum", [conditional(guard, value, zero) for value, guard in values], aggregate.span)
            case "mean":
                parts = [conditional(guard, value, zero) for value, guard in values]
                number = self.apply("count", [guard for _, guard in values], aggregate.span)
                return self.apply("/", [self.apply("sum", parts, aggregate.span), number], aggregate.span)
            case "min" | "max" as function:
                nothing = Constant(float("inf") if function == "min" else float("-inf"))
                parts = [conditional(guard, value, nothing) for value, guard in values]
                return self.apply(function, parts, aggregate.span)

    def term_or_formula(self, node: Term | Formula, bindings: Bindings) -> Expression:
        """What may be either."""
        if isinstance(node, Comparison | Membership | Not | And | Or | Quantified):
            return self.formula(node, bindings)
        return self.term(node, bindings)

    def named(self, node: NodeType) -> NodeType:
        """``node`` with a variable for each ``_`` in the index of an attribute, over which it then ranges."""
        found = self._named.get(node)
        if found is None:
            count = iter(range(1, 10_000))

            def change(part: Node) -> Node | None:
                if isinstance(part, Quantified | Aggregate) and part is not node:
                    return part
                if attribute_of(self.checked, part) is None or not isinstance(part, Call):
                    return None
                arguments = tuple(
                    Variable(f"W'{next(count)}", term.span) if term == Variable("_") else term
                    for term in part.arguments
                )
                return Call(part.name, arguments, part.source, part.span)

            found = self._named[node] = replace(node, change)
        return cast("NodeType", found)

    # ----- formulas

    def formula(self, formula: Formula, bindings: Bindings, *, whole: bool = False) -> Expression:
        """A formula as a bool expression. ``whole``: as a crisp condition, in whole numbers."""
        match formula:
            case Call():
                return self._call(formula, bindings)
            case Comparison(operator, left, right):
                sides = [self.term(side, bindings, whole=whole) for side in (left, right)]
                return self.apply(operator, sides, formula.span)
            case Membership(term, values):
                return self._membership(self.term(term, bindings, whole=whole), values, bindings)
            case Not(operand):
                return negation(self.formula(operand, bindings, whole=whole))
            case And(items):
                return self._all_of(items, bindings, whole=whole)
            case Or(items):
                return disjunction([self.formula(item, bindings, whole=whole) for item in items])
            case Quantified():
                return self._quantified(formula, bindings)

    def _all_of(self, items: Sequence[Formula], bindings: Bindings, *, whole: bool) -> Expression:
        """A conjunction; what stands behind a part that is false is not looked at."""
        found = []
        for item in items:
            part = self.formula(item, bindings, whole=whole)
            if part == FALSE:
                return FALSE
            found.append(part)
        return conjunction(found)

    def atom(self, call: Call, bindings: Bindings) -> Expression:
        """An atom of a relation or type whose variables are bound; an argument may be random."""
        arguments = [self.term(argument, bindings, whole=True) for argument in call.arguments]
        known = {place: part.value for place, part in enumerate(arguments) if isinstance(part, Constant)}
        if len(known) == len(arguments):
            return TRUE if self.facts.holds(call.name, tuple(known.values())) else FALSE
        rows = self.facts.matching(call.name, len(arguments), tuple(known), tuple(known.values()))
        return disjunction(
            [
                conjunction(
                    [
                        self.apply("=", [part, Constant(row[place])], call.span)
                        for place, part in enumerate(arguments)
                        if place not in known
                    ]
                )
                for row in rows
            ]
        )

    def _membership(self, term: Expression, values: SetTerm | Interval, bindings: Bindings) -> Expression:
        if isinstance(values, Interval):
            low, high = (self.term(end, bindings) for end in (values.low, values.high))
            above, below = self.apply(">=", [term, low], values.span), self.apply("<=", [term, high], values.span)
            return conjunction([above, below])
        if not values.condition and not any(global_variables([item]) or _patterned(item) for item in values.items):
            equal = [self.apply("=", [term, self.term(item, bindings)], values.span) for item in values.items]
            return disjunction(equal)
        return disjunction(
            [self.apply("=", [term, Constant(value)], values.span) for value in self._members(term, values, bindings)]
        )

    def _members(self, term: Expression, values: SetTerm, bindings: Bindings) -> Iterable[Scalar]:
        """The values of ``term`` that match an item of a set with patterns or a condition."""
        assert self.solver is not None
        for value in self.values_of(term, values.span):
            given = {**bindings, "'": Constant(value)}
            for item in values.items:
                equation = Comparison("=", Variable("'", item.span), item, item.span)
                if any(guard == TRUE for _, guard in self.solver.solve((equation, *values.condition), given)):
                    yield value
                    break

    def _quantified(self, formula: Quantified, bindings: Bindings) -> Expression:
        assert self.solver is not None
        formula = self.named(formula)
        if formula.quantifier == "any":
            body = formula.body.items if isinstance(formula.body, And) else (formula.body,)
            ways = self.solver.solve((*formula.condition, *body), bindings, (formula.body,))
            return disjunction([guard for _, guard in ways])
        parts = []
        for solution, guard in self.solver.solve(formula.condition, bindings, (formula.body,)):
            parts.append(disjunction([negation(guard), self.formula(formula.body, solution)]))
        return conjunction(parts)


def _together(values: Sequence[Value], parts: Sequence[tuple[Value, ...] | None]) -> tuple[Value, ...] | None:
    """``values``, each once; None if one of the parts that they come from is not known."""
    return None if any(part is None for part in parts) else tuple({marked(value): value for value in values}.values())


def _patterned(term: Term) -> bool:
    """Whether a term holds ``_``."""
    match term:
        case Variable():
            return term.anonymous
        case TupleTerm(items):
            return any(map(_patterned, items))
        case _:
            return False


def shown(value: Scalar) -> str:
    """A value as messages show it."""
    return f"{value:.6g}" if isinstance(value, float) else format_value(value)
