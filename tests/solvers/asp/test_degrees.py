"""Degrees by α-cuts against the possibilistic equations, and against brute force under constraints.

The equations work out the degree of a formula from those of its parts as if these were independent. They are exact
where each percept is read once; then both back ends must agree on Π and N. Elsewhere the equations bound the degrees:
Π from above, N from below (docs/possibilistic.md), and that is what the general test asks for. One more difference is
in the meaning: rules that contradict one another lower the degrees of their concept alone in the equations, but of
whole models, and so of everything, in the cuts. So the exact test has such rules only where nothing else is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Answer, Status
from nesy.solvers.asp import cuts
from nesy.solvers.backend import Options, compile_program
from nesy.solvers.logic.tasks import Task
from nesy.solvers.possibilistic.transform import possibility
from tests.effort import tries
from tests.solvers.logic.programs import program_of, stable_models

TRANSFORMS = ("antipignistic", "specificity")
DEGREES = (0.0, 0.2, 0.5, 0.7, 1.0)


def answers(backend: str, text: str, evidence: dict[str, Tensor], transform: str = "antipignistic") -> Answer:
    mode = "degrees" if backend == "asp" else "optimum"
    engine = compile_program(backend, check(parse(text)), None, Options(mode=mode, transform=transform))
    return engine.infer(evidence)


@st.composite
def distributions(draw: st.DrawFn, rows: int, values: int) -> Tensor:
    """``[1, rows, values]``; zeros and ties occur."""
    weights = st.lists(st.integers(0, 6), min_size=values, max_size=values).filter(any)
    table = torch.tensor([draw(weights) for _ in range(rows)], dtype=torch.float64)
    return (table / table.sum(-1, keepdim=True))[None]


def assert_equal_degrees(text: str, evidence: dict[str, Tensor], transform: str) -> None:
    by_cuts, by_equations = (answers(name, text, evidence, transform) for name in ("asp", "possibilistic"))
    assert set(by_cuts) == set(by_equations)
    for name, result in by_equations.items():
        for measure in ("possibility", "necessity"):
            torch.testing.assert_close(
                getattr(by_cuts[name], measure), getattr(result, measure), rtol=0, atol=1e-9, msg=f"{measure} of {name}"
            )
        assert by_cuts[name].choice is not None
        assert torch.equal(by_cuts[name].choice, result.choice)


# ----- where the equations are exact

SETS = ("{0}", "{1}", "{2}", "{0, 1}", "{0, 2}", "{1, 2}")


@st.composite
def read_once(draw: st.DrawFn) -> str:
    """Two layers of concepts that cannot contradict themselves; or one concept whose rules may."""
    sets = st.sampled_from(SETS)

    def degrees() -> str:
        return f"[s = {draw(st.sampled_from(DEGREES))}, r = {draw(st.sampled_from(DEGREES))}]"

    if draw(st.booleans()):
        head = "percept a(1..4) : 0..2.\nconcept c : 0..2.\n"
        rules = (f"if a({place}) in {draw(sets)} then c in {draw(sets)} {degrees()}." for place in range(1, 5))
        return head + "\n".join([*rules, "query c.", "query c in {0, 2}."])
    joint = f"a(3) in {draw(sets)} {draw(st.sampled_from(['and', 'or']))} a(4) in {draw(sets)}"
    return f"""percept a(1..4) : 0..2.
