"""What the parser could have gone on with, in words."""

from __future__ import annotations

from collections.abc import Collection

_TERM = frozenset({"NAME", "NUMBER", "VARIABLE", "STRING"})
_ARITHMETIC = frozenset({"PLUS", "STAR"})

_SIGNS = {
    "DOT": "'.'",
    "COMMA": "','",
    "SEMICOLON": "';'",
    "COLON": "':'",
    "RPAR": "')'",
    "RSQB": "']'",
    "RBRACE": "'}'",
    "LSQB": "'['",
    "EQUAL": "'='",
    "AT": "'@'",
    "TILDE": "'~'",
    "LEARN": "'learn'",
    "PER": "'per'",
    "THEN": "'then'",
    "ELSE": "'else'",
    "IFF": "'iff'",
    "WHERE": "'where'",
    "FOR": "'for'",
    "FROM": "'from'",
    "GIVEN": "'given'",
    "IN": "'in'",
    "AND": "'and'",
    "OR": "'or'",
    "COMPARISON": "a comparison (=, !=, <, …)",
}


def list_expected(accepts: Collection[str]) -> str:
    """``a value, '(' or ','``; empty when nothing can be said."""
    words = []
    if set(accepts) >= _TERM:
        words.append("a condition or a value" if "ALL" in accepts else "a value")
    else:
        singles = {"NAME": "a name", "NUMBER": "a number", "VARIABLE": "a variable", "STRING": "a text in quotes"}
        words.extend(text for terminal, text in singles.items() if terminal in accepts)
        if not {"NAME", "VARIABLE"} & set(accepts) and "LPAR" in accepts:
            words.append("'('")
    if "LBRACE" in accepts:
        words.append("'{'")
    words.extend(text for terminal, text in _SIGNS.items() if terminal in accepts)
    if set(accepts) >= _ARITHMETIC:
        words.append("an arithmetic sign")
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
