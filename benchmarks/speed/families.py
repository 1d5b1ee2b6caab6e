"""Families of programs on which solvers differ, each with instances drawn at random from a seed.

A family says what it stands for, and gives one rule file with the evidence of several instances: readings of a network
that errs (fine-grained costs), or none, where the program's own soft constraints are all that counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

RULES = Path(__file__).resolve().parent / "rules"

Evidence = Mapping[str, object]


@dataclass(frozen=True)
class Family:
    """A name, the rule file as text, and the instances; ``mode`` is ``optimum`` or ``models``."""

    name: str
    text: str
    instances: Sequence[Evidence]
    mode: str = "optimum"


def read_as(random: Random, values: Sequence[object], true: object, error: float) -> dict[str, float]:
    """A distribution over ``values`` around the ``true`` one, with probability ``error`` around another."""
    seen = random.choice([value for value in values if value != true]) if random.random() < error else true
    weights = {value: random.random() for value in values}
    weights[seen] += random.uniform(10, 60)
    weights[true] += random.uniform(1, 5)
    total = sum(weights.values())
    return {str(value).lower(): weight / total for value, weight in weights.items()}


# ----- without recursion, fine-grained costs


def sudoku(count: int, error: float = 0.1, seed: int = 1) -> Family:
    """Visual 9×9 Sudoku: the most plausible grid."""
    random = Random(seed)
    text = (RULES / "sudoku_repair.nesy").read_text(encoding="utf-8")
    digits = range(1, 10)
    instances = []
    for _ in range(count):
        rows, cols, names = _shuffled(random), _shuffled(random), random.sample(digits, 9)
        grid = {(r, c): names[(3 * (rows[r] % 3) + rows[r] // 3 + cols[c]) % 9] for r in range(9) for c in range(9)}
        cells = {f"{r + 1},{c + 1}": read_as(random, digits, value, error) for (r, c), value in grid.items()}
        instances.append({"cell": cells})
    return Family(f"Sudoku 9×9, {error:.0%} misread", text, instances)


def _shuffled(random: Random) -> list[int]:
    """Rows (or columns) in an order that keeps bands together."""
    return [3 * band + row for band in random.sample(range(3), 3) for row in random.sample(range(3), 3)]


def colouring(count: int, nodes: int = 60, seed: int = 2) -> Family:
    """Random graphs that can be coloured with four colours, perceived with 30 % errors."""
    random = Random(seed)
    colours = ("red", "green", "blue", "grey")
    true = {node: random.choice(colours) for node in range(1, nodes + 1)}
    edges = [pair for pair in combinations(true, 2) if true[pair[0]] != true[pair[1]]]
    chosen = random.sample(edges, 9 * nodes // 2)
    text = f"""
    type node = 1..{nodes}.
    type colour = {{{", ".join(colours)}}}.
    relation edge(node, node).
    {" ".join(f"edge({a}, {b})." for a, b in chosen)}
    percept seen(node) : colour.
    :- edge(A, B), seen(A) = C, seen(B) = C.
    query seen(_).
    """
    instances = [
        {"seen": {str(node): read_as(random, colours, colour, 0.3) for node, colour in true.items()}}
        for _ in range(count)
    ]
    return Family(f"colouring, {nodes} nodes", text, instances)


def queens(count: int, size: int = 10, seed: int = 3) -> Family:
    """Photos of queens of which some have been moved: the most plausible placement without attacks."""
    random = Random(seed)
    text = f"""
    type line = 1..{size}.
    percept queen(line, line) : bool.
    :- queen(R, C), queen(R, D), C < D.
    :- queen(R, C), queen(S, C), R < S.
    :- queen(R, C), queen(S, D), R < S, D - C = S - R.
    :- queen(R, C), queen(S, D), R < S, C - D = S - R.
    taken(R) :- queen(R, _).
    :- line(R), not taken(R).
    query queen(_, _).
    """
    instances = []
    for _ in range(count):
        columns = random.sample(range(1, size + 1), size)
        cells = {
            f"{row},{column}": read_as(random, (True, False), columns[row - 1] == column, 0.1)
            for row in range(1, size + 1)
            for column in range(1, size + 1)
        }
        instances.append({"queen": cells})
    return Family(f"{size} queens", text, instances)


# ----- with recursion


def tour(count: int, towns: int = 9, seed: int = 4) -> Family:
    """A round trip over roads that are perceived to be open."""
    random = Random(seed)
    roads = [(a, b) for a, b in combinations(range(1, towns + 1), 2) if b == a + 1 or random.random() < 0.4]
    roads = sorted({*roads, (1, towns)})
    text = f"""
    type town = 1..{towns}.
    relation road(town, town).
    {" ".join(f"road({a}, {b})." for a, b in roads)}
    percept open(X, Y) : bool for road(X, Y).
    way(X, Y) :- road(X, Y), open(X, Y).
    way(Y, X) :- road(X, Y), open(X, Y).
    1 {{ go(X, Y) : town(Y) }} 1 :- town(X).
    1 {{ go(X, Y) : town(X) }} 1 :- town(Y).
    :- go(X, Y), not way(X, Y).
    reached(1).
    reached(Y) :- reached(X), go(X, Y).
    :- town(X), not reached(X).
    query go(_, _).
    """
    instances = [
        {"open": {f"{a},{b}": read_as(random, (True, False), random.random() < 0.6, 0.2) for a, b in roads}}
        for _ in range(count)
    ]
    return Family(f"round trip, {towns} towns", text, instances)


def network(count: int, nodes: int = 30, seed: int = 5) -> Family:
    """Links perceived to be up or down; three pairs are known to be connected, one is known not to be."""
    random = Random(seed)
    links = sorted(
        {*((a, a + 1) for a in range(1, nodes)), *random.sample([*combinations(range(1, nodes + 1), 2)], nodes)}
    )
    half = nodes // 2
    text = f"""
    type node = 1..{nodes}.
    relation cable(node, node).
    {" ".join(f"cable({a}, {b}). cable({b}, {a})." for a, b in links)}
    percept up(X, Y) : bool for cable(X, Y).
    joined(1, X) :- cable(1, X), up(1, X).
    joined(A, Z) :- joined(A, Y), cable(Y, Z), up(Y, Z).
    :- not joined(1, {half}).
    :- not joined(1, {nodes - 1}).
    :- joined(1, {nodes}).
    query up(_, _).
    """
    pairs = [pair for a, b in links for pair in ((a, b), (b, a))]
    instances = [
        {"up": {f"{a},{b}": read_as(random, (True, False), random.random() < 0.5, 0.2) for a, b in pairs}}
        for _ in range(count)
    ]
    return Family(f"reachability, {nodes} nodes", text, instances)


def parity(count: int, length: int = 40, seed: int = 6) -> Family:
    """A recursion that is none once it is ground: the parity of a row of bits is known, and of each of its thirds."""
    random = Random(seed)
    text = f"""
    type place = 1..{length}.
    percept bit(place) : bool.
    odd(1) :- bit(1).
    odd(I + 1) :- odd(I), not bit(I + 1), I < {length}.
    odd(I + 1) :- not odd(I), bit(I + 1), place(I), I < {length}.
    :- odd({length}).
    :- not odd({length // 3}).
    :- odd({2 * length // 3}).
    query bit(_).
    """
    instances = [
        {"bit": {str(i): read_as(random, (True, False), random.random() < 0.5, 0.2) for i in range(1, length + 1)}}
        for _ in range(count)
    ]
    return Family(f"parity, {length} bits", text, instances)


# ----- few costs, levels, sums


def timetable(count: int, lessons: int = 14, seed: int = 7) -> Family:
    """Lessons to hours and rooms: whole weights on two levels, a few readings."""
    random = Random(seed)
    teachers = [f"t{random.randint(1, lessons // 3)}" for _ in range(lessons)]
    names = sorted(set(teachers))
    text = f"""
    type lesson = 1..{lessons}.
    type hour = 1..6.
    type room = 1..3.
    type teacher = {{{", ".join(names)}}}.
    relation teaches(teacher, lesson).
    {" ".join(f"teaches({t}, {lesson})." for lesson, t in enumerate(teachers, 1))}
    percept suits(teacher, hour) : bool.
    1 {{ at(L, H) : hour(H) }} 1 :- lesson(L).
    1 {{ held(L, R) : room(R) }} 1 :- lesson(L).
    :- at(L, H), at(M, H), held(L, R), held(M, R), L < M.
    :- teaches(T, L), teaches(T, M), L < M, at(L, H), at(M, H).
    :~ teaches(T, L), at(L, H), not suits(T, H). [1@2, L]
    :~ at(L, H), H > 4. [H - 4@1, L]
    query at(_, _).
    """
    instances = [
        {
            "suits": {
                f"{t},{h}": read_as(random, (True, False), random.random() < 0.6, 0.1)
                for t in names
                for h in range(1, 7)
            }
        }
        for _ in range(count)
    ]
    return Family(f"timetable, {lessons} lessons", text, instances)


def knapsack(count: int, items: int = 30, seed: int = 8) -> Family:
    """What to take: a sum with large weights is bounded, another is maximised; readings say what is there."""
    random = Random(seed)
    facts = [
        f"weight({i}, {random.randint(10, 99)}). value({i}, {random.randint(10, 99)})." for i in range(1, items + 1)
    ]
    text = f"""
    type item = 1..{items}.
    relation weight(item, 0..99).
    relation value(item, 0..99).
    {" ".join(facts)}
    percept there(item) : bool.
    {{ take(I) : item(I) }}.
    :- take(I), not there(I).
    :- sum {{ W, I : take(I), weight(I, W) }} > {items * 18}.
    maximize {{ V@-1, I : take(I), value(I, V) }}.
    query take(_).
    """
    instances = [
        {"there": {str(i): read_as(random, (True, False), random.random() < 0.8, 0.05) for i in range(1, items + 1)}}
        for _ in range(count)
    ]
    return Family(f"knapsack, {items} items", text, instances)


def configuration(count: int, parts: int = 24, seed: int = 9) -> Family:
    """Parts that need and exclude one another, at least cost for what is asked for; unit weights above prices."""
    random = Random(seed)
    pairs = [*combinations(range(1, parts + 1), 2)]
    needs, excludes = random.sample(pairs, parts), random.sample(pairs, parts)
    prices = [f"price({i}, {random.randint(1, 9)})." for i in range(1, parts + 1)]
    text = f"""
    type part = 1..{parts}.
    relation needs(part, part).
    relation excludes(part, part).
    relation price(part, 1..9).
    {" ".join(prices)}
    {" ".join(f"needs({a}, {b})." for a, b in needs)}
    {" ".join(f"excludes({a}, {b})." for a, b in excludes if (a, b) not in needs)}
    percept wanted(part) : bool.
    {{ has(P) : part(P) }}.
    :- needs(P, Q), has(P), not has(Q).
    :- excludes(P, Q), has(P), has(Q).
    :- count {{ P : has(P) }} > {parts // 2}.
    :~ wanted(P), not has(P). [1@2, P]
    minimize {{ C@1, P : has(P), price(P, C) }}.
    query has(_).
    """
    instances = [
        {"wanted": {str(i): read_as(random, (True, False), random.random() < 0.4, 0.05) for i in range(1, parts + 1)}}
        for _ in range(count)
    ]
    return Family(f"configuration, {parts} parts", text, instances)


def distances(count: int, towns: int = 9, seed: int = 11) -> Family:
    """The shortest round trip through all towns: distances as weights, nothing is read."""
    random = Random(seed)
    ways = []
    for a, b in combinations(range(1, towns + 1), 2):
        distance = random.randint(10, 99)
        ways += [f"way({a}, {b}, {distance}).", f"way({b}, {a}, {distance})."]
    text = f"""
    type town = 1..{towns}.
    relation way(town, town, 0..99).
    {" ".join(ways)}
    1 {{ go(X, Y) : way(X, Y, _) }} 1 :- town(X).
    1 {{ go(X, Y) : way(X, Y, _) }} 1 :- town(Y).
    reached(1).
    reached(Y) :- reached(X), go(X, Y).
    :- town(X), not reached(X).
    minimize {{ D@1, X, Y : go(X, Y), way(X, Y, D) }}.
    query go(_, _).
    """
    return Family(f"shortest round trip, {towns} towns", text, [{}] * count)


def shifts(count: int, people: int = 12, seed: int = 12) -> Family:
    """Shifts for people: small weights on two levels, nothing is read."""
    random = Random(seed)
    wishes = [f"wish({p}, {d}). " for p in range(1, people + 1) for d in random.sample(range(1, 8), 3)]
    text = f"""
    type person = 1..{people}.
    type day = 1..7.
    relation wish(person, day).
    {" ".join(wishes)}
    {{ on(P, D) : person(P) }} = 3 :- day(D).
    :- on(P, D), on(P, D + 1), on(P, D + 2).
    :- person(P), count {{ D : on(P, D) }} > {3 * 7 // people + 1}.
    :~ wish(P, D), on(P, D). [1@2, P, D]
    :~ on(P, D), on(P, D + 1). [1@1, P, D]
    query on(_, _).
    """
    return Family(f"shifts, {people} people", text, [{}] * count)


# ----- nothing to optimise


def placement(count: int, size: int = 20) -> Family:
    """Queens on an empty board: any placement."""
    text = f"""
    type line = 1..{size}.
    1 {{ queen(R, C) : line(C) }} 1 :- line(R).
    :- queen(R, C), queen(S, C), R < S.
    :- queen(R, C), queen(S, D), R < S, D - C = S - R.
    :- queen(R, C), queen(S, D), R < S, C - D = S - R.
    query queen(_, _).
    """
    return Family(f"{size} queens, empty board", text, [{}] * count, "models")


def any_tour(count: int, towns: int = 30, seed: int = 13) -> Family:
    """Any round trip over roads of which there are few."""
    random = Random(seed)
    order = random.sample(range(1, towns + 1), towns)
    roads = {(order[i], order[(i + 1) % towns]) for i in range(towns)}
    roads |= {(a, b) for a in range(1, towns + 1) for b in range(1, towns + 1) if a != b and random.random() < 0.08}
    text = f"""
    type town = 1..{towns}.
    relation road(town, town).
    {" ".join(f"road({a}, {b})." for a, b in sorted(roads))}
    1 {{ go(X, Y) : road(X, Y) }} 1 :- town(X).
    1 {{ go(X, Y) : road(X, Y) }} 1 :- town(Y).
    reached(1).
    reached(Y) :- reached(X), go(X, Y).
    :- town(X), not reached(X).
    query go(_, _).
    """
    return Family(f"any round trip, {towns} towns", text, [{}] * count, "models")


def completion(count: int, seed: int = 10) -> Family:
    """Sudoku with 50 certain digits: any grid that fits."""
    whole = sudoku(count, 0.0, seed)
    random = Random(seed)
    instances = []
    for instance in whole.instances:
        cells = instance["cell"]
        assert isinstance(cells, dict)
        kept = set(random.sample(sorted(cells), 50))
        flat = {str(digit): 1 / 9 for digit in range(1, 10)}
        instances.append({"cell": {at: max(row, key=row.get) if at in kept else flat for at, row in cells.items()}})
    return Family("Sudoku 9×9, 50 digits certain", whole.text, instances, "models")


def all_families(count: int) -> list[Family]:
    """Every family with ``count`` instances, most of them in two sizes; those without readings have one instance."""
    return [
        sudoku(count, 0.05),
        sudoku(count, 0.15),
        colouring(count, 60),
        colouring(count, 150),
        queens(count, 8),
        queens(count, 12),
        parity(count),
        knapsack(count, 30),
        knapsack(count, 100),
        timetable(count, 14),
        timetable(count, 18),
        configuration(count, 24),
        configuration(count, 80),
        shifts(1),
        tour(count, 9),
        tour(count, 14),
        network(count, 30),
        network(count, 60),
        network(2, 200),
        distances(1, 8),
        distances(1, 11),
        completion(count),
        placement(1),
        any_tour(1),
    ]
