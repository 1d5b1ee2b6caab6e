"""Ground rules say in every world what the source says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl import parse
from nesy.dsl.statements import Rule, UncertainRule
from nesy.solvers.ground_model import AtomLiteral, GroundAtom
from tests.effort import tries
from tests.solvers.grounding.naive import derived, holds, model_of, truth, worlds

OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
SMALL = st.integers(0, 2)


def atoms(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Conditions on ``a(0..2) : 0..2`` and ``b(0..2) : bool`` at constants and at the variables ``names``."""
    index = st.sampled_from([*names, "0", "1", "2"])
    a = index.map("a({})".format)
    term = st.one_of(SMALL.map(str), st.sampled_from(names)) if names else SMALL.map(str)
    return st.one_of(
        st.tuples(a, OPERATORS, term).map(" ".join),
        st.tuples(a, OPERATORS, a).map(" ".join),
        st.tuples(a, st.sampled_from(["+ 1", "* 2", "- 1"]), OPERATORS, term).map(" ".join),
        st.tuples(a, st.just("+"), a, OPERATORS, term).map(" ".join),
        index.map("b({})".format),
        index.map("not b({})".format),
        st.tuples(a, st.sampled_from(["in", "not in"]), st.lists(term, min_size=1, max_size=2)).map(
            lambda parts: f"{parts[0]} {parts[1]} {{{', '.join(parts[2])}}}"
        ),
        st.tuples(a, st.sampled_from(["in", "not in"]), OPERATORS, term).map(
            lambda parts: f"{parts[0]} {parts[1]} {{V : V {parts[2]} {parts[3]}}}"
        ),
        st.tuples(a, SMALL).map(lambda parts: f"{parts[0]} in {parts[1]}..2"),
    )


def formulas(names: tuple[str, ...], depth: int) -> st.SearchStrategy[str]:
    """Formulas over the variables ``names``; each quantifier brings one more, which stands in an index."""
    plain = atoms(names)
    if depth == 0:
        return plain
    smaller = formulas(names, depth - 1)
    joined = st.tuples(smaller, st.sampled_from(["and", "or"]), smaller).map(lambda parts: f"({' '.join(parts)})")
    inner = ("J", "K")[min(len(names) - 1, 1)]
    quantified = st.tuples(
        st.sampled_from(["all", "any"]),
        st.sampled_from([f"b({inner})", f"not b({inner})", f"a({inner}) > 0", f"a({inner}) = 1"]),
        st.sampled_from(["and", "or"]),
        formulas((*names, inner), depth - 1) if len(names) < 3 else plain,
    ).map(lambda parts: f"({parts[0]} ({' '.join(parts[1:])}) for index({inner}))")
    return st.one_of(plain, joined, smaller.map("not ({})".format), quantified)


HEADER = "percept a(0..2) : 0..2.\npercept b(0..2) : bool.\nconcept c(0..2) : bool.\nindex(0..2).\n"


@given(formulas(("I",), 2))
@settings(max_examples=tries(60))
def test_uncertain_rules_have_the_premises_of_their_source(formula: str) -> None:
    text = f"{HEADER}if {formula} and (b(I) or not b(I)) then c(I).\nquery c(_).\n"
    model = model_of(text)
    statement = next(one for one in parse(text).statements if isinstance(one, UncertainRule))
    assert [rule.origin.bindings for rule in model.uncertain] == [(("I", index),) for index in (0, 1, 2)]
    for world in worlds(model):
        full = {**world, **{("a", (i,)): 0 for i in (0, 1, 2) if ("a", (i,)) not in world}}
        for rule in model.uncertain:
            assert holds(model, rule.premise, full) == truth(statement.premise, dict(rule.origin.bindings), full)


@given(formulas(("I",), 2))
@settings(max_examples=tries(60))
def test_rules_over_attributes_derive_what_their_source_says(formula: str) -> None:
    everything = "b(0), b(1), b(2), a(0) = 0, a(1) = 0, a(2) = 0"
    text = f"{HEADER}d(I) :- index(I), {formula}.\ne :- {everything}.\nquery d(1).\nquery e.\n"
    model = model_of(text)
    statement = next(one for one in parse(text).statements if isinstance(one, Rule) and one.body)
    places = {atom: place for place, atom in enumerate(model.atoms)}
    for world in worlds(model):
        true = derived(model, world)
        for index in (0, 1, 2):
            expected = all(truth(item, {"I": index}, world) for item in statement.body[1:])
            assert (places.get(GroundAtom("d", (index,))) in true) == expected


@given(formulas(("I",), 1))
@settings(max_examples=tries(60))
def test_queries_mean_what_they_say(formula: str) -> None:
    closed = formula.replace("(I)", "(2)").replace(" I", " 2").replace("{I", "{2")
    text = f"{HEADER}query ({closed}) and (b(1) or not b(1)).\nquery a(_).\nquery b(_).\n"
    model = model_of(text)
    query = model.queries[0]
    assert query.formula is not None
    source = parse(text).statements[-3]
    for world in worlds(model):
        assert holds(model, query.formula, world) == truth(source.formula, {}, world)  # type: ignore[union-attr]


def test_heads_of_ground_rules_are_positive() -> None:
    model = model_of(f"{HEADER}d(I) :- b(I), not b(2).\nquery d(_).\n")
    assert all(isinstance(rule.head, AtomLiteral) and not rule.head.negated for rule in model.rules)
