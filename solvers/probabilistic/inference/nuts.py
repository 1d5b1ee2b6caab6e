"""Pyro's No-U-Turn sampler (Hoffman and Gelman 2014), one chain after the other, on the same density as our own.

Pyro draws from torch's global random state; it is put back afterwards, so that a run leaves no trace.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import Any

import torch
from torch import Generator, Tensor

from nesy.solvers.probabilistic.inference.hamiltonian import Chains, LogDensity


def sample(
    density: LogDensity,
    starts: Tensor,
    generator: Generator,
    *,
    warmup: int,
    draws: int,
    deadline: float = inf,
) -> Chains:
    """Chains from ``starts``, ``[chains, coordinates]``, by ``pyro.infer.NUTS``."""
    import pyro.infer

    infer: Any = pyro.infer

    def potential(parameters: dict[str, Tensor]) -> Tensor:
        return -density(parameters["u"][None])[0]

    kept: list[Tensor] = []
    divergences, accepted, steps = 0, [], []
    seeds = torch.randint(2**31, (len(starts),), generator=generator).tolist()
    late = False
    with torch.random.fork_rng(devices=[]):
        for start, seed in zip(starts, seeds, strict=True):
            torch.manual_seed(seed)
            kernel = infer.NUTS(potential_fn=potential, adapt_step_size=True, target_accept_prob=0.85, max_tree_depth=8)
            chain = infer.MCMC(
                kernel,
                num_samples=draws,
                warmup_steps=warmup,
                initial_params={"u": start},
                disable_progbar=True,
                hook_fn=_stopping(deadline),
            )
            try:
                chain.run()
            except _LateError:
                late = True
                break
            diagnostics: dict[str, Any] = chain.diagnostics()
            divergences += sum(len(places) for places in diagnostics["divergences"].values())
            accepted.append(sum(diagnostics["acceptance rate"].values()))
            steps.append(float(kernel.step_size))
            kept.append(chain.get_samples()["u"])
    if not kept:
        return Chains(starts[None].repeat(4, 1, 1), 0, 0.0, 0.0, 0.0, late=True)
    mean = sum(accepted) / len(accepted)
    return Chains(torch.stack(kept, 1), divergences, mean, sum(steps) / len(steps), 0.0, late)


class _LateError(Exception):
    """The time is up."""


def _stopping(deadline: float) -> Callable[..., None]:
    """A hook that stops the sampler once the time is up; it is called with the state of each iteration."""

    def stop(*_: object) -> None:
        if time.perf_counter() > deadline:
            raise _LateError

    return stop
