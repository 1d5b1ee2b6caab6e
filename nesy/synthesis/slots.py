"""What may stand in the slot of a phrase, and the value that the words there denote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nesy.dsl.checked import CheckedProgram, Domain, NumericType, ValueType
from nesy.dsl.checks.types import BOOL
from nesy.dsl.knowledge import Meaning
from nesy.dsl.syntax import Call, Comparison, Node, Variable, walk
from nesy.dsl.values import RESERVED, Value

Denoted: TypeAlias = "Value | float"
"""What a slot's words stand for: a name, a whole or other number, a truth value."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
NUMBER_WORDS = {word: number for number, word in enumerate((*_ONES.split(), "eighteen", "nineteen", "twenty"))}
ORDINAL_WORDS = {word: number for number, word in enumerate(_ORDINALS.split())}

_NAME = r"(?:[Tt]he\s+)?[^\W\d_][\w'’-]*(?:\s+(?:[A-Z][\w'’-]*|\d+))*"
_WHOLE = r"\d+(?:st|nd|rd|th)?|" + "|".join((*NUMBER_WORDS, *ORDINAL_WORDS))
_REAL = r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%|\s+per\s?cent)?|" + "|".join(NUMBER_WORDS)
_PERCENT = re.compile(r"\s*(%|per\s?cent)$")
_NOT_NAMES = frozenset(
    [
        "and",
        "or",
        "but",
        "the",
        "a",
        "an",
        "it",
        "they",
        "he",
        "she",
        "we",
        "you",
        "who",
        "what",
        "which",
        "how",
        "in",
        "on",
        "at",
        "of",
        "to",
        "is",
        "was",
        "are",
        "were",
        "that",
        "this",
    ]
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot: its variable, whether it takes a list, and what its words denote.

    ``name``: somebody or something, known or new, of the open type ``domain`` (None: of no known type); ``whole``: a
    number of a type such as ``1..9``; ``value``: one of the values of ``domain``; ``real``: any number.
    """

    variable: str
    several: bool
    kind: Literal["name", "whole", "value", "real"]
    domain: Domain | None = None

    def pattern(self) -> str:
        """The regular expression of its words."""
        single = f"(?:{self._single()})"
        return f"{single}(?:\\s*,\\s*(?:and\\s+)?{single}|\\s+and\\s+{single})*" if self.several else single

    def _single(self) -> str:
        match self.kind:
            case "name":
                return f"{_WHOLE}|{_NAME}"
            case "whole":
                return _WHOLE
            case "real":
                return _REAL
            case "value":
                assert self.domain is not None
                texts = sorted((spoken(value) for value in self.domain.values), key=len, reverse=True)
                return "|".join(re.escape(text).replace(r"\ ", r"\s+") for text in texts)

    def read(self, words: str) -> tuple[Denoted, ...] | None:
        """What ``words`` denote: one value, or several for a list; None where they denote none."""
        parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", words.strip()) if self.several else [words.strip()]
        found = [self._one(part) for part in parts]
        values = tuple(value for value in found if value is not None)
        return values if len(values) == len(parts) else None

    def _one(self, words: str) -> Denoted | None:
        match self.kind:
            case "real":
                return real_number(words)
            case "whole":
                number = whole_number(words)
                inside = self.domain is None or (number is not None and self.domain.position(number) is not None)
                return number if inside else None
            case "value":
                assert self.domain is not None
                plain = " ".join(words.lower().split())
                return next((value for value in self.domain.values if spoken(value) == plain), None)
            case "name":
                number = whole_number(words)
                return identifier(words) if number is None else number


def spoken(value: Value) -> str:
    """A value as people write it: ``light_red`` is “light red”."""
    return str(value).replace("_", " ").lower()


def whole_number(words: str) -> int | None:
    """``3``, ``3rd``, ``three`` and ``third`` are 3."""
    plain = words.strip().lower()
    if found := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", plain):
        return int(found[1])
    return NUMBER_WORDS.get(plain, ORDINAL_WORDS.get(plain))


def real_number(words: str) -> float | int | None:
    """``12.5``, ``1,000``, ``three``; per cent are hundredths."""
    plain = words.strip().lower()
    share = _PERCENT.search(plain)
    plain = _PERCENT.sub("", plain).replace(",", "")
    if plain in NUMBER_WORDS:
        number: float | int = NUMBER_WORDS[plain]
    elif re.fullmatch(r"-?\d+", plain):
        number = int(plain)
    elif re.fullmatch(r"-?\d+\.\d+", plain):
        number = float(plain)
    else:
        return None
    return number / 100 if share else number


def identifier(words: str) -> str | None:
    """A name of the rule language for words: “the Red Team” is ``red_team``; None for words that name nothing."""
    plain = re.sub(r"^the\s+", "", words.strip().lower())
    letter = len(plain) == 1 and words.strip().isupper()
    if not plain or (plain in _NOT_NAMES and not letter):
        return None
    name = re.sub(r"\W+", "_", plain.replace("'", "").replace("’", "")).strip("_")
    if not re.match(r"[a-z]", name):
        name = f"n_{name}"
    return f"{name}_" if name in RESERVED else name


def slots_of(
    variables: Sequence[tuple[str, bool, str | None]], meanings: Sequence[Meaning], checked: CheckedProgram
) -> dict[str, Slot]:
    """The slots of a pattern: ``variables`` are (name, list or not, type written in the pattern or None)."""
    return {name: _slot(name, several, kind, meanings, checked) for name, several, kind in variables}


def _slot(name: str, several: bool, kind: str | None, meanings: Sequence[Meaning], checked: CheckedProgram) -> Slot:
    types = [checked.types.get(kind, BOOL)] if kind is not None else list(types_of(name, meanings, checked))
    domain = next((found for found in types if isinstance(found, Domain)), None)
    if domain is None:
        return Slot(name, several, "real" if types else "name")
    if domain.is_open:
        return Slot(name, several, "name", domain)
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in domain.values)
    return Slot(name, several, "whole" if whole else "value", domain)


def types_of(variable: str, meanings: Sequence[Meaning], checked: CheckedProgram) -> Iterator[ValueType]:
    """The types of the places where a variable stands in the meanings of a phrase."""
    for meaning in meanings:
        for node in walk(meaning.formula):
            if isinstance(node, Call):
                for argument, domain in zip(node.arguments, _places(node, checked), strict=False):
                    if argument == Variable(variable) and domain is not None:
                        yield domain
            elif isinstance(node, Comparison):
                for one, other in ((node.left, node.right), (node.right, node.left)):
                    if one == Variable(variable) and (found := _value_type(other, checked)) is not None:
                        yield found


def _places(call: Call, checked: CheckedProgram) -> tuple[Domain | None, ...]:
    """The types of the arguments of a call."""
    if call.name in checked.attributes:
        return checked.attributes[call.name].index
    if call.name in checked.types and len(call.arguments) == 1:
        return (checked.types[call.name],)
    relation = checked.relations.get((call.name, len(call.arguments)))
    return relation.arguments if relation is not None else ()


def _value_type(node: Node, checked: CheckedProgram) -> ValueType | None:
    if isinstance(node, Call) and node.name in checked.attributes:
        return checked.attributes[node.name].value
    if isinstance(node, Call | Variable):
        return None
    return NumericType("real")
