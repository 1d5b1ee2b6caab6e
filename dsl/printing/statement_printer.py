"""Statements as text: each is a list of pieces between which a line may break."""

from __future__ import annotations

from collections.abc import Iterable

from nesy.dsl.knowledge import Gloss, Phrase
from nesy.dsl.printing.knowledge_printer import write_knowledge, write_variant
from nesy.dsl.printing.term_printer import (
    COMPARISON,
    CONJUNCTION,
    FORMULA,
    LITERAL,
    SUM,
    TERM,
    ends_open,
    level_of,
    with_level,
    write,
    write_body,
    write_braces,
)
from nesy.dsl.statements import (
    Choice,
    ClingoStatement,
    ConceptDeclaration,
    ConstantDeclaration,
    Constraint,
    Definition,
    Disjunction,
    ErrorRule,
    Expect,
    Include,
    IndexItem,
    Observe,
    Optimize,
    Parameters,
    PerceptDeclaration,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    TypeDeclaration,
    TypeExpression,
    UncertainRule,
)
from nesy.dsl.syntax import And, Call, Comparison, Formula, Number, Or, SetTerm, Text

WIDTH = 100
INDENT = "    "
_DEEPEST_ALIGNMENT = 40


def write_statement(statement: Statement) -> str:
    """``statement`` as text of one line, or of several where it is longer than :data:`WIDTH`."""
    pieces = _pieces(statement)
    pieces[-1] += "." if not isinstance(statement, SoftConstraint) else ""
    line = " ".join(pieces)
    if len(line) <= WIDTH:
        return line
    return fill(pieces, _indent(statement, pieces))


