"""From rule files to model graphs."""

from __future__ import annotations

import pytest

import nesy
from nesy.dsl.catalogue import ENTRIES
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.expressions import describe
from nesy.solvers.probabilistic.model.graph import Definition, Equation, Event, Factor, Observation
from tests.solvers.probabilistic.graphs import BURGLARY, MIXTURE, SCHOOLS, TUG_OF_WAR, graph_of


def text(program: str, label: str) -> str:
    """A definition's expression, or a random variable's distribution."""
    node = graph_of(program).by_label[label]
    if isinstance(node, Definition):
        return describe(node.expression)
    return f"{node.distribution.name}({', '.join(map(describe, node.distribution.arguments))})"


def refused(program: str) -> list[str]:
    """The codes with which building refuses a program."""
    with pytest.raises(nesy.NesyError) as caught:
        build(nesy.load(program).checked)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_parameters_are_bound_and_aggregates_listed() -> None:
    assert text(TUG_OF_WAR, "pull(red,1)") == "sum { effort(ann,1); effort(bob,1) }"
    assert text(TUG_OF_WAR, "effort(cat,2)") == "if lazy(cat,2) then strength(cat) - 1 else strength(cat)"
    assert text(TUG_OF_WAR, "beats(red,blue,2)") == "pull(red,2) > pull(blue,2)"


def test_conditions_bind_more_than_the_index() -> None:
    assert text(SCHOOLS, "y(3)") == "normal(theta(3), 16)"


def test_only_what_is_needed_is_built() -> None:
    labels = set(graph_of(TUG_OF_WAR).by_label)
    assert "pull(red,2)" in labels
    assert not any(label.startswith("pull(green") for label in labels)
    one = graph_of(TUG_OF_WAR.replace("query strength(_).", "").replace("observe beats(red, blue, 1).", ""))
    assert "strength(bob)" not in one.by_label


def test_nodes_come_after_their_parents() -> None:
    graph = graph_of(MIXTURE)
    seen: set[str] = set()
    for node in graph.nodes:
        assert set(node.parents) <= seen
        seen.add(node.label)


def test_conditions_know_what_they_are() -> None:
    kinds = {type(condition) for condition in graph_of(MIXTURE).conditions}
    assert kinds == {Observation, Event}
    program = """
    random a : real ~ normal(0, 1).
    random b : real ~ normal(0, 1).
    random coin : bool ~ bernoulli(0.5).
    define total = a + b.
    observe total = 3.
    observe not coin.
    :~ not coin. [3]
    :- coin, a > 2.
    query a.
    """
    equation, observation, factor, event = graph_of(program).conditions
    assert isinstance(equation, Equation)
    assert equation.value == 3.0
    assert isinstance(observation, Observation)
    assert observation.value is False
    assert isinstance(factor, Factor)
    assert describe(factor.expression) == "if not coin then -3 else 0"
    assert isinstance(event, Event)
    assert describe(event.expression) == "not (coin and a > 2)"


def test_what_is_known_is_never_looked_at() -> None:
    program = """
    type day = 1..3.
    random rain(T) : bool ~ bernoulli(if T = 1 then 0.5 else if rain(T - 1) then 0.7 else 0.3) for day(T).
    query rain(3).
    """
    assert text(program, "rain(1)") == "bernoulli(0.5)"
    assert text(program, "rain(2)") == "bernoulli(if rain(1) then 0.7 else 0.3)"


def test_long_chains() -> None:
    program = """
    const n = 3000.
    random x(T) : bool ~ bernoulli(if T = 1 then 0.5 else if x(T - 1) then 0.7 else 0.3) for step(T).
    type step = 1..n.
    query x(n).
    """
    assert len(graph_of(program).nodes) == 3000


def test_random_indices_become_lookups() -> None:
    assert text(MIXTURE, "at(2)") == "normal((of(2)) of {low: centre(low), high: centre(high)}, 1)"


def test_a_dirichlet_breaks_a_stick() -> None:
    graph = graph_of(MIXTURE)
    assert describe(graph.by_label["share(high)"].expression) == "1 - share'part(low)"  # type: ignore[union-attr]
    assert text(MIXTURE, "share'part(low)") == "beta(1, 2)"


def test_queries_have_labels_and_domains() -> None:
    estimands = {estimand.label: estimand for estimand in graph_of(MIXTURE).estimands}
    assert list(estimands)[:4] == ["of(1)", "of(2)", "of(3)", "of(4)"]
    many = estimands["many"].domain
    assert many is not None
    assert many.values == (0, 1, 2, 3, 4)
    assert graph_of(TUG_OF_WAR).estimands[0].domain is None


