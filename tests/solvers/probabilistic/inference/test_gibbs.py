"""Blocks against enumeration, sweeps over them against elimination, and what they refuse."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

import nesy
from nesy.solvers.probabilistic.inference import gibbs
from nesy.solvers.probabilistic.inference.blocks import Factor, blocks
from nesy.solvers.probabilistic.inference.choose import decide
from tests.solvers.probabilistic.graphs import graph_of

CARDS = (2, 3, 2, 2, 3, 2)
SCOPES = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 1), (4, 5), (5, 2), (0, 4), (3, 5))


def factors() -> list[Factor]:
    random = np.random.default_rng(2)
    return [Factor(scope, random.random([CARDS[v] for v in scope]) + 0.1) for scope in SCOPES]


def weight(given: list[Factor], state: tuple[int, ...]) -> float:
    return float(np.prod([factor.values[tuple(state[v] for v in factor.scope)] for factor in given]))


@pytest.mark.parametrize("most", [6, 12, 1000])
def test_blocks_are_drawn_as_enumeration_says(most: int) -> None:
    given, random = factors(), np.random.default_rng(0)
    made = blocks(CARDS, given, range(len(CARDS)), most)
    assert made is not None
    assert len(made) == 1 if most == 1000 else len(made) > 1
    assert frozenset().union(*(block.variables for block in made)) == frozenset(range(len(CARDS)))
    held: NDArray[np.int64] = np.array([1, 2, 0, 1, 0, 1])
    for block in made:
        values = np.repeat(held[:, None], 20_000, 1)
        shares, total = block.draw(values, random, range(len(CARDS)))
        free = sorted(block.variables)
        table = np.zeros([CARDS[v] for v in free])
        for choice in product(*(range(CARDS[v]) for v in free)):
            state = held.copy()
            state[free] = choice
            table[choice] = weight(given, tuple(state))
        outside = [f for f in given if not set(f.scope) & block.variables]
        assert total[0] == pytest.approx(np.log(table.sum() / weight(outside, tuple(held))), abs=1e-12)
        for axis, variable in enumerate(free):
            others = tuple(other for other in range(len(free)) if other != axis)
            expected = table.sum(others) / table.sum()
            drawn = np.bincount(values[variable], minlength=CARDS[variable]) / 20_000
            assert np.abs(drawn - expected).max() < 4.5 * 0.5 / 20_000**0.5
            assert np.abs(shares[variable].mean(0) - expected).max() < 4.5 * 0.5 / 20_000**0.5


def test_what_may_not_be_held_is_drawn_or_refused() -> None:
    made = blocks(CARDS, factors(), {0, 4}, 24)
    assert made is not None
    assert all(block.variables >= {1, 2, 3, 5} for block in made)
    assert blocks(CARDS, factors(), (), 6) is None


def grid(size: int, like: float = 0.69) -> str:
    return f"""
    type row = 1..{size}. type col = 1..{size}.
    random up(R, C) : bool ~ bernoulli(0.5) for row(R), col(C).
    random east(R, C) : bool ~ bernoulli(if up(R, C) = up(R, C + 1) then {like} else {1 - like})
        for row(R), col(C), C < {size}.
    random south(R, C) : bool ~ bernoulli(if up(R, C) = up(R + 1, C) then {like} else {1 - like})
        for row(R), col(C), R < {size}.
    observe all east(R, C) for row(R), col(C), C < {size}.
    observe all south(R, C) for row(R), col(C), R < {size}.
    observe up(1, 1).
    query up(1, 3). query up({size}, {size}).
    """


def test_sweeps_agree_with_elimination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gibbs, "MOST_ENTRIES", 8)
    program = nesy.load(grid(5))
    exact = program.compile("probabilistic").infer()
    found = program.compile("probabilistic", method="gibbs").infer()
    assert found.status == ["estimated"], found.warnings
    for label in ("up(1,3)", "up(5,5)"):
        ours, truth, error = found[label].probability, exact[label].probability, found[label].error
        assert ours is not None
        assert truth is not None
        assert error is not None
        assert 0 < float(error[0]) < 0.02
        assert abs(float(ours[0, 1] - truth[0, 1])) < 5 * float(error[0])
    assert found.statistics["log_evidence"] == [None]


def test_chains_that_stay_in_one_phase_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All up or all down, held by strong ties: from one to the other no chain finds its way in time."""
    monkeypatch.setattr(gibbs, "MOST_ENTRIES", 4)
    model = grid(7, 0.995).replace("observe up(1, 1).", "")
    answer = nesy.load(model).compile("probabilistic", method="gibbs", samples=640).infer()
    assert answer.status == ["unknown"]
    assert "have not mixed" in answer.warnings[0].message


def test_wide_grids_are_decided_by_their_tables() -> None:
    assert decide(graph_of(grid(14))).method == "elimination"
    wide = decide(graph_of(grid(26)))
    assert (wide.method, wide.then) == ("weighting", ("gibbs", "smc"))
    assert wide.reason.startswith("the finite variables are too entangled for tables: the largest would join 2")


def test_refusals_of_entangled_models_name_the_width() -> None:
    answer = (
        nesy.load("""
        type bit = 1..70.
        random on(I) : bool ~ bernoulli(0.5) for bit(I).
        define mixed(J) = sum { if on(I) then (I * I * J) mod 997 else 0, I : bit(I) }.
        observe mixed(1) < 8000. observe mixed(2) < 9000. observe mixed(3) < 10000. observe mixed(4) > 26000.
        query on(1).
    """)
        .compile("probabilistic", time_limit=0.5)
        .infer()
    )
    assert answer.status == ["timeout"]
    assert [warning.message for warning in answer.warnings] == [
        "no posterior: the time is up",
        "the finite variables are too entangled for tables: a function of them has too many entries",
    ]


def test_what_is_impossible_cannot_be_swept_around() -> None:
    model = (
        "type i = 1..3. random x(I) : bool ~ bernoulli(0.5) for i(I). define some = any x(I) for i(I). {} query x(1)."
    )
    nesy.load(model.format("")).compile("probabilistic", method="gibbs")
    with pytest.raises(nesy.NesyError, match="E596"):
        nesy.load(model.format("observe some.")).compile("probabilistic", method="gibbs")
