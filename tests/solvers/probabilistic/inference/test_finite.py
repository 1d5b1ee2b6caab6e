"""Variable elimination: random finite models against enumeration by the interpreter."""

from __future__ import annotations

from itertools import product
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nesy
from nesy.dsl.checked import Domain
from nesy.dsl.checks.types import BOOL
from nesy.solvers.probabilistic.inference.finite import compile_finite
from nesy.solvers.probabilistic.interpreter.traces import log_joint
from nesy.solvers.probabilistic.model.arithmetic import evaluate, same
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Lookup, Reference, Scalar
from nesy.solvers.probabilistic.model.graph import (
    Definition,
    Distribution,
    Estimand,
    Event,
    Factor,
    ModelGraph,
    Observation,
    RandomVariable,
)
from tests.effort import tries
from tests.solvers.probabilistic.graphs import graph_of

LIGHT = Domain("light", ("red", "amber", "green"))
DIGIT = Domain("digit", (0, 1, 2))
DOMAINS = (BOOL, LIGHT, DIGIT)


@st.composite
def graphs(draw: st.DrawFn) -> ModelGraph:
    """Small models: every variable may depend on the ones before it, by comparisons, sums and look-ups."""
    nodes: list[RandomVariable | Definition] = []
    for number in range(draw(st.integers(2, 5))):
        domain = draw(st.sampled_from(DOMAINS))
        variables = [node for node in nodes if isinstance(node, RandomVariable)]
        weights = tuple(draw(_weight(variables)) for _ in domain.values)
        if domain is BOOL:
            share = Apply("/", (weights[0], Apply("sum", weights)))
            distribution = Distribution("bernoulli", (share,))
        else:
            distribution = Distribution("categorical", weights)
        nodes.append(RandomVariable(f"v{number}", f"v{number}", (), distribution, domain))
    variables = [node for node in nodes if isinstance(node, RandomVariable)]
    truths = [_is(draw, variable) for variable in variables]
    nodes.append(Definition("some", "some", (), Apply("or", tuple(truths)), "bool"))
    nodes.append(Definition("many", "many", (), Apply("count", tuple(truths)), "number"))
    seen = draw(st.sampled_from(variables))
    assert seen.domain is not None
    conditions = [
        Observation(seen.label, draw(st.sampled_from(seen.domain.values)), "seen"),
        Event(Apply("<", (Reference("many"), Constant(draw(st.integers(1, 4))))), "few"),
        Factor(Apply("*", (Constant(-0.7), Reference("many"))), "fewer"),
    ]
    kept = draw(st.sets(st.integers(0, 2)))
    asked = [Estimand(v.label, v.label, Reference(v.label), v.domain) for v in variables]
    asked.append(Estimand("many", "many", Reference("many"), Domain("many", tuple(range(len(variables) + 1)))))
    asked.append(Estimand("some", "some", Reference("some"), BOOL))
    return ModelGraph(tuple(nodes), tuple(conditions[place] for place in sorted(kept)), tuple(asked))


@st.composite
def _weight(draw: st.DrawFn, variables: list[RandomVariable]) -> Expression:
    number = Constant(draw(st.sampled_from([0.5, 1.0, 2.0, 3.5])))
    if not variables:
        return number
    variable = draw(st.sampled_from(variables))
    other = Constant(draw(st.sampled_from([0.25, 1.0, 4.0])))
    if draw(st.booleans()):
        return Apply("if", (_is(draw, variable), number, other))
    assert variable.domain is not None
    cases = tuple((value, draw(st.sampled_from([number, other]))) for value in variable.domain.values)
    return Lookup(Reference(variable.label), cases)


def _is(draw: st.DrawFn, variable: RandomVariable) -> Expression:
    if variable.kind == "bool":
        return Reference(variable.label)
    assert variable.domain is not None
    return Apply("=", (Reference(variable.label), Constant(draw(st.sampled_from(variable.domain.values)))))


