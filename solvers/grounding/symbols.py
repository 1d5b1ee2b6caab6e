"""Values of the language and symbols of clingo, both ways."""

from __future__ import annotations

import clingo

from nesy.dsl.values import Value, format_reference, format_value

SMALLEST, LARGEST = -(2**31), 2**31 - 1
"""The range of gringo's integers; beyond it gringo wraps around without a word."""


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


class SymbolReader:
    """Converts symbols to values and remembers what it has converted: the same few symbols come again and again."""

    def __init__(self) -> None:
        self._known: dict[clingo.Symbol, Value] = {}

    def value(self, symbol: clingo.Symbol) -> Value:
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = symbol_value(symbol)
        return found

    def arguments(self, symbol: clingo.Symbol) -> tuple[Value, ...]:
        """The arguments of an atom as values."""
        known = self._known
        try:
            return tuple([known[argument] for argument in symbol.arguments])
        except KeyError:
            return tuple(map(self.value, symbol.arguments))

    def label(self, symbol: clingo.Symbol) -> str:
        """An atom as messages say it; what is no value in it stays as clingo writes it."""
        try:
            text = format_reference(symbol.name, self.arguments(symbol))
        except ValueError:
            return str(symbol)
        return f"-{text}" if symbol.negative else text


def order_key(value: Value) -> tuple[object, ...]:
    """A key that sorts values of mixed kinds: integers, truth values, names, then tuples."""
    match value:
        case bool():
            return (1, value)
        case int():
            return (0, value)
        case str():
            return (2, value)
        case tuple():
            return (3, len(value), tuple(map(order_key, value)))
