"""Whether a value belongs to the type that its place asks for."""

from __future__ import annotations

from collections.abc import Sequence

from nesy.dsl.checked import Domain, NumericType, ValueType
from nesy.dsl.checks.constants import NotConstantError, Scalar, evaluate
from nesy.dsl.checks.context import Context
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import AttributeSymbol, Symbols
from nesy.dsl.checks.types import LARGEST_DOMAIN
from nesy.dsl.diagnostics import counted
from nesy.dsl.syntax import Call, Comparison, Interval, Term, TupleTerm
from nesy.dsl.values import format_scalar, format_value


class ValueCheck:
    """Compares values and types. What has been reported is not reported again further up."""

    def __init__(self, symbols: Symbols, report: Report) -> None:
        self._symbols = symbols
        self._report = report
        self._texts: dict[int, list[str]] = {}

    def constant(self, term: Term, expected: ValueType | None, exact: bool, context: Context) -> None:
        """A constant term where ``expected`` belongs; terms with variables or attributes pass."""
        try:
            value = evaluate(term, self._symbols.constants, self._symbols.plain)
        except NotConstantError as reason:
            if "zero" in str(reason) or "integers lie" in str(reason):
                text = f"the arithmetic has no result: {reason}"
                self._report.add("E217", text, term.span, "change the numbers")
            return
        if isinstance(expected, Domain):
            if exact:
                self.value(value, expected, term)
            else:
                self._same_kind(value, expected, term)
        elif isinstance(expected, NumericType):
            if isinstance(value, bool) or not isinstance(value, int | float):
                text = f"{format_value(value)} is not a number, but the type here is {expected.name}"
                self._report.add("E208", text, term.span, "write a number")
            elif isinstance(value, float) and expected.name == "int":
                text = f"the decimal number {value} stands where the type is int"
                self._report.add("E208", text, term.span, "write a whole number, or declare the type real")
        elif isinstance(value, float) and not context.reals:
            text = f"the decimal number {value} cannot stand in {context.name}"
            self._report.add("E208", text, term.span, "crisp logic computes with whole numbers: scale it")

    def value(self, value: Scalar, expected: Domain, term: Term) -> None:
        """Report E207 if ``value`` lies outside ``expected``. Open types without any value take everything."""
        if not isinstance(value, float) and expected.position(value) is not None:
            return
        if expected.is_open and isinstance(value, float):
            text = f"the decimal number {value} is no value of the open type {expected.name}"
            hint = "declare the place with the type real: relation height(person, real)"
            self._report.add("E207", text, term.span, hint)
            return
        if expected.is_open and not expected.values:
            return
        written = format_scalar(value)
        text = f"{written} is not a value of the type {expected.name}"
        self._report.add("E207", text, term.span, self._value_hint(written, expected))

    def parts(self, term: TupleTerm, expected: ValueType | None) -> Sequence[ValueType | None]:
        """The type for each item of a tuple; reports a tuple of the wrong length and one where none belongs."""
        unknown: Sequence[ValueType | None] = [None] * len(term.items)
        if expected is None:
            return unknown
        if isinstance(expected, Domain) and expected.components:
            if len(expected.components) == len(term.items):
                return expected.components
            needs = counted(len(expected.components), "component")
            text = f"the type {expected.name} has {needs}, but the tuple has {len(term.items)}"
            self._report.add("E208", text, term.span, f"write {needs}; '_' stands for any value")
        elif isinstance(expected, NumericType) or not any(isinstance(value, tuple) for value in expected.values[:1]):
            if isinstance(expected, Domain) and expected.is_open and not expected.values:
                return unknown
            text = f"a tuple stands where a value of the type {expected.name} belongs"
            self._report.add("E208", text, term.span, "write a single value")
        return unknown

    def interval(self, term: Interval, expected: ValueType | None) -> None:
        """``1..9`` as a term: both ends must be whole numbers in order, and in the type."""
        ends: list[int] = []
        for end in (term.low, term.high):
            value = self._symbols.fold(end)
            if value is None:
                return
            if isinstance(value, bool) or not isinstance(value, int):
                written = format_scalar(value)
                text = f"the end of an interval must be a whole number, not {written}"
                self._report.add("E208", text, end.span, "write whole numbers")
                return
            ends.append(value)
        low, high = ends
        if low > high:
            text = f"the interval {low}..{high} is empty: {low} is greater than {high}"
            self._report.add("E212", text, term.span, f"write the smaller end first, such as {high}..{low}")
        elif high - low >= LARGEST_DOMAIN:
            text = f"the interval {low}..{high} has more than the {LARGEST_DOMAIN:,} values that are possible"
            self._report.add("E213", text, term.span, "make it smaller")
        elif isinstance(expected, Domain):
            for value, end in ((low, term.low), (high, term.high)):
                self.value(value, expected, end)

    def attribute(self, call: Call, symbol: AttributeSymbol, expected: ValueType | None) -> None:
        """An attribute where a value of ``expected`` belongs, such as an index."""
        if symbol.value is not None and expected is not None and not _overlap(symbol.value, expected):
            text = f"'{symbol.name}' has values of the type {symbol.value.name}, but here belongs {expected.name}"
            self._report.add("E208", text, call.span, "use an attribute whose type fits")

    def comparable(self, formula: Comparison, left: ValueType, right: ValueType) -> None:
        """Two attributes side by side must have a value in common."""
        if formula.operator in ("=", "!=") and not _overlap(left, right):
            text = f"the types {left.name} and {right.name} have no value in common"
            self._report.add("E208", text, formula.span, "compare attributes whose types share values")

    def numeric(self, operand: Term) -> None:
        """An operand of arithmetic may not be a name, a truth value or a tuple."""
        symbol = self._symbols.attribute_of(operand)
        if symbol is not None:
            if isinstance(symbol.value, Domain) and symbol.value.values and not _has_numbers(symbol.value):
                text = f"'{symbol.name}' has values of the type {symbol.value.name}, which are no numbers"
                self._report.add("E208", text, operand.span, "arithmetic needs numbers")
            return
        value = self._symbols.fold(operand)
        if isinstance(value, str | tuple):
            text = f"{format_value(value)} is not a number"
            self._report.add("E208", text, operand.span, "arithmetic needs numbers")

    def _same_kind(self, value: Scalar, expected: Domain, term: Term) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if expected.values and number != _has_numbers(expected):
            written = format_scalar(value)
            text = f"{written} cannot be compared with values of the type {expected.name}"
            self._report.add("E208", text, term.span, self._value_hint(written, expected))

    def _value_hint(self, written: str, expected: Domain) -> str:
        """What the type has instead; its values are written out once, since a data file may have many wrong ones."""
        texts = self._texts.get(id(expected))
        if texts is None:
            texts = self._texts[id(expected)] = [format_value(value) for value in expected.values[:10_000]]
        near = None if written.lstrip("-").isdigit() else self._report.near(written, texts)
        if near is not None:
            return f"the nearest value is {near}"
        if len(texts) <= 12:
            return f"its values are {', '.join(texts)}"
        return f"its values are {texts[0]}, {texts[1]}, …, {format_value(expected.values[-1])}"


def _has_numbers(domain: Domain) -> bool:
    return any(isinstance(value, int) for value in domain.values)


def _overlap(left: ValueType, right: ValueType) -> bool:
    if isinstance(left, NumericType) or isinstance(right, NumericType):
        domain = left if isinstance(left, Domain) else right
        return not isinstance(domain, Domain) or not domain.values or _has_numbers(domain)
    if left.is_open or right.is_open or left.values == right.values:
        return True
    return not left.positions.keys().isdisjoint(right.positions.keys())
