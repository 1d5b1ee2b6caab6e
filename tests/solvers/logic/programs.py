"""Small random logic programs as rule files, and their stable models by brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.logic.tasks import Task

NAMES = "abcde"


def program_of(text: str, *, whole: bool = True) -> LogicProgram:
    """The ground program of a rule file, with everything in the search."""
    return ground_logic(check(parse(text)), whole=whole)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A program over a percept with three values and up to five relations: choices, loops, counts, penalties."""
    atom = st.sampled_from(NAMES)
    reading = st.sampled_from([f"x({i}) = {v}" for i in (1, 2) for v in (1, 2, 3)])
    positive = st.one_of(atom, atom, reading)
    literal = st.one_of(
        positive, atom.map(lambda name: f"not {name}"), reading.map(lambda text: text.replace("=", "!="))
    )
    body = st.lists(literal, min_size=1, max_size=3).map(", ".join)
    counted = st.lists(atom, min_size=1, max_size=3, unique=True).map(
        lambda names: "; ".join(f"{place} : {name}" for place, name in enumerate(names))
    )
    lines = ["percept x(1..2) : 1..3."]
    for _ in range(draw(st.integers(1, 6))):
        head, condition = draw(atom), draw(body)
        form = draw(
            st.sampled_from(["rule", "rule", "rule", "choice", "choice", "constraint", "count", "soft", "either"])
        )
        match form:
            case "rule":
                lines.append(f"{head} :- {condition}.")
            case "choice":
                lines.append(f"{{ {head} }} :- {condition}.")
            case "either":
                lines.append(f"{head} ; {draw(atom)} :- {condition}.")
            case "constraint":
                lines.append(f":- {condition}, {draw(literal)}.")
            case "count":
                lines.append(f":- count {{ {draw(counted)} }} > {draw(st.integers(0, 2))}, {condition}.")
            case "soft":
                lines.append(f":~ {condition}. [{draw(st.integers(1, 3))}@{draw(st.integers(0, 2))}]")
    lines += [f"{name} :- x({place // 3 + 1}) = {place % 3 + 1}." for place, name in enumerate(NAMES)]
    return "\n".join([*lines, "query x(_)."])


def stable_models(program: LogicProgram, task: Task) -> list[tuple[tuple[int, ...], frozenset[int]]]:
    """All stable models with their costs (most important level first), the cheapest first."""
    objective = Objective.of(program, task)
    search = _Brute(program)
    found = [
        (tuple(objective.value(level, atoms) for level in objective.levels), atoms)
        for atoms in search.models()
        if not any(atom in atoms for atom in task.excluded)
    ]
    return sorted(found, key=lambda entry: (entry[0], sorted(entry[1])))


class _Brute:
    """Tries every assignment to percepts and relations; the grounder's own atoms follow from these."""

    def __init__(self, program: LogicProgram) -> None:
        self.program = program
        self.rows = [[atom for atom in row if atom] for table in program.values for row in table]
        self.named = sorted(program.atoms)
        known = {atom for row in self.rows for atom in row}.union(self.named)
        self.derived = sorted({atom for rule in program.rules for atom in rule.head} - known)

    def models(self) -> Iterator[frozenset[int]]:
        for chosen in product(*self.rows):
            for flags in product((False, True), repeat=len(self.named)):
                given = frozenset([*chosen, *(a for a, flag in zip(self.named, flags, strict=True) if flag)])
                atoms = self.closed(given, None)
                if self.satisfied(atoms, atoms) and not any(map(self.smaller(given, atoms), self.subsets(given))):
                    yield atoms

    def subsets(self, given: frozenset[int]) -> Iterator[frozenset[int]]:
        free = [atom for atom in self.named if atom in given]
        kept = given - set(free)
        for flags in product((False, True), repeat=len(free)):
            yield kept | {atom for atom, flag in zip(free, flags, strict=True) if flag}

    def smaller(self, given: frozenset[int], model: frozenset[int]):  # type: ignore[no-untyped-def]
        """Whether a proper subset of the model satisfies its reduct."""
        return lambda subset: subset != given and self.satisfied(self.closed(subset, model), model)

    def closed(self, given: frozenset[int], model: frozenset[int] | None) -> frozenset[int]:
        """``given`` with the grounder's own atoms; negation refers to ``model``, or to what is being computed."""
        values: dict[int, bool] = {}

        def true(atom: int) -> bool:
            if atom not in self.derived:
                return atom in given
            if atom not in values:
                rules = [rule for rule in self.program.rules if atom in rule.head]
                values[atom] = any(
                    self.holds(rule, true, true if model is None else model.__contains__) for rule in rules
                )
            return values[atom]

        return given | {atom for atom in self.derived if true(atom)}

    def holds(self, rule: Rule | WeightRule, true: Callable[[int], bool], negative: Callable[[int], bool]) -> bool:
        def literal(number: int) -> bool:
            return true(number) if number > 0 else not negative(-number)

        if isinstance(rule, Rule):
            return all(map(literal, rule.body))
        return sum(weight for number, weight in rule.body if literal(number)) >= rule.lower

    def satisfied(self, atoms: frozenset[int], model: frozenset[int]) -> bool:
        """Whether ``atoms`` satisfies the reduct with respect to ``model``; choices keep what the model has."""
        for rule in self.program.rules:
            if not self.holds(rule, atoms.__contains__, model.__contains__):
                continue
            if rule.choice and any(atom in model and atom not in atoms for atom in rule.head):
                return False
            if not rule.choice and not any(atom in atoms for atom in rule.head):
                return False
        return True
