"""JSON schema and grammar, the ways to hold a reply to its form, take the same texts; the reader takes them too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import LarkError

from nesy.synthesis.llm.client import Form
from nesy.synthesis.llm.forms import KNOWLEDGE, READING, json_in

GOOD: dict[str, list[Any]] = {
    READING.name: [
        {"sentences": []},
        {"sentences": [{"number": 3, "statements": []}]},
        {
            "sentences": [
                {"number": 0, "statements": ['observe a("x").', "b. ü \\ \n"]},
                {"number": 12, "statements": ["c."]},
            ]
        },
    ],
    KNOWLEDGE.name: [{"statements": []}, {"statements": ["random a : bool ~ bernoulli(0.5).", ""]}],
}
BAD: dict[str, list[Any]] = {
    READING.name: [
        {},
        [],
        {"sentences": {}},
        {"sentences": [{"number": "3", "statements": []}]},
        {"sentences": [{"number": 3}]},
        {"sentences": [{"number": 3, "statements": [4]}]},
        {"sentences": [{"number": 3, "statements": [], "more": 1}]},
    ],
    KNOWLEDGE.name: [{}, {"statements": "a."}, {"statements": [None]}, {"sentences": []}],
}


def lark_of(form: Form) -> Lark:
    """The GBNF grammar in Lark's notation: rules in the same words, character classes as expressions."""
    rules = []
    for line in form.grammar.strip().splitlines():
        name, body = line.split(" ::= ")
        if name == "string":
            body = r'/"([^"\\\x00-\x1f]|\\["\\\/bfnrt])*"/ space'
        body = body.replace("[0-9]+", "/[0-9]+/").replace(r"[ \t\n]*", r"/[ \t\n]+/?")
        rules.append(f"{name}: {body}")
    return Lark("\n".join(rules), start="root", parser="earley", lexer="dynamic")


def fits(schema: Any, value: Any) -> bool:
    """The part of JSON schema that the forms use."""
    match schema["type"]:
        case "object":
            known = schema["properties"]
            return (
                isinstance(value, dict)
                and set(schema["required"]) <= set(value)
                and (schema["additionalProperties"] or set(value) <= set(known))
                and all(fits(known[name], part) for name, part in value.items() if name in known)
            )
        case "array":
            return isinstance(value, list) and all(fits(schema["items"], part) for part in value)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


@pytest.mark.parametrize("form", [READING, KNOWLEDGE], ids=lambda form: form.name)
def test_schema_and_grammar_take_the_same_replies(form: Form) -> None:
    grammar = lark_of(form)
    for value, good in [*((each, True) for each in GOOD[form.name]), *((each, False) for each in BAD[form.name])]:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert fits(form.schema, value) is good, text
        try:
            grammar.parse(text)
        except LarkError:
            assert not good, text
        else:
            assert good, text
        if good:
            assert json_in(text) == value
