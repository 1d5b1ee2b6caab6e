"""Draws from the exact posterior of a finite model: its tables are summed over forwards and drawn from backwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.blocks import blocks
from nesy.solvers.probabilistic.inference.finite import MOST_ENTRIES
from nesy.solvers.probabilistic.inference.gibbs import lowered
from nesy.solvers.probabilistic.inference.results import Inferred, drawn
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import Readings

DRAWS = 4_000


def with_draws(
    graph: ModelGraph, rows: Mapping[str, int], found: Inferred, readings: Readings | None, seed: int
) -> Inferred:
    """The exact answer of a finite model with joint draws of its estimands; as it is where tables are too large.

    ``rows`` says which row of its family's evidence belongs to each percept, ``readings`` are their probabilities.
    """
    model = lowered(graph, rows)
    if model is None or found.status is not Status.SOLVED:
        return found
    # with nothing held there is one block, and its conditional distribution is the posterior
    made = blocks(model.lowering.cards, model.factors(readings), (), MOST_ENTRIES)
    if made is None:
        return found
    values = np.zeros((len(model.lowering.cards), DRAWS), dtype=np.int64)
    random = np.random.default_rng(seed)
    for block in made:
        block.draw(values, random, ())
    posteriors = []
    for asked, entry in zip(model.asked, found.posteriors, strict=True):
        places: Tensor = torch.zeros(DRAWS, dtype=torch.long)
        if asked.probe is not None:
            places = torch.as_tensor(values[model.probes[asked.probe]])
        draws = drawn(asked.items[places], asked.estimand.domain, model.executor.codes)
        posteriors.append(replace(entry, draws=draws))
    return replace(found, posteriors=tuple(posteriors))