def enumerated(graph: ModelGraph) -> tuple[float, list[list[float]]]:
    """The evidence and the posteriors of all estimands, by going through all traces."""
    variables = graph.variables
    domains = [variable.domain.values for variable in variables if variable.domain is not None]
    total = 0.0
    tables = [[0.0] * len(estimand.domain or ()) for estimand in graph.estimands]
    for row in product(*domains):
        values: dict[str, Scalar] = {v.label: x for v, x in zip(variables, row, strict=True)}
        weight = exp(log_joint(graph, values))
        total += weight
        for node in graph.definitions:
            values[node.label] = evaluate(node.expression, values)
        for table, estimand in zip(tables, graph.estimands, strict=True):
            found = evaluate(estimand.expression, values)
            assert estimand.domain is not None
            table[next(p for p, value in enumerate(estimand.domain.values) if same(value, found))] += weight
    return total, tables


@settings(max_examples=tries(60), deadline=None)
@given(graphs())
def test_elimination_is_enumeration(graph: ModelGraph) -> None:
    finite = compile_finite(graph)
    assert finite is not None
    (found,) = finite.infer({}, 1)
    total, tables = enumerated(graph)
    if total == 0:
        assert found.status == "infeasible"
        return
    assert found.log_evidence == pytest.approx(log(total), abs=1e-9)
    for posterior, table in zip(found.posteriors, tables, strict=True):
        assert posterior.probability is not None
        assert posterior.probability.tolist() == pytest.approx([entry / total for entry in table], abs=1e-9)


def test_wide_gates_are_split() -> None:
    program = """
    type cause = 1..60.
    random on(I) : bool ~ bernoulli(1 / (I + 1)) for cause(I).
    define some = any on(I) for cause(I).
    define number = count { I : on(I) }.
    random alarm : bool ~ bernoulli(1 - exp(sum { if on(I) then log(1 - 1 / (I + 2)) else 0, I : cause(I) })).
    query some. query number > 3. query alarm.
    """
    finite = compile_finite(graph_of(program))
    assert finite is not None
    assert finite.elimination.order.largest < 100_000
    (found,) = finite.infer({}, 1)
    quiet = missed = 1.0
    for place in range(1, 61):
        share = 1 / (place + 1)
        quiet *= 1 - share
        missed *= 1 - share / (place + 2)
    probabilities = [posterior.probability for posterior in found.posteriors]
    assert probabilities[0] is not None
    assert probabilities[2] is not None
    assert float(probabilities[0][1]) == pytest.approx(1 - quiet, abs=1e-12)
    assert float(probabilities[2][1]) == pytest.approx(1 - missed, abs=1e-12)


def test_entangled_models_are_left_to_sampling() -> None:
    program = """
    type bit = 1..70.
    random on(I) : bool ~ bernoulli(0.5) for bit(I).
    define mixed(J) = sum { if on(I) then (I * I * J) mod 997 else 0, I : bit(I) }.
    observe mixed(1) < 20000. observe mixed(2) < 20000. observe mixed(3) < 20000.
    query on(1).
    """
    assert compile_finite(graph_of(program)) is None


def test_numbers_have_means() -> None:
    answer = nesy.load("random n : int ~ binomial(10, 0.3). query n.").compile("probabilistic").infer()
    result = answer["n"]
    assert result.mean is not None
    assert result.sd is not None
    assert float(result.mean[0]) == pytest.approx(3.0)
    assert float(result.sd[0]) == pytest.approx((10 * 0.3 * 0.7) ** 0.5)
    assert result.value == [3]


def test_percepts_are_likelihoods_in_batches() -> None:
    program = """
    type light = {red, green}.
    percept seen : light.
    random wet : bool ~ bernoulli(0.3).
    random slow : bool ~ bernoulli(if seen = red then 0.9 else if wet then 0.5 else 0.1).
    observe slow.
    query wet. query seen.
    """
    engine = nesy.load(program).compile("probabilistic")
    answer = engine.infer([{"seen": {"red": p, "green": 1 - p}} for p in (0.0, 0.5, 1.0)])
    for instance, p in enumerate((0.0, 0.5, 1.0)):
        joint = {
            (red, wet): (p if red else 1 - p) * (0.3 if wet else 0.7) * (0.9 if red else 0.5 if wet else 0.1)
            for red in (True, False)
            for wet in (True, False)
        }
        total = sum(joint.values())
        probability = answer["wet"].probability
        assert probability is not None
        expected = (joint[True, True] + joint[False, True]) / total
        assert float(probability[instance, 1]) == pytest.approx(expected, abs=1e-12)
