"""The ways to make a crisp condition true: a join over the facts that gringo grounded.

Conditions stand in ``for`` clauses, in the braces of aggregates and behind quantifiers. They are solved when the node
that they belong to is needed, so the parameters of definitions have values already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nesy.dsl.checked import AttributeInfo
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Negative,
    Node,
    Or,
    Quantified,
    SetTerm,
    Term,
    TupleTerm,
    Variable,
    children,
    walk,
)
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import global_variables
from nesy.solvers.probabilistic.building.expressions import Bindings, Translator
from nesy.solvers.probabilistic.building.facts import Row
from nesy.solvers.probabilistic.building.folding import conjunction, same_values
from nesy.solvers.probabilistic.model.expressions import FALSE, TRUE, Constant, Expression

Way = tuple[Bindings, Expression]


class Solutions:
    """Solves conditions; see :class:`~nesy.solvers.probabilistic.building.expressions.Solver`."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self._checked = translator.checked

    def solve(self, body: Sequence[Formula], bindings: Bindings, ranging: Sequence[Node] = ()) -> Iterator[Way]:
        """Each way to make ``body`` true: the values of its variables, and what is random in it as a condition.

        Variables that ``body`` leaves open range over the indices of the attributes in ``ranging``. Raises E590
        where a variable gets no value.
        """
        for found, guard in self._conjunction(tuple(body), bindings):
            for completed in self._completed(list(ranging), found):
                yield completed, guard

    def _conjunction(self, body: tuple[Formula, ...], bindings: Bindings) -> Iterator[Way]:
        if not body:
            yield bindings, TRUE
            return
        place = min(range(len(body)), key=lambda number: self._cost(body[number], bindings))
        formula, rest = body[place], (*body[:place], *body[place + 1 :])
        for found, guard in self._ways(formula, bindings):
            if guard == FALSE:
                continue
            for completed, further in self._conjunction(rest, found):
                yield completed, conjunction((guard, further))

    # ----- which formula comes next

    def _cost(self, formula: Formula, bindings: Bindings) -> int:
        """How early a formula is to be solved: tests first, then what binds few values, what needs others last."""
        unbound = [name for name in global_variables([formula]) if name not in bindings]
        nested = any(isinstance(part, Aggregate | Quantified) for part in walk(formula))
        if not unbound and not _wild(formula):
            return 6 if nested else 0
        match formula:
            case Comparison("=", left, right) if self._binds(left, right, bindings):
                return 7 if nested else 1
            case Call() if attribute_of(self._checked, formula) is None:
                return 2 if self._matchable(formula.arguments, bindings) else 9
            case Membership(term, Interval() as values) if not _open([values.low, values.high], bindings):
                return 3 if self._matchable((term,), bindings) else 9
            case Membership(term, SetTerm(items, ())) if not _open(items, bindings):
                return 3 if self._matchable((term,), bindings) else 9
            case Or() | And():
                return 4
            case _:
                return 8

    def _binds(self, left: Term, right: Term, bindings: Bindings) -> bool:
        return any(
            not _open([known], bindings) and self._matchable((pattern,), bindings)
            for known, pattern in ((left, right), (right, left))
        )

    def _matchable(self, terms: Sequence[Term], bindings: Bindings) -> bool:
        """Whether matching values against ``terms`` gives their variables values."""
        return all(self._pattern(term, bindings) for term in terms)

    def _pattern(self, term: Term, bindings: Bindings) -> bool:
        match term:
            case Variable():
                return True
            case TupleTerm(items):
                return all(self._pattern(item, bindings) for item in items)
            case Negative(operand):
                return self._pattern(operand, bindings)
            case Binary("+" | "-" | "*", left, right):
                return any(
                    not _open([known], bindings) and self._pattern(other, bindings)
                    for known, other in ((left, right), (right, left))
                )
            case _:
                return not _open([term], bindings)

    # ----- the ways to make one formula true

    def _ways(self, formula: Formula, bindings: Bindings) -> Iterator[Way]:
        unbound = [name for name in global_variables([formula]) if name not in bindings]
        if not unbound and not _wild(formula):
            yield bindings, self._translator.formula(formula, bindings, whole=True)
            return
        match formula:
            case Comparison("=", left, right) if self._binds(left, right, bindings):
                pattern, known = (left, right) if _open([left], bindings) or _wild(left) else (right, left)
                yield from self._match(pattern, self._translator.term(known, bindings, whole=True), bindings)
            case Call() if attribute_of(self._checked, formula) is None and self._matchable(
                formula.arguments, bindings
            ):
                yield from self._rows(formula, bindings)
            case Membership(term, Interval(low, high)) if self._matchable((term,), bindings):
                for value in self._interval(low, high, bindings):
                    yield from self._match(term, Constant(value), bindings)
            case Membership(term, SetTerm(items, ())) if not _open(items, bindings):
                for item in items:
                    yield from self._match(term, self._translator.term(item, bindings, whole=True), bindings)
            case And(items):
                yield from self._conjunction(items, bindings)
            case Or(items):
                seen = []
                for branch in items:
                    for found, guard in self._ways(branch, bindings):
                        way = ({name: found[name] for name in found if name not in bindings}, guard)
                        if way not in seen:
                            seen.append(way)
                            yield found, guard
            case _:
                completed = list(self._completed([formula], bindings))
                for found in completed:
                    yield found, self._translator.formula(formula, found, whole=True)

    def _rows(self, call: Call, bindings: Bindings) -> Iterator[Way]:
        known = {
            place: self._translator.term(argument, bindings, whole=True)
            for place, argument in enumerate(call.arguments)
            if not _open([argument], bindings) and not _wild(argument)
        }
        fixed = {place: part.value for place, part in known.items() if isinstance(part, Constant)}
        facts = self._translator.facts
        for row in facts.matching(call.name, len(call.arguments), tuple(fixed), tuple(fixed.values())):
            ways: list[Way] = [(bindings, TRUE)]
            for place, argument in enumerate(call.arguments):
                if place not in fixed:
                    ways = [
                        (further, conjunction((guard, more)))
                        for found, guard in ways
                        for further, more in self._match(argument, Constant(row[place]), found)
                    ]
            yield from ways

    def _interval(self, low: Term, high: Term, bindings: Bindings) -> range:
        ends = [self._translator.term(end, bindings, whole=True) for end in (low, high)]
        values = [end.value for end in ends if isinstance(end, Constant) and isinstance(end.value, int)]
        if len(values) < 2:
            message = "the ends of this interval are not known while grounding"
            raise NesyError(Diagnostic("E590", message, low.span, "use constants and values of relations"))
        return range(values[0], values[1] + 1)

    def _match(self, pattern: Term, value: Expression, bindings: Bindings) -> Iterator[Way]:
        """The values of the variables in ``pattern`` that make it equal to ``value``: one way, or none."""
        translator = self._translator
        match pattern, value:
            case Variable(), _ if pattern.anonymous:
                yield bindings, TRUE
            case Variable(name), _ if name not in bindings:
                yield {**bindings, name: value}, TRUE
            case TupleTerm(items), Constant(parts):
                if isinstance(parts, tuple) and len(items) == len(parts):
                    ways: list[Way] = [(bindings, TRUE)]
                    for item, part in zip(items, parts, strict=True):
                        ways = [
                            (further, conjunction((guard, more)))
                            for found, guard in ways
                            for further, more in self._match(item, Constant(part), found)
                        ]
                    yield from ways
            case ((Negative() | Binary()), Constant(int() | float() as number)) if _open([pattern], bindings):
                yield from self._invert(pattern, number, bindings)
            case _:
                known = translator.term(pattern, bindings, whole=True)
                if isinstance(known, Constant) and isinstance(value, Constant):
                    if same_values(known, value):
                        yield bindings, TRUE
                else:
                    yield bindings, translator.apply("=", [known, value], pattern.span)

    def _invert(self, pattern: Negative | Binary, number: int | float, bindings: Bindings) -> Iterator[Way]:
        """``X + 1``, ``2 * X``, ``5 - X`` against a number; ``2 * X`` for whole numbers only, E597 for others."""
        if isinstance(pattern, Negative):
            yield from self._match(pattern.operand, Constant(-number), bindings)
            return
        left_known = not _open([pattern.left], bindings)
        known = self._translator.term(pattern.left if left_known else pattern.right, bindings, whole=True)
        other = pattern.right if left_known else pattern.left
        if not isinstance(known, Constant) or not isinstance(known.value, int | float):
            return
        decimal = next((value for value in (number, known.value) if isinstance(value, float)), None)
        match pattern.operator:
            case "+":
                yield from self._match(other, Constant(number - known.value), bindings)
            case "-":
                solved = known.value - number if left_known else number + known.value
                yield from self._match(other, Constant(solved), bindings)
            case "*" if decimal is not None:
                message = f"the decimal number {decimal} stands where whole numbers are divided"
                hint = "take the number as it is, height(P, X), and divide in a definition or a distribution"
                raise NesyError(Diagnostic("E597", message, pattern.span, hint))
            case "*" if known.value and number % known.value == 0:
                yield from self._match(other, Constant(number // known.value), bindings)

    # ----- variables that range over indices

    def _completed(self, nodes: list[Node], bindings: Bindings) -> Iterator[Bindings]:
        """``bindings`` with values for the open index variables of the attributes in ``nodes``."""
        for call in self._calls(nodes):
            info = attribute_of(self._checked, call)
            assert info is not None
            if _open(call.arguments, bindings) and self._matchable(call.arguments, bindings):
                for row in self._indices(info, call):
                    ways: list[Way] = [(bindings, TRUE)]
                    for argument, value in zip(call.arguments, row, strict=True):
                        ways = [
                            further for found, _ in ways for further in self._match(argument, Constant(value), found)
                        ]
                    for found, _ in ways:
                        yield from self._completed(nodes, found)
                return
        yield bindings

    def _indices(self, info: AttributeInfo, call: Call) -> Sequence[Row]:
        found = self._translator.instances.indices(info)
        if found is None:
            names = ", ".join(global_variables(call.arguments))
            message = f"nothing says which values {names} takes in {call.name}(…)"
            hint = "bind it by a condition such as … for player(P), or give the definition an index type"
            raise NesyError(Diagnostic("E590", message, call.span, hint))
        return found

    def _calls(self, nodes: Sequence[Node]) -> Iterator[Call]:
        """The attributes in ``nodes``, outside of quantifiers and aggregates."""
        for node in nodes:
            for part in _outside(node):
                if isinstance(part, Call) and attribute_of(self._checked, part) is not None:
                    yield part


def _outside(node: Node) -> Iterator[Node]:
    """The parts of a node that are not inside a quantifier or an aggregate."""
    yield node
    if not isinstance(node, Quantified | Aggregate):
        for child in children(node):
            yield from _outside(child)


def _open(terms: Sequence[Node], bindings: Bindings) -> bool:
    """Whether a variable in ``terms`` has no value yet."""
    return any(name not in bindings for name in global_variables(terms))


def _wild(node: Node) -> bool:
    """Whether ``_`` occurs outside of quantifiers and aggregates."""
    return any(isinstance(part, Variable) and part.anonymous for part in _outside(node))
