"""Replies held to their form: the JSON schema and the GBNF grammar of a record, from its own type annotations.

The record is the one source: :mod:`nesy.synthesis.codec` reads a reply into it, and what is made here takes the same
texts. A grammar takes the fields of an object in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from itertools import permutations
from typing import Annotated, Any, get_args, get_origin

from nesy.synthesis.codec import Most, hints_of

_CHARACTERS = r"""
character ::= [^"\\\x00-\x1f] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])
integer ::= "-"? ("0" | [1-9] [0-9]*) space
space ::= [ \t\r\n]*
"""


def schema_of(kind: Any) -> Mapping[str, Any]:
    """The JSON schema of a record: objects, lists, texts and whole numbers."""
    base, most = _parts(kind)
    if is_dataclass(base):
        hints = hints_of(base)
        return {
            "type": "object",
            "properties": {field.name: schema_of(hints[field.name]) for field in fields(base)},
            "required": [field.name for field in fields(base)],
            "additionalProperties": False,
        }
    if get_origin(base) is tuple:
        item, _ = get_args(base)
        return {"type": "array", "items": schema_of(item)} | ({} if most is None else {"maxItems": most})
    if base is int:
        return {"type": "integer"}
    assert base is str, f"no schema for {base}"
    return {"type": "string"} | ({} if most is None else {"maxLength": most})


def grammar_of(kind: Any) -> str:
    """The same as a GBNF grammar, whose first rule is ``root``."""
    rules: dict[str, str] = {}
    root = _rule(kind, "root", rules)
    assert root == "root"
    return "\n".join(f"{name} ::= {body}" for name, body in rules.items()) + _CHARACTERS


def _rule(kind: Any, name: str, rules: dict[str, str]) -> str:
    """The name of the rule for a type, which is added with all that it refers to; ``name`` unless it is one of JSON."""
    base, most = _parts(kind)
    if base is int:
        return "integer"
    if name in rules:
        return name
    rules[name] = ""
    if is_dataclass(base):
        hints = hints_of(base)
        members = [_member(field.name, _rule(hints[field.name], field.name, rules)) for field in fields(base)]
        orders = (' "," space '.join(order) for order in permutations(members))
        rules[name] = f'"{{" space ({" | ".join(orders)}) "}}" space'
    elif get_origin(base) is tuple:
        item = _rule(get_args(base)[0], f"{name}-item", rules)
        more = "*" if most is None else f"{{0,{most - 1}}}"
        rules[name] = f'"[" space ({item} ("," space {item}){more})? "]" space'
    else:
        assert base is str, f"no grammar for {base}"
        times = "*" if most is None else f"{{0,{most}}}"
        rules[name] = f'"\\"" character{times} "\\"" space'
    return name


def _member(name: str, rule: str) -> str:
    return f'"\\"{name}\\"" space ":" space {rule}'


def _parts(kind: Any) -> tuple[Any, int | None]:
    """A type without its annotations, and the most entries or characters that they allow."""
    if get_origin(kind) is not Annotated:
        return kind, None
    base, *marks = get_args(kind)
    return base, next((mark.count for mark in marks if isinstance(mark, Most)), None)
