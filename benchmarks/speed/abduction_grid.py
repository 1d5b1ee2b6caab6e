"""Which problems `abduction.py` measures, and which cells of the grid it leaves out.

The grid is 10³ … 10⁶ objects × 3, 6, 10 models × 4, 10, 16, 100 classes. Up to 30 pairs of a model and a class, all
numbers of objects are measured, under each bound. Above, proofs end where pairs are many, not objects: all shapes are
measured with 1,000 objects, and a few with more, to show memory and gap. Left out are the other large shapes with 10⁴
to 10⁶ objects (each would use up its time limit without a proof and tell nothing that these rows do not), and 10⁶
objects with 10 models or 100 classes, whose made-up readings alone take more memory and time than the rest.
"""

from __future__ import annotations

from abduction_runs import Size

BOUNDS = (0.02, 0.1, 0.2)
OBJECTS = (1_000, 10_000, 100_000, 1_000_000)

SHAPES = ((3, 4), (3, 10), (6, 4))
"""Models and classes with up to 30 pairs."""

WIDE = ((3, 16), (10, 4), (6, 10), (6, 16), (10, 10), (10, 16), (3, 100), (6, 100), (10, 100))
"""Those with more."""

WIDE_BOUNDS = (0.02, 0.2)

MANY: tuple[Size, ...] = ((10_000, 6, 10), (10_000, 10, 10), (100_000, 6, 16), (100_000, 6, 100), (1_000_000, 6, 10))
"""Wide ones with more objects, under one bound."""

MANY_BOUND = 0.1

EPSILONS = (0.0, 0.02, 0.1)
"""Recall budgets of the rows in which each pair chooses among several."""

PLAIN: tuple[tuple[Size, float], ...] = (
    ((1_000, 3, 10), 0.02),
    ((1_000, 3, 10), 0.2),
    ((1_000, 6, 4), 0.02),
    ((1_000, 6, 4), 0.2),
    ((10_000, 6, 4), 0.02),
)

SCENES = (4, 9, 16)
SCENE_BOUNDS = (0.0, 0.1)
DENIALS = (1, 10, 100)


def seeds_of(objects: int, quick: bool) -> tuple[int, ...]:
    """Several draws where they are quick."""
    return (1,) if quick or objects > 100_000 else (1, 2, 3)


def pair_cells(quick: bool) -> list[tuple[Size, float]]:
    """Up to 30 pairs."""
    if quick:
        return [((1_000, 6, 4), bound) for bound in BOUNDS]
    return [((objects, *shape), bound) for shape in SHAPES for objects in OBJECTS for bound in BOUNDS]


def wide_cells(quick: bool) -> list[tuple[Size, float]]:
    """More than 30 pairs."""
    if quick:
        return [((1_000, 3, 16), 0.2)]
    cells: list[tuple[Size, float]] = [((1_000, *shape), bound) for shape in WIDE for bound in WIDE_BOUNDS]
    return cells + [(size, MANY_BOUND) for size in MANY]
