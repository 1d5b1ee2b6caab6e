"""The two choices of cues: their guarantee, and what a naive reading of the definitions gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nesy.abduction.error_rules.greedy import by_ratio, distinct, under_budget, without_contained
from tests.effort import tries

Bools = NDArray[np.bool_]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Bools, Bools, int]:
    """Cues, wrong predictions, and members of the class: at least those that are right."""
    size, number = draw(st.integers(1, 30)), draw(st.integers(0, 8))
    bits = st.lists(st.booleans(), min_size=size, max_size=size)
    cues = np.array(draw(st.lists(bits, min_size=number, max_size=number)), dtype=bool).reshape(number, size)
    wrong = np.array(draw(bits))
    return cues, wrong, int((~wrong).sum()) + draw(st.integers(0, 5))


def flagged(cues: Bools, chosen: tuple[int, ...]) -> Bools:
    return np.asarray(cues[list(chosen)].any(axis=0)) if chosen else np.zeros(cues.shape[1], dtype=bool)


@given(cases(), st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.3, 1.0]))
def test_recall_falls_by_at_most_the_budget(case: tuple[Bools, Bools, int], budget: float) -> None:
    cues, wrong, members = case
    choice = under_budget(cues, wrong, members, budget)
    flags = flagged(cues, choice.cues)
    assert (choice.wrong, choice.right) == ((flags & wrong).sum(), (flags & ~wrong).sum())
    if members:
        before, after = (~wrong).sum() / members, (~wrong & ~flags).sum() / members
        assert before - after <= budget + 1e-12
    else:
        assert choice.right == 0


@given(cases(), st.sampled_from([0.0, 0.05, 0.3]))
def test_precision_rises_where_the_rule_is_more_often_right_than_the_class_is_wrong(
    case: tuple[Bools, Bools, int], budget: float
) -> None:
    cues, wrong, members = case
    choice = under_budget(cues, wrong, members, budget)
    kept = ~flagged(cues, choice.cues)
    if choice.cues and kept.any() and choice.wrong / (choice.wrong + choice.right) > wrong.mean():
        assert (~wrong & kept).sum() / kept.sum() > (~wrong).mean()


def naive_budget(cues: Bools, wrong: Bools, members: int, budget: float) -> set[int]:
    """DetRuleLearn word for word, with sets."""
    chosen: list[int] = []
    while True:
        best: tuple[int, int, int] | None = None
        now = flagged(cues, tuple(chosen))
        for cue in range(len(cues)):
            union = now | cues[cue]
            caught, lost = int((union & wrong).sum()), int((union & ~wrong).sum())
            affordable = lost / members <= budget if members else lost == 0
            better = caught > (now & wrong).sum()
            if affordable and better and (best is None or (-caught, lost, cue) < best):
                best = (-caught, lost, cue)
        if best is None:
            return set(chosen)
        chosen.append(best[2])


@given(cases(), st.sampled_from([0.0, 0.05, 0.3]))
def test_the_budget_is_spent_greedily(case: tuple[Bools, Bools, int], budget: float) -> None:
    cues, wrong, members = case
    choice = under_budget(cues, wrong, members, budget)
    expected = naive_budget(cues, wrong, members, budget)
    assert set(choice.cues) <= expected
    assert (flagged(cues, choice.cues) == flagged(cues, tuple(expected))).all()


def naive_ratio(cues: Bools, wrong: Bools) -> float:
    """The best F1 among the prefixes of RatioDetRuleLearn."""
    now, best = np.zeros(cues.shape[1], dtype=bool), 0.0
    while True:
        ratios = {}
        for cue in range(len(cues)):
            more = cues[cue] & ~now
            if (more & wrong).any():
                ratios[cue] = more.sum() / (more & wrong).sum()
        if not ratios:
            return best
        now = now | cues[min(ratios, key=lambda cue: (ratios[cue], cue))]
        best = max(best, float(2 * (now & wrong).sum() / (now.sum() + wrong.sum())))


@given(cases())
def test_the_ratio_gives_the_prefix_with_the_best_f1(case: tuple[Bools, Bools, int]) -> None:
    cues, wrong, _ = case
    choice = by_ratio(cues, wrong)
    flags = flagged(cues, choice.cues)
    reached = 2 * choice.wrong / max(1, flags.sum() + wrong.sum())
    assert (choice.wrong, choice.right) == ((flags & wrong).sum(), (flags & ~wrong).sum())
    assert abs(reached - naive_ratio(cues, wrong)) < 1e-12


@given(cases(), st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.3, 1.0]), min_size=2, max_size=4, unique=True))
@settings(max_examples=tries(30))
def test_a_first_cue_is_never_worse_with_more_budget(case: tuple[Bools, Bools, int], budgets: list[float]) -> None:
    cues, wrong, members = case
    found = [under_budget(cues, wrong, members, budget) for budget in sorted(budgets)]
    gains = [max((int((cues[cue] & wrong).sum()) for cue in choice.cues), default=0) for choice in found]
    assert all(earlier <= later for earlier, later in pairwise(gains))


def test_budget_of_nothing_takes_cues_that_cost_nothing() -> None:
    cues = np.array([[True, True, False], [True, False, False]])
    assert under_budget(cues, np.array([True, False, False]), 2, 0.0).cues == (1,)
    # 29 of 100 are exactly the budget, although 0.29 · 100 is less than 29 in floating point
    wide = np.zeros((1, 101), dtype=bool)
    wide[0, :30] = True
    wrong = np.zeros(101, dtype=bool)
    wrong[0] = True
    assert under_budget(wide, wrong, 100, 0.29).right == 29


def test_cues_within_others_and_equal_ones_are_left_out() -> None:
    cues = np.array([[True, False, False], [True, True, False], [False, False, False], [True, True, False]])
    assert list(distinct(cues)) == [0, 1]
    choice = under_budget(cues[:2], np.array([True, True, False]), 5, 0.5)
    assert choice.cues == (1,)
    assert without_contained(choice, cues) == choice
