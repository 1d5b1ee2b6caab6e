"""Ctrl-C while a real process searches: the best answer so far, and a word about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

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
CBC = """
import os, signal, sys, threading, time

def seconds_of_children():
    "CPU time of the processes that this one has started."
    ticks = 0
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(os.getpid()):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")

def press():
    while seconds_of_children() < 3:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=press, daemon=True).start()
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


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the time of a child is read from /proc")
def test_cbc_keeps_its_best(tmp_path: Path) -> None:
    """Thirty knapsacks at once: CBC has a solution soon, and no proof for minutes."""
    random = Random(1)
    items, rules = range(1, 301), ["type item = 1..300.", "{ take(I) } :- item(I).", "query take(_)."]
    for sack in range(30):
        weights = [random.randint(200, 600) for _ in items]
        rules += [f"weighs({sack}, {item}, {weight})." for item, weight in zip(items, weights, strict=True)]
        rules.append(f":- sum {{ W, I : take(I), weighs({sack}, I, W) }} > {sum(weights) // 3}.")
    rules += [f":~ not take({item}). [{random.randint(200, 600)}, {item}]" for item in items]
    (tmp_path / "sacks.nesy").write_text("\n".join(rules), encoding="utf-8")
    call = [sys.executable, "-c", CBC + MAIN, "run", "sacks.nesy", "--with", "integer", "--solver", "cbc", "--json"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 130, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "feasible"
    assert answer["gap"] > 0
    assert any(entry["value"] for entry in answer["answers"].values())
    assert "interrupted: the answers are the best found so far" in done.stderr
