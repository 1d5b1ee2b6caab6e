"""Names for ``_`` where it ranges over the values of attributes: in queries, quantifiers and premises."""

from __future__ import annotations

from nesy.dsl.syntax import Call, Comparison, Node, Quantified, SetTerm, Term, Variable
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import NodeType, replace


def name_wildcards(vocabulary: Vocabulary, node: NodeType) -> NodeType:
    """``node`` with a variable for each ``_`` in an attribute, its value, or an atom of a derived relation.

    Quantifiers name their own; in sets and in crisp atoms inside a formula ``_`` stays what it is.
    """
    count = iter(range(1, 10_000))

    def named(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(
            Variable(f"W'{next(count)}", term.span) if isinstance(term, Variable) and term.anonymous else term
            for term in terms
        )

    def change(part: Node) -> Node | None:
        match part:
            case SetTerm() | Quantified() if part is not node:
                return part
            case Call():
                relation = vocabulary.relation(part)
                derived = relation is not None and relation.status == "derived"
                if part is node or derived or vocabulary.is_attribute(part):
                    return Call(part.name, named(part.arguments), part.source, part.span)
            case Comparison() if vocabulary.has_attribute(part):
                left, right = named((part.left, part.right))
                return Comparison(part.operator, replace(left, change), replace(right, change), part.span)
        return None

    return replace(node, change)
