"""The compiled part of the branch and bound: a tree over the first pairs, tables over the last ones.

*Weights by pattern.* What a hypothesis does not cover is a sum of weights, one for each pattern of pairs: the weight
counts unless one of these is accepted. So is what it leaves free of violations (:mod:`~.measures`). Settling a pair is
adding: rejecting it adds the weights of patterns with it to those without it, accepting it drops the former. Only the
open pairs of a pattern matter, so that the patterns grow fewer with each pair that is settled.

*Tables.* At the bottom of the tree, where only the last pairs are open, the weights are put into a table with one axis
for each of these pairs. Summing along one axis after the other (a Yates or zeta transform) settles them in all ways at
once: two tables give the coverage and the violations of thousands of hypotheses.

*Bound.* What can still be covered is what is covered already or has an open pair left; violations only grow. With the
best coverage so far this forces some pairs: those without which too much would be lost, and those that violate too
much; forced pairs force others.

All functions stand in this one file because numba keeps compiled code per file.
"""

from __future__ import annotations

import numpy as np
from numpy import int32
from numpy.typing import NDArray

from nesy.abduction.compiled import compiled
from nesy.abduction.search_tree import Ledger, Progress, Space, Staged, Tree

DEPTH, NODES, BLOCKS, IMPROVED, EXHAUSTED = range(5)
"""Places in ``Progress.state``."""

SETTLED, NOBODY = -2, -1
"""What ``Space.owner`` holds for patterns that several pairs or a forced one cover, and for those that are lost."""

SHORT = 16
"""Loops with fewer turns do not pay as vector instructions."""


@compiled
def _settle(level: int, option: int, tree: Tree, ledger: Ledger) -> None:
    patterns = ledger.patterns
    low, high = patterns.size[level + 1], patterns.size[level]
    home = ledger.home[level]
    if option >= 0 and tree.options[level] == 1:
        ledger.home[level + 1] = home
        return
    ledger.home[level + 1] = level + 1
    above = ledger.weight[ledger.start[home] : ledger.start[home] + high]
    below = ledger.weight[ledger.start[level + 1] : ledger.start[level + 1] + low]
    for i in range(low):
        below[i] = above[i]
    for i in range(low, high):
        if option < 0 or not tree.keeps[level, patterns.digit[i]] >> option & 1:
            below[patterns.down[i]] += above[i]


@compiled
def settle(level: int, option: int, tree: Tree, progress: Progress) -> None:
    """Settle the pair at place ``level`` by an option, counted from 0, or (−1) by rejecting it."""
    _settle(level, option, tree, progress.missed)
    _settle(level, option, tree, progress.free)


@compiled
def _weights(level: int, ledger: Ledger) -> NDArray[int32]:
    """The weights by pattern at a level."""
    start = ledger.start[ledger.home[level]]
    return ledger.weight[start : start + ledger.patterns.size[level]]


@compiled
def _sum_eights(table: NDArray[int32]) -> None:
    """Sum along the last three axes, all of a single option: eight entries at a time, in registers."""
    for base in range(0, table.size, 8):
        t = table[base : base + 8]
        a, b, c, d, e, f, g, h = t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]
        a, b, c, d, e, f, g, h = a + b, a, c + d, c, e + f, e, g + h, g
        a, b, c, d, e, f, g, h = a + c, b + d, a, b, e + g, f + h, e, f
        t[0], t[1], t[2], t[3] = a + e, b + f, c + g, d + h
        t[4], t[5], t[6], t[7] = a, b, c, d


@compiled
def _sum_one(table: NDArray[int32], high: int, low: int) -> None:
    """Sum along an axis of a single option, in place; slices, so that the inner loop becomes vector instructions."""
    for h in range(high):
        absent = table[h * 2 * low : h * 2 * low + low]
        kept = table[h * 2 * low + low : (h + 1) * 2 * low]
        for i in range(low):
            value = absent[i]
            absent[i] = value + kept[i]
            kept[i] = value


