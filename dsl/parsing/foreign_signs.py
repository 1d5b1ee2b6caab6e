"""Signs that other languages use, and what is written here instead."""

from __future__ import annotations

import unicodedata

_BODY = "write ':-' before a body, 'iff' or 'if … then …' in an uncertain rule"

SIGNS = {
    ":=": "write '=' to give a value, ':-' before a body",
    "<-": _BODY,
    "->": _BODY,
    "=>": _BODY + "; 'greater or equal' is '>='",
    "<=>": "write 'iff'",
    "<->": "write 'iff'",
    "==": "write a single '='",
    "===": "write a single '='",
    "=<": "write '<='",
    "<>": "write '!='",
    "\\=": "write '!='",
    "/=": "write '!='",
    "\\+": "write 'not'",
    "&&": "write 'and', or ',' in a rule body",
    "&": "write 'and', or ',' in a rule body",
    "||": "write 'or'",
    "|": "write 'or', or ';' between heads and in braces",
    "!": "write 'not' to negate, '!=' for 'different from'",
    "**": "write a product: X * X",
    "^": "write a product: X * X",
    "//": "a comment starts with '%'; '/' divides",
    "/*": "a comment starts with '%' and runs to the end of the line",
    "≤": "write '<='",
    "≥": "write '>='",
    "≠": "write '!='",
    "∧": "write 'and'",
    "∨": "write 'or'",
    "¬": "write 'not'",
    "∈": "write 'in'",
    "→": _BODY,
    "←": _BODY,
    "↔": "write 'iff'",
    "⇔": "write 'iff'",
    "⇒": _BODY,
    "∀": "write 'all'",
    "∃": "write 'any'",
    "…": "write '..' for an interval",
    "“": 'write the plain quote "',
    "”": 'write the plain quote "',
    "„": 'write the plain quote "',
    "'": 'write texts in double quotes: "light red"',
    "–": "write the plain minus '-'",
    "−": "write the plain minus '-'",
    "×": "write '*'",
    "·": "write '*'",
}
_LONGEST = max(map(len, SIGNS))


def find_foreign_sign(text: str, position: int) -> tuple[int, str, str] | None:
    """The longest foreign sign that touches the refused token: its start, itself and a hint.

    ``==`` is refused at its second character, so signs that begin up to two characters before count too.
    """
    best: tuple[int, str, str] | None = None
    for start in range(max(position - 2, 0), position + 1):
        for size in range(_LONGEST, 0, -1):
            sign = text[start : start + size]
            reaches = start + size > position
            if len(sign) == size and reaches and sign in SIGNS and (best is None or size > len(best[1])):
                best = (start, sign, SIGNS[sign])
    return best


def name_character(character: str) -> tuple[str, str]:
    """How to speak of a character that the language does not know, and what to do about it."""
    code = f"U+{ord(character):04X}"
    try:
        name = unicodedata.name(character).lower()
    except ValueError:
        name = "control character"
    if character.isalpha():
        hint = f'names have the letters a to z, digits and _; other letters stand in quotes: "{character}…"'
    elif not character.isprintable() or character.isspace():
        return f"{code} ({name})", "remove it; blanks, tabs and line breaks separate words"
    elif character == "`":
        hint = 'write texts in double quotes: "light red"'
    else:
        hint = "remove it; comments start with '%'"
    return f"'{character}' ({code}, {name})", hint