def fill(pieces: list[str], indent: str) -> str:
    """As many pieces to a line as fit; further lines begin with ``indent``."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + 1 + len(piece) <= WIDTH:
            lines[-1] += f" {piece}"
        else:
            lines.append(indent + piece)
    return "\n".join(lines)


def _indent(statement: Statement, pieces: list[str]) -> str:
    """Bodies are aligned behind their sign where there is room for that."""
    if isinstance(statement, Constraint | SoftConstraint):
        return "   "
    if isinstance(statement, Rule) and statement.body and ":-" in pieces:
        column = len(" ".join(pieces[: pieces.index(":-") + 1])) + 1
        return " " * column if column <= _DEEPEST_ALIGNMENT else INDENT
    return INDENT


def _pieces(statement: Statement) -> list[str]:
    match statement:
        case TypeDeclaration() | ConstantDeclaration() | PerceptDeclaration() | ConceptDeclaration():
            return _declaration(statement)
        case RelationDeclaration():
            return ["relation", _named(statement.name, statement.arguments)]
        case Rule():
            return [*_head(statement.head), *([":-", *_commas(statement.body)] if statement.body else [])]
        case Constraint():
            return [":-", *_commas(statement.body)]
        case SoftConstraint():
            return _soft(statement)
        case Optimize():
            return [statement.direction, *write_braces(statement.elements)]
        case UncertainRule():
            return _uncertain(statement)
        case RandomDeclaration():
            name = _named(statement.name, statement.index)
            value = [*_typed("random", name, statement.value), "~", _distribution(statement)]
            return [*value, *_clause("for", statement.condition), *write_variant(statement.variant)]
        case Definition():
            return _definition(statement)
        case Observe():
            return ["observe", *_formula(statement.formula)]
        case ErrorRule():
            body = [":-", *_commas(statement.body)] if statement.body else []
            return ["error", write(statement.reading, TERM), *body]
        case Query():
            return ["query", *_formula(statement.formula)]
        case Expect():
            return [*_expect(statement), *_clause("given", statement.given)]
        case Gloss() | Phrase():
            return write_knowledge(statement)
        case Include():
            return ["include", write(Text(statement.path))]
        case ClingoStatement():
            return [statement.text.removesuffix(".")]


def _declaration(
    statement: TypeDeclaration | ConstantDeclaration | PerceptDeclaration | ConceptDeclaration,
) -> list[str]:
    match statement:
        case TypeDeclaration(definition=None):
            return ["type", statement.name]
        case TypeDeclaration(definition=SetTerm() as values):
            return ["type", statement.name, "=", *_set_pieces(values)]
        case TypeDeclaration():
            assert statement.definition is not None
            return ["type", statement.name, "=", write(statement.definition)]
        case ConstantDeclaration():
            return ["const", statement.name, "=", write(statement.value, TERM)]
        case PerceptDeclaration():
            declared = _typed("percept", _named(statement.name, statement.index), statement.value)
            sources = ["from", *_separated(statement.sources, ",")] if statement.sources else []
            return [*declared, *sources, *_clause("for", statement.condition)]
        case ConceptDeclaration():
            declared = _typed("concept", _named(statement.name, statement.index), statement.value)
            return [*declared, *_clause("for", statement.condition)]


def _typed(keyword: str, name: str, value: TypeExpression) -> list[str]:
    return [keyword, name, ":", *(_set_pieces(value) if isinstance(value, SetTerm) else [write(value, TERM)])]


def _set_pieces(values: SetTerm) -> list[str]:
    """A set of values in pieces; long types are lists of names."""
    if values.condition or len(values.items) < 2:
        return [write(values)]
    items = [write(item, TERM) for item in values.items]
    return [f"{{{items[0]},", *(f"{item}," for item in items[1:-1]), f"{items[-1]}}}"]


def _named(name: str, index: Iterable[IndexItem]) -> str:
    items = [write(item, TERM) for item in index]
    return f"{name}({', '.join(items)})" if items else name


def _separated(texts: Iterable[str], sign: str) -> list[str]:
    """Texts, each with the separator behind it save the last."""
    *front, last = texts
    return [*(text + sign for text in front), last]


def _commas(items: tuple[Formula, ...]) -> list[str]:
    return _separated(write_body(items), ",")


def _clause(word: str, items: tuple[Formula, ...]) -> list[str]:
    return [word, *_commas(items)] if items else []


def _head(head: Call | Comparison | Choice | Disjunction) -> list[str]:
    match head:
        case Disjunction():
            return _separated((write(item, COMPARISON) for item in head.items), " ;")
        case Choice():
            low = [] if head.low is None else [write(head.low, SUM)]
            high = [] if head.high is None else [write(head.high, SUM)]
            if high and not low:
                high = ["<=", *high]
            return [*low, *write_braces(head.elements), *high]
        case _:
            return [write(head)]


def _soft(statement: SoftConstraint) -> list[str]:
    weight = write(statement.weight, TERM)
    if statement.level is not None:
        weight = with_level(weight, statement.level)
    terms = _separated([weight, *(write(term, TERM) for term in statement.terms)], ",")
    body = _commas(statement.body)
    return [":~", *body[:-1], f"{body[-1]}.", f"[{' '.join(terms)}]"]


def _formula(formula: Formula) -> list[str]:
    """A formula in pieces: its outermost ``and`` or ``or`` begins a new line if need be."""
    match formula:
        case Or():
            first, *others = (write(item, CONJUNCTION) for item in formula.items)
            return [first, *(f"or {text}" for text in others)]
        case And():
            first, *others = (write(item, LITERAL) for item in formula.items)
            return [first, *(f"and {text}" for text in others)]
        case _:
            return [write(formula)]


def _uncertain(statement: UncertainRule) -> list[str]:
    if statement.form == "if":
        rule = ["if", *_formula(statement.premise), f"then {write(statement.conclusion)}"]
    else:
        rule = [f"{write(statement.conclusion)} iff", *_formula(statement.premise)]
    return [*rule, *_parameters(statement.parameters), *_clause("where", statement.where)]


def _parameters(parameters: Parameters) -> list[str]:
    parts = [
        f"{name} = {write(value, TERM)}"
        for name, value in (("s", parameters.s), ("r", parameters.r))
        if value is not None
    ]
    if parameters.learn:
        learn = "learn" if parameters.learn == ("s", "r") else f"learn {parameters.learn[0]}"
        parts.append(learn + (f" per {', '.join(parameters.per)}" if parameters.per else ""))
    return [f"[{', '.join(parts)}]"] if parts else []


def _distribution(statement: RandomDeclaration) -> str:
    call = statement.distribution
    if not statement.names:
        return write(call, TERM)
    pairs = zip(statement.names, call.arguments, strict=True)
    written = (f"{name} = {write(term, TERM)}" if name else write(term, TERM) for name, term in pairs)
    return f"{call.name}({', '.join(written)})"


def _definition(statement: Definition) -> list[str]:
    expression = statement.expression
    closes = bool(statement.condition) and (ends_open(expression) or level_of(expression) < FORMULA)
    text = f"({write(expression)})" if closes else write(expression)
    clause = _clause("for", statement.condition)
    return ["define", _named(statement.name, statement.index), "=", text, *clause, *write_variant(statement.variant)]


def _expect(statement: Expect) -> list[str]:
    if statement.mode != "degree":
        mode = [] if statement.mode == "certain" else [statement.mode]
        return ["expect", *mode, *_formula(statement.formula)]
    measure, operator, threshold = statement.measure, statement.operator, statement.threshold
    assert measure is not None
    assert operator is not None
    assert threshold is not None
    plain = (isinstance(threshold, Number) and threshold.value >= 0) or (
        isinstance(threshold, Call) and not threshold.arguments and threshold.source is None
    )
    if plain and write(threshold) not in ("true", "false"):
        return ["expect", measure, operator, write(threshold), *_formula(statement.formula)]
    return ["expect", f"{measure}({write(statement.formula)})", operator, write(threshold, TERM)]
