"""Both transformations, against their definitions; ties, rounding, gradients."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.solvers.possibilistic import transform
from nesy.solvers.possibilistic.transform import possibility

METHODS = [("antipignistic", "symmetric"), ("specificity", "symmetric"), ("specificity", "reference")]

weights = st.lists(st.integers(0, 6), min_size=1, max_size=7).filter(any)


def exact(counts: list[int], method: str, ties: str) -> list[float]:
    """The definition in fractions."""
    p = [Fraction(count, sum(counts)) for count in counts]
    if method == "antipignistic":
        return [float(sum(min(w, v) for w in p)) for v in p]
    if ties == "symmetric":
        return [float(sum(w for w in p if w <= v)) for v in p]
    ranked = sorted(range(len(p)), key=lambda place: (-p[place], place))
    return [float(sum(p[w] for w in ranked[ranked.index(v) :])) for v in range(len(p))]


@pytest.mark.parametrize(("method", "ties"), METHODS)
@pytest.mark.parametrize("wide", [1, 1000], ids=["sorted", "pairwise"])
@given(counts=weights)
def test_definition(method: str, ties: str, wide: int, counts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "WIDE", wide)
        p = torch.tensor(counts, dtype=torch.float64) / sum(counts)
        found = possibility(p, method, ties)
        expected = torch.tensor(exact(counts, method, ties), dtype=torch.float64)
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
        assert found.max() == 1.0
        if ties == "symmetric":  # equal probabilities get exactly equal degrees
            for value in set(counts):
                assert len({found[place].item() for place, count in enumerate(counts) if count == value}) == 1


def test_the_lower_place_wins_as_in_the_reference() -> None:
    p = torch.tensor([0.4, 0.4, 0.2], dtype=torch.float64)
    assert possibility(p, "specificity", "reference").tolist() == pytest.approx([1.0, 0.6, 0.2])
    assert possibility(p, "specificity", "symmetric").tolist() == pytest.approx([1.0, 1.0, 0.2])


@pytest.mark.parametrize(("method", "ties"), METHODS)
def test_rounding_never_leaves_the_unit_interval(method: str, ties: str) -> None:
    p = torch.randn(10, 500, generator=torch.Generator().manual_seed(1)).mul(4).softmax(0)
    found = possibility(p, method, ties)
    assert found.dtype == torch.float32
    assert found.min() >= 0
    assert (found.amax(0) == 1.0).all()


def test_one_value_and_further_axes() -> None:
    assert possibility(torch.ones(1, 3), "antipignistic", "symmetric").tolist() == [[1.0, 1.0, 1.0]]
    p = torch.rand(4, 2, 3, dtype=torch.float64)
    whole = possibility(p, "antipignistic", "symmetric")
    assert torch.equal(whole[:, 1, 2], possibility(p[:, 1, 2], "antipignistic", "symmetric"))


@pytest.mark.parametrize(("method", "ties"), METHODS)
@pytest.mark.parametrize("wide", [1, 1000])
def test_gradients(method: str, ties: str, wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transform, "WIDE", wide)
    logits = torch.tensor([0.3, 1.2, -0.4, 2.0], dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda x: possibility(x.softmax(0), method, ties), (logits,))
