"""How often specialists are silent, by their training: ``python -m benchmarks.papers.abduction.silence [STEPS …]``.

Prints the table by which the training of regime D was chosen: regime A with other numbers of steps, on validation
images of two seeds that the experiment does not use, in the corruptions of the test sets, by baselines alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import torch

from benchmarks.papers.abduction.images import Batch
from benchmarks.papers.abduction.sets import test_set
from benchmarks.papers.abduction.settings import DATA, REGIMES, TEST_SETS, Data
from benchmarks.papers.abduction.specialists import read, train
from benchmarks.papers.abduction.units import best_choice
from nesy.abduction.baselines.single import model_scores
from nesy.abduction.baselines.votes import accept_all, strict_majority
from nesy.abduction.metrics import score

SEEDS = (10, 11)
STEPS = (1000, 500, 300, 200, 100)
HEAD = ("steps", "answered", "best single F1", "model mean", "strict majority", "accept all", "right where any is")


def row(data: Data, seed: int, steps: int) -> list[float]:
    """Share answered, F1 of the best single model, and four gains over it in per cent: means over the sets."""
    regime = replace(REGIMES[0], steps=steps)
    specialists = train(data, regime, seed)
    answered, best, gains = [], [], []
    for name in TEST_SETS:
        batch: Batch = test_set(data, regime, name, seed, "validation")
        said = read(specialists, batch.images, data, regime.threshold)
        single = model_scores(said, batch.truth)
        fused = (strict_majority(said), accept_all(said), best_choice(said, batch.truth))
        found = [single.mean(), *(score(labels, batch.truth, len(data.classes)).f1 for labels in fused)]
        answered.append(said.answered.mean())
        best.append(single.max())
        gains.append([100 * (value / single.max() - 1) for value in found])
    return [float(np.mean(answered)), float(np.mean(best)), *np.mean(gains, axis=0).tolist()]


def main() -> None:
    torch.set_num_threads(1)
    print("| " + " | ".join(HEAD) + " |")
    print("|" + " ---: |" * len(HEAD))
    for steps in map(int, sys.argv[1:] or STEPS):
        share, best, *gains = np.mean([row(data, seed, steps) for data in DATA for seed in SEEDS], axis=0).tolist()
        cells = (f"{steps}", f"{100 * share:.0f} %", f"{100 * best:.0f}", *(f"{gain:+.1f}" for gain in gains))
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
