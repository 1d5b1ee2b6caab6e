"""Small pieces of clingo text and of the formulas that become it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.syntax import Call, Comparison, Node, Term, Variable
from nesy.solvers.grounding.walking import NodeType, replace


@dataclass(frozen=True, slots=True)
class TestText:
    """A predicate that stands for “the attribute with the predicate ``attribute`` has one of several values”."""

    name: str
    arity: int
    attribute: str


@dataclass(frozen=True, slots=True)
class HelperText:
    """A rule that a body refers to: its head, its conditions, and the variables that ``scopes`` must bind for it."""

    head: str
    conditions: tuple[str, ...]
    needs: tuple[str, ...]
    scopes: tuple[list[str], ...]


def application(name: str, arguments: Sequence[str]) -> str:
    """An atom or term: ``name(a,b)``, ``name`` without arguments."""
    return f"{name}({','.join(arguments)})" if arguments else name


def rule(head: str, body: Sequence[str]) -> str:
    """One rule as text; in clingo a literal with a condition ends in ``;``."""
    if not body:
        return f"{head}." if head else ":- ."
    separator = "; " if any(" : " in literal for literal in body) else ", "
    return f"{head} :- {separator.join(body)}." if head else f":- {separator.join(body)}."


def refusal(what: str, span: Span, backends: tuple[str, ...], hint: str = "") -> NesyError:
    """E513: a construct that this grounding cannot take, with the back ends that can."""
    if not hint:
        hint = f"these back ends take it: {', '.join(backends)}" if backends else "write it as separate rules"
    return NesyError(Diagnostic("E513", f"this back end cannot take {what}", span, hint))


def with_values(formula: Comparison, values: Mapping[Call, str]) -> Comparison:
    """``formula`` with a variable in the place of each attribute in ``values``."""
    return replace(formula, lambda part: Variable(values[part]) if isinstance(part, Call) and part in values else None)


def name_wildcards_in(term: Term, fresh: Callable[[str], str]) -> Term:
    """``term`` with a variable for each ``_``: gringo would project it away, and the values with it."""

    def change(part: Node) -> Node | None:
        anonymous = isinstance(part, Variable) and part.anonymous
        return Variable(fresh("W"), part.span) if anonymous else None

    return replace(term, change)


def name_index_wildcards(item: NodeType, calls: Sequence[Call], fresh: Callable[[str], str]) -> NodeType:
    """``item`` with a variable for each ``_`` in the index of one of ``calls``."""

    def change(part: Node) -> Node | None:
        if isinstance(part, Call) and part in calls:
            arguments = tuple(
                Variable(fresh("X"), argument.span) if argument == Variable("_") else argument
                for argument in part.arguments
            )
            return Call(part.name, arguments, part.source, part.span)
        return None

    return replace(item, change)
