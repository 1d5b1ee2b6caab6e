"""Speed of probabilistic programs: `python benchmarks/speed/probabilistic.py [--json FILE] [--quick] [--only PART]`.

Marginals of a hidden Markov model of 400 steps beside Pyro's ``compute_marginals``; effective draws a second of NUTS
beside ``pyro.infer.NUTS`` on the program that ``nesy compile --to pyro`` prints; effective traces a second of weighting
beside ``pyro.infer.Importance``. Both sides answer the same question in the same process, one after the other, on one
thread in float64; CPU seconds, so that other work on the machine counts little. Compiling is told apart from answering,
and how far the two answers differ is told with them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

HMM = """
type day = 1..{steps}.
type mood = {{good, fair, bad}}.
random state(T) : mood ~ categorical(
    if T = 1 then 1 else if state(T - 1) = good then 7 else if state(T - 1) = fair then 2 else 1,
    if T = 1 then 1 else if state(T - 1) = good then 2 else if state(T - 1) = fair then 6 else 3,
    if T = 1 then 1 else if state(T - 1) = good then 1 else if state(T - 1) = fair then 2 else 6) for day(T).
random sings(T) : bool ~ bernoulli(if state(T) = good then 0.8 else if state(T) = fair then 0.4 else 0.1) for day(T).
observe all sings(T) for day(T), T mod 3 = 0.
observe all not sings(T) for day(T), T mod 3 != 0.
query state(_).
"""
START, SINGS = (1.0, 1.0, 1.0), (0.8, 0.4, 0.1)
MOVES = ((7.0, 2.0, 1.0), (2.0, 6.0, 2.0), (1.0, 3.0, 6.0))

LOGISTIC = """
type point = 1..12.
at(1, -3). at(2, -2). at(3, -2). at(4, -1). at(5, -1). at(6, 0). at(7, 0). at(8, 1). at(9, 1). at(10, 2). at(11, 2).
at(12, 3).
random intercept : real ~ normal(0, 2).
random slope : real ~ normal(0, 2).
random on(I) : bool ~ bernoulli(1 / (1 + exp(-(intercept + slope * X)))) for at(I, X).
observe all on(I) for at(I, X), I > 7.
observe all not on(I) for at(I, X), I <= 7, I != 4.
observe on(4).
query intercept. query slope.
"""

CONTEST = """
type player = {ann, bob, cat, dan}.
member(ann, left, 1). member(bob, right, 1). member(ann, left, 2). member(cat, right, 2).
member(ann, left, 3). member(dan, right, 3).
random strength(P) : real ~ normal(10, 3) for player(P).
random lazy(P, M) : bool ~ bernoulli(0.1) for member(P, _, M).
define effort(P, M) = if lazy(P, M) then strength(P) / 2 else strength(P).
define wins(M) = sum { effort(P, M), P : member(P, left, M) } > sum { effort(P, M), P : member(P, right, M) }.
observe wins(1). observe wins(2). observe wins(3).
query strength(ann).
"""


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds and result."""
    started = time.process_time()
    found = function()
    return time.process_time() - started, found


def emitted(text: str) -> tuple[Callable[[], object], dict[str, Any]]:
    """The model of the emitted program, and the names of its module."""
    import nesy

    space: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(nesy.load(text).compile("probabilistic").solver.listing(), "<emitted>", "exec"), space)
    return space["model"], space


