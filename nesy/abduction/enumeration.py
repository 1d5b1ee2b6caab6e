"""The compiled part of the branch and bound: a tree over the first pairs, tables over the last ones.

*Missed weights.* For a set H of options let miss(H, X) be the weight of the signatures of which H keeps no prediction
of a class in X. Coverage and violations are sums of such terms, Σ c_j · miss(H, X_j), whatever classes are
incompatible and whichever denominator counts (:mod:`~.measures`).

*Tables.* At the bottom of the tree, where only the last pairs are open, the signatures that the options above miss are
added into a table with one axis for each of these pairs, by which of its options would keep them. Summing along one
axis after the other (a Yates or zeta transform) turns it into miss(H, X_j) for thousands of H at once, at a few dozen
nanoseconds each, whatever the weights and the limit.

*Bound.* What can still be covered is what is covered already or has an open pair left; violations only grow. With the
best coverage so far this forces some pairs: one that alone could cover too much to be lost, one that violates too
much.

All functions stand in this one file because numba keeps compiled code per file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import bool_, int32, int64, uint32
from numpy.typing import NDArray

from nesy.abduction.compiled import compiled


class Tree(NamedTuple):
    """What is searched.

    ``order`` [P] are the pairs as they are settled, the first ``depth`` of them by branching. Pair p has the options
    ``first[p]`` … and touches the signatures ``touched[touch[p]]`` …; option o keeps the signatures ``row[start[o]]``
    …, where its class is number ``slot[…]``. A ``required`` pair is not rejected. Violations may be at most
    ``constant`` + ``slope`` · covered.
    """

    order: NDArray[int64]
    depth: int
    first: NDArray[int64]
    required: NDArray[bool_]
    touch: NDArray[int64]
    touched: NDArray[int64]
    start: NDArray[int64]
    row: NDArray[int64]
    slot: NDArray[int64]
    opposed: NDArray[int64]
    weights: NDArray[int64]
    by_pairs: bool
    constant: float
    slope: float


class Tables(NamedTuple):
    """The tables of the last pairs, one for each term of coverage and violations; term 0 is what is not covered.

    Table j has an axis for each pair in ``axes[axis_start[j]]`` …: before the sums its index is a set of options that
    keep a prediction, ``into[p]`` of them (``keeps[p]``, bits; place 0 is the empty set), afterwards a choice,
    ``out[p]`` of them: 0 for rejecting the pair, then its options. ``position`` [S, j] is where a signature is added,
    provided that it has none of the classes ``local`` [S, j] (bits) yet; ``gather`` [j, H] is where choice H of all
    last pairs is found. ``total`` − term 0 is the coverage, ``baseline`` − Σ ``coefficient`` · term the violations.
    """

    axes: NDArray[int64]
    axis_start: NDArray[int64]
    into: NDArray[int64]
    out: NDArray[int64]
    keeps: NDArray[int64]
    position: NDArray[uint32]
    local: NDArray[int64]
    gather: NDArray[uint32]
    coefficient: NDArray[int32]
    total: int
    baseline: int


class Progress(NamedTuple):
    """Where the search stands, changed in place.

    ``state``: depth, nodes visited, blocks tabulated, length of the trail, whether the tree is exhausted. ``choice`` by
    depth, ``record``: the coverage to beat and its violations, ``best`` [P]: the options that reach it, ``trail``:
    node and coverage of each improvement. ``support``, ``present``, ``conflicts`` as in :class:`~.counting.Counts`;
    ``unsettled`` [S]: open pairs of a signature; ``totals``: what can still be covered, and the violations.
    """

    state: NDArray[int64]
    choice: NDArray[int64]
    record: NDArray[int64]
    best: NDArray[int64]
    trail: NDArray[int64]
    support: NDArray[int64]
    present: NDArray[int64]
    conflicts: NDArray[int64]
    unsettled: NDArray[int64]
    totals: NDArray[int64]
    forced: NDArray[int64]
    stack: NDArray[int64]


class Space(NamedTuple):
    """Room for one block: a table for each term, a spare one, and the results for each choice of the last pairs."""

    tables: NDArray[int32]
    spare: NDArray[int32]
    missed: NDArray[int32]
    free: NDArray[int32]


class Staged(NamedTuple):
    """The staircase as far as it is known: for each number of violations the most that is covered with at most so many
    (−1: nothing is known), and the options behind it, as one number with a digit for each pair."""

    covered: NDArray[int64]
    code: NDArray[int64]


DEPTH, NODES, BLOCKS, IMPROVED, EXHAUSTED = range(5)
"""Places in ``Progress.state``."""

OPEN = -2
"""What ``Progress.forced`` holds for a pair that nothing forces."""


@compiled
def _bits(word: int) -> int:
    count = 0
    while word:
        word &= word - 1
        count += 1
    return count


@compiled
def _settle(pair: int, option: int, tree: Tree, progress: Progress) -> None:
    """Settle a pair, by an option or (−1) by rejecting it."""
    support, present, totals = progress.support, progress.present, progress.totals
    if option >= 0:
        for entry in range(tree.start[option], tree.start[option + 1]):
            s, d = tree.row[entry], tree.slot[entry]
            support[s, d] += 1
            if support[s, d] == 1:
                more = _bits(tree.opposed[s, d] & present[s])
                if tree.by_pairs:
                    totals[1] += tree.weights[s] * more
                elif more and progress.conflicts[s] == 0:
                    totals[1] += tree.weights[s]
                progress.conflicts[s] += more
                present[s] |= np.int64(1) << d
    for entry in range(tree.touch[pair], tree.touch[pair + 1]):
        s = tree.touched[entry]
        progress.unsettled[s] -= 1
        if progress.unsettled[s] == 0 and present[s] == 0:
            totals[0] -= tree.weights[s]


@compiled
def _reopen(pair: int, option: int, tree: Tree, progress: Progress) -> None:
    """The reverse of :func:`_settle`."""
    support, present, totals = progress.support, progress.present, progress.totals
    for entry in range(tree.touch[pair], tree.touch[pair + 1]):
        s = tree.touched[entry]
        if progress.unsettled[s] == 0 and present[s] == 0:
            totals[0] += tree.weights[s]
        progress.unsettled[s] += 1
    if option >= 0:
        for entry in range(tree.start[option], tree.start[option + 1]):
            s, d = tree.row[entry], tree.slot[entry]
            support[s, d] -= 1
            if support[s, d] == 0:
                present[s] &= ~(np.int64(1) << d)
                fewer = _bits(tree.opposed[s, d] & present[s])
                progress.conflicts[s] -= fewer
                if tree.by_pairs:
                    totals[1] -= tree.weights[s] * fewer
                elif fewer and progress.conflicts[s] == 0:
                    totals[1] -= tree.weights[s]


@compiled
def _sum_eights(table: NDArray[int32], size: int) -> None:
    """Sum along the last three axes, all of a single option: eight entries at a time, in registers."""
    for base in range(0, size, 8):
        t = table[base : base + 8]
        a, b, c, d, e, f, g, h = t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]
        a, b, c, d, e, f, g, h = a + b, a, c + d, c, e + f, e, g + h, g
        a, b, c, d, e, f, g, h = a + c, b + d, a, b, e + g, f + h, e, f
        t[0], t[1], t[2], t[3] = a + e, b + f, c + g, d + h
        t[4], t[5], t[6], t[7] = a, b, c, d


@compiled
def _sum_axes(
    table: NDArray[int32],
    spare: NDArray[int32],
    axes: NDArray[int64],
    into: NDArray[int64],
    out: NDArray[int64],
    keeps: NDArray[int64],
) -> bool:
    """Sum along one axis after the other, the last first; whether the result lies in ``spare``."""
    high, single = 1, 0
    for a in range(axes.size):
        high *= into[axes[a]]
        single = single + 1 if into[axes[a]] == 2 and out[axes[a]] == 2 else 0
    low, turned, start = 1, False, axes.size - 1
    if single >= 3:
        _sum_eights(table, high)
        high, low, start = high // 8, 8, start - 3
    for a in range(start, -1, -1):
        pair = axes[a]
        before, after = into[pair], out[pair]
        high //= before
        source, target = (spare, table) if turned else (table, spare)
        if before == 2 and after == 2:
            for h in range(high):  # in place; slices, so that the inner loop becomes vector instructions
                absent = source[h * 2 * low : h * 2 * low + low]
                kept = source[h * 2 * low + low : (h + 1) * 2 * low]
                for i in range(low):
                    value = absent[i]
                    absent[i] = value + kept[i]
                    kept[i] = value
        else:
            turned = not turned
            for h in range(high):
                for choice in range(after):
                    to = target[(h * after + choice) * low : (h * after + choice + 1) * low]
                    to[:] = 0
                    for place in range(before):
                        if choice == 0 or not keeps[pair, place] >> (choice - 1) & 1:
                            of = source[(h * before + place) * low : (h * before + place + 1) * low]
                            for i in range(low):
                                to[i] += of[i]
        low *= after
    return turned


@compiled
def tabulate(tree: Tree, tables: Tables, progress: Progress, space: Space) -> None:
    """Fill ``space.missed`` and ``space.free`` for what is settled above: term 0, and Σ coefficient · term, for each H.

    Sums stay within 32 bits, see :func:`~.tabulation.lay_out`.
    """
    terms = tables.coefficient.size
    for j in range(terms):
        size = 1
        for a in range(tables.axis_start[j], tables.axis_start[j + 1]):
            size *= tables.into[tables.axes[a]]
        space.tables[j, :size] = 0
    for s in range(tree.weights.size):
        if progress.conflicts[s] and not tree.by_pairs:
            continue  # it lies in no set of compatible classes
        here, weight = progress.present[s], tree.weights[s]
        for j in range(terms):
            if here & tables.local[s, j] == 0:
                space.tables[j, tables.position[s, j]] += weight
    missed, free = space.missed, space.free
    for j in range(terms):
        axes = tables.axes[tables.axis_start[j] : tables.axis_start[j + 1]]
        turned = _sum_axes(space.tables[j], space.spare, axes, tables.into, tables.out, tables.keeps)
        table = space.spare if turned else space.tables[j]
        factor = tables.coefficient[j]
        if j == 0:
            for h in range(missed.size):
                missed[h] = table[h]
                free[h] = factor * table[h]
        else:
            where = tables.gather[j]
            for h in range(missed.size):
                free[h] += factor * table[where[h]]


@compiled
def _decode(where: int, tree: Tree, tables: Tables, progress: Progress) -> None:
    """Write choice ``where`` of a block, and what was settled above, into ``progress.best``."""
    for d in range(tree.order.size - 1, -1, -1):
        pair = tree.order[d]
        if d < tree.depth:
            progress.best[pair] = progress.choice[d]
        else:
            digit = where % tables.out[pair]
            where //= tables.out[pair]
            progress.best[pair] = tree.first[pair] + digit - 1 if digit else -1


@compiled
def _take_best(tree: Tree, tables: Tables, progress: Progress, space: Space) -> None:
    """The first of the choices in the block that cover most within the limit, if that is more than the record."""
    # the greatest coverage without a branch, which is quick, and only if that is news the place of it
    most, record = np.int32(-1), progress.record[0]
    total, baseline = np.int32(tables.total), np.int32(tables.baseline)
    if tree.slope == 0.0:
        limit = np.int32(min(tree.constant, 2.0**31 - 1))
        for h in range(space.missed.size):
            within = baseline - space.free[h] <= limit
            most = max(most, np.int32(total - space.missed[h]) if within else np.int32(-1))
    else:
        for h in range(space.missed.size):
            covered = np.int32(total - space.missed[h])
            within = baseline - space.free[h] <= tree.constant + tree.slope * covered
            most = max(most, covered if within else np.int32(-1))
    if most <= record:
        return
    where = 0
    while total - space.missed[where] != most or (baseline - space.free[where] > tree.constant + tree.slope * most):
        where += 1
    progress.record[0], progress.record[1] = most, tables.baseline - space.free[where]
    place = progress.state[IMPROVED]
    progress.state[IMPROVED] += 1
    if place < progress.trail.shape[0]:
        progress.trail[place, 0], progress.trail[place, 1] = progress.state[NODES], most
    _decode(where, tree, tables, progress)


@compiled
def _raise_steps(tree: Tree, tables: Tables, progress: Progress, space: Space, staged: Staged) -> None:
    """Enter the choices of a block that cover more than what is known."""
    most = staged.covered.size
    for h in range(space.missed.size):
        covered, violations = tables.total - space.missed[h], tables.baseline - space.free[h]
        if violations >= most or covered <= staged.covered[violations]:
            continue
        _decode(h, tree, tables, progress)
        code = 0
        for pair in range(tree.order.size):
            option = progress.best[pair]
            digit = option - tree.first[pair] + 1 if option >= 0 else 0
            code = code * (tree.first[pair + 1] - tree.first[pair] + 1) + digit
        while violations < most and staged.covered[violations] < covered:
            staged.covered[violations] = covered
            staged.code[violations] = code
            violations += 1


@compiled
def _promising(tree: Tree, progress: Progress, staged: Staged) -> bool:
    """Whether something below the present node may be better than what is known."""
    reachable, violations = progress.totals[0], progress.totals[1]
    if staged.covered.size:
        return bool(violations < staged.covered.size and reachable > staged.covered[violations])
    return bool(reachable > progress.record[0] and violations <= tree.constant + tree.slope * reachable)


@compiled
def _added(option: int, tree: Tree, progress: Progress) -> int:
    """The violations that accepting an option would add."""
    broken = 0
    for entry in range(tree.start[option], tree.start[option + 1]):
        s, d = tree.row[entry], tree.slot[entry]
        here = progress.present[s]
        if here and not here >> d & 1:
            apart = tree.opposed[s, d] & here
            if apart and tree.by_pairs:
                broken += tree.weights[s] * _bits(apart)
            elif apart and progress.conflicts[s] == 0:
                broken += tree.weights[s]
    return broken


@compiled
def _left_to(pair: int, tree: Tree, progress: Progress) -> int:
    """The weight of what is not covered yet, and that no other open pair can cover."""
    weight = 0
    for entry in range(tree.touch[pair], tree.touch[pair + 1]):
        s = tree.touched[entry]
        if progress.unsettled[s] == 1 and progress.present[s] == 0:
            weight += tree.weights[s]
    return weight


@compiled
def _hopeless(level: int, tree: Tree, progress: Progress) -> bool:
    """Whether what the record forces upon the open pairs breaks the limit, or the other way round.

    A pair without which too much is lost has to be accepted, one whose violations are too many to be rejected; each
    such step may force others. In the end all of them are taken back.
    """
    totals, record, forced = progress.totals, progress.record[0], progress.forced
    count, changed, hopeless = 0, True, False
    while changed and not hopeless:
        changed = False
        for place in range(level, tree.order.size):
            pair = tree.order[place]
            if forced[pair] != OPEN:
                continue
            first, last = tree.first[pair], tree.first[pair + 1]
            allowed = tree.constant + tree.slope * totals[0]
            barred = True
            for option in range(first, last):
                barred = barred and totals[1] + _added(option, tree, progress) > allowed
            needed = totals[0] - _left_to(pair, tree, progress) <= record
            if needed and barred:
                hopeless = True
                break
            if barred or (needed and last == first + 1):
                forced[pair] = -1 if barred else first
                _settle(pair, forced[pair], tree, progress)
                progress.stack[count] = pair
                count += 1
                changed = True
                if totals[0] <= record or totals[1] > tree.constant + tree.slope * totals[0]:
                    hopeless = True
                    break
    while count:
        count -= 1
        pair = progress.stack[count]
        _reopen(pair, forced[pair], tree, progress)
        forced[pair] = OPEN
    return hopeless


@compiled
def explore(budget: int, tree: Tree, tables: Tables, progress: Progress, space: Space, staged: Staged) -> bool:
    """Go on with the search until ``budget`` nodes more were visited; whether the tree is exhausted.

    With an empty ``staged`` the best within the limit of ``tree`` is looked for, else the whole staircase.
    """
    state, choice = progress.state, progress.choice
    level, visited = state[DEPTH], 0
    entering = state[EXHAUSTED] == 0
    while True:
        if entering:
            if visited >= budget:
                state[DEPTH] = level
                return False
            visited += 1
            state[NODES] += 1
            entering = False
            if _promising(tree, progress, staged) and (staged.covered.size or not _hopeless(level, tree, progress)):
                if level < tree.depth:
                    pair = tree.order[level]
                    choice[level] = tree.first[pair]
                    _settle(pair, choice[level], tree, progress)
                    level += 1
                    entering = True
                    continue
                state[BLOCKS] += 1
                tabulate(tree, tables, progress, space)
                if staged.covered.size:
                    _raise_steps(tree, tables, progress, space, staged)
                else:
                    _take_best(tree, tables, progress, space)
        if level == 0:
            state[DEPTH], state[EXHAUSTED] = 0, 1
            return True
        level -= 1
        pair = tree.order[level]
        _reopen(pair, choice[level], tree, progress)
        if choice[level] >= 0:
            following = choice[level] + 1
            if following < tree.first[pair + 1] or not tree.required[pair]:
                choice[level] = following if following < tree.first[pair + 1] else -1
                _settle(pair, choice[level], tree, progress)
                level += 1
                entering = True
