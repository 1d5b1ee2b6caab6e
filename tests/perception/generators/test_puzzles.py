"""Visual puzzles: the images show what the grid says, and no image is used twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.perception.generators import sudoku_puzzles
from nesy.perception.generators.pool import ImagePool

LABELS = np.repeat(np.arange(10), 20)
IMAGES = np.arange(200 * 4, dtype=np.uint8).reshape(200, 2, 2)


@given(
    st.sampled_from([4, 9]),
    st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=3),
    st.integers(0, 2**32),
)
def test_images_show_the_grid(size: int, corruptions: list[int | None], seed: int) -> None:
    puzzles = sudoku_puzzles(IMAGES, LABELS, size=size, corruptions=tuple(corruptions), seed=seed)
    assert len(puzzles) == len(corruptions)
    assert puzzles.size == size
    assert (LABELS[puzzles.places] == puzzles.grids).all()
    assert (puzzles.images == IMAGES[puzzles.places]).all()
    for puzzle, count in enumerate(corruptions):
        assert len(np.unique(puzzles.places[puzzle])) == size * size
        assert puzzles.valid[puzzle] == (count == 0)
        if count is not None:
            assert puzzles.changed[puzzle].sum() == count


def test_puzzles_share_no_image_while_there_are_enough() -> None:
    puzzles = sudoku_puzzles(IMAGES, LABELS, size=9, corruptions=(0, 0), seed=1)
    assert len(np.unique(puzzles.places)) == 2 * 81


def test_the_seed_decides() -> None:
    one, same, other = (sudoku_puzzles(IMAGES, LABELS, size=9, corruptions=(None, 2), seed=seed) for seed in (5, 5, 6))
    assert (one.places == same.places).all()
    assert one.notes == same.notes
    assert (one.places != other.places).any()


def test_no_puzzle_at_all() -> None:
    puzzles = sudoku_puzzles(IMAGES, LABELS, size=4, corruptions=(), seed=0)
    assert puzzles.images.shape == (0, 4, 4, 2, 2)


def test_too_few_images_are_an_error() -> None:
    with pytest.raises(NesyError) as caught:
        sudoku_puzzles(IMAGES[:100], LABELS[:100], size=9, corruptions=(0,), seed=0)
    found = caught.value.diagnostics[0]
    assert found.code == "E491"
    assert found.message == "9 different images of class 5 are needed, the data set has 0"


def test_a_pool_uses_every_image_before_one_comes_back() -> None:
    pool = ImagePool(np.zeros(6, dtype=np.int64), np.random.default_rng(0))
    drawn = np.concatenate([pool.draw([0, 0]) for _ in range(3)])
    assert sorted(drawn) == list(range(6))
    assert len(set(pool.draw([0] * 6))) == 6
