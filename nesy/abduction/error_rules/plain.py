"""Bodies with readings and real numbers, rewritten as plain logic.

    label@m1(O) = bus                      →  label'm1(O,bus)
    label@m2(O) != V                       →  label'm2(O,V'1), V'1 != V
    not label@m2(O) = bus                  →  not has'label'm2(O) or label'm2(O,V'1), V'1 != bus
    confidence(label@m1(O)) < 0.6          →  confidence'label'm1(O,R'2), R'2 < 17        17 is the place of 0.6
    confidence(label@m1(O)) < 2 * B        →  confidence'label'm1(O,R'3), @test0(R'3,B) = 1

A condition on a reading that is not there fails; ``not`` of it holds. A confidence is always there, 0 where a source
says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from nesy.abduction.error_rules.reals import Ranks, Test, Tests
from nesy.abduction.error_rules.terms import (
    is_function,
    reading_predicate,
    readings_in,
    real_places,
    real_variables,
    without_names,
)
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.constants import fold
from nesy.dsl.checks.symbols import OF_READINGS
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Element,
    Formula,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Quantified,
    Term,
    Variable,
    terms_of,
    walk,
)
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import FLIPPED, global_variables, replace, variables


class Plain:
    """Rewrites bodies. ``read`` gathers the readings, ``measured`` the (function, reading) pairs that they mention.

    ``total`` is a percept whose absence without a source is not asked for: what has no label violates nothing.
    ``helpers`` are rules to which the bodies refer: what holds for some value of a quantifier's variables.
    """

    def __init__(self, checked: CheckedProgram, tests: Tests, ranks: Ranks, total: str | None = None) -> None:
        self.read: dict[str, Call] = {}
        self.measured: dict[tuple[str, str], Call] = {}
        self.ranged: dict[str, Call] = {}
        self.helpers: list[tuple[Call, tuple[Formula, ...]]] = []
        self._checked = checked
        self._total = total
        self._tests = tests
        self._ranks = ranks
        self._places = real_places(checked)
        self._fresh = count(1)
        self._real: frozenset[str] = frozenset()
        self._outside: frozenset[str] = frozenset()
        self._reading: Call | None = None

    def body(
        self, head: Sequence[Term], formulas: Sequence[Formula], reading: Call | None = None
    ) -> tuple[Formula, ...]:
        """``formulas`` as plain logic: the body of a rule with the arguments ``head``, or of an error ``reading``."""
        parts = without_names(formulas)
        self._outside = frozenset(global_variables([*head, *parts]))
        self._reading = reading
        self._real = frozenset(real_variables(parts, self._places))
        found = tuple(self._formula(formula) for formula in parts)
        return found if reading is None else (self._range(reading, reading.arguments), *found)

    def term(self, term: Term, added: list[Formula]) -> Term:
        """``term`` with a variable for each reading; ``added`` gets what binds these."""

        def change(part: Node) -> Node | None:
            if not isinstance(part, Call):
                return None
            if part.name in OF_READINGS and part.arguments:
                raise _refuse(f"'{part.name}' inside of another term", part.span)
            if attribute_of(self._checked, part) is None:
                return None
            return self._value_of(part, added)

        return replace(term, change)

    # ----- formulas

    def _formula(self, formula: Formula) -> Formula:
        match formula:
            case And(items):
                return And(tuple(map(self._formula, items)), formula.span)
            case Or(items):
                return Or(tuple(map(self._formula, items)), formula.span)
            case Not(operand):
                return self._negation(operand)
            case Quantified(quantifier, body, condition):
                if quantifier == "any":
                    return Quantified("any", self._formula(body), tuple(map(self._formula, condition)), formula.span)
                return Not(self._counterexample(body, condition), formula.span)
            case _:
                return self._literal(formula)

    def _counterexample(self, body: Formula, condition: tuple[Formula, ...]) -> Call:
        """An atom that holds where ``body`` fails for some values that satisfy ``condition``."""
        body, ranges = self._without_wildcards(body)
        names = tuple(name for name in variables([body, *condition]) if name in self._outside)
        head = Call(f"any'{next(self._fresh)}", tuple(map(Variable, names)))
        if self._reading is not None and set(variables(self._reading.arguments)) & set(names):
            ranges.append(self._range(self._reading, self._reading.arguments))
        self.helpers.append((head, (*map(self._formula, condition), *ranges, self._negation(body))))
        return head

    def _without_wildcards(self, body: Formula) -> tuple[Formula, list[Formula]]:
        """``body`` with a variable for each ``_`` in the index of a reading, and what gives these their values."""
        ranges: list[Formula] = []

        def change(part: Node) -> Node | None:
            if (
                not isinstance(part, Call)
                or attribute_of(self._checked, part) is None
                or Variable("_") not in part.arguments
            ):
                return None
            arguments = tuple(
                Variable(f"W'{next(self._fresh)}") if item == Variable("_") else item for item in part.arguments
            )
            ranges.append(self._range(part, arguments))
            return Call(part.name, arguments, part.source, part.span)

        return replace(body, change), ranges

    def _range(self, call: Call, arguments: tuple[Term, ...]) -> Call:
        """An atom that holds for the indices of an attribute."""
        self.ranged[call.name] = call
        return Call(f"index'{call.name}", arguments)

    def _negation(self, formula: Formula) -> Formula:
        match formula:
            case Not(operand):
                return self._formula(operand)
            case And(items):
                return Or(tuple(map(self._negation, items)), formula.span)
            case Or(items):
                return And(tuple(map(self._negation, items)), formula.span)
            case Quantified(quantifier, body, condition):
                flipped = Quantified(
                    "any" if quantifier == "all" else "all", Not(body, body.span), condition, formula.span
                )
                return self._formula(flipped)
            case Comparison(operator, left, right):
                other = self._literal(Comparison(FLIPPED[operator], left, right, formula.span))
            case Call() if attribute_of(self._checked, formula) is not None:
                other = self._literal(Comparison("=", formula, Call("false"), formula.span))
            case _:
                other = self._literal(Not(formula, formula.span))
        readings = readings_in(self._checked, formula)
        if any(Variable("_") in call.arguments for call in readings):
            raise _refuse("'_' in the index of a reading below 'not'; write 'all' or 'any'", formula.span)
        missing = [self._missing(call) for call in readings if call.source is not None or call.name != self._total]
        return Or((*missing, other), formula.span) if missing else other

    def _missing(self, call: Call) -> Formula:
        self.read[reading_predicate(call)] = call
        return Not(Call(f"has'{reading_predicate(call)}", call.arguments), call.span)

    def _literal(self, formula: Formula) -> Formula:
        """A comparison, membership or atom, or the negation of a membership or an atom."""
        added: list[Formula] = []
        found: Formula
        match formula:
            case Comparison(_, left, right) if self._is_real(left) or self._is_real(right):
                found = self._real_comparison(formula, added)
            case Comparison("=", Call() as call, value) if attribute_of(self._checked, call) is not None:
                found = self._atom(call, self.term(value, added))
            case Comparison(operator, left, right):
                found = Comparison(operator, self._side(left, added), self._side(right, added), formula.span)
            case Membership(term, values):
                self._refuse_readings(values)
                found = Membership(self.term(term, added), values, formula.span)
            case Not(Membership(term, values)):
                self._refuse_readings(values)
                found = Not(Membership(self.term(term, added), values, formula.span), formula.span)
            case Call() if attribute_of(self._checked, formula) is not None:
                found = self._atom(formula, Call("true"))
            case Call(name, arguments):
                found = Call(name, tuple(self.term(argument, added) for argument in arguments), None, formula.span)
                self._refuse_numbers(found)
            case Not(Call(name, arguments)):
                atom = Call(name, tuple(self.term(argument, added) for argument in arguments), None, formula.span)
                self._refuse_numbers(atom)
                found = Not(atom, formula.span)
            case _:
                raise _refuse("this condition", formula.span)
        return And((*added, found), formula.span) if added else found

    def _refuse_numbers(self, atom: Call) -> None:
        """A decimal number written into an atom: a place of type real holds places in the table of numbers."""
        for place in self._places.get((atom.name, len(atom.arguments)), ()):
            if not isinstance(atom.arguments[place], Variable):
                raise _refuse(f"a number inside of '{atom.name}(…)'; write a variable and compare it", atom.span)

    def _refuse_readings(self, values: Node) -> None:
        if any(attribute_of(self._checked, node) is not None or is_function(node) for node in walk(values)):
            raise _refuse("a set with readings; write comparisons", values.span)

    def _side(self, term: Term, added: list[Formula]) -> Term:
        if not isinstance(term, Aggregate):
            return self.term(term, added)
        elements = tuple(self._element(element) for element in term.elements)
        return Aggregate(term.function, elements, term.span)

    def _element(self, element: Element) -> Element:
        added: list[Formula] = []
        terms = tuple(self.term(term, added) for term in terms_of(element))
        condition = tuple(map(self._formula, element.condition))
        return Element(terms, (*added, *condition), element.priority, element.span)

    def _atom(self, call: Call, value: Term) -> Call:
        added: list[Formula] = []
        arguments = tuple(self.term(argument, added) for argument in call.arguments)
        if added:
            raise _refuse("a reading inside of an index", call.span)
        self.read[reading_predicate(call)] = call
        return Call(reading_predicate(call), (*arguments, value), None, call.span)

    def _value_of(self, call: Call, added: list[Formula]) -> Variable:
        name = Variable(f"V'{next(self._fresh)}", call.span)
        added.append(self._atom(call, name))
        return name

    # ----- real numbers

    def _is_real(self, term: Term) -> bool:
        if isinstance(term, Aggregate):
            return False
        for node in walk(term):
            match node:
                case Call(name, arguments) if name in OF_READINGS and arguments:
                    return True
                case Variable(name) if name in self._real:
                    return True
                case Number() | Call():
                    if isinstance(fold(node, self._checked.constants), float):
                        return True
        return False

    def _real_comparison(self, comparison: Comparison, added: list[Formula]) -> Formula:
        left, right = comparison.left, comparison.right
        if isinstance(left, Aggregate) or isinstance(right, Aggregate):
            raise _refuse("a comparison of an aggregate with a decimal number", comparison.span)
        sides = [self._place(side, added) for side in (left, right)]
        if sides[0] is not None and sides[1] is not None:
            return Comparison(comparison.operator, sides[0], sides[1], comparison.span)
        first, second = self._computed(left, added), self._computed(right, added)
        names = variables((first, second))
        real = tuple(name in self._real or name.startswith("R'") for name in names)
        test = self._tests.add(Test(Comparison(comparison.operator, first, second), names, real))
        call = Call(f"@{test}", tuple(map(Variable, names)), None, comparison.span)
        return Comparison("=", call, Number(1), comparison.span)

    def _place(self, term: Term, added: list[Formula]) -> Term | None:
        """The place of a number that stands by itself in the table; None for arithmetic and for whole numbers."""
        match term:
            case Call(name, (Call() as call,)) if name in OF_READINGS:
                return self._measure(name, call, added)
            case Variable(name):
                return term if name in self._real else None
        value = fold(term, self._checked.constants)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Number(self._ranks.place(float(value)), term.span)
        return None

    def _computed(self, term: Term, added: list[Formula]) -> Term:
        """Arithmetic over variables and numbers alone."""

        def change(part: Node) -> Node | None:
            match part:
                case Call(name, (Call() as call,)) if name in OF_READINGS:
                    return self._measure(name, call, added)
                case Call():
                    if attribute_of(self._checked, part) is not None:
                        return self._value_of(part, added)
                    value = fold(part, self._checked.constants)
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        return Number(value, part.span)
            return None

        found = replace(term, change)
        if not all(isinstance(node, Number | Variable | Negative | Binary) for node in walk(found)):
            raise _refuse("a comparison of a number with something else", term.span)
        return found

    def _measure(self, function: str, call: Call, added: list[Formula]) -> Variable:
        name = Variable(f"R'{next(self._fresh)}", call.span)
        predicate = reading_predicate(call)
        self.measured[function, predicate] = call
        arguments = tuple(self.term(argument, added) for argument in call.arguments)
        added.append(Call(f"{function}'{predicate}", (*arguments, name), None, call.span))
        return name


def _refuse(what: str, span: Span) -> NesyError:
    hint = "compare readings, confidences, numbers and relations of the objects"
    return NesyError(Diagnostic("E577", f"an error rule cannot hold {what}", span, hint))
