"""Types: from type expressions to finite, ordered domains."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from nesy.dsl.checked import Domain, NumericType, ValueType
from nesy.dsl.checks.constants import NotConstantError, Scalar, evaluate, names_in
from nesy.dsl.checks.report import Report
from nesy.dsl.span import Span
from nesy.dsl.statements import NamedType, ProductType, TypeDeclaration, TypeExpression
from nesy.dsl.syntax import Interval, SetTerm, Term
from nesy.dsl.values import Value, format_scalar, format_value

LARGEST_DOMAIN = 1_000_000
"""More values than this are refused: a type is laid out as the axis of a tensor."""

LONGEST_CHAIN = 100
"""So many types may be defined by one another in turn."""

BOOL = Domain("bool", (False, True))


class TypeTable:
    """Evaluates type expressions. Each named type is laid out once; problems go to ``report``.

    ``open_values`` gives the values of the open types. ``broken`` are constants without a value; what uses one is
    left without a domain and not reported again.
    """

    def __init__(
        self,
        declarations: Mapping[str, TypeDeclaration],
        constants: Mapping[str, Scalar],
        open_values: Mapping[str, Sequence[Value]],
        report: Report,
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self._declarations = declarations
        self._constants = constants
        self._open_values = open_values
        self._report = report
        self._broken = broken
        self._domains: dict[str, ValueType | None] = {
            "bool": BOOL,
            "real": NumericType("real"),
            "int": NumericType("int"),
        }
        self._path: list[str] = []

    def all_domains(self) -> dict[str, Domain]:
        """The domains of all declared types that have one."""
        named = {name: self._named(name, declaration.span) for name, declaration in self._declarations.items()}
        return {name: domain for name, domain in named.items() if isinstance(domain, Domain)}

    def finite(self, expression: TypeExpression, role: str) -> Domain | None:
        """The domain of ``expression``; ``role`` (“an index”) says what needs it to be finite."""
        found = self.value_type(expression)
        if isinstance(found, NumericType):
            text = f"'{found.name}' is not finite, so it cannot be the type of {role}"
            self._report.add("E216", text, expression.span, _FINITE_HINT)
            return None
        return found

    def value_type(self, expression: TypeExpression, name: str | None = None) -> ValueType | None:
        """The type of ``expression``, called ``name``; None where something is wrong, which is reported."""
        match expression:
            case NamedType(other):
                return self._named(other, expression.span)
            case Interval(low, high):
                return self._interval(low, high, name, expression.span)
            case SetTerm():
                return self._enumeration(expression, name)
            case ProductType(items):
                return self._product(items, name, expression.span)

    def _named(self, name: str, span: Span) -> ValueType | None:
        if name in self._domains:
            return self._domains[name]
        declaration = self._declarations.get(name)
        if declaration is None:
            known = [*self._declarations, "bool", "real", "int"]
            hint = self._report.near_name(name, known) or f"declare it: type {name} = …"
            self._report.add("E202", f"unknown type '{name}'", span, hint)
            return None
        if name in self._path:
            cycle = " → ".join((*self._path[self._path.index(name) :], name))
            text = f"the type '{name}' contains itself: {cycle}"
            self._report.add("E214", text, declaration.span, "define it by an interval, by names or by other types")
            return None
        if declaration.definition is None:
            self._domains[name] = Domain(name, tuple(self._open_values.get(name, ())), is_open=True)
            return self._domains[name]
        if len(self._path) >= LONGEST_CHAIN:
            text = f"the type '{name}' is reached through a chain of more than {LONGEST_CHAIN} types"
            self._report.add("E214", text, declaration.span, "define it directly")
            return None
        self._path.append(name)
        found = self.value_type(declaration.definition, name)
        self._path.pop()
        if isinstance(found, Domain) and found.name != name:
            found = Domain(name, found.values, found.components, found.is_open)
        self._domains[name] = found
        return found

    def _interval(self, low: Term, high: Term, name: str | None, span: Span) -> Domain | None:
        if self._broken & {*names_in(low), *names_in(high)}:
            return None
        first, last = self._integer(low), self._integer(high)
        if first is None or last is None:
            return None
        name = name or f"{first}..{last}"
        if first > last:
            text = f"the interval {first}..{last} is empty: {first} is greater than {last}"
            self._report.add("E212", text, span, f"write the smaller end first, such as {last}..{first}")
            return None
        if self._too_large(last - first + 1, name, span):
            return None
        return Domain(name, tuple(range(first, last + 1)))

    def _integer(self, term: Term) -> int | None:
        try:
            value = evaluate(term, self._constants)
        except NotConstantError as reason:
            text = f"the end of an interval must be a whole number: {reason}"
            self._report.add("E216", text, term.span, _INTERVAL_HINT)
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        shown = format_scalar(value)
        text = f"the end of an interval must be a whole number, not {shown}"
        self._report.add("E216", text, term.span, _INTERVAL_HINT)
        return None

    def _enumeration(self, expression: SetTerm, name: str | None) -> Domain | None:
        values: dict[tuple[bool, Value], Value] = {}
        if expression.condition:
            self._report.add("E216", "a type is no set with a condition", expression.span, "list the values")
            return None
        for item in expression.items:
            for value in self._values(item):
                key = (isinstance(value, bool), value)
                if key in values:
                    text = f"the value {format_value(value)} stands twice in the type"
                    self._report.add("E215", text, item.span, "write each value once")
                values[key] = value
        if not values:
            if not expression.items:
                self._report.add("E212", "the type has no values", expression.span, "name at least one value")
            return None
        texts = ", ".join(map(format_value, itertools.islice(values.values(), 4)))
        name = name or "{" + texts + (", …}" if len(values) > 4 else "}")
        return None if self._too_large(len(values), name, expression.span) else Domain(name, tuple(values.values()))

    def _values(self, item: Term) -> Sequence[Value]:
        if isinstance(item, Interval):
            interval = self._interval(item.low, item.high, None, item.span)
            return interval.values if interval else ()
        try:
            value = evaluate(item, self._constants)
        except NotConstantError as reason:
            self._report.add("E216", f"a type lists values, but this is none: {reason}", item.span, _FINITE_HINT)
            return ()
        if isinstance(value, float):
            text = f"{value} is not a value of a finite type"
            self._report.add("E216", text, item.span, "finite types hold whole numbers, names and texts")
            return ()
        return (value,)

    def _product(self, items: Sequence[TypeExpression], name: str | None, span: Span) -> Domain | None:
        factors = [self.finite(item, "a component of a product") for item in items]
        known = [factor for factor in factors if factor is not None]
        if len(known) < len(factors):
            return None
        name = name or "(" + ", ".join(factor.name for factor in known) + ")"
        size = 1
        for factor in known:
            size *= len(factor)
        if self._too_large(size, name, span):
            return None
        values = tuple(itertools.product(*(factor.values for factor in known)))
        return Domain(name, values, tuple(known), any(factor.is_open for factor in known))

    def _too_large(self, size: int, name: str, span: Span) -> bool:
        if size > LARGEST_DOMAIN:
            text = f"the type {name} has {size:,} values, more than the {LARGEST_DOMAIN:,} that are possible"
            self._report.add("E213", text, span, "split it into several attributes, or make its parts smaller")
            return True
        return False


_FINITE_HINT = "use an interval such as 1..9, a set such as {red, green}, or a declared finite type"
_INTERVAL_HINT = "write whole numbers, or constants declared by 'const'"
