"""Terms and formulas as text, with as few parentheses as the grammar allows.

Every node has a level, that of the grammar's layers; a node is put in parentheses where a tighter level is asked.
"""

from __future__ import annotations

from nesy.dsl.statements import NamedType, ProductType
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Formula,
    Interval,
    Membership,
    Negative,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Term,
    Text,
    TupleTerm,
    Variable,
)
from nesy.dsl.values import quoted

WIDEST = -1
"""Nothing follows that ``for`` of a quantified formula could swallow."""
FORMULA, CONJUNCTION, LITERAL, COMPARISON, TERM, SUM, PRODUCT, FACTOR, PRIMARY = range(9)

Printable = Term | Formula | SetTerm | NamedType | ProductType


def write(node: Printable, level: int = WIDEST) -> str:
    """``node`` as text that the grammar reads at ``level``."""
    text = _write(node)
    return f"({text})" if level_of(node) < level else text


def write_body(items: tuple[Formula, ...]) -> list[str]:
    """Formulas to be separated by commas. Only the last may end in the ``for`` of a quantified formula."""
    last = len(items) - 1
    return [write(item, WIDEST if place == last else FORMULA) for place, item in enumerate(items)]


def level_of(node: Printable) -> int:
    """The layer of the grammar that makes ``node``."""
    match node:
        case Quantified():
            return WIDEST if node.condition else LITERAL
        case Or():
            return FORMULA
        case And():
            return CONJUNCTION
        case Not():
            return COMPARISON if isinstance(node.operand, Membership) else LITERAL
        case Comparison() | Membership():
            return COMPARISON
        case Interval() | Conditional():
            return TERM
        case Binary():
            return SUM if node.operator in ("+", "-") else PRODUCT
        case Negative():
            return FACTOR
        case Number():
            return FACTOR if node.value < 0 else PRIMARY
        case _:
            return PRIMARY


def ends_open(node: Printable) -> bool:
    """Whether a ``for`` behind ``node`` would be read as part of it."""
    match node:
        case Quantified():
            return not node.condition
        case Not():
            return not isinstance(node.operand, Membership) and ends_open(node.operand)
        case And() | Or():
            return ends_open(node.items[-1])
        case _:
            return False


def _write(node: Printable) -> str:
    match node:
        case Or():
            return " or ".join(write(item, CONJUNCTION) for item in node.items)
        case And():
            return " and ".join(write(item, LITERAL) for item in node.items)
        case Not(operand=Membership() as member):
            return f"{write(member.term, TERM)} not in {write(member.values, TERM)}"
        case Not():
            return f"not {write(node.operand, LITERAL)}"
        case Quantified():
            return _quantified(node)
        case Comparison():
            return f"{write(node.left, TERM)} {node.operator} {write(node.right, TERM)}"
        case Membership():
            return f"{write(node.term, TERM)} in {write(node.values, TERM)}"
        case SetTerm():
            condition = f" : {', '.join(write_body(node.condition))}" if node.condition else ""
            return f"{{{', '.join(write(item, TERM) for item in node.items)}{condition}}}"
        case NamedType():
            return node.name
        case ProductType():
            return f"({', '.join(write(item, TERM) for item in node.items)})"
        case _:
            return _write_term(node)


def _write_term(node: Term) -> str:
    match node:
        case Number():
            return repr(node.value)
        case Text():
            return quoted(node.value)
        case Variable():
            return node.name
        case Call():
            name = node.name if node.source is None else f"{node.name}@{node.source}"
            return f"{name}({', '.join(write(item, TERM) for item in node.arguments)})" if node.arguments else name
        case TupleTerm():
            return f"({', '.join(write(item, TERM) for item in node.items)})"
        case Negative():
            return f"-{write(node.operand, FACTOR)}"
        case Binary():
            left, right = (SUM, PRODUCT) if node.operator in ("+", "-") else (PRODUCT, FACTOR)
            return f"{write(node.left, left)} {node.operator} {write(node.right, right)}"
        case Interval():
            return f"{write(node.low, SUM)}..{write(node.high, SUM)}"
        case Conditional():
            then, otherwise = write(node.then, TERM), write(node.otherwise, TERM)
            return f"if {write(node.condition)} then {then} else {otherwise}"
        case Aggregate():
            return " ".join([node.function, *write_braces(node.elements)])


def _quantified(node: Quantified) -> str:
    if not node.condition:
        return f"{node.quantifier} {write(node.body, LITERAL)}"
    body = f"({write(node.body)})" if ends_open(node.body) else write(node.body, LITERAL)
    return f"{node.quantifier} {body} for {', '.join(write_body(node.condition))}"


def write_braces(elements: tuple[Element, ...]) -> list[str]:
    """``{ V@1, X : value(X, V) ; … }`` in pieces between which a line may break."""
    written = [write_element(element) for element in elements]
    return ["{", *(f"{text} ;" for text in written[:-1]), *written[-1:], "}"]


def write_element(element: Element) -> str:
    """What stands between the semicolons of braces."""
    terms = [write(term, FORMULA) for term in element.terms]
    if element.priority is not None:
        terms[0] = with_level(terms[0], element.priority)
    condition = f" : {', '.join(write_body(element.condition))}" if element.condition else ""
    return ", ".join(terms) + condition


def with_level(weight: str, level: Term) -> str:
    """``3@1``; with blanks where ``cost@level`` would be read as the reading of a source."""
    text = write(level, TERM)
    blank = " " if weight[-1:].isalnum() and text[:1].islower() else ""
    return f"{weight}{blank}@{blank}{text}"
