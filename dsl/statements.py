"""The statements of a rule file, one class each, and the :class:`Program` that holds them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from nesy.dsl.knowledge import Gloss, Phrase, Variant
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.syntax import (
    Call,
    Comparison,
    Element,
    Formula,
    Interval,
    Membership,
    Node,
    Not,
    Operator,
    SetTerm,
    Term,
    Variable,
)

# ----- type expressions


@dataclass(frozen=True, slots=True)
class NamedType:
    """``digit``, ``bool``, ``real``, ``int``."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ProductType:
    """``(digit, digit)``."""

    items: tuple[TypeExpression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


TypeExpression: TypeAlias = NamedType | ProductType | Interval | SetTerm
"""``1..9`` is an :class:`Interval`, ``{red, green}`` a :class:`SetTerm` without condition."""

IndexItem: TypeAlias = TypeExpression | Variable
"""One place of an attribute's index: a type (``cell(row, col)``), or a variable bound by ``for``."""

# ----- declarations


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    """``type digit = 0..9.``; an open type (``type object.``) has no ``definition``."""

    name: str
    definition: TypeExpression | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ConstantDeclaration:
    """``const n = 9.``"""

    name: str
    value: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerceptDeclaration:
    """``percept label(object) : class from m1, m2.``"""

    name: str
    index: tuple[IndexItem, ...]
    value: TypeExpression
    sources: tuple[str, ...] = ()
    condition: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ConceptDeclaration:
    """``concept pair(A, B) : digit for edge(A, B).``"""

    name: str
    index: tuple[IndexItem, ...]
    value: TypeExpression
    condition: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RelationDeclaration:
    """``relation edge(node, node).``"""

    name: str
    arguments: tuple[TypeExpression, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ----- crisp logic


@dataclass(frozen=True, slots=True)
class Choice:
    """``1 { colour(N) = C : col(C) } 1`` as the head of a rule; a missing bound is None."""

    elements: tuple[Element, ...]
    low: Term | None = None
    high: Term | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Disjunction:
    """``a ; b`` as the head of a rule: at least two alternatives."""

    items: tuple[Call | Comparison, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """``head :- body.``; a fact when ``body`` is empty. A :class:`Comparison` head sets an attribute's value."""

    head: Call | Comparison | Choice | Disjunction
    body: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


def head_parts(head: Call | Comparison | Choice | Disjunction) -> tuple[Node, ...]:
    """The terms and formulas of a rule's head, in the order in which they are written."""
    match head:
        case Choice(elements, low, high):
            return (*(() if low is None else (low,)), *elements, *(() if high is None else (high,)))
        case Disjunction(items):
            return items
        case Call() | Comparison():
            return (head,)


@dataclass(frozen=True, slots=True)
class Constraint:
    """``:- body.``"""

    body: tuple[Formula, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SoftConstraint:
    """``:~ body. [weight@level, terms]``; the level defaults to 0."""

    body: tuple[Formula, ...]
    weight: Term
    level: Term | None = None
    terms: tuple[Term, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Optimize:
    """``maximize { V@1, X : value(X, V), in(X) }.``"""

    direction: Literal["maximize", "minimize"]
    elements: tuple[Element, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ----- uncertain rules


@dataclass(frozen=True, slots=True)
class Parameters:
    """The bracket of an uncertain rule: ``[s = 0.1, r = 0.2]``, ``[learn]``, ``[learn r per K]``.

    ``s`` = π(q | ¬p) and ``r`` = π(¬q | p); None where the rule does not set it (``if``: s = 1, r = 0; ``iff``:
    s = r = 0). ``learn`` lists the parameters to learn, ``per`` the variables whose values have one pair each.
    """

    s: Term | None = None
    r: Term | None = None
    learn: tuple[Literal["s", "r"], ...] = ()
    per: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Conclusion: TypeAlias = Comparison | Membership | Call | Not


@dataclass(frozen=True, slots=True)
class UncertainRule:
    """``if premise then conclusion [parameters] where guards.`` or ``conclusion iff premise …``."""

    form: Literal["if", "iff"]
    premise: Formula
    conclusion: Conclusion
    parameters: Parameters = field(default_factory=Parameters)
    where: tuple[Formula, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ----- probabilistic models


@dataclass(frozen=True, slots=True)
class RandomDeclaration:
    """``random strength(P) : real ~ normal(50, 15) for player(P).``

    ``names`` are those with which the arguments were given, if any was: empty for one that was given by its place.
    """

    name: str
    index: tuple[IndexItem, ...]
    value: TypeExpression
    distribution: Call
    condition: tuple[Formula, ...] = ()
    variant: Variant | None = None
    names: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """``define pull(T, M) = sum { … }.``"""

    name: str
    index: tuple[IndexItem, ...]
    expression: Term | Formula
    condition: tuple[Formula, ...] = ()
    variant: Variant | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Observe:
    """``observe score(ann) = 12.5.``"""

    formula: Formula
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ----- the others


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """``error label@m1(O) :- label@m1(O) = bus, confidence(label@m1(O)) < 0.6.``"""

    reading: Call
    body: tuple[Formula, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """``query valid.``, ``query cell(_, _).``, ``query strength(ann) > strength(bob).``"""

    formula: Formula
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expect:
    """A test: ``expect y = 8 given a(1) = 3, a(2) = 5.``

    ``mode`` is ``certain`` for the plain form, ``possible``, ``impossible``, or ``degree`` for
    ``expect P >= 0.9 y = 8 …`` and ``expect N(y = 8) >= 0.9 …``; then ``measure`` (``P``: possibility or
    probability, whichever the back end has; ``N``: necessity), ``operator`` and ``threshold`` are set.
    """

    mode: Literal["certain", "possible", "impossible", "degree"]
    formula: Formula
    given: tuple[Formula, ...] = ()
    measure: Literal["P", "N"] | None = None
    operator: Operator | None = None
    threshold: Term | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


_WORDS = re.compile(r'"(?:\\.|[^"\\])*"|(?<![\w\'])[a-z][\w\']*')

CLINGO_SUFFIX = ".lp"
"""How the names of files in clingo's language end."""


@dataclass(frozen=True, slots=True)
class Include:
    """``include "grid.nesy".``"""

    path: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClingoAtom:
    """An atom in clingo code: ``cell(R,C,V)`` has the arity 3; ``negated`` under ``not``, in aggregates, conditions.

    The name of one under strong negation begins with ``-``.
    """

    name: str
    arity: int
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def plain(self) -> str:
        """The attribute or relation: ``label'm1(O,V)`` speaks of the percept ``label``."""
        return self.name.partition("'")[0] or self.name


@dataclass(frozen=True, slots=True)
class ClingoStatement:
    """A statement of a file in clingo's language that a rule file includes.

    ``kind`` is ``rule``, ``constraint``, ``soft`` (a weak constraint), ``goal`` (``#minimize``, ``#maximize``),
    ``directive``, ``include``, or ``refused``: then ``refused`` says what no back end takes. The text is that of the
    ``slots``, each with what joins a further condition to it, and ``end``. ``levels`` are those of weights, as written.
    """

    kind: Literal["rule", "constraint", "soft", "goal", "directive", "include", "refused"]
    slots: tuple[tuple[str, str], ...]
    end: str
    heads: tuple[ClingoAtom, ...] = ()
    reads: tuple[ClingoAtom, ...] = ()
    guesses: bool = False
    levels: tuple[str, ...] = ()
    constant: str = ""
    path: str = ""
    refused: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The statement on one line, without comments."""
        return "".join(before for before, _ in self.slots) + self.end

    @property
    def words(self) -> frozenset[str]:
        """All names in the text: predicates, values, functions, constants."""
        return frozenset(name for name in _WORDS.findall(self.text) if not name.startswith('"'))

    def under(self, condition: str) -> str:
        """The text with a further condition in the body, or in each element of what is minimised."""
        return "".join(f"{before}{joint}{condition}" for before, joint in self.slots) + self.end


Statement: TypeAlias = (
    TypeDeclaration
    | ConstantDeclaration
    | PerceptDeclaration
    | ConceptDeclaration
    | RelationDeclaration
    | Rule
    | Constraint
    | SoftConstraint
    | Optimize
    | UncertainRule
    | RandomDeclaration
    | Definition
    | Observe
    | ErrorRule
    | Query
    | Expect
    | Gloss
    | Phrase
    | Include
    | ClingoStatement
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A ``%`` comment without its line break. ``own_line`` is false where it follows code on its line."""

    text: str
    own_line: bool
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Program:
    """One parsed text: the statements and comments in order.

    ``includes`` are kept as statements by :func:`nesy.dsl.parse`; :func:`nesy.dsl.load` replaces each by the
    statements of the file that it names. ``sources`` maps each file name to its text, for messages.
    """

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