def test_different_tuples_count_once() -> None:
    program = """
    data(1, 5). data(2, 5).
    define once = sum { Y : data(_, Y) }.
    define twice = sum { Y, S : data(S, Y) }.
    define average = mean { Y, S : data(S, Y) }.
    define least = min { Y : data(_, Y) }.
    random x : real ~ normal(once + twice + average + least, 1).
    query x.
    """
    assert text(program, "x") == "normal(once + twice + average + least, 1)"
    graph = graph_of(program)
    values = {node.label: describe(node.expression) for node in graph.definitions}
    assert values == {"once": "5", "twice": "10", "average": "5", "least": "5"}


def test_random_conditions_guard_what_is_counted() -> None:
    program = """
    type item = 1..3.
    random on(I) : bool ~ bernoulli(0.5) for item(I).
    define some = sum { I : item(I), on(I) }.
    define number = count { I : on(I) = true }.
    define largest = max { I : item(I), on(I) }.
    define share = mean { I : item(I), on(I) }.
    query some. query number. query largest. query share.
    """
    assert text(program, "some") == "sum { if on(1) then 1 else 0; if on(2) then 2 else 0; if on(3) then 3 else 0 }"
    assert text(program, "number") == "count { on(1); on(2); on(3) }"
    assert (
        text(program, "largest")
        == "max { if on(1) then 1 else -inf; if on(2) then 2 else -inf; if on(3) then 3 else -inf }"
    )


@pytest.mark.parametrize("code", [code for code in ENTRIES if code.startswith("E59") and ENTRIES[code].wrong])
def test_catalogue(code: str) -> None:
    entry = ENTRIES[code]
    with pytest.raises(nesy.NesyError) as caught:
        nesy.load(entry.wrong).compile("probabilistic")
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]
    nesy.load(entry.mended).compile("probabilistic")


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("random x : real ~ normal(0, 0 - 1). query x.", "E592", "must be positive, but -1 is -1"),
        ("random x : real ~ uniform(3, 1). query x.", "E592", "must lie above"),
        ("random b : bool ~ bernoulli(1.5). query b.", "E592", "lie between 0 and 1"),
        ("random p : real ~ normal(0, 1). random b : bool ~ bernoulli(p). query b.", "E592", "(-∞, ∞)"),
        ("type k = {a, b}. random z : k ~ categorical(0, 0). query z.", "E592", "all probabilities"),
        ("random n : int ~ poisson(3). observe n = -1. query n.", "E593", "whole numbers"),
        ("random x : real ~ uniform(0, 1). observe x = 2. query x.", "E593", "(0, 1)"),
        ("random x : real ~ normal(0, 1). define y = x / 0. query y.", "", ""),
        ("random x : real ~ normal(0, 1). define y(T) = x / 1 + 1 / (T - 1). query y(1).", "E597", "has no value"),
    ],
)
def test_refusals_say_why(program: str, code: str, words: str) -> None:
    if not code:
        graph_of(program)
        return
    with pytest.raises(nesy.NesyError) as caught:
        build(nesy.load(program).checked)
    assert caught.value.diagnostics[0].code == code
    assert words in caught.value.diagnostics[0].message


def test_a_scale_that_only_touches_zero_is_fine() -> None:
    graph_of("random t : real ~ studentt(1, 0, 5). define tau = abs(t). random x : real ~ normal(0, tau). query x.")
    graph_of("random l : real ~ normal(0, 1). random b : bool ~ bernoulli(1 / (1 + exp(-l))). query b.")


def test_concepts_are_refused() -> None:
    program = """
    percept a : bool.
    concept c : bool.
    c iff a = true.
    random x : bool ~ bernoulli(if c then 0.1 else 0.2).
    query x.
    """
    assert refused(program) == ["E513"]


def test_all_errors_are_told_at_once() -> None:
    program = """
    random x : real ~ normal(0, -1).
    random y : real ~ beta(0, 1).
    query x. query y.
    """
    assert refused(program) == ["E592", "E592"]


def test_without_queries_all_random_variables_are_asked_for() -> None:
    graph = graph_of("random x : real ~ normal(0, 1). random b : bool ~ bernoulli(0.5). observe x = 1.")
    assert [estimand.label for estimand in graph.estimands] == ["x", "b"]


def test_burglary_is_small() -> None:
    graph = graph_of(BURGLARY)
    assert graph.sources["john"] == frozenset({"alarm"})
    assert graph.ancestors(("mary",)) == frozenset({"burglary", "earthquake", "alarm", "mary"})


@pytest.mark.slow
def test_a_definition_that_does_not_end() -> None:
    with pytest.raises(nesy.NesyError, match="E591") as caught:
        graph_of("random a : real ~ normal(0, 1). define f(N) = f(N + 1) + f(N + 2) + a. query f(1).")
    assert "does not end" in str(caught.value)


def test_an_equation_of_many_whole_values_is_an_event() -> None:
    program = """
    type bit = 1..40.
    random on(I) : bool ~ bernoulli(0.5) for bit(I).
    define total = sum { if on(I) then I * I else 0, I : bit(I) }.
    observe total = 5000.
    query on(1).
    """
    (condition,) = graph_of(program).conditions
    assert isinstance(condition, Event)
