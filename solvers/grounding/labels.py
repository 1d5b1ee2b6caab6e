"""Formulas as the compact text that answers use for keys: ``cell(1,1) < cell(1,2)``, ``a(1) = 3 and y > 4``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nesy.dsl.checks.constants import Scalar
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Interval,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Text,
    TupleTerm,
    Variable,
)
from nesy.dsl.values import format_scalar, format_value

_LEVELS = {"+": 6, "-": 6, "*": 7, "/": 7, "mod": 7}


def formula_label(node: Node, bindings: Mapping[str, Scalar]) -> str:
    """``node`` with the values of ``bindings`` in the place of its variables."""
    return _Writer(bindings).text(node)


def _level(node: Node) -> int:
    """How tightly a node binds: what binds less stands in parentheses."""
    match node:
        case Or():
            return 1
        case And():
            return 2
        case Quantified() | Not() if not isinstance(node, Not) or not isinstance(node.operand, Membership):
            return 3
        case Comparison() | Membership() | Not():
            return 4
        case Binary():
            return _LEVELS[node.operator]
        case Negative():
            return 8
        case _:
            return 9


class _Writer:
    def __init__(self, bindings: Mapping[str, Scalar]) -> None:
        self._bindings = bindings

    def text(self, node: Node, least: int = 0) -> str:
        written = self._plain(node)
        return f"({written})" if _level(node) < least else written

    def _list(self, nodes: Iterable[Node], separator: str = ",") -> str:
        return separator.join(self.text(node) for node in nodes)

    def _plain(self, node: Node) -> str:
        match node:
            case Number():
                return str(node.value)
            case Text():
                return format_value(node.value)
            case Variable():
                bound = self._bindings.get(node.name)
                if bound is not None:
                    return format_scalar(bound)
                return "_" if "'" in node.name else node.name
            case Call():
                name = node.name if node.source is None else f"{node.name}@{node.source}"
                return f"{name}({self._list(node.arguments)})" if node.arguments else name
            case TupleTerm():
                return f"({self._list(node.items)})"
            case Negative():
                return f"-{self.text(node.operand, 9)}"
            case Binary():
                level = _LEVELS[node.operator]
                return f"{self.text(node.left, level)} {node.operator} {self.text(node.right, level + 1)}"
            case Interval():
                return f"{self.text(node.low, 6)}..{self.text(node.high, 6)}"
            case SetTerm():
                condition = f" : {self._list(node.condition, ', ')}" if node.condition else ""
                return f"{{{self._list(node.items)}{condition}}}"
            case Conditional():
                return f"if {self.text(node.condition)} then {self.text(node.then)} else {self.text(node.otherwise)}"
            case Element():
                condition = f" : {self._list(node.condition, ', ')}" if node.condition else ""
                return f"{self._list(node.terms)}{condition}"
            case Aggregate():
                return f"{node.function} {{ {self._list(node.elements, '; ')} }}"
            case _:
                return self._formula(node)

    def _formula(self, node: Comparison | Membership | Not | And | Or | Quantified) -> str:
        match node:
            case Comparison():
                return f"{self.text(node.left, 5)} {node.operator} {self.text(node.right, 5)}"
            case Membership():
                return f"{self.text(node.term, 5)} in {self.text(node.values)}"
            case Not(operand=Membership() as inside):
                return f"{self.text(inside.term, 5)} not in {self.text(inside.values)}"
            case Not():
                return f"not {self.text(node.operand, 4)}"
            case And():
                return " and ".join(self.text(item, 3) for item in node.items)
            case Or():
                return " or ".join(self.text(item, 2) for item in node.items)
            case Quantified():
                condition = f" for {self._list(node.condition, ', ')}" if node.condition else ""
                return f"{node.quantifier} {self.text(node.body, 4)}{condition}"
