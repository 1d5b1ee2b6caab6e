"""Classic problems with answers that are published, or that a few lines of Python count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product

import pytest

import nesy

ALL_SOLVERS = [("asp", "clingo"), ("asp", "cpsat"), ("integer", "cpsat")]
"""Back ends that enumerate quickly; the others are held to them elsewhere."""


def count(text: str, backend: str, solver: str) -> int:
    """The number of models that differ in the queries."""
    engine = nesy.load(text).compile(backend, solver=solver, mode="models", models=0)
    answer = engine.infer({})
    return len(answer.models[0]) if answer.status[0] == "solved" else 0


def optimum(text: str, backend: str, solver: str) -> float | None:
    """The cost of the best model; None without a model."""
    answer = nesy.load(text).compile(backend, solver=solver).infer({})
    certificate = answer.certificates[0]
    if certificate is None:
        assert answer.status == ["infeasible"]
        return None
    assert answer.status == ["optimal"]
    assert not certificate.faults
    return certificate.cost


def edges(pairs: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> str:
    return " ".join(f"edge({a}, {b})." for a, b in pairs)


PETERSEN = [
    *((i, (i + 1) % 5) for i in range(5)),
    *((i, i + 5) for i in range(5)),
    *((i + 5, (i + 2) % 5 + 5) for i in range(5)),
]
CUBE = [(a, b) for a, b in combinations(range(8), 2) if (a ^ b).bit_count() == 1]

# ----- counts


QUEENS = """type row = 1..{n}.
concept queen(row) : 1..{n}.
:- queen(R) = C, queen(S) = C, R < S.
:- queen(R) = C, queen(S) = D, R < S, D - C = S - R.
:- queen(R) = C, queen(S) = D, R < S, C - D = S - R.
query queen(_).
"""


@pytest.mark.parametrize(("backend", "solver"), ALL_SOLVERS)
@pytest.mark.parametrize(("n", "expected"), [(3, 0), (4, 2), (5, 10), (6, 4)])
def test_queens(n: int, expected: int, backend: str, solver: str) -> None:
    assert count(QUEENS.format(n=n), backend, solver) == expected


def test_eight_queens() -> None:
    assert count(QUEENS.format(n=8), "asp", "clingo") == 92


COLOURING = """type node = 0..{last}.
{edges}
concept colour(node) : 1..{colours}.
:- edge(X, Y), colour(X) = C, colour(Y) = C.
query colour(_).
"""


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "solver"), [("asp", "clingo"), ("integer", "cpsat")])
@pytest.mark.parametrize(
    ("graph", "colours", "expected"),
    [
        (list(combinations(range(4), 2)), 4, 24),  # the complete graph: 4!
        ([(i, (i + 1) % 7) for i in range(7)], 3, 2**7 - 2),  # a cycle: (k − 1)ⁿ + (−1)ⁿ (k − 1)
        (PETERSEN, 2, 0),
        (PETERSEN, 3, 120),  # its chromatic polynomial at 3
        (CUBE, 2, 2),
        (CUBE, 3, 114),
    ],
)
def test_chromatic_polynomials(
    graph: list[tuple[int, int]], colours: int, expected: int, backend: str, solver: str
) -> None:
    last = max(max(pair) for pair in graph)
    assert count(COLOURING.format(last=last, edges=edges(graph), colours=colours), backend, solver) == expected


HAMILTON = """type node = 0..{last}.
{edges}
arc(X, Y) :- edge(X, Y). arc(X, Y) :- edge(Y, X).
1 {{ next(X, Y) : arc(X, Y) }} 1 :- node(X).
:- next(X, Z), next(Y, Z), X < Y.
reached(Y) :- next(0, Y).
reached(Y) :- reached(X), next(X, Y).
:- node(X), not reached(X).
query next(_, _).
"""


@pytest.mark.parametrize(("backend", "solver"), [("asp", "clingo"), ("integer", "cpsat")])
@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (list(combinations(range(5), 2)), 24),  # (n − 1)! directed ones
        (CUBE, 12),
        (PETERSEN, 0),  # the smallest bridgeless cubic graph without one
    ],
)
def test_hamiltonian_cycles(graph: list[tuple[int, int]], expected: int, backend: str, solver: str) -> None:
    last = max(max(pair) for pair in graph)
    assert count(HAMILTON.format(last=last, edges=edges(graph)), backend, solver) == expected


MEN = ("1234", "2143", "3412", "4321")
WOMEN = ("4321", "3412", "2143", "1234")
MARRIAGE = """type person = 1..4.
{ranks}
concept wife(person) : 1..4.
:- wife(M) = W, wife(N) = W, M < N.
:- wife(M) = V, wife(N) = W, M != N, he(M, W, A), he(M, V, B), A < B, she(W, M, C), she(W, N, D), C < D.
query wife(_).
"""


@pytest.mark.parametrize(("backend", "solver"), ALL_SOLVERS)
def test_stable_marriages(backend: str, solver: str) -> None:
    """The preferences with the most stable marriages of four pairs, ten (Gusfield and Irving 1989)."""
    ranks = " ".join(
        f"{name}({person}, {other}, {place})."
        for name, side in (("he", MEN), ("she", WOMEN))
        for person, order in enumerate(side, 1)
        for place, other in enumerate(order, 1)
    )
    assert count(MARRIAGE.format(ranks=ranks), backend, solver) == 10 == sum(map(stable, permutations(range(4))))


def stable(wives: tuple[int, ...]) -> bool:
    def prefers(side: tuple[str, ...], who: int, one: int, other: int) -> bool:
        return side[who].index(str(one + 1)) < side[who].index(str(other + 1))

    return not any(
        prefers(MEN, m, wives[n], wives[m]) and prefers(WOMEN, wives[n], m, n)
        for m, n in product(range(4), repeat=2)
        if m != n
    )


SCHUR = """type number = 1..{n}.
concept part(number) : 1..{parts}.
:- part(X) = P, part(Y) = P, part(Z) = P, number(X), number(Y), X <= Y, Z = X + Y, number(Z).
query part(_).
"""


@pytest.mark.parametrize(("backend", "solver"), [("asp", "clingo"), ("integer", "cpsat")])
@pytest.mark.parametrize(("n", "parts", "expected"), [(4, 2, 2), (5, 2, 0), (13, 3, 18), (14, 3, 0)])
def test_schur_numbers(n: int, parts: int, expected: int, backend: str, solver: str) -> None:
    """S(2) = 4, S(3) = 13: up to these numbers there are sum-free partitions."""
    assert count(SCHUR.format(n=n, parts=parts), backend, solver) == expected


LATIN = """concept cell(1..4, 1..4) : 1..4.
:- cell(R, C) = V, cell(R, D) = V, C < D.
:- cell(R, C) = V, cell(S, C) = V, R < S.
query cell(_, _).
"""
BLOCKS = ":- cell(R, C) = V, cell(S, D) = V, R < S, (R - 1) / 2 = (S - 1) / 2, (C - 1) / 2 = (D - 1) / 2, C != D.\n"


@pytest.mark.parametrize(("blocks", "expected"), [("", 576), (BLOCKS, 288)])
def test_latin_squares_and_small_sudokus(blocks: str, expected: int) -> None:
    assert count(LATIN + blocks, "asp", "clingo") == expected


MAGIC = """concept cell(1..3, 1..3) : 1..9.
:- cell(R, C) = V, cell(S, D) = V, R < S.
:- cell(R, C) = V, cell(R, D) = V, C < D.
line(R, R, C) :- R = 1..3, C = 1..3.
line(C + 3, R, C) :- R = 1..3, C = 1..3.
line(7, X, X) :- X = 1..3.
line(8, X, 4 - X) :- X = 1..3.
:- line(L, _, _), sum { V, R, C : line(L, R, C), cell(R, C) = V } != 15.
query cell(_, _).
"""


def test_magic_squares() -> None:
    assert count(MAGIC, "asp", "clingo") == 8


@pytest.mark.parametrize(("backend", "solver"), ALL_SOLVERS)
def test_even_loops_through_negation(backend: str, solver: str) -> None:
    """n independent pairs a :- not b. b :- not a. have 2ⁿ stable models; an odd loop leaves none."""
    text = "a(X) :- X = 1..5, not b(X).\nb(X) :- X = 1..5, not a(X).\n{odd}query a(_).\nquery b(_)."
    assert count(text.format(odd=""), backend, solver) == 32
    assert count(text.format(odd="c :- not c.\n"), backend, solver) == 0


@pytest.mark.parametrize(("backend", "solver"), ALL_SOLVERS)
@pytest.mark.parametrize(("n", "expected"), [(5, 12), (6, 0)])
def test_ramsey(n: int, expected: int, backend: str, solver: str) -> None:
    """R(3, 3) = 6. On five nodes the colourings without a triangle are the twelve pairs of five-cycles."""
    text = f"""type node = 1..{n}.