@compiled
def _sum_two(table: NDArray[int32], high: int, low: int) -> None:
    """Sum along two axes of a single option at once: half of the way to memory and back."""
    for h in range(high):
        base = h * 4 * low
        a, b = table[base : base + low], table[base + low : base + 2 * low]
        c, d = table[base + 2 * low : base + 3 * low], table[base + 3 * low : base + 4 * low]
        for i in range(low):
            none, second, first, both = a[i], b[i], c[i], d[i]
            a[i], b[i] = none + second + first + both, none + first
            c[i], d[i] = none + second, none


@compiled
def _sum_chain(source: NDArray[int32], target: NDArray[int32], high: int, low: int, place: int, tree: Tree) -> None:
    """Sum along the axis of a pair each of whose sets of options has one option more than the last: running sums."""
    count = tree.sets[place]
    for h in range(high):
        base = h * count * low
        for i in range(base, base + low):
            value = source[i]
            for number in range(1, count):
                target[i + (tree.enters[place, number] + 1) * low] = value
                value += source[i + number * low]
            target[i] = value


@compiled
def _sum_any(source: NDArray[int32], target: NDArray[int32], high: int, low: int, place: int, tree: Tree) -> None:
    """Sum along the axis of a pair: from the sets of options that keep a prediction to the option that is taken."""
    before, after = tree.sets[place], tree.options[place] + 1
    for h in range(high):
        for choice in range(after):
            to = target[(h * after + choice) * low : (h * after + choice + 1) * low]
            if low < SHORT:  # a loop over the sets inside costs less than slices
                for i in range(low):
                    value = source[h * before * low + i]  # the empty set counts in any case
                    for number in range(1, before):
                        if choice == 0 or not tree.keeps[place, number] >> (choice - 1) & 1:
                            value += source[(h * before + number) * low + i]
                    to[i] = value
                continue
            always = source[h * before * low : (h * before + 1) * low]
            for i in range(low):  # an assignment of slices takes seconds to compile
                to[i] = always[i]
            for number in range(1, before):
                if choice == 0 or not tree.keeps[place, number] >> (choice - 1) & 1:
                    of = source[(h * before + number) * low : (h * before + number + 1) * low]
                    for i in range(low):
                        to[i] += of[i]


@compiled
def _single(place: int, tree: Tree) -> bool:
    """Whether the pair at a place of the table has one option, which keeps some prediction."""
    return bool(place >= tree.depth and tree.sets[place] == 2 and tree.options[place] == 1)


