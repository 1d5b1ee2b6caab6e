"""Families of instances for the logical back ends: visual Sudoku of three sizes, printed sums, maps.

Percepts are read as by a network that errs: of a percept that is read right its value is 4 to 9 nats above the others,
which are normal around 0. One that is misread has another value 3 to 7 nats above them, its own somewhere in between.
Each family comes with models written by hand, for CP-SAT and for clingo.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from searching import Choice, Family, Instance, Solve, clingo_solver, cpsat_solver


def read_as(truth: NDArray[np.int64], values: int, misread: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Probabilities ``[*truth.shape, values]``."""
    logits = random.normal(0, 1, (*truth.shape, values))
    for place in np.ndindex(truth.shape):
        own = truth[place]
        if random.random() < misread:
            other = random.choice([value for value in range(values) if value != own])
            height = random.uniform(3, 7)
            logits[(*place, other)] += height
            logits[(*place, own)] += random.uniform(0.5, height)
        else:
            logits[(*place, own)] += random.uniform(4, 9)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def _literals(model: Any, shape: tuple[int, ...]) -> NDArray[np.object_]:
    """0/1 variables of which exactly one along the last axis holds."""
    table = np.empty(shape, dtype=np.object_)
    for place in np.ndindex(shape):
        table[place] = model.new_bool_var("")
    for place in np.ndindex(shape[:-1]):
        model.add_exactly_one(table[place])
    return table


# ----- Sudoku


def sudoku(size: int, misread: float, blanks: int, count: int, seed: int = 1) -> Family:
    """``size``×``size`` grids; ``blanks`` cells of which nothing is seen, and that the others determine."""
    from nesy.perception.generators import blank_cells, complete_grid

    random = np.random.default_rng([seed, size, int(1000 * misread), blanks])
    instances = []
    for _ in range(count):
        grid = complete_grid(size, random) if size in (4, 9) else _shuffled(size, random)
        read = read_as(grid - 1, size, misread, random)
        if blanks:
            read[blank_cells(grid, blanks, random)] = 1 / size
        instances.append(Instance({"cell": read}, {"cell": grid - 1}))
    by_hand: dict[str, Callable[[float], Solve]] = {
        "CP-SAT by hand": partial(_sudoku_cpsat, size),
        "clingo by hand": partial(clingo_solver, _SUDOKU.format(n=size - 1, b=isqrt(size))),
    }
    constants = {"n": size, "b": isqrt(size)}
    kind = f"{misread:.0%} misread" + (f", {blanks} blanks" if blanks else "")
    return Family(f"Sudoku {size}×{size}", kind, "sudoku_repair.nesy", constants, instances, by_hand)


