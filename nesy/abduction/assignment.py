"""Scenes whose objects have different labels: one assignment problem each, thousands at once.

The Hungarian method by shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), O(n² m) for n rows, in a
compiled loop over scenes. Rows are objects, columns labels, and a column of its own for each row stands for leaving
it out.
"""

from __future__ import annotations

import numpy as np
from numpy import float64, int64
from numpy.typing import NDArray

from nesy.abduction.compiled import compiled

MISSING = 1.0
"""Cost of a label that an object cannot have: more than leaving the object out, which costs nothing."""


@compiled
def assign_all(
    scene_start: NDArray[int64],
    members: NDArray[int64],
    start: NDArray[int64],
    label: NDArray[int64],
    weight: NDArray[float64],
    best: NDArray[int64],
    classes: int,
    chosen: NDArray[int64],
) -> None:
    """``chosen`` [N] gets an option for each object, −1 for none: no label twice, as many objects as possible, and
    among these labellings the weightiest.

    The members of scene s are ``members[scene_start[s]]`` …; options as in :class:`~.scene_options.SceneOptions`,
    ``best`` is each object's weightiest one.
    """
    column_of = np.full(classes, -1, np.int64)
    seen = np.full(classes, -1, np.int64)
    for scene in range(scene_start.size - 1):
        low, high = scene_start[scene], scene_start[scene + 1]
        clash = False
        for place in range(low, high):
            option = best[members[place]]
            chosen[members[place]] = option
            if option >= 0:
                clash = clash or seen[label[option]] == scene
                seen[label[option]] = scene
        if not clash:
            continue
        rows, columns, most = high - low, 0, 0.0
        for place in range(low, high):
            item, largest = members[place], 0.0
            for option in range(start[item], start[item + 1]):
                largest = max(largest, abs(weight[option]))
                if column_of[label[option]] < 0:
                    column_of[label[option]] = columns
                    columns += 1
            most += largest
        cost = np.full((rows, columns + rows), MISSING)
        where = np.full((rows, columns), -1, np.int64)
        cost[:, columns:] = 0.0
        reward = 1.0 + 2.0 * most  # one object more counts more than all weights
        for place in range(low, high):
            item = members[place]
            for option in range(start[item], start[item + 1]):
                column = column_of[label[option]]
                cost[place - low, column] = -(reward + weight[option])
                where[place - low, column] = option
        for place in range(low, high):
            item = members[place]
            for option in range(start[item], start[item + 1]):
                column_of[label[option]] = -1
        row_of = _assign(cost)
        for place in range(low, high):
            chosen[members[place]] = -1
        for column in range(columns):
            row = row_of[column]
            if row >= 0 and where[row, column] >= 0:
                chosen[members[low + row]] = where[row, column]


@compiled
def _assign(cost: NDArray[float64]) -> NDArray[int64]:
    """The row of each column (−1: none) in the cheapest assignment of all rows; there are no more rows than columns."""
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns + 1)
    row_of = np.full(columns + 1, -1, np.int64)
    came = np.zeros(columns + 1, np.int64)
    distance, done = np.empty(columns + 1), np.empty(columns + 1, np.bool_)
    for row in range(rows):
        row_of[columns] = row
        column = columns
        distance[:] = np.inf
        done[:] = False
        while row_of[column] >= 0:
            done[column] = True
            here, nearest, following = row_of[column], np.inf, -1
            for other in range(columns):
                if not done[other]:
                    reach = cost[here, other] - row_price[here] - column_price[other]
                    if reach < distance[other]:
                        distance[other] = reach
                        came[other] = column
                    if distance[other] < nearest:
                        nearest, following = distance[other], other
            for other in range(columns + 1):
                if done[other]:
                    row_price[row_of[other]] += nearest
                    column_price[other] -= nearest
                else:
                    distance[other] -= nearest
            column = following
        while column != columns:
            row_of[column] = row_of[came[column]]
            column = came[column]
    return row_of[:columns]