@compiled
def _tabulate(ledger: Ledger, table: NDArray[int32], tree: Tree, spare: NDArray[int32]) -> int:
    """Fill ``table`` with the sum for each choice of the last pairs; how many choices there are."""
    high = 1
    for place in range(tree.depth, tree.order.size):
        high *= tree.sets[place]
    table[:high] = 0
    weights, cell = _weights(tree.depth, ledger), ledger.patterns.cell
    for i in range(weights.size):
        table[cell[i]] = weights[i]
    low, place = 1, tree.order.size - 1
    if _single(place, tree) and _single(place - 1, tree) and _single(place - 2, tree):
        _sum_eights(table[:high])
        high, low, place = high // 8, 8, place - 3
    while place >= tree.depth:
        if _single(place, tree) and _single(place - 1, tree):
            high, low, place = high // 4, low * 4, place - 2
            _sum_two(table, high, low // 4)
        elif _single(place, tree):
            high, low, place = high // 2, low * 2, place - 1
            _sum_one(table, high, low // 2)
        else:
            high //= tree.sets[place]
            for i in range(high * tree.sets[place] * low):
                spare[i] = table[i]
            if tree.enters[place, 0]:
                _sum_chain(spare, table, high, low, place, tree)
            else:
                _sum_any(spare, table, high, low, place, tree)
            low *= tree.options[place] + 1
            place -= 1
    return low


@compiled
def _decode(where: int, tree: Tree, progress: Progress) -> None:
    """Write choice ``where`` of a block, and what was settled above, into ``progress.best``."""
    for place in range(tree.order.size - 1, -1, -1):
        if place < tree.depth:
            option = progress.choice[place]
        else:
            count = tree.options[place] + 1
            option = where % count - 1
            where //= count
        progress.best[tree.order[place]] = tree.first[place] + option if option >= 0 else -1


@compiled
def _take_best(size: int, tree: Tree, progress: Progress, space: Space) -> None:
    """The first of the choices in the block that cover most within the limit, if that is more than the record."""
    # the greatest coverage without a branch, which is quick, and only if that is news the place of it
    missed, free = space.missed[:size], space.free[:size]
    most, record = np.int32(-1), progress.record[0]
    total, baseline = np.int32(tree.total), np.int32(tree.baseline)
    if tree.slope == 0.0:
        allowed = np.int64(min(tree.constant, 2.0**31 - 1))
        least = np.int32(max(tree.baseline - allowed, np.int64(-(2**31))))
        for h in range(size):
            most = max(most, np.int32(total - missed[h]) if free[h] >= least else np.int32(-1))
    else:
        for h in range(size):
            covered = np.int32(total - missed[h])
            within = baseline - free[h] <= tree.constant + tree.slope * covered
            most = max(most, covered if within else np.int32(-1))
    if most <= record:
        return
    where = 0
    while total - missed[where] != most or (baseline - free[where] > tree.constant + tree.slope * most):
        where += 1
    progress.record[0], progress.record[1] = most, tree.baseline - free[where]
    place = progress.state[IMPROVED]
    progress.state[IMPROVED] += 1
    if place < progress.trail.shape[0]:
        progress.trail[place, 0], progress.trail[place, 1] = progress.state[NODES], most
    _decode(where, tree, progress)


@compiled
def _raise_steps(size: int, tree: Tree, progress: Progress, space: Space, staged: Staged) -> None:
    """Enter the choices of a block that cover more than what is known."""
    most = staged.covered.size
    for h in range(size):
        covered, violations = tree.total - space.missed[h], tree.baseline - space.free[h]
        if violations >= most or covered <= staged.covered[violations]:
            continue
        _decode(h, tree, progress)
        code = 0
        for place in range(tree.order.size):
            option = progress.best[tree.order[place]]
            digit = option - tree.first[place] + 1 if option >= 0 else 0
            code = code * (tree.options[place] + 1) + digit
        while violations < most and staged.covered[violations] < covered:
            staged.covered[violations] = covered
            staged.code[violations] = code
            violations += 1


@compiled
def reach(level: int, tree: Tree, progress: Progress) -> tuple[int, int]:
    """What can still be covered, and the violations so far."""
    free = 0
    for weight in _weights(level, progress.free):
        free += weight
    return tree.total - _weights(level, progress.missed)[0], tree.baseline - free


@compiled
def _promising(level: int, tree: Tree, progress: Progress, staged: Staged) -> bool:
    """Whether something below the present node may be better than what is known."""
    reachable, violations = reach(level, tree, progress)
    if staged.covered.size:
        return bool(violations < staged.covered.size and reachable > staged.covered[violations])
    return bool(reachable > progress.record[0] and violations <= tree.constant + tree.slope * reachable)


@compiled
def _reachable(level: int, tree: Tree, progress: Progress, space: Space) -> int:
    """What can still be covered with what is forced; ``space.alone`` gets what only one of the open pairs covers."""
    patterns, weights = progress.missed.patterns, _weights(level, progress.missed)
    owner, allowed, needed = space.owner, space.allowed, space.needed
    space.alone[:] = 0
    owner[0] = NOBODY
    reachable: int = tree.total - weights[0]
    for i in range(1, weights.size):
        place = patterns.spot[i]
        keeps = tree.keeps[place, patterns.digit[i]] & allowed[place]
        covers = owner[patterns.down[i]]
        if keeps == allowed[place] and needed[place]:
            covers = SETTLED
        elif keeps:
            covers = place if covers == NOBODY else SETTLED
        owner[i] = covers
        if covers == NOBODY:
            reachable -= weights[i]
        elif covers >= 0:
            space.alone[covers] += weights[i]
    return reachable


@compiled
def _forced_violations(level: int, tree: Tree, progress: Progress, space: Space) -> int:
    """The violations with what is forced; ``space.added`` gets what each option of an open pair would add."""
    patterns, weights = progress.free.patterns, _weights(level, progress.free)
    hit, allowed, needed = space.owner, space.allowed, space.needed
    space.added[:] = 0
    hit[0] = 0
    violations: int = tree.baseline - weights[0]
    for i in range(1, weights.size):
        place = patterns.spot[i]
        always = needed[place] and tree.keeps[place, patterns.digit[i]] & allowed[place] == allowed[place]
        hit[i] = 1 if always else hit[patterns.down[i]]
        if hit[i]:
            continue
        violations -= weights[i]
        rest = i
        while rest:
            place = patterns.spot[rest]
            keeps = tree.keeps[place, patterns.digit[rest]]
            option = 0
            while keeps:
                if keeps & 1:
                    space.added[place, option] += weights[i]
                keeps >>= 1
                option += 1
            rest = patterns.down[rest]
    return violations


@compiled
def hopeless(level: int, tree: Tree, progress: Progress, space: Space) -> bool:
    """Whether what the record forces upon the open pairs breaks the limit, or the other way round.

    A pair without which too much is lost has to be accepted, an option whose violations are too many is out; each such
    step may force others.
    """
    record, places = progress.record[0], tree.order.size
    for place in range(level, places):
        space.allowed[place] = (np.int64(1) << tree.options[place]) - 1
        space.needed[place] = tree.required[place]
    while True:
        reachable = _reachable(level, tree, progress, space)
        if reachable <= record:
            return True
        for place in range(level, places):
            if reachable - space.alone[place] <= record:
                space.needed[place] = True
        most = tree.constant + tree.slope * reachable
        violations = _forced_violations(level, tree, progress, space)
        if violations > most:
            return True
        changed = False
        for place in range(level, places):
            for option in range(tree.options[place]):
                bit = np.int64(1) << option
                if space.allowed[place] & bit and violations + space.added[place, option] > most:
                    space.allowed[place] ^= bit
                    changed = True
            if space.allowed[place] == 0 and space.needed[place]:
                return True
        if not changed:
            return False


@compiled
def explore(budget: int, tree: Tree, progress: Progress, space: Space, staged: Staged) -> bool:
    """Go on with the search until about ``budget`` weights more were touched; whether the tree is exhausted.

    With an empty ``staged`` the best within the limit of ``tree`` is looked for, else the whole staircase.
    """
    state, choice = progress.state, progress.choice
    level, touched = state[DEPTH], 0
    entering = state[EXHAUSTED] == 0
    while True:
        if entering:
            if touched >= budget:
                state[DEPTH] = level
                return False
            touched += progress.missed.patterns.size[level] + progress.free.patterns.size[level]
            state[NODES] += 1
            entering = False
            if _promising(level, tree, progress, staged) and (
                staged.covered.size or not hopeless(level, tree, progress, space)
            ):
                if level < tree.depth:
                    choice[level] = 0
                    settle(level, 0, tree, progress)
                    level += 1
                    entering = True
                    continue
                state[BLOCKS] += 1
                touched += space.missed.size
                _tabulate(progress.missed, space.missed, tree, space.spare)
                size = _tabulate(progress.free, space.free, tree, space.spare)
                if staged.covered.size:
                    _raise_steps(size, tree, progress, space, staged)
                else:
                    _take_best(size, tree, progress, space)
        if level == 0:
            state[DEPTH], state[EXHAUSTED] = 0, 1
            return True
        level -= 1
        if choice[level] >= 0:
            following = choice[level] + 1
            if following < tree.options[level] or not tree.required[level]:
                choice[level] = following if following < tree.options[level] else -1
                settle(level, choice[level], tree, progress)
                level += 1
                entering = True
