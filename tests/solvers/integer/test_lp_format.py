"""The listing in LP format: other readers understand it and find the same optimum."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from nesy.dsl import check, parse
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import Options, compile_program
from nesy.solvers.integer.completion import complete
from nesy.solvers.integer.listing import lp_listing
from nesy.solvers.integer.lp_format import WIDTH, combined, readable_names
from nesy.solvers.integer.packages import cbc_path
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Task
from tests.effort import tries
from tests.solvers.logic.programs import program_of, stable_models, texts

COLOURS = """percept lamp(1..2) : {red, green}.
:- lamp(1) = red, lamp(2) = red.
:~ lamp(X) = green. [X@1]
query lamp(_).
"""


def test_listing() -> None:
    text = compile_program("integer", check(parse(COLOURS)), None, Options(resolution=10)).listing()
    assert (
        text
        == (
            "\\ The stable models of the program, as an integer program. 10 units of cost are one nat.\n"
            "\\ Evidence adds to each value of a percept its cost -log p, relative to the best value of its index.\n"
            "Minimize\n"
            " cost: lamp_1_eq_green + 2 lamp_2_eq_green\n"
            "Subject To\n"
        )
        + text.partition("Subject To\n")[2]
    )
    assert "lamp_1_eq_red + lamp_2_eq_red <= 1" in text or "lamp_2_eq_red + lamp_1_eq_red <= 1" in text
    assert "lamp_1_eq_red + lamp_1_eq_green = 1" in text
    assert max(map(len, text.splitlines())) <= WIDTH + 20


def best_combined(program: LogicProgram) -> int | None:
    """The optimum by brute force, of the levels as one number."""
    models = stable_models(program, Task())
    if not models:
        return None
    objective = Objective.of(program, Task())
    total, factor = 0, 1
    for level, cost in reversed(list(zip(objective.levels, models[0][0], strict=True))):
        total += factor * (cost - objective.constants[level])
        factor *= 1 + sum(map(abs, objective.terms[level].values()))
    return total


def by_cbc(listing: str, folder: Path) -> list[str]:
    """The lines of CBC's solution."""
    file, solution = folder / "program.lp", folder / "solution.txt"
    file.write_text(listing, encoding="ascii")
    subprocess.run([cbc_path(), file, "-solve", "-solution", solution], check=True, capture_output=True, timeout=60)
    return solution.read_text(encoding="ascii").splitlines()


@settings(max_examples=tries(25), deadline=None)
@given(texts())
def test_cbc_reads_it_and_finds_the_optimum_of_brute_force(text: str) -> None:
    program = program_of(text)
    try:
        listing = lp_listing(program, 1)
    except NesyError as error:
        assert error.diagnostics[0].code in ("E550", "E551")  # noqa: PT017  what the back end refuses
        return
    wanted = best_combined(program)
    with TemporaryDirectory() as folder:
        said = by_cbc(listing, Path(folder))[0].split()
    if wanted is None:
        assert "nfeasible" in " ".join(said)
    else:
        assert said[0] == "Optimal"
        assert float(said[-1]) == pytest.approx(wanted)


def test_a_solution_speaks_in_the_names_of_the_program(tmp_path: Path) -> None:
    lines = by_cbc(lp_listing(program_of(COLOURS), 1), tmp_path)
    assert lines[0].split() == ["Optimal", "-", "objective", "value", "1.00000000"]
    chosen = [line.split()[1] for line in lines[1:] if "eq" in line and line.split()[2] == "1"]
    assert sorted(chosen) == ["lamp_1_eq_green", "lamp_2_eq_red"]


def test_names() -> None:
    text = """type thing = {end, e1, "a b", "a-b"}.
percept x : thing.
percept e(1..2) : bool.
free :- x = end.
e2 :- x = e1.
{ pick(-1) } :- x = e1.
query x.
query e(_).
query free.
query e2.
query pick(_).
"""
    program = program_of(text)
    lowered = complete(program)
    name = readable_names(lowered, program.size)
    names = [name(number) for number in range(1, lowered.size + 1)]
    assert len(set(names)) == len(names)
    assert {"x_eq_end", "v_e_1", "not_e_1", "v_free", "v_e2", "pick_m1"} <= set(names)


def test_levels_that_do_not_fit_into_one_number() -> None:
    assert combined([{1: 2}, {2: 3, 1: 1}]) == {1: 11, 2: 3}
    assert combined([{1: 2**30}, {2: 2**30}]) is None
