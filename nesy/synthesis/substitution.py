"""Values in the place of variables in terms and formulas."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from nesy.dsl.span import Span
from nesy.dsl.syntax import Call, Negative, Number, Term, Text, Variable
from nesy.synthesis.slots import Denoted

Part = TypeVar("Part")


def as_term(value: Denoted, span: Span) -> Term:
    """A value as a term of the rule language."""
    if isinstance(value, bool):
        return Call("true" if value else "false", span=span)
    if isinstance(value, int | float):
        return Number(value, span) if value >= 0 else Negative(Number(-value, span), span)
    if isinstance(value, str):
        return Call(value, span=span) if value.isidentifier() and value[0].islower() else Text(value, span)
    raise TypeError(value)


def substituted(node: Part, values: Mapping[str, Denoted], span: Span) -> Part:
    """A copy of a term or formula with values for its variables; all of it stands at ``span``."""
    if isinstance(node, Variable) and node.name in values:
        return cast("Part", as_term(values[node.name], span))
    if isinstance(node, tuple):
        return cast("Part", tuple(substituted(item, values, span) for item in node))
    if not dataclasses.is_dataclass(node) or isinstance(node, type | Span):
        return node
    changed = {
        field.name: span if field.name == "span" else substituted(getattr(node, field.name), values, span)
        for field in dataclasses.fields(node)
    }
    replace: Any = dataclasses.replace
    return cast("Part", replace(node, **changed))