pair(X, Y) :- node(X), node(Y), X < Y.
{{ red(X, Y) : pair(X, Y) }}.
:- red(X, Y), red(Y, Z), red(X, Z).
:- pair(X, Y), pair(Y, Z), not red(X, Y), not red(Y, Z), not red(X, Z).
query red(_, _).
"""
    assert count(text, backend, solver) == expected


# ----- optima

EVERY = [*ALL_SOLVERS, ("integer", "cbc"), ("integer", "highs"), ("integer", "scip")]


@pytest.mark.parametrize(("backend", "solver"), EVERY)
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (":- edge(X, Y), not in(X), not in(Y).", 6),  # the least vertex cover of the Petersen graph
        (":- node(X), not in(X), not in(Y) for near(X, Y).", 3),  # its domination number
    ],
)
def test_covers_of_the_petersen_graph(rule: str, expected: int, backend: str, solver: str) -> None:
    if "near" in rule:
        rule = "good(X) :- in(X). good(X) :- near(X, Y), in(Y). :- node(X), not good(X)."
    text = f"""type node = 0..9.
{edges(PETERSEN)}
near(X, Y) :- edge(X, Y). near(X, Y) :- edge(Y, X).
{{ in(X) : node(X) }}.
{rule}
minimize {{ 1, X : in(X) }}.
query in(_).
"""
    assert optimum(text, backend, solver) == expected


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "solver"), ALL_SOLVERS)
@pytest.mark.parametrize(("marks", "expected"), [(4, 6), (5, 11)])
def test_golomb_rulers(marks: int, expected: int, backend: str, solver: str) -> None:
    text = f"""type mark = 1..{marks}.