def _shuffled(size: int, random: np.random.Generator) -> NDArray[np.int64]:
    """A valid grid of a large Sudoku: the cyclic one with lines and symbols in random order."""
    side = isqrt(size)
    rows, columns = np.indices((size, size))
    grid = (side * (rows % side) + rows // side + columns) % size
    lines = [
        np.concatenate([band * side + random.permutation(side) for band in random.permutation(side)]) for _ in range(2)
    ]
    shuffled: NDArray[np.int64] = (random.permutation(size) + 1)[grid][lines[0]][:, lines[1]]
    return shuffled


def _sudoku_cpsat(size: int, limit: float) -> Solve:
    """The usual 0/1 model: each cell one digit, each digit once in each row, column and block."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    at = _literals(model, (size, size, size))
    side = isqrt(size)
    for first in range(size):
        for digit in range(size):
            model.add_exactly_one(at[first, :, digit])
            model.add_exactly_one(at[:, first, digit])
            top, left = first // side * side, first % side * side
            model.add_exactly_one(at[top : top + side, left : left + side, digit].reshape(-1))
    return cpsat_solver(model, {"cell": at}, limit)


_SUDOKU = """
{{ cell(R,C,V) : V = 0..{n} }} = 1 :- R = 0..{n}, C = 0..{n}.
:- cell(R,C,V), cell(R,D,V), C < D.
:- cell(R,C,V), cell(S,C,V), R < S.
:- cell(R,C,V), cell(S,D,V), R < S, C != D, R/{b} = S/{b}, C/{b} = D/{b}.
:~ cost_cell(R,C,V,W), cell(R,C,V). [W,R,C]
"""


# ----- printed sums


def addition(digits: int, misread: float, count: int, seed: int = 1) -> Family:
    """Two numbers of ``digits`` digits and their sum, which has as many."""
    random = np.random.default_rng([seed, digits, int(1000 * misread)])
    instances = []
    while len(instances) < count:
        numbers = random.integers(0, 10, (2, digits))
        carries, total = 0, []
        for upper, lower in numbers.T:
            carries, digit = divmod(int(upper + lower + carries), 10)
            total.append(digit)
        if carries == 0:
            truth: Choice = {"a": numbers[0], "b": numbers[1], "s": np.array(total)}
            read = {name: read_as(table, 10, misread, random) for name, table in truth.items()}
            instances.append(Instance(read, truth))
    by_hand: dict[str, Callable[[float], Solve]] = {
        "CP-SAT by hand": partial(_addition_cpsat, digits),
        "clingo by hand": partial(clingo_solver, _ADDITION.format(last=digits - 1)),
    }
    constants = {"k": digits}
    return Family(
        f"sum of {digits} digits", f"{misread:.0%} misread", "addition_repair.nesy", constants, instances, by_hand
    )


def _addition_cpsat(digits: int, limit: float) -> Solve:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    tables = {name: _literals(model, (digits, 10)) for name in ("a", "b", "s")}
    carry = [0, *(model.new_bool_var("") for _ in range(digits - 1)), 0]
    for place in range(digits):
        upper, lower, total = (sum(v * tables[name][place, v] for v in range(10)) for name in ("a", "b", "s"))
        model.add(upper + lower + carry[place] == total + 10 * carry[place + 1])
    return cpsat_solver(model, tables, limit)


_ADDITION = """
{{ a(I,V) : V = 0..9 }} = 1 :- I = 0..{last}.
{{ b(I,V) : V = 0..9 }} = 1 :- I = 0..{last}.
{{ s(I,V) : V = 0..9 }} = 1 :- I = 0..{last}.
carry(0,0).
carry(I + 1, (X + Y + C) / 10) :- a(I,X), b(I,Y), carry(I,C).
:- a(I,X), b(I,Y), carry(I,C), s(I,Z), Z != (X + Y + C) \\ 10.
:- carry({last} + 1, 1).
:~ cost_a(I,V,W), a(I,V). [W,0,I]
:~ cost_b(I,V,W), b(I,V). [W,1,I]
:~ cost_s(I,V,W), s(I,V). [W,2,I]
"""


# ----- maps


def colouring(nodes: int, misread: float, count: int, seed: int = 1) -> Family:
    """A random graph with four colours, coloured first and then given edges; five edges a node."""
    random = np.random.default_rng([seed, nodes, int(1000 * misread)])
    edges: set[tuple[int, int]] = set()
    instances = []
    hidden = random.integers(0, 4, nodes)
    while len(edges) < 5 * nodes // 2:
        first, second = sorted(random.choice(nodes, 2, replace=False).tolist())
        if hidden[first] != hidden[second]:
            edges.add((first, second))
    for _ in range(count):
        truth = random.permutation(4)[hidden]
        instances.append(Instance({"colour_of": read_as(truth, 4, misread, random)}, {"colour_of": truth}))
    ordered = sorted(edges)
    listed = " ".join(f"edge({first},{second})." for first, second in ordered)
    by_hand: dict[str, Callable[[float], Solve]] = {
        "CP-SAT by hand": partial(_colouring_cpsat, nodes, ordered),
        "clingo by hand": partial(clingo_solver, _COLOURING.format(last=nodes - 1) + listed),
    }
    facts = "\n" + " ".join(f"edge({first + 1}, {second + 1})." for first, second in ordered) + "\n"
    name, constants = f"map of {nodes} nodes", {"n": nodes}
    return Family(name, f"{misread:.0%} misread", "colouring_repair.nesy", constants, instances, by_hand, facts)


def _colouring_cpsat(nodes: int, edges: list[tuple[int, int]], limit: float) -> Solve:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    colour = _literals(model, (nodes, 4))
    for first, second in edges:
        for value in range(4):
            model.add_at_most_one(colour[first, value], colour[second, value])
    return cpsat_solver(model, {"colour_of": colour}, limit)


_COLOURING = """
{{ colour_of(N,V) : V = 0..3 }} = 1 :- N = 0..{last}.
:- edge(X,Y), colour_of(X,V), colour_of(Y,V).
:~ cost_colour_of(N,V,W), colour_of(N,V). [W,N]
"""
