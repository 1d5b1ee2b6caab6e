"""How good are plans? `python benchmarks/speed/plan.py [--json FILE] [--quick]`.

Holds `Program.plan` to what compiling and answering do: ground rules, CPU seconds, memory.
Each program is taken by a back end in a process of its own, which has answered another program before, so that imports
do not count. The constants of the cost models in `solvers/planning/` come from here.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from families import RULES, Family, colouring, configuration, network, queens, sudoku, timetable

ENOUGH = 0.2
"""CPU seconds over which the time of an answer is averaged."""
WARM = "percept a : bool. percept b : bool. concept c : bool. c iff a and b. :- a, b. query c."


def programs() -> dict[str, tuple[tuple[str, ...], str, Mapping[str, object], Family | None]]:
    """Back ends, rule file as text, constants, and a family for evidence, by name."""
    both = ("possibilistic", "asp")
    pairs = (RULES / "sudoku.nesy").read_text(encoding="utf-8")
    carries = (RULES / "addition.nesy").read_text(encoding="utf-8")
    found: dict[str, tuple[tuple[str, ...], str, Mapping[str, object], Family | None]] = {
        "Sudoku 4×4, pairs": (("possibilistic",), pairs, {"m": 4, "b": 2}, None),
        "Sudoku 9×9, pairs": (("possibilistic",), pairs, {}, None),
        "Sudoku 16×16, pairs": (("possibilistic",), pairs, {"m": 16, "b": 4}, None),
        "addition, 15 digits": (("possibilistic",), carries, {"k": 15}, None),
        "addition, 100 digits": (("possibilistic",), carries, {"k": 100}, None),
    }
    for family in (sudoku(3), colouring(3, 60), colouring(3, 400), queens(3, 8), queens(3, 16), network(3, 30)):
        found[family.name] = (("asp",), family.text, {}, family)
    for family in (timetable(3, 14), timetable(3, 40), configuration(3, 80)):
        found[family.name] = (("asp",), family.text, {}, family)
    reachable = network(3, 60)
    found[reachable.name] = (both, reachable.text, {}, reachable)
    for name, (text, constants) in posteriors(carries).items():
        found[name] = (("probabilistic",), text, constants, None)
    return found


def posteriors(carries: str) -> dict[str, tuple[str, Mapping[str, object]]]:
    """Programs for the back end ``probabilistic``: rule files and constants, by name."""
    from discrete import MODELS as DISCRETE
    from probabilistic import CONTEST, HMM, LOGISTIC

    found: dict[str, tuple[str, Mapping[str, object]]] = {
        "sum of 1 digit": (carries, {"k": 1}),
        "sum of 15 digits": (carries, {"k": 15}),
        "sum of 100 digits": (carries, {"k": 100}),
        "4×4 board": ((RULES / "board.nesy").read_text(encoding="utf-8"), {}),
        "hidden Markov, 40 steps": (HMM.format(steps=40), {}),
        "hidden Markov, 400 steps": (HMM.format(steps=400), {}),
        "contest": (CONTEST, {}),
        "logistic regression": (LOGISTIC, {}),
        "eight schools": (SCHOOLS, {}),
        "skills, 12 people": (SKILLS.replace("1..4", "1..12"), {}),
        "rates of 5 arms": (ARMS.replace("1..50", "1..5"), {}),
        "rates of 50 arms": (ARMS, {}),
        "random walk, 60 steps": (WALK, {}),
        "item response, 12 × 10": (ITEMS, {}),
    }
    for name in ("Asia", "noisy-or, 20 causes", "grid 8 × 8", "grid 12 × 12"):
        found[name] = (DISCRETE[name]()[2], {})
    return found


SCHOOLS = """
type school = 1..8.
result(1, 28, 15). result(2, 8, 10). result(3, -3, 16). result(4, 7, 11).
result(5, -1, 9). result(6, 1, 11). result(7, 18, 10). result(8, 12, 18).
random mu : real ~ normal(0, 5).
random tau : real ~ halfcauchy(5).
random theta(S) : real ~ normal(mu, tau) for school(S).
random y(S) : real ~ normal(theta(S), D) for result(S, _, D).
observe all y(S) = Y for result(S, Y, _).
query mu. query tau. query theta(_).
"""
SKILLS = """
type person = 1..4.
random skill(P) : real ~ normal(0, 1) for person(P).
random won(P, Q) : bool ~ bernoulli(if skill(P) > skill(Q) then 0.9 else 0.1) for person(P), person(Q), P != Q.
observe won(1, 2). observe won(2, 3).
query skill(1).
"""
ARMS = """
type arm = 1..50.
random rate(A) : real ~ beta(1, 1) for arm(A).
random sold(A) : int ~ binomial(100, rate(A)) for arm(A).
observe all sold(A) = A for arm(A).
query rate(_).
"""
WALK = """
type step = 1..60.
random x(T) : real ~ normal(if T = 1 then 0 else x(T - 1), 1) for step(T).
random y(T) : real ~ normal(x(T), 1) for step(T).
observe all y(T) = T mod 7 for step(T).
query x(60).
"""
ITEMS = """
type pupil = 1..12. type task = 1..10.
random able(P) : real ~ normal(0, 1) for pupil(P).
random hard(T) : real ~ normal(0, 1) for task(T).
random solved(P, T) : bool ~ bernoulli(1 / (1 + exp(hard(T) - able(P)))) for pupil(P), task(T).
observe all solved(P, T) for pupil(P), task(T), P >= T.
observe all not solved(P, T) for pupil(P), task(T), P < T.
query able(1). query hard(_).
"""


def spent() -> float:
    """CPU seconds of this process and of those that it has started and that have ended: circuits are made in one."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(name: str, backend: str) -> dict[str, Any]:
    """One program with one back end, in this process."""
    import torch

    import nesy
    from nesy.solvers.ground_model import GroundModel

    nesy.load(WARM).compile(backend).infer({"a": 0.5, "b": 0.5})
    _, text, constants, family = programs()[name]
    program = nesy.load(text, constants=constants)
    started = time.process_time()
    percepts = any(info.kind == "percept" for info in program.checked.attributes.values())
    size = 100 if family is None and percepts else 1
    plan = program.plan(backend, batch=size)
    planning = time.process_time() - started
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, spent()
    engine = program.compile(backend, **({} if backend == "possibilistic" else {"time_limit": 20.0}))
    compiling = spent() - started
    model: GroundModel = engine.model
    if family is None:
        evidence = {
            attribute.name: torch.softmax(torch.rand(size, *attribute.shape, len(attribute.domain)).double() * 5, -1)
            for attribute in model.attributes
            if attribute.kind == "percept"
        }
        engine.infer(evidence)
        started, count = time.process_time(), 0
        while time.process_time() - started < ENOUGH:
            engine.infer(evidence)
            count += 1
        answering = (time.process_time() - started) / size / count
    else:
        seconds = []
        for instance in family.instances:
            started = time.process_time()
            engine.infer(instance)
            seconds.append(time.process_time() - started)
        answering = median(seconds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rules: Sequence[object]
    if backend == "probabilistic":
        # what is inferred about is nodes, or the instances of rules from which sums are made
        rules = engine.solver.graph.nodes if hasattr(engine.solver, "graph") else model.rules
    else:
        rules = (*model.rules, *model.uncertain) if backend == "possibilistic" else engine.solver.program.rules
    assert plan.cost is not None
    return {
        "name": name,
        "backend": backend,
        "planning": planning,
        "instances": plan.instances,
        "rules": len(rules),
        "tried": sum(row.tried for row in plan.rows),
        "parts": plan.parts,
        "compile": (plan.cost.compile_seconds.expected, compiling),
        "answer": (plan.cost.answer_seconds.expected / size, answering),
        "memory": (plan.cost.memory_mb.expected, grown),
        "solver": plan.solver,
    }


def main() -> None:
    """Measure and show a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--quick", action="store_true", help="the first program of each back end alone")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    todo = [(name, backend) for name, (backends, *_) in programs().items() for backend in backends]
    if options.quick:
        backends = ("possibilistic", "asp", "probabilistic")
        todo = [next(entry for entry in todo if entry[1] == backend) for backend in backends]
    rows = []
    for name, backend in todo:
        print(f"{name}, {backend} …", file=sys.stderr)
        command = [sys.executable, __file__, "--one", name, backend]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    sizes, measured = "plan ms | instances | ground rules", "compile s | planned | answer ms | planned | MB | planned"
    print(f"| program | back end | {sizes} | {measured} |\n| --- | --- |{' ---: |' * 9}")
    for row in rows:
        (compiling, compiled), (answering, answered), (memory, grown) = row["compile"], row["answer"], row["memory"]
        cells = [row["name"], row["backend"], f"{row['planning'] * 1e3:.0f}"]
        cells += [f"{row['instances']:,.0f}", f"{row['rules']:,}", f"{compiled:.2f}", f"{compiling:.2f}"]
        cells += [f"{answered * 1e3:.3g}", f"{answering * 1e3:.3g}", f"{grown:.0f}", f"{memory:.0f}"]
        print(f"| {' | '.join(cells)} |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
