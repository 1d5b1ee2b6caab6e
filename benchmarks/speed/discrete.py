"""Exact discrete inference beside other systems: ``python benchmarks/speed/discrete.py [--json FILE] [--only NAME]``.

All posteriors of Asia, of a noisy-or of 20 causes, of a hidden Markov chain and of grids, by the same network in each
system: nesy (from a rule file), Pyro's enumeration, pgmpy's variable elimination, ProbLog. Each system works in a
process of its own; CPU seconds there, imports left out, up to ``--seconds``. Peers build their model for each answer,
nesy compiles apart from it: ``ratio`` is a peer's time to that of an answer, ``whole`` to compiling and an answer. The
peers take part where they are installed, and all posteriors are compared with nesy's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

from discrete_peers import NEEDED, PEERS, Network, Node, Seen

ENOUGH = 0.5
"""CPU seconds over which a time is averaged."""
LIKE = 0.69
"""How probable it is that a tie in a grid is seen, if both ends are alike; 1 − that if they are not."""


def asia() -> tuple[Network, Seen, str]:
    """Lauritzen and Spiegelhalter 1988; a visit to Asia, a positive x-ray and dyspnoea are known."""
    one = (False,), (True,)
    either = {values: float(any(values)) for values in product((False, True), repeat=2)}
    network = [
        Node("asia", (), {(): 0.01}),
        Node("smoke", (), {(): 0.5}),
        Node("tub", ("asia",), dict(zip(one, (0.01, 0.05), strict=True))),
        Node("lung", ("smoke",), dict(zip(one, (0.01, 0.1), strict=True))),
        Node("bronc", ("smoke",), dict(zip(one, (0.3, 0.6), strict=True))),
        Node("either", ("tub", "lung"), either),
        Node("xray", ("either",), dict(zip(one, (0.05, 0.98), strict=True))),
        Node(
            "dysp",
            ("bronc", "either"),
            {(False, False): 0.1, (False, True): 0.7, (True, False): 0.8, (True, True): 0.9},
        ),
    ]
    text = """
    random asia : bool ~ bernoulli(0.01).
    random smoke : bool ~ bernoulli(0.5).
    random tub : bool ~ bernoulli(if asia then 0.05 else 0.01).
    random lung : bool ~ bernoulli(if smoke then 0.1 else 0.01).
    random bronc : bool ~ bernoulli(if smoke then 0.6 else 0.3).
    define either = tub or lung.
    random xray : bool ~ bernoulli(if either then 0.98 else 0.05).
    random dysp : bool ~ bernoulli(
        if bronc and either then 0.9 else if either then 0.7 else if bronc then 0.8 else 0.1).
    observe asia. observe xray. observe dysp.
    """
    return network, {"asia": True, "xray": True, "dysp": True}, text


def noisy_or(causes: int = 20) -> tuple[Network, Seen, str]:
    """A finding with many possible causes, which was made."""
    names = [f"cause_{number}" for number in range(1, causes + 1)]
    network = [Node(name, (), {(): 0.05}) for name in names]
    network.append(Node("finding", tuple(names), strength=0.8, leak=0.01))
    text = f"""
    type number = 1..{causes}.
    random cause(I) : bool ~ bernoulli(0.05) for number(I).
    define missed = 0.99 * exp(sum {{ if cause(I) then log(0.2) else 0, I : number(I) }}).
    random finding : bool ~ bernoulli(1 - missed).
    observe finding.
    """
    return network, {"finding": True}, text


def chain(steps: int) -> tuple[Network, Seen, str]:
    """Rain and umbrellas (Russell and Norvig), seen on every third day."""
    network: list[Node] = []
    seen = {}
    for step in range(1, steps + 1):
        before = (f"rain_{step - 1}",) if step > 1 else ()
        table = {(True,): 0.7, (False,): 0.3} if before else {(): 0.5}
        network.append(Node(f"rain_{step}", before, table))
        network.append(Node(f"umbrella_{step}", (f"rain_{step}",), {(True,): 0.9, (False,): 0.2}))
        seen[f"umbrella_{step}"] = step % 3 == 0
    text = f"""
    type day = 1..{steps}.
    random rain(T) : bool ~ bernoulli(if T = 1 then 0.5 else if rain(T - 1) then 0.7 else 0.3) for day(T).
    random umbrella(T) : bool ~ bernoulli(if rain(T) then 0.9 else 0.2) for day(T).
    observe all umbrella(T) for day(T), T mod 3 = 0.
    observe all not umbrella(T) for day(T), T mod 3 != 0.
    """
    return network, seen, text


def grid(size: int) -> tuple[Network, Seen, str]:
    """Cells that are probably like their neighbours; one corner is known."""
    network: list[Node] = []
    seen: dict[str, bool] = {"up_1_1": True}
    ties = {values: LIKE if values[0] == values[1] else 1 - LIKE for values in product((False, True), repeat=2)}
    cells = list(product(range(1, size + 1), repeat=2))
    network += [Node(f"up_{r}_{c}", (), {(): 0.5}) for r, c in cells]
    for r, c in cells:
        for name, other in (("east", (r, c + 1)), ("south", (r + 1, c))):
            if other in cells:
                network.append(Node(f"{name}_{r}_{c}", (f"up_{r}_{c}", f"up_{other[0]}_{other[1]}"), ties))
                seen[f"{name}_{r}_{c}"] = True
    text = f"""
    type row = 1..{size}. type col = 1..{size}.
    random up(R, C) : bool ~ bernoulli(0.5) for row(R), col(C).
    random east(R, C) : bool ~ bernoulli(if up(R, C) = up(R, C + 1) then {LIKE} else {1 - LIKE})
        for row(R), col(C), C < {size}.
    random south(R, C) : bool ~ bernoulli(if up(R, C) = up(R + 1, C) then {LIKE} else {1 - LIKE})
        for row(R), col(C), R < {size}.
    observe all east(R, C) for row(R), col(C), C < {size}.
    observe all south(R, C) for row(R), col(C), R < {size}.
    observe up(1, 1).
    """
    return network, seen, text


MODELS: dict[str, Callable[[], tuple[Network, Seen, str]]] = {
    "Asia": asia,
    "noisy-or, 20 causes": noisy_or,
    "chain, 20 days": lambda: chain(20),
    "chain, 60 days": lambda: chain(60),
    "grid 5 × 5": lambda: grid(5),
    "grid 8 × 8": lambda: grid(8),
    "grid 12 × 12": lambda: grid(12),
}


def label(name: str) -> str:
    """``up_1_2`` as rule files write it: ``up(1,2)``."""
    head, *places = name.split("_")
    return f"{head}({','.join(places)})" if places else head


def nesy_answers(text: str, asked: list[str]) -> tuple[dict[str, float], list[float]]:
    """Seconds of compiling and of one answer, and the posteriors."""
    import torch

    import nesy

    torch.set_num_threads(1)
    nesy.load("random a : bool ~ bernoulli(0.5). query a.").compile("probabilistic").infer()
    queries = " ".join(f"query {label(name).replace(',', ', ')}." for name in asked)
    compiling = averaged(lambda: nesy.load(text + queries).compile("probabilistic"))
    engine = nesy.load(text + queries).compile("probabilistic")
    seconds = averaged(engine.infer)
    answer = engine.infer()
    found = [float(answer[label(name)].probability[0, 1]) for name in asked]
    return {"compiling": compiling, "answer": seconds}, found


def averaged(function: Callable[[], object]) -> float:
    """CPU seconds of one call, the mean of as many as it takes for the clock to be fine enough."""
    start, count = spent(), 0
    while count == 0 or spent() - start < ENOUGH:
        function()
        count += 1
    return (spent() - start) / count


def spent() -> float:
    """CPU seconds of this process and of those that it has started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def work(name: str, model: str, asked: list[str], sender: Any, seconds: float) -> None:
    """What one process does: seconds and posteriors go back, or what went wrong."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 20, int(seconds) + 20))
    network, seen, text = MODELS[model]()
    try:
        if name == "nesy":
            sender.send(nesy_answers(text, asked))
            return
        import torch

        torch.set_num_threads(1)
        PEERS[name](*small())
        found = PEERS[name](network, seen, asked)
        sender.send(({"answer": averaged(lambda: PEERS[name](network, seen, asked))}, found))
    except Exception as error:  # what a peer cannot do is part of the result
        sender.send((f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}", []))


def small() -> tuple[Network, Seen, list[str]]:
    """A network by which everything is imported before the clock starts."""
    return [Node("a", (), {(): 0.3}), Node("b", ("a",), {(False,): 0.2, (True,): 0.9})], {"b": True}, ["a"]


def measured(name: str, model: str, asked: list[str], seconds: float) -> tuple[Any, list[float]]:
    """One system's seconds and posteriors; a text instead of seconds where it has no answer."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=work, args=(name, model, asked, sender, seconds))
    process.start()
    sender.close()
    found: tuple[Any, list[float]] = (f"none within {seconds:g} s of CPU time", [])
    try:
        if receiver.poll(20 * seconds):
            found = receiver.recv()
    except EOFError:
        pass
    process.join(1)
    if process.is_alive():
        process.terminate()
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--only", choices=MODELS, help="one model")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU seconds that each system may take")
    options = parser.parse_args()
    rows = {}
    for model, make in MODELS.items():
        if options.only not in (None, model):
            continue
        network, seen, _ = make()
        asked = [node.name for node in network if node.name not in seen]
        ours, expected = measured("nesy", model, asked, options.seconds)
        if not expected:
            raise SystemExit(f"nesy: {ours}")
        row: dict[str, Any] = {"nesy": ours}
        for name in PEERS:
            if find_spec(NEEDED[name]) is None:
                continue
            found, posteriors = measured(name, model, asked, options.seconds)
            row[name] = found
            if posteriors:
                apart = max(abs(a - b) for a, b in zip(posteriors, expected, strict=True))
                whole = ours["compiling"] + ours["answer"]
                row[name] |= {
                    "apart": apart,
                    "ratio": found["answer"] / ours["answer"],
                    "whole": found["answer"] / whole,
                }
        rows[model] = row
        print(model, *(f"\n  {name}: {_told(entry)}" for name, entry in row.items()), flush=True)
    if options.json:
        there = {name: import_module(each) for name, each in NEEDED.items() if find_spec(each)}
        versions = {name: getattr(module, "__version__", "") for name, module in there.items()}
        options.json.write_text(json.dumps({"python": sys.version, "versions": versions, "rows": rows}, indent=1))


def _told(entry: Any) -> str:
    return entry if isinstance(entry, str) else " ".join(f"{key} {value:.3g}" for key, value in entry.items())


if __name__ == "__main__":
    main()
