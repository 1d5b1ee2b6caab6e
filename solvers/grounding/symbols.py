"""Values of the language and symbols of clingo, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, final

import clingo

from nesy.dsl.checks.constants import Scalar
from nesy.dsl.values import Value, format_reference, format_value

SMALLEST, LARGEST = -(2**31), 2**31 - 1
"""The range of gringo's integers; beyond it gringo wraps around without a word."""

DECIMAL = "decimal'"
"""``decimal'("1.73")`` stands for a decimal number, which gringo does not have; no rule file can hold such a name."""

Read = TypeVar("Read")


def value_text(value: Value) -> str:
    """``value`` as clingo writes it: the canonical text of the language, save that ``not`` is a word of clingo's."""
    if isinstance(value, tuple):
        return f"({','.join(map(value_text, value))})"
    return '"not"' if value == "not" else format_value(value)


def symbol_value(symbol: clingo.Symbol) -> Value:
    """The value that a clingo symbol stands for.

    Raises ValueError for what is no value: ``#inf``, ``#sup`` (the minimum and maximum of nothing) and
    compound terms such as ``f(1)`` or ``-red``.
    """
    match symbol.type:
        case clingo.SymbolType.Number:
            return symbol.number
        case clingo.SymbolType.String:
            return symbol.string
        case clingo.SymbolType.Function if symbol.name == "":
            return tuple(map(symbol_value, symbol.arguments))
        case clingo.SymbolType.Function if not symbol.arguments and not symbol.negative:
            name = symbol.name
            return name == "true" if name in ("true", "false") else name
    raise ValueError(f"'{symbol}' is no value")


def symbol_scalar(symbol: clingo.Symbol) -> Scalar:
    """As :func:`symbol_value`, decimal numbers among the values."""
    if symbol.type is clingo.SymbolType.Function and symbol.name == DECIMAL:
        return float(symbol.arguments[0].string)
    return symbol_value(symbol)


class _Reader(Generic[Read]):
    """Converts symbols and remembers what it has converted: the same few symbols come again and again."""

    def __init__(self, convert: Callable[[clingo.Symbol], Read]) -> None:
        self._convert = convert
        self._known: dict[clingo.Symbol, Read] = {}

    def value(self, symbol: clingo.Symbol) -> Read:
        """What a symbol stands for."""
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = self._convert(symbol)
        return found

    def arguments(self, symbol: clingo.Symbol) -> tuple[Read, ...]:
        """The arguments of an atom as values."""
        known = self._known
        try:
            return tuple([known[argument] for argument in symbol.arguments])
        except KeyError:
            return tuple(map(self.value, symbol.arguments))


@final
class SymbolReader(_Reader[Value]):
    """Reads values."""

    def __init__(self) -> None:
        super().__init__(symbol_value)

    def label(self, symbol: clingo.Symbol) -> str:
        """An atom as messages say it; what is no value in it stays as clingo writes it."""
        try:
            text = format_reference(symbol.name, self.arguments(symbol))
        except ValueError:
            return str(symbol)
        return f"-{text}" if symbol.negative else text


@final
class ScalarReader(_Reader[Scalar]):
    """Reads values and decimal numbers."""

    def __init__(self) -> None:
        super().__init__(symbol_scalar)


def order_key(value: Scalar | tuple[Scalar, ...]) -> tuple[object, ...]:
    """A key that sorts values of mixed kinds: numbers, truth values, names, then tuples."""
    match value:
        case bool():
            return (1, value)
        case int() | float():
            return (0, value)
        case str():
            return (2, value)
        case tuple():
            return (3, len(value), tuple(map(order_key, value)))