concept d : 0..2.
concept e : (0..2, 0..2).
if {joint} then d in {draw(sets)} {degrees()}.
e in {{(K, _)}} iff d = K.
if a(1) in {draw(sets)} then e in {{(_, 0)}} {degrees()}.
query d.
query e.
query a(_).
query e in {{(U, V) : U < V}}.
"""


@settings(max_examples=tries(40), deadline=None)
@given(read_once(), distributions(4, 3), st.sampled_from(TRANSFORMS))
def test_degrees_of_uncertain_rules_equal_those_of_the_equations(text: str, table: Tensor, transform: str) -> None:
    assert_equal_degrees(text, {"a": table}, transform)


ADDITION = """percept a(1..2) : 0..2.
concept c : (0..2, 0..2).
concept y : 0..4.
c in {(K, _)} iff a(1) = K.
c in {(_, K)} iff a(2) = K.
y = T iff c in {(U, V) : U + V = T}.
query c.
query y.
query y in {1, 3}.
"""

NETWORK = """type node = 1..4.
relation edge(node, node).
edge(1, 2). edge(2, 3). edge(1, 3). edge(3, 4). edge(4, 2). edge(2, 4).
percept link(X, Y) : bool for edge(X, Y).
path(X, Y) :- edge(X, Y), link(X, Y).
path(X, Z) :- path(X, Y), edge(Y, Z), link(Y, Z).
query path(1, 4).
query path(4, 3).
"""


@settings(max_examples=tries(15), deadline=None)
@given(distributions(2, 3), st.sampled_from(TRANSFORMS))
def test_degrees_of_an_addition_equal_those_of_the_equations(table: Tensor, transform: str) -> None:
    assert_equal_degrees(ADDITION, {"a": table}, transform)


@settings(max_examples=tries(15), deadline=None)
@given(distributions(6, 2), st.sampled_from(TRANSFORMS))
def test_degrees_of_a_network_equal_those_of_the_equations(table: Tensor, transform: str) -> None:
    assert_equal_degrees(NETWORK, {"link": table}, transform)


# ----- where the equations are bounds


@dataclass(frozen=True)
class Given:
    """A rule “if x(index) = value then c in concluded [s, r]”."""

    index: int
    value: int
    concluded: tuple[int, ...]
    s: float
    r: float

    def line(self) -> str:
        values = ", ".join(map(str, self.concluded))
        return f"if x({self.index}) = {self.value} then c in {{{values}}} [s = {self.s}, r = {self.r}]."

    def possible(self, x: tuple[int, int], c: int) -> float:
        premise, conclusion = x[self.index - 1] == self.value, c in self.concluded
        if premise and not conclusion:
            return self.r
        return self.s if conclusion and not premise else 1.0


rules = st.lists(
    st.builds(
        Given,
        st.integers(1, 2),
        st.integers(1, 3),
        st.sampled_from([(1,), (2,), (1, 2), (2, 3)]),
        st.sampled_from(DEGREES),
        st.sampled_from(DEGREES),
    ),
    max_size=4,
)
HEAD = "percept x(1..2) : 1..3.\nconcept c : 1..3.\n"


@settings(max_examples=tries(30), deadline=None)
@given(rules, distributions(2, 3))
def test_the_equations_bound_the_degrees(found: list[Given], table: Tensor) -> None:
    lines = "\n".join(rule.line() for rule in found)
    text = f"{HEAD}{lines}\nh :- x(1) = 1, c = 2.\nh :- x(2) = 3.\nquery c.\nquery h.\nquery x(_)."
    exact, bounds = (answers(name, text, {"x": table}) for name in ("asp", "possibilistic"))
    for name, result in bounds.items():
        assert (exact[name].possibility <= result.possibility + 1e-9).all()  # type: ignore[operator]
        assert (exact[name].necessity >= result.necessity - 1e-9).all()  # type: ignore[operator]


CONSTRAINTS = (
    ":- x(1) = x(2).",
    ":- x(1) = 1, not p.",
    ":- c = 3, p.",
    ":- x(2) = 2, c != 2.",
    ":- count { I : x(I) = 3 } > 0.",
    "{ p }.",
    "p :- c = 1.",
    "p :- q.\nq :- p.\nq :- x(2) = 1.",
)


@settings(max_examples=tries(40), deadline=None)
@given(rules, st.lists(st.sampled_from(CONSTRAINTS), unique=True, max_size=4), distributions(2, 3))
def test_degrees_under_constraints_equal_brute_force(found: list[Given], other: list[str], table: Tensor) -> None:
    lines = [rule.line() for rule in found]
    text = "\n".join([HEAD, *lines, *other, "p :- x(1) = 3.", "query c.", "query x(_).", "query p."])
    program = program_of(text)
    degrees = possibility(table[0].movedim(-1, 0), "antipignistic", "symmetric").movedim(0, -1)
    wanted = {"c": torch.zeros(3).double(), "x": torch.zeros(2, 3).double(), "p": torch.zeros(2).double()}
    places = program.model.attribute_places
    held = program.atoms[[str(atom) for atom in program.model.atoms].index("p")]
    for _, atoms in stable_models(program, Task()):
        first, second = ([atom in atoms for atom in row].index(True) for row in program.values[places["x"]])
        c = [atom in atoms for atom in program.values[places["c"]][0]].index(True)
        broken = [rule.possible((first + 1, second + 1), c + 1) for rule in found]
        degree = min([float(degrees[0, first]), float(degrees[1, second]), *broken])
        for entry in (wanted["c"][c], wanted["x"][0, first], wanted["x"][1, second], wanted["p"][int(held in atoms)]):
            entry.clamp_(min=degree)
    answer = answers("asp", text, {"x": table})
    for name, expected in wanted.items():
        assert torch.allclose(answer[name].possibility[0], expected, rtol=0, atol=1e-9), name  # type: ignore[index]
        others = torch.stack(
            [expected.index_fill(-1, torch.tensor([v]), 0.0).amax(-1) for v in range(expected.shape[-1])], -1
        )
        assert torch.allclose(answer[name].necessity[0], 1 - others, rtol=0, atol=1e-9), name  # type: ignore[index]
    impossible = bool((wanted["c"] == 0).all())
    assert answer.status[0] is (Status.INFEASIBLE if impossible else Status.SOLVED)


# ----- limits and remarks


def test_soft_constraints_are_left_out_and_named() -> None:
    text = "percept x : 1..3.\n:~ x = 1. [5]\nmaximize { V : x = V }.\nquery x."
    answer = answers("asp", text, {"x": torch.tensor([[0.5, 0.3, 0.2]])})
    assert [(entry.code, entry.span.line) for entry in answer.warnings if entry.span] == [("W515", 2), ("W515", 3)]
    assert answer["x"].value == [1]
    with pytest.raises(NesyError, match="E515"):
        compile_program("asp", check(parse(text)), None, Options(mode="degrees", strict=True))


def test_what_time_does_not_suffice_for_is_bounded() -> None:
    engine = compile_program("asp", check(parse(ADDITION)), None, Options(mode="degrees", time_limit=1e-9))
    table = torch.full((2, 2, 3), 1 / 3, dtype=torch.float64)
    answer = engine.infer({"a": table})
    assert answer.status == [Status.TIMEOUT, Status.TIMEOUT]
    assert answer["y"].possibility is not None
    assert answer["y"].necessity is not None
    assert (answer["y"].possibility == 1).all()
    assert (answer["y"].necessity == 0).all()


def test_control_c_leaves_the_rest_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    engine = compile_program("asp", check(parse(ADDITION)), None, Options(mode="degrees"))
    table = torch.full((2, 2, 3), 1 / 3, dtype=torch.float64)
    monkeypatch.setattr(cuts.CutSolver, "model", interrupted)
    answer = engine.infer({"a": table})
    assert answer.status == [Status.UNKNOWN, Status.UNKNOWN]
    assert answer.statistics["interrupted"]


def test_unknown_transformations_are_refused() -> None:
    with pytest.raises(NesyError, match="knows no transform 'best'"):
        compile_program("asp", check(parse(ADDITION)), None, Options(mode="degrees", transform="best"))