concept at(mark) : 0..{expected + 2}.
:- at(M) = X, at(N) = Y, M < N, X >= Y.
:- at(1) != 0.
distance(M, N, Y - X) :- at(M) = X, at(N) = Y, mark(M), mark(N), M < N.
:- distance(M, N, D), distance(P, Q, D), (M, N) < (P, Q).
minimize {{ X : at({marks}) = X }}.
query at(_).
"""
    assert optimum(text, backend, solver) == expected


@pytest.mark.parametrize(("backend", "solver"), EVERY)
def test_pigeons_without_a_hole(backend: str, solver: str) -> None:
    text = "concept hole(1..5) : 1..4.\n:- hole(P) = H, hole(Q) = H, P < Q.\nquery hole(_)."
    assert optimum(text, backend, solver) is None


ITEMS = ((12, 4), (2, 2), (1, 1), (4, 10), (1, 2))
"""Weight and value of the items of a knapsack that holds 15."""


@pytest.mark.parametrize(("backend", "solver"), EVERY)
def test_knapsack(backend: str, solver: str) -> None:
    facts = " ".join(f"item({place}, {w}, {v})." for place, (w, v) in enumerate(ITEMS))
    text = f"""{facts}
{{ in(X) : item(X, _, _) }}.
:- sum {{ W, X : in(X), item(X, W, _) }} > 15.
maximize {{ V, X : in(X), item(X, _, V) }}.
query in(_).
"""
    best = max(
        sum(v for w, v in chosen)
        for size in range(6)
        for chosen in combinations(ITEMS, size)
        if sum(w for w, _ in chosen) <= 15
    )
    assert optimum(text, backend, solver) == -best == -15
