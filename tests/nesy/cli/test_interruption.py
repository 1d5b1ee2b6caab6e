"""Ctrl-C while a real process searches: the best answer so far, and a word about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = """
signal.signal(signal.SIGINT, signal.default_int_handler)
from nesy.cli import main
sys.argv = ["nesy", *sys.argv[1:]]
main()
"""
CLINGO = """
import os, signal, sys
from nesy.solvers.asp import clasp

take = clasp._Search._take

def with_control_c(search, model, atoms):
    take(search, model, atoms)
    if len(search.found) == 1:
        os.kill(os.getpid(), signal.SIGINT)

clasp._Search._take = with_control_c
"""
CPSAT = """
import os, signal, sys
from ortools.sat.python import cp_model

class First(cp_model.CpSolverSolutionCallback):
    pressed = False

    def on_solution_callback(self):
        if not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)

solve = cp_model.CpSolver.solve
cp_model.CpSolver.solve = lambda solver, model: solve(solver, model, First())
"""
RULES = """type node = 0..39.
edge(X, Y) :- node(X), node(Y), X < Y, (X * Y + X + Y) mod 3 != 0.
percept side(node) : {left, right}.
:~ edge(X, Y), side(X) = S, side(Y) = S. [1 + (X * Y) mod 7, X, Y]
query side(_).
"""


@pytest.mark.slow
@pytest.mark.parametrize(("solver", "pressing"), [("clingo", CLINGO), ("cpsat", CPSAT)], ids=["clingo", "cpsat"])
def test_the_best_so_far_is_told(solver: str, pressing: str, tmp_path: Path) -> None:
    rules, evidence = tmp_path / "cut.nesy", tmp_path / "readings.json"
    rules.write_text(RULES, encoding="utf-8")
    unknown = {"side": {str(node): {"left": 0.5, "right": 0.5} for node in range(40)}}
    evidence.write_text(json.dumps([unknown, unknown]), encoding="utf-8")
    call = [sys.executable, "-c", pressing + MAIN, "run", str(rules), "--with", "asp", "--solver", solver]
    done = subprocess.run(
        [*call, "--evidence", str(evidence), "--json"], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 130, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["status"], second["status"]) == ("feasible", "unknown")
    assert first["cost"] > 0
    assert first["gap"] > 0
    assert {entry["value"] for entry in first["answers"].values()} == {"left", "right"}
    assert "interrupted: the answers are the best found so far" in done.stderr
    assert "Traceback" not in done.stderr
