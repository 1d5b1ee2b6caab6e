"""Names, numbers of arguments, and values: every formula against the table of names.

One :class:`Resolver` walks the formulas of a program. It reports unknown names with the nearest known one, wrong
numbers of arguments, values outside their domain, and constructs in places that do not take them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nesy.dsl.checked import ValueType
from nesy.dsl.checks.context import QUANTIFIER, Context
from nesy.dsl.checks.declarations import kind_of
from nesy.dsl.checks.places import Places
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import FUNCTIONS, OF_READINGS, AttributeSymbol, Symbols
from nesy.dsl.checks.values import ValueCheck
from nesy.dsl.diagnostics import counted
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Formula,
    Interval,
    Membership,
    Negative,
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


class Resolver:
    """Checks formulas and terms; see the module."""

    def __init__(self, symbols: Symbols, places: Places, report: Report) -> None:
        self.symbols = symbols
        self.report = report
        self._places = places
        self._names: frozenset[str] | None = None
        self._holding = [*symbols.arities, *symbols.attributes, *symbols.types]
        self._valued = [*symbols.attributes, *FUNCTIONS]
        self._values = ValueCheck(symbols, report)
        self._unknown: set[tuple[str, int]] = set()

    # ----- formulas

    def formulas(self, formulas: tuple[Formula, ...], context: Context) -> None:
        """Check each of ``formulas``."""
        for formula in formulas:
            self.formula(formula, context)

    def formula(self, formula: Formula, context: Context) -> None:
        """Check one formula."""
        match formula:
            case Call():
                self.atom(formula, context)
            case Comparison():
                self.comparison(formula, context)
            case Membership(term, values):
                self.membership(term, values, context)
            case Not(operand):
                self.formula(operand, context)
            case And(items) | Or(items):
                self.formulas(items, context)
            case Quantified(_, body, condition):
                self.formula(body, context)
                self.formulas(condition, replace(QUANTIFIER, reals=context.reals))

    def atom(self, call: Call, context: Context) -> None:
        """A call that must hold or fail: an atom of a relation or type, or an attribute that is true or false."""
        name, symbols = call.name, self.symbols
        if name in ("true", "false") and not call.arguments:
            return
        if name in symbols.attributes:
            symbol = symbols.attributes[name]
            self.attribute(call, symbol, context)
            if symbol.value is not None and not symbol.is_bool:
                text = f"'{name}' has a value of the type {symbol.value.name}, it is not true or false by itself"
                hint = f"compare it: {shown(call)} = …, or {shown(call)} in {{…}}"
                self.report.add("E209", text, call.span, hint)
        elif call.source is not None:
            self._unknown_name(call, "percept", symbols.attributes)
        elif name in symbols.types:
            if self._arity(call, [1], "type"):
                self.term(call.arguments[0], symbols.types[name], context)
        elif name in symbols.declared:
            expected = symbols.declared[name]
            if self._arity(call, [len(expected)], "relation"):
                for argument, domain in zip(call.arguments, expected, strict=True):
                    self.term(argument, domain, context)
        elif name in symbols.arities:
            self._arity(call, symbols.arities[name], "relation")
            for argument in call.arguments:
                self.term(argument, None, context)
        else:
            if not symbols.open_ended and name not in symbols.broken:
                self._unknown_name(call, "relation or attribute", self._holding)
            for argument in call.arguments:
                self.term(argument, None, context)

    def comparison(self, formula: Comparison, context: Context) -> None:
        """``left operator right``: both sides, and whether their values can be compared."""
        left, right = self._type_of(formula.left), self._type_of(formula.right)
        if left is None and right is None:
            self._compared_name(formula.left)
            if not isinstance(formula.left, Variable):
                self._compared_name(formula.right)
        equality = formula.operator in ("=", "!=")
        self._side(formula.left, right if left is None else None, context, equality)
        self._side(formula.right, left if right is None else None, context, equality)
        if left is not None and right is not None:
            self._values.comparable(formula, left, right)

    def membership(self, term: Term, values: SetTerm | Interval, context: Context) -> None:
        """``term in {…}``."""
        expected = self._type_of(term)
        self._side(term, None, context, True)
        if expected is None:
            self._compared_name(term)
        match values:
            case Interval():
                self.term(values, expected, context)
            case SetTerm(items, condition):
                if not items:
                    text = "the set is empty, so nothing can be in it"
                    self.report.add("E212", text, values.span, "name at least one value")
                for item in items:
                    self.term(item, expected, context)
                self.formulas(condition, context)

    def _side(self, term: Term, expected: ValueType | None, context: Context, exact: bool) -> None:
        """A side of a comparison. Here the bare name of an attribute lacks its index; elsewhere it is a value."""
        if isinstance(term, Call) and not term.arguments and self._is_attribute(term.name):
            self.attribute(term, self.symbols.attributes[term.name], context)
        else:
            self.term(term, expected, context, exact)

    def _compared_name(self, term: Term) -> None:
        """``lmap = red``: a bare name that is compared, and is no value of anything, was meant as an attribute."""
        if not isinstance(term, Call) or term.arguments or term.source or term.name in ("true", "false"):
            return
        if term.name in self.symbols.constants or term.name in self.symbols.attributes:
            return
        if self._names is None:
            self._names = self._places.names()
        if term.name not in self._names:
            self._unknown_name(term, "attribute or value", [*self.symbols.attributes, *self._names])

    # ----- terms

    def term(self, term: Term, expected: ValueType | None, context: Context, exact: bool = True) -> None:
        """Check a term where a value of the type ``expected`` belongs (None: any).

        ``exact`` is false where the value is only compared by order, and so may lie outside the type.
        """
        match term:
            case Number() | Text() | Negative(Number()):
                self._values.constant(term, expected, exact, context)
            case Variable():
                return
            case Call():
                self._call(term, expected, context, exact)
            case TupleTerm(items):
                for item, part in zip(items, self._values.parts(term, expected), strict=True):
                    self.term(item, part, context, exact)
            case Negative() | Binary():
                self._arithmetic(term, expected, context, exact)
            case Interval(low, high):
                self._values.interval(term, expected)
                self.term(low, None, context)
                self.term(high, None, context)
            case Conditional(condition, then, otherwise):
                self._admit(context.conditionals, "'if … then … else'", term, context)
                self.formula(condition, context)
                self.term(then, expected, context, exact)
                self.term(otherwise, expected, context, exact)
            case Aggregate(function, elements):
                self._admit(context.aggregates, f"the aggregate '{function}'", term, context)
                for element in elements:
                    self.element(element, context)

    def element(self, element: Element, context: Context) -> None:
        """What stands between the semicolons of an aggregate's braces."""
        for term in element.terms:
            self.term_or_formula(term, context)
        if element.priority is not None:
            self.term(element.priority, None, context)
        self.formulas(element.condition, context)

    def term_or_formula(self, node: Term | Formula, context: Context) -> None:
        """Check what may be either; a bare call is taken as a formula if its name is one of a relation."""
        match node:
            case Comparison() | Membership() | Not() | And() | Or() | Quantified():
                self.formula(node, context)
            case Call(name, arguments, _) if arguments and self._is_relation(name):
                self.formula(node, context)
            case _:
                self.term(node, None, context)

    def _is_relation(self, name: str) -> bool:
        return name not in self.symbols.attributes and (name in self.symbols.arities or name in self.symbols.types)

    def _call(self, call: Call, expected: ValueType | None, context: Context, exact: bool) -> None:
        symbol = self.symbols.attribute_of(call)
        if symbol is not None:
            self.attribute(call, symbol, context)
            self._values.attribute(call, symbol, expected)
        elif call.name in OF_READINGS and call.arguments:
            self._of_reading(call, context)
        elif call.name in FUNCTIONS and call.arguments:
            self._admit(context.functions or call.name == "abs", f"the function '{call.name}'", call, context)
            self._arity(call, [FUNCTIONS[call.name]], "function")
            for argument in call.arguments:
                self.term(argument, None, context)
        elif call.arguments or call.source is not None:
            self._no_term(call)
        else:
            self._values.constant(call, expected, exact, context)

    def attribute(self, call: Call, symbol: AttributeSymbol, context: Context) -> None:
        """The use of an attribute: index, source, and whether attributes may stand here at all."""
        if not context.attributes:
            text = f"{context.name} is decided while grounding, but '{symbol.name}' is a {kind_of(symbol.statement)}"
            self.report.add("E308", text, call.span, "use relations, types and arithmetic here")
        if call.source is not None and call.source not in symbol.sources:
            self._unknown_source(call, symbol)
        if len(call.arguments) != len(symbol.index):
            needs = counted(len(symbol.index), "place")
            index = "(" + ", ".join("…" for _ in symbol.index) + ")" if symbol.index else ""
            text = f"the index of '{symbol.name}' has {needs}, but {given(call)} here"
            hint = f"write {symbol.name}{index}"
            self.report.add("E206", text, call.span, hint, symbol.statement.span, "declared here")
            for argument in call.arguments:
                self.term(argument, None, context)
            return
        for argument, domain in zip(call.arguments, symbol.index, strict=True):
            self.term(argument, domain, context)

    def _unknown_source(self, call: Call, symbol: AttributeSymbol) -> None:
        known = ", ".join(symbol.sources)
        hint = self.report.near_name(call.source or "", symbol.sources)
        if not hint:
            hint = f"its sources are {known}" if known else "declare the sources: percept … : … from m1, m2."
        text = f"'{symbol.name}' has no source '{call.source}'"
        self.report.add("E210", text, call.span, hint, symbol.statement.span, "declared here")

    def _of_reading(self, call: Call, context: Context) -> None:
        self._admit(context.confidence, f"'{call.name}'", call, context)
        reading = call.arguments[0]
        symbol = self.symbols.attribute_of(reading)
        if len(call.arguments) != 1 or not isinstance(reading, Call) or symbol is None or symbol.kind != "percept":
            text = f"'{call.name}' takes one reading of a percept"
            self.report.add("E218", text, call.span, f"write, for instance, {call.name}(label@m1(O))")
        else:
            self.attribute(reading, symbol, context)

    def _arithmetic(self, term: Negative | Binary, expected: ValueType | None, context: Context, exact: bool) -> None:
        operands = (term.operand,) if isinstance(term, Negative) else (term.left, term.right)
        before = len(self.report.diagnostics)
        for operand in operands:
            self.term(operand, None, context)
            self._values.numeric(operand)
        if len(self.report.diagnostics) == before:
            self._values.constant(term, expected, exact, context)

    # ----- reports

    def _type_of(self, term: Term) -> ValueType | None:
        known = isinstance(term, Call) and self._is_attribute(term.name)
        return self.symbols.attributes[term.name].value if known and isinstance(term, Call) else None

    def _is_attribute(self, name: str) -> bool:
        return name in self.symbols.attributes and name not in self.symbols.constants

    def _arity(self, call: Call, allowed: list[int], kind: str) -> bool:
        if len(call.arguments) in allowed:
            return True
        needs = " or ".join(str(number) for number in sorted(set(allowed)))
        text = f"the {kind} '{call.name}' has {needs} argument{'' if needs == '1' else 's'}, but {given(call)} here"
        self.report.add("E206", text, call.span, f"give it {needs}")
        return False

    def _admit(self, admitted: bool, construct: str, term: Term, context: Context) -> None:
        if not admitted:
            text = f"{construct} cannot stand in {context.name}"
            self.report.add("E224", text, term.span, "compute it in a 'define' statement or by a ':-' rule")

    def _no_term(self, call: Call) -> None:
        if self._is_relation(call.name):
            text = f"'{call.name}' is a relation: it holds or fails, and has no value"
            hint = "write it as a formula of its own, with a variable for the value"
            self.report.add("E219", text, call.span, hint)
        else:
            self._unknown_name(call, "attribute or function", self._valued)

    def _unknown_name(self, call: Call, kind: str, known: Collection[str]) -> None:
        key = (call.name, len(call.arguments))
        if key in self._unknown:
            return
        self._unknown.add(key)
        hint = self.report.near_name(call.name, known) or f"declare '{call.name}', or write a rule or a fact for it"
        self.report.add("E201", f"unknown {kind} '{call.name}'", call.span, hint)


def given(call: Call) -> str:
    """``1 is given``, ``2 are given``."""
    return "1 is given" if len(call.arguments) == 1 else f"{len(call.arguments) or 'none'} are given"


def shown(call: Call) -> str:
    """A call as messages show it, with its arguments left out."""
    source = f"@{call.source}" if call.source else ""
    return f"{call.name}{source}({', '.join('…' for _ in call.arguments)})" if call.arguments else call.name + source
