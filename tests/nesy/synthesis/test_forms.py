"""Reader, JSON schema and grammar come from one record, and take and refuse the same replies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.synthesis.codec import ShapeError, read
from nesy.synthesis.llm.client import Form
from nesy.synthesis.llm.forms import (
    KNOWLEDGE,
    LONGEST_STATEMENT,
    MOST_STATEMENTS,
    READING,
    KnowledgeReply,
    ReadingReply,
    reply_in,
)
from nesy.synthesis.llm.outcomes import ProposerError
from tests.nesy.synthesis.gbnf import Grammar

KINDS: dict[str, tuple[Form, type, Grammar]] = {
    form.name: (form, kind, Grammar(form.grammar))
    for form, kind in ((READING, ReadingReply), (KNOWLEDGE, KnowledgeReply))
}
STATEMENTS: list[Any] = [
    [],
    [""],
    ["a."] * MOST_STATEMENTS,
    ["ä" * LONGEST_STATEMENT],
    ['gloss a : "x".', "b. ü \\ \n\t / \u2028", "\x01"],
]
NO_STATEMENTS: list[Any] = [
    None,
    "a.",
    [None],
    [4],
    [["a."]],
    {},
    ["a."] * (MOST_STATEMENTS + 1),
    ["a" * (LONGEST_STATEMENT + 1)],
]
GOOD: dict[str, list[Any]] = {
    READING.name: [
        {"sentences": []},
        *({"sentences": [{"number": 3, "statements": entry}]} for entry in STATEMENTS),
        {"sentences": [{"number": 0, "statements": []}, {"statements": ["c."], "number": -12}]},
    ],
    KNOWLEDGE.name: [{"statements": entry} for entry in STATEMENTS],
}
BAD: dict[str, list[Any]] = {
    READING.name: [
        {},
        [],
        {"sentences": {}},
        {"sentences": [{"number": "3", "statements": []}]},
        {"sentences": [{"number": True, "statements": []}]},
        {"sentences": [{"number": 3}]},
        {"sentences": [{"number": 3, "statements": [], "more": 1}]},
        {"sentences": [{"number": 3, "statements": []}] * (MOST_STATEMENTS + 1)},
        {"sentences": [], "why": "because"},
        *({"sentences": [{"number": 3, "statements": entry}]} for entry in NO_STATEMENTS),
    ],
    KNOWLEDGE.name: [{}, {"sentences": []}, *({"statements": entry} for entry in NO_STATEMENTS)],
}


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
            few = isinstance(value, list) and len(value) <= schema.get("maxItems", len(value))
            return few and all(fits(schema["items"], part) for part in value)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, str) and len(value) <= schema.get("maxLength", len(value))


def verdicts(name: str, value: Any, *, indent: int | None = None, escaped: bool = False) -> tuple[bool, bool, bool]:
    """What the schema, the grammar and the reader say to a reply."""
    form, kind, grammar = KINDS[name]
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    try:
        read(kind, json.loads(text))
    except ShapeError:
        taken = False
    else:
        taken = True
    return fits(form.schema, value), grammar.accepts(text), taken


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_good_replies_are_taken_by_all(name: str, value: Any) -> None:
    assert verdicts(name, value) == (True, True, True)
    assert verdicts(name, value, indent=1, escaped=True) == (True, True, True)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_replies_are_refused_by_all(name: str, value: Any) -> None:
    assert verdicts(name, value) == (False, False, False)


KEYS = st.sampled_from(["sentences", "statements", "number", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="utf-8"), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
LISTS = st.lists(st.text(max_size=3) | VALUES, max_size=3) | VALUES
ENTRIES = st.fixed_dictionaries({"number": st.integers() | VALUES, "statements": LISTS})
REPLIES = {
    READING.name: st.fixed_dictionaries({"sentences": st.lists(ENTRIES | VALUES, max_size=3) | VALUES}) | VALUES,
    KNOWLEDGE.name: st.fixed_dictionaries({"statements": LISTS}) | VALUES,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPLIES)
@given(data=st.data())
@settings(max_examples=150)
def test_all_agree(name: str, data: st.DataObject) -> None:
    schema, grammar, reader = verdicts(name, data.draw(REPLIES[name]))
    assert schema == grammar == reader


def test_a_grammar_takes_json_alone() -> None:
    _, _, grammar = KINDS[KNOWLEDGE.name]
    assert grammar.accepts('{ "statements" : [ "a." , "b." ] }\n')
    for text in (
        '{"statements": ["a."],}',
        '{"statements": [a.]}',
        '{"statements": ["\\x"]}',
        '{"statements": []} x',
        "",
    ):
        assert not grammar.accepts(text), text


def test_findings_name_their_place() -> None:
    with pytest.raises(ProposerError, match=r"sentences\[0\]\.statements\[1\]: is 4; expected is a text"):
        reply_in(ReadingReply, '{"sentences": [{"number": 3, "statements": ["a.", 4]}]}')
