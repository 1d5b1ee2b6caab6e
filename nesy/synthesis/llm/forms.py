"""The two forms of replies: statements by sentence, and statements that a library lacks."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from nesy.synthesis.llm.client import Form
from nesy.synthesis.llm.outcomes import Fault, ProposerError

MOST_STATEMENTS, LONGEST_STATEMENT = 60, 600
"""Caps on a reply: statements, and characters of one."""
MOST_BRACES = 50
"""So many opening braces are tried as the beginning of the JSON object that a reply holds."""

_STRINGS = {"type": "array", "items": {"type": "string", "maxLength": LONGEST_STATEMENT}, "maxItems": MOST_STATEMENTS}

_JSON_GRAMMAR = r"""
strings ::= "[" space (string ("," space string)*)? "]" space
string ::= "\"" ([^"\\\x00-\x1f] | "\\" ["\\/bfnrt])* "\"" space
number ::= [0-9]+ space
space ::= [ \t\n]*
"""

READING = Form(
    "reading",
    {
        "type": "object",
        "properties": {
            "sentences": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"number": {"type": "integer"}, "statements": _STRINGS},
                    "required": ["number", "statements"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["sentences"],
        "additionalProperties": False,
    },
    'root ::= "{" space "\\"sentences\\":" space "[" space (entry ("," space entry)*)? "]" space "}" space\n'
    'entry ::= "{" space "\\"number\\":" space number "," space "\\"statements\\":" space strings "}" space'
    + _JSON_GRAMMAR,
)
"""``{"sentences": [{"number": 3, "statements": ["observe tired(ann)."]}]}``"""

KNOWLEDGE = Form(
    "knowledge",
    {
        "type": "object",
        "properties": {"statements": _STRINGS},
        "required": ["statements"],
        "additionalProperties": False,
    },
    'root ::= "{" space "\\"statements\\":" space strings "}" space' + _JSON_GRAMMAR,
)
"""``{"statements": ["random tired(P) : bool ~ bernoulli(0.2) for athlete(P)."]}``"""


def json_in(text: str) -> dict[str, Any]:
    """The first JSON object in a text, which may stand in a fence or among words; MALFORMED where there is none."""
    decoder = json.JSONDecoder()
    for found in islice(re.finditer(r"\{", text), MOST_BRACES):
        try:
            value, _ = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise ProposerError(Fault.MALFORMED, f"the reply holds no JSON object: {text[:80]!r}")


def statements_in(value: object) -> tuple[str, ...]:
    """A list of statements, each ending in a full stop; MALFORMED where it is none, or is too long."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ProposerError(Fault.MALFORMED, f"'statements' is no list of texts: {str(value)[:80]}")
    if len(value) > MOST_STATEMENTS or any(len(entry) > LONGEST_STATEMENT for entry in value):
        raise ProposerError(
            Fault.TOO_LARGE, f"more than {MOST_STATEMENTS} statements, or one of over {LONGEST_STATEMENT}"
        )
    texts = (entry.strip() for entry in value)
    return tuple(entry if entry.endswith(".") else f"{entry}." for entry in texts if entry)
