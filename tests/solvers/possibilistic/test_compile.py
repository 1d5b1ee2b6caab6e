"""What compiling refuses, and what it prints."""

from __future__ import annotations

import pytest
import torch

from nesy.dsl import check, parse
from nesy.dsl.catalogue import ENTRIES
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AtomLiteral, GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model
from tests.solvers.models import Builder, literal


def refusal(model: GroundModel, options: Options | None = None) -> Diagnostic:
    with pytest.raises(NesyError) as caught:
        compile_model(model, options or Options())
    (found,) = caught.value.diagnostics
    return found


def model(text: str) -> GroundModel:
    return ground(check(parse(text)))


SMALL = "percept a : bool. concept b : bool. b iff a. query b."


@pytest.mark.parametrize("code", ["E520", "E521"])
def test_examples_of_the_catalogue(code: str) -> None:
    assert refusal(model(ENTRIES[code].wrong)).code == code
    compile_model(model(ENTRIES[code].mended), Options())


def test_a_cycle_names_its_path_and_places() -> None:
    builder = Builder()
    places = [builder.concept(name, 2, (2,)) for name in ("p", "q", "r")]
    for place, other in zip(places, [places[1], places[2], places[0]], strict=True):
        builder.rule(literal(other, 1, 1), literal(place, 1, 1))
    builder.ask(places[0], 1)
    found = refusal(builder.build())
    assert found.code == "E520"
    assert found.message == "uncertain rules depend on their own conclusion: p(2) ← q(2) ← r(2) ← p(2)"
    assert [label.text for label in found.labels] == [
        "p(2) depends on q(2)",
        "q(2) depends on r(2)",
        "r(2) depends on p(2)",
    ]


def test_a_cycle_through_both_sorts_of_rules() -> None:
    builder = Builder()
    p = builder.concept("p", 2)
    h = builder.atom("h")
    builder.rule(AtomLiteral(h), literal(p, 0, 1))
    builder.clause(AtomLiteral(h), [literal(p, 0, 1)])
    builder.ask(p)
    assert "p ← h ← p" in refusal(builder.build()).message


def test_what_no_query_needs_is_not_looked_at() -> None:
    builder = Builder()
    a = builder.percept("a", 2)
    p = builder.concept("p", 2)
    builder.rule(literal(p, 0, 1), literal(p, 0, 1))
    builder.ask(a)
    compile_model(builder.build(), Options())


@pytest.mark.parametrize(
    ("options", "code", "shown"),
    [
        (Options(device="nowhere"), "E440", "'nowhere' is not a device"),
        (Options(device="cuda:77"), "E440", "there is no CUDA device 'cuda:77'"),
        (Options(transform="antipignostic"), "E523", "no transform 'antipignostic'"),
        (Options(dtype="float16"), "E523", "no dtype 'float16'"),
        (Options(ties="first"), "E523", "no ties 'first'"),
        (Options(chunk=0), "E523", "a chunk of 0 instances"),
    ],
)
def test_options(options: Options, code: str, shown: str) -> None:
    found = refusal(model(SMALL), options)
    assert found.code == code
    assert shown in found.message
    assert found.hint


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_gpu() -> None:
    found = compile_model(model(SMALL), Options(device="cuda")).infer({"a": torch.tensor([[0.25, 0.75]])})
    assert found["b"].possibility.cpu().tolist() == [[0.5, 1.0]]


def test_listing() -> None:
    text = compile_model(model(SMALL), Options()).listing()
    expected = """\
% percepts: a [1 × 2 values]

% ===== b
% 1 rules, 2 cells; cells: a minimum over the α of the rules for a cell and the β of the others, shared between cells
% input vector I
λ1 = Π(a)   ρ1 = Π(not (a))   line 1
% matrix relation M (O = M □ I, a row for each cell)
       λ1 ρ1
b       0  1
not b   1  0
% equation system
Π(b) = λ1
Π(not b) = ρ1

% ===== queries: b
% plan: 0 tensor steps, 0 minima and maxima an instance, 2 degrees in the table
"""
    assert text == expected


def test_listing_of_families_and_clauses() -> None:
    text = """
type digit = 0..2.
percept a(1..3) : digit.
concept c(1..2) : (digit, digit).
concept same(1..2) : bool.
c(I) in {(K, _)} iff a(I) = K.
c(I) in {(_, K)} iff a(J) = K where J = I + 1.
same(I) iff c(I) in {(X, Y) : X = Y}.
some :- same(I) = true.
path(1). path(2) :- some, path(1).
query some. query path(2).
"""
    engine = compile_model(model(text), Options())
    found = engine.listing()
    assert "% ===== c(1), and 1 more of the same form" in found
    assert "factorised: each conclusion restricts one component of (digit and digit)" in found
    assert "Π(some) = max(Π(same(1)), Π(same(2)))" in found
    assert "N(some) = max(N(same(1)), N(same(2)))" in found
    assert "% ===== c(2)" in engine.listing(every=True)
