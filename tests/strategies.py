"""Hypothesis strategies for programs, as syntax trees that the parser can produce and as text.

``programs()`` gives syntactically valid programs of all statements (their names need not be declared);
``near_programs()`` gives text close to a program, with something cut, doubled or swapped.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from nesy.dsl.knowledge import Gloss, Meaning, Phrase, Variant
from nesy.dsl.statements import (
    Choice,
    Comment,
    ConceptDeclaration,
    ConstantDeclaration,
    Constraint,
    Definition,
    Disjunction,
    ErrorRule,
    Expect,
    Include,
    NamedType,
    Observe,
    Optimize,
    Parameters,
    PerceptDeclaration,
    ProductType,
    Program,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    TypeDeclaration,
    UncertainRule,
)
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
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Text,
    TupleTerm,
    Variable,
)

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")

names = st.sampled_from(["a", "b", "cell", "red", "edge", "value", "in", "per", "from", "learn", "x1_Y"])
# Words of the language are names too, but not everywhere (bounds of choices, for one): these are used as relations.
relation_names = st.one_of(names, st.sampled_from(["count", "type", "query", "error", "possible", "sum"]))
variable_names = st.sampled_from(["X", "Y", "R1", "C_2", "_Z", "P", "N"])
variables = st.builds(Variable, st.one_of(variable_names, st.just("_")))
numbers = st.builds(
    Number,
    st.one_of(
        st.integers(0, 2**31 - 1),
        st.integers(0, 12),
        st.floats(0, 1e300, allow_nan=False),
        st.sampled_from([0.25, 1e-3]),
    ),
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
texts = st.builds(Text, words)
constants = st.builds(Call, names)
sources = st.one_of(st.none(), st.none(), st.sampled_from(["m1", "m2"]))


@cache
def terms(depth: int = 3) -> st.SearchStrategy[object]:
    """Terms of at most ``depth`` levels."""
    leaves = st.one_of(numbers, texts, variables, constants, st.sampled_from([Call("true"), Call("false")]))
    if not depth:
        return leaves
    inner = st.deferred(lambda: terms(depth - 1))
    return st.one_of(
        leaves,
        st.builds(Call, relation_names, st.lists(inner, min_size=1, max_size=3).map(tuple), sources),
        st.builds(TupleTerm, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Negative, inner),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "mod"]), inner, inner),
        st.builds(Interval, inner, inner),
        st.builds(Conditional, st.deferred(lambda: formulas(depth - 1)), inner, inner),
        st.builds(
            Aggregate,
            st.sampled_from(["count", "sum", "min", "max", "mean"]),
            st.lists(elements(depth - 1), min_size=1, max_size=2).map(tuple),
        ),
    )


NO_PRIORITY = st.none()


@cache
def elements(depth: int, priorities: st.SearchStrategy[object] = NO_PRIORITY) -> st.SearchStrategy[Element]:
    """Elements of aggregates, and with ``priorities`` of maximize and minimize."""
    return st.builds(
        Element,
        st.lists(terms(depth), min_size=1, max_size=2).map(tuple),
        bodies(depth, min_size=0),
        priorities,
    )


@cache
def bodies(depth: int, min_size: int = 1) -> st.SearchStrategy[tuple[object, ...]]:
    """Formulas separated by commas."""
    return st.lists(st.deferred(lambda: formulas(depth)), min_size=min_size, max_size=2).map(tuple)


@cache
def atoms(depth: int = 2) -> st.SearchStrategy[Call]:
    """Atoms of relations."""
    return st.builds(Call, relation_names, st.lists(terms(depth), max_size=2).map(tuple))


@cache
def sets(depth: int) -> st.SearchStrategy[SetTerm]:
    """Sets of values, with a condition or without."""
    items = st.lists(terms(depth), min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(SetTerm, items), st.builds(SetTerm, items, bodies(depth)), st.just(SetTerm(())))


@cache
def comparisons(depth: int = 2) -> st.SearchStrategy[Comparison]:
    """Comparisons of two terms."""
    return st.builds(Comparison, st.sampled_from(OPERATORS), terms(depth), terms(depth))


@cache
def memberships(depth: int = 2) -> st.SearchStrategy[Membership]:
    """Memberships in a set or an interval."""
    values = st.one_of(sets(depth), st.builds(Interval, terms(depth), terms(depth)))
    return st.builds(Membership, terms(depth), values)


@cache
def formulas(depth: int = 3) -> st.SearchStrategy[object]:
    """Formulas of at most ``depth`` levels."""
    if not depth:
        return st.builds(Call, relation_names)
    inner = st.deferred(lambda: formulas(depth - 1))
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Call, relation_names, st.lists(terms(depth - 1), max_size=2).map(tuple), sources),
        comparisons(depth - 1),
        memberships(depth - 1),
        st.builds(Not, inner),
        several.map(lambda items: And(_flat(And, items))),
        several.map(lambda items: Or(_flat(Or, items))),
        st.builds(Quantified, st.sampled_from(["all", "any"]), inner, bodies(depth - 1, min_size=0)),
    )


def _flat(kind: type, items: list[object]) -> tuple[object, ...]:
    return tuple(part for item in items for part in (item.items if isinstance(item, kind) else (item,)))


named_types = st.builds(NamedType, st.sampled_from(["digit", "bool", "real", "light"]))
simple_types = st.one_of(
    named_types,
    st.builds(Interval, numbers, numbers),
    st.builds(SetTerm, st.lists(st.one_of(constants, numbers), min_size=1, max_size=4).map(tuple)),
)
types = st.one_of(simple_types, st.builds(ProductType, st.lists(simple_types, min_size=2, max_size=3).map(tuple)))
indices = st.lists(st.one_of(types, st.builds(Variable, variable_names)), max_size=3).map(tuple)
declared = st.sampled_from(["a", "cell", "valid", "in", "edge"])
conditions = bodies(1, min_size=0)

values = st.builds(
    Comparison, st.just("="), st.builds(Call, names, st.lists(terms(1), max_size=2).map(tuple)), terms(2)
)
heads = st.one_of(atoms(), values)
bounds = st.one_of(st.none(), numbers, variables, st.builds(Binary, st.just("+"), variables, numbers))
choices = st.builds(
    Choice,
    st.lists(st.builds(Element, st.tuples(heads), conditions), min_size=1, max_size=3).map(tuple),
    bounds,
    bounds,
)
rules = st.builds(
    Rule,
    st.one_of(heads, choices, st.builds(Disjunction, st.lists(heads, min_size=2, max_size=3).map(tuple))),
    bodies(2, min_size=0),
)

rule_variables = st.lists(variable_names.filter(lambda name: name != "_"), max_size=2).map(tuple)


@st.composite
def rule_parameters(draw: st.DrawFn) -> Parameters:
    """The bracket of an uncertain rule."""
    learn = draw(st.sampled_from([(), ("s",), ("r",), ("s", "r")]))
    value = {name: draw(st.one_of(st.none(), numbers)) for name in ("s", "r") if name not in learn}
    return Parameters(value.get("s"), value.get("r"), learn, draw(rule_variables) if learn else ())


conclusions = st.one_of(comparisons(), memberships(), atoms(), atoms().map(Not), memberships().map(Not))
uncertain_rules = st.builds(
    UncertainRule, st.sampled_from(["if", "iff"]), formulas(3), conclusions, rule_parameters(), conditions
)
expectations = st.one_of(
    st.builds(Expect, st.sampled_from(["certain", "possible", "impossible"]), formulas(2), conditions),
    st.builds(
        Expect,
        st.just("degree"),
        formulas(2),
        conditions,
        st.sampled_from(["P", "N"]),
        st.sampled_from(OPERATORS),
        st.one_of(numbers, constants, st.builds(Negative, numbers)),
    ),
).filter(lambda expectation: not _reads_as_measure(expectation))


def _reads_as_measure(expectation: Expect) -> bool:
    """``expect P = 3`` speaks of the possibility, so a variable P cannot begin the formula."""
    node: object = expectation.formula
    while not isinstance(node, Variable | Call):
        for name in ("items", "left", "term", "operand", "low", "elements", "terms"):
            part = getattr(node, name, None)
            if isinstance(part, tuple) and part:
                node = part[0]
                break
            if part is not None and not isinstance(part, tuple):
                node = part
                break
        else:
            return False
    return isinstance(node, Variable) and node.name in ("P", "N")


variants = st.one_of(
    st.none(),
    st.builds(Variant, st.sampled_from(["wide", "tight", "variant"]), st.one_of(st.none(), numbers)),
)
meanings = st.lists(
    st.one_of(
        st.builds(Meaning, st.just("fact"), st.builds(Call, names, st.tuples(variables))),
        st.builds(Meaning, st.sampled_from(["observe", "query"]), formulas()),
        st.builds(Meaning, st.just("do"), st.builds(Comparison, st.just("="), st.builds(Call, names), numbers)),
        st.builds(Meaning, st.just("new"), st.builds(Variable, st.sampled_from(["X", "M"]))),
    ),
    min_size=1,
    max_size=3,
).map(tuple)

statements = st.one_of(
    st.builds(TypeDeclaration, declared, st.one_of(st.none(), types)),
    st.builds(ConstantDeclaration, declared, terms(2)),
    st.builds(PerceptDeclaration, declared, indices, types, st.lists(names, max_size=2).map(tuple), conditions),
    st.builds(ConceptDeclaration, declared, indices, types, conditions),
    st.builds(RelationDeclaration, declared, st.lists(types, max_size=3).map(tuple)),
    rules,
    rules,
    st.builds(Constraint, bodies(3)),
    st.builds(SoftConstraint, bodies(2), numbers, st.one_of(st.none(), numbers), st.lists(variables).map(tuple)),
    st.builds(
        Optimize,
        st.sampled_from(["maximize", "minimize"]),
        st.lists(elements(1, st.one_of(st.none(), numbers, variables)), min_size=1, max_size=2).map(tuple),
    ),
    uncertain_rules,
    uncertain_rules,
    st.builds(RandomDeclaration, declared, indices, types, atoms(), conditions, variants),
    st.builds(
        lambda name, index, value, loc, scale, names: RandomDeclaration(
            name, index, value, Call("normal", (loc, scale)), (), None, names
        ),
        declared,
        indices,
        types,
        terms(2),
        terms(1),
        st.sampled_from([("loc", "scale"), ("", "scale")]),
    ),
    st.builds(Definition, declared, indices, st.one_of(terms(), formulas()), conditions, variants),
    st.builds(
        Gloss,
        declared,
        words,
        st.lists(words, max_size=2).map(tuple),
        st.one_of(st.none(), words),
        st.one_of(st.none(), st.builds(Interval, numbers, numbers)),
    ),
    st.builds(Phrase, st.lists(words, min_size=1, max_size=2).map(tuple), meanings),
    st.builds(Observe, formulas()),
    st.builds(ErrorRule, st.builds(Call, names, st.tuples(variables), st.just("m1")), conditions),
    st.builds(Query, formulas()),
    expectations,
    st.builds(Include, st.sampled_from(["grid.nesy", "rules.lp", 'a "b".nesy'])),
)

comments = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=10).map(
    lambda text: Comment(f"% {text}".rstrip(), own_line=True)
)


def programs(max_size: int = 4) -> st.SearchStrategy[Program]:
    """Programs without places, as the parser could have made them."""
    return st.builds(
        Program, st.lists(statements, max_size=max_size).map(tuple), st.lists(comments, max_size=2).map(tuple)
    )


@st.composite
def near_programs(draw: st.DrawFn, texts_to_change: tuple[str, ...]) -> str:
    """One of the texts with up to three changes: a stretch cut, doubled or moved, or a sign put in."""
    text = draw(st.sampled_from(texts_to_change))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(["cut", "double", "put", "move"]))
        if kind == "cut":
            text = text[:start] + text[end:]
        elif kind == "double":
            text = text[:end] + text[start:end] + text[end:]
        elif kind == "move":
            text = text[end:] + text[start:end] + text[:start]
        else:
            sign = st.sampled_from(
                [*'.,;:()[]{}"%@=<>-+*/~_#&|!\\ \n\t0aX', ":-", "..", "==", "in", "not", "if", "é", "\0"]
            )
            text = text[:start] + draw(sign) + text[start:]
    return text
