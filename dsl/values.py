"""Values of types: integers, names, truth values and tuples of these, and how they are written."""

from __future__ import annotations

import re
from typing import TypeAlias

Value: TypeAlias = "int | str | bool | tuple[Value, ...]"
"""A value of a finite type. A ``str`` stands for a name (``red``) and for a quoted string (``"light red"``) alike."""

_NAME = re.compile(r"[a-z][A-Za-z0-9_]*\Z")

RESERVED = ("if", "then", "else", "iff", "and", "or", "not", "all", "any", "where", "true", "false", "mod")
"""The words that are never names: as values they stand in quotes."""


def format_value(value: Value) -> str:
    """The canonical text of a value, without blanks: ``5``, ``red``, ``"light red"``, ``true``, ``(1,2)``."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            if _NAME.match(value) and value not in RESERVED:
                return value
            return quoted(value)
        case tuple():
            return f"({','.join(map(format_value, value))})"


def format_scalar(value: Value | float) -> str:
    """As :func:`format_value`; a decimal number has the fewest digits that read back as the same number."""
    return repr(value) if isinstance(value, float) else format_value(value)


def quoted(text: str) -> str:
    """``text`` in double quotes, as rule files write it; inside, quotes, backslashes and line breaks are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def format_reference(name: str, index: tuple[Value, ...]) -> str:
    """``valid``, ``cell(1,2)``: the text by which answers, evidence and messages name an attribute or atom."""
    return f"{name}({','.join(map(format_value, index))})" if index else name
