"""Templates as Python text over torch tensors. Members of a block lie along the last axis."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Sequence

from nesy.solvers.probabilistic.model.expressions import TRUTH, Constant, Kind, Reference, Scalar, kind_of_value
from nesy.solvers.probabilistic.vectorised.codes import Codes
from nesy.solvers.probabilistic.vectorised.plates import Applied, Chosen, Each, Plates, Template

TAKEN = frozenset(("pyro", "dist", "torch", "tensor", "model", "main", "readings", "CODE", "shares", "holds", "asked"))
"""Names that the program uses itself."""

_SIGNS = {"and": "&", "or": "|", "=": "==", "sum": "+", "count": "+"}
_LEVELS = {"|": 1, "&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5}
ATOM = 9


def identifier(name: str, taken: set[str]) -> str:
    """A Python name for a block, not among ``taken``, to which it is added."""
    plain = re.sub(r"\W", "_", name)
    while plain in taken or plain in TAKEN or keyword.iskeyword(plain):
        plain += "_"
    taken.add(plain)
    return plain


class Writer:
    """Writes the templates of one graph."""

    def __init__(self, plates: Plates, codes: Codes, names: Sequence[str]) -> None:
        self._plates = plates
        self._codes = codes
        self._names = names
        self.symbols: dict[Scalar, int] = {}
        self.used: set[str] = set()

    def text(self, template: Template, least: int = 0) -> str:
        """A template as an expression."""
        written, level = self._written(template)
        return f"({written})" if level < least else written

    def number(self, template: Template, least: int = 0) -> str:
        """A template as a number: truth values become 0 and 1."""
        if self.kind(template) != "bool":
            return self.text(template, least)
        if isinstance(template, Constant):
            return "1.0" if template.value else "0.0"
        return f"{self.text(template, ATOM)}.double()"

    def kind(self, template: Template) -> Kind:
        """What a template yields."""
        match template:
            case Constant(value):
                return kind_of_value(value)
            case Reference(label):
                return self._plates.graph.kind(label)
            case Each(items):
                return self.kind(items[0])
            case Applied("if", (_, then, _)):
                return self.kind(then)
            case Applied(operator):
                return "bool" if operator in TRUTH else "number"
            case Chosen(_, cases):
                return self.kind(cases[0][1])

    def value(self, value: Scalar) -> str:
        """A constant."""
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, int | float):
            return (
                'float("inf")'
                if value == float("inf")
                else '-float("inf")'
                if value == -float("inf")
                else _float(value)
            )
        name = value if isinstance(value, str) else repr(value)
        self.symbols[value] = int(self._codes.code(value))
        return f"CODE[{json.dumps(name, ensure_ascii=False)}]"

    def row(self, values: Sequence[Scalar]) -> str:
        """Constants along the last axis."""
        return f"tensor([{', '.join(map(self.value, values))}])"

    # ----- parts

    def _written(self, template: Template) -> tuple[str, int]:
        match template:
            case Constant(value):
                text = self.value(value)
                return text, 6 if text.startswith("-") else ATOM
            case Reference(label):
                return self._column(label), ATOM
            case Each(items):
                return self._each(items), ATOM
            case Applied(operator, arguments):
                return self._applied(operator, arguments)
            case Chosen(selector, cases):
                chosen = self.text(selector, 4)
                found = self.number(cases[-1][1])
                for value, case in reversed(cases[:-1]):
                    found = f"torch.where({chosen} == {self.value(value)}, {self.number(case)}, {found})"
                return found, ATOM

    def _applied(self, operator: str, arguments: Sequence[Template]) -> tuple[str, int]:
        match operator:
            case "if":
                condition, then, otherwise = arguments
                return f"torch.where({self.text(condition)}, {self.text(then)}, {self.text(otherwise)})", ATOM
            case "not":
                return f"~{self.text(arguments[0], ATOM)}", 6
            case "neg":
                return f"-{self.number(arguments[0], 6)}", 6
            case "exp" | "log" | "sqrt" | "abs":
                return f"torch.{operator}({self.number(arguments[0])})", ATOM
            case "mod":
                left, right = (self.number(argument) for argument in arguments)
                return f"torch.remainder({left}, {right})", ATOM
            case "min" | "max":
                found = f"torch.as_tensor({self.number(arguments[0])})"
                for argument in arguments[1:]:
                    found = f"torch.{operator}imum({found}, torch.as_tensor({self.number(argument)}))"
                return found, ATOM
            case _:
                sign = _SIGNS.get(operator, operator)
                level = _LEVELS[sign]
                write = self.text if operator in ("and", "or", "=", "!=") else self.number
                # & and | bind more tightly than comparisons in Python
                inner = [4 if level < 3 else level] + [level + 1 if level > 2 else 4] * (len(arguments) - 1)
                parts = [write(argument, least) for argument, least in zip(arguments, inner, strict=True)]
                return f" {sign} ".join(parts), level if len(parts) > 1 else ATOM

    def _column(self, label: str) -> str:
        number, place = self._plates.places[label]
        name = self._names[number]
        self.used.add(name)
        return name if self._plates.blocks[number].size == 1 else f"{name}[..., {place}]"

    def _each(self, items: Sequence[Constant | Reference]) -> str:
        if isinstance(items[0], Constant):
            return self.row([item.value for item in items if isinstance(item, Constant)])
        labels = [item.label for item in items if isinstance(item, Reference)]
        places = [self._plates.places[label] for label in labels]
        number = places[0][0]
        size = self._plates.blocks[number].size
        if size == 1 or any(other != number for other, _ in places):
            return f"torch.stack([{', '.join(map(self._column, labels))}], -1)"
        columns = [place for _, place in places]
        self.used.add(self._names[number])
        if columns == list(range(size)):
            return self._names[number]
        if columns == list(range(columns[0], columns[0] + len(columns))):
            return f"{self._names[number]}[..., {columns[0]}:{columns[-1] + 1}]"
        return f"{self._names[number]}[..., {columns}]"


def _float(value: float) -> str:
    text = repr(float(value))
    return text.replace("e+", "e")


def is_each(template: Template) -> bool:
    """Whether members differ in a template."""
    match template:
        case Each():
            return True
        case Applied(_, arguments):
            return any(map(is_each, arguments))
        case Chosen(selector, cases):
            return is_each(selector) or any(is_each(case) for _, case in cases)
        case _:
            return False