def hidden_markov(*, quick: bool) -> dict[str, Any]:
    """All marginals of the hidden states."""
    import pyro
    import pyro.distributions as dist
    from pyro.infer import TraceEnum_ELBO, config_enumerate

    import nesy

    steps = 40 if quick else 400
    compiling, engine = timed(lambda: nesy.load(HMM.format(steps=steps)).compile("probabilistic"))
    engine.infer()
    answering, answer = timed(engine.infer)
    start = torch.tensor(START) / sum(START)
    moves, sings = torch.tensor(MOVES), torch.tensor(SINGS)
    moves = moves / moves.sum(1, keepdim=True)

    @config_enumerate
    def model() -> None:
        state = None
        for step in pyro.markov(range(1, steps + 1)):
            state = pyro.sample(f"state_{step}", dist.Categorical(start if state is None else moves[state]))
            seen = torch.tensor(float(step % 3 == 0))
            pyro.sample(f"sings_{step}", dist.Bernoulli(sings[state]), obs=seen)

    pyros, marginals = timed(lambda: TraceEnum_ELBO(max_plate_nesting=0).compute_marginals(model, lambda: None))
    ours = answer["state"].probability[0]
    theirs = torch.stack([marginals[f"state_{step}"].probs for step in range(1, steps + 1)])
    return {
        "model": f"hidden Markov, {steps} steps",
        "nesy": answering,
        "compiling": compiling,
        "pyro": pyros,
        "ratio": pyros / answering,
        "apart": float((ours - theirs).abs().max()),
    }


def gradients(*, quick: bool) -> dict[str, Any]:
    """Effective draws a CPU second, warm-up included: the smaller one of the two coefficients."""
    import pyro
    from pyro.infer import MCMC, NUTS

    import nesy
    from nesy.solvers.probabilistic.inference.convergence import effective

    engine = nesy.load(LOGISTIC).compile("probabilistic", method="nuts")
    seconds, answer = timed(engine.infer)
    ours = answer.statistics["diagnostics"][0]["effective"]
    model, _ = emitted(LOGISTIC)
    pyro.set_rng_seed(0)
    warm, draws = (50, 50) if quick else (150, 250)
    chain = MCMC(NUTS(model), num_samples=draws, warmup_steps=warm, disable_progbar=True)
    pyros, _ = timed(chain.run)
    found = chain.get_samples()
    theirs = min(effective(found[name][:, None]) for name in ("intercept", "slope"))
    return {
        "model": "logistic regression, NUTS",
        "nesy": ours / seconds,
        "pyro": theirs / pyros,
        "ratio": (ours / seconds) / (theirs / pyros),
        "apart": abs(float(answer["slope"].mean[0]) - float(found["slope"].mean())),
        "error": float(found["slope"].std()) / theirs**0.5,
    }


def weighting(*, quick: bool) -> dict[str, Any]:
    """Effective traces a CPU second of a contest with three observed victories."""
    import pyro
    from pyro.infer import Importance

    import nesy

    engine = nesy.load(CONTEST).compile("probabilistic", method="weighting", samples=20_000 if quick else 200_000)
    seconds, answer = timed(engine.infer)
    ours = answer.statistics["diagnostics"][0]["effective"]
    model, _ = emitted(CONTEST)
    pyro.set_rng_seed(0)
    traces = 200 if quick else 1_000
    pyros, posterior = timed(lambda: Importance(model, num_samples=traces).run())
    weights = torch.tensor(posterior.log_weights).double().softmax(0)
    strengths = torch.stack([trace.nodes["strength"]["value"][0] for trace in posterior.exec_traces]).double()
    theirs = 1 / float((weights**2).sum())
    mean = float((weights * strengths).sum())
    return {
        "model": "contest, weighting",
        "nesy": ours / seconds,
        "pyro": theirs / pyros,
        "ratio": (ours / seconds) / (theirs / pyros),
        "apart": abs(float(answer["strength(ann)"].mean[0]) - mean),
        "error": float((weights * (strengths - mean) ** 2).sum()) ** 0.5 / theirs**0.5,
    }


PARTS = {"hmm": hidden_markov, "weighting": weighting, "nuts": gradients}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="smaller models and fewer draws")
    parser.add_argument("--only", choices=PARTS, help="one part")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    found = {}
    for name, part in PARTS.items():
        if options.only in (None, name):
            found[name] = part(quick=options.quick)
            print(name, *(f"{key} {value:.4g}" for key, value in found[name].items() if key != "model"), flush=True)
    if options.json:
        options.json.write_text(
            json.dumps({"python": sys.version, "torch": torch.__version__, "rows": found}, indent=1)
        )


if __name__ == "__main__":
    main()
