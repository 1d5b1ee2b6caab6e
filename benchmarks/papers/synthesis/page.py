"""The page about the evaluation of synthesis, drawn from ``results/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"

HEAD = """# Synthesis: experiments

<!-- Written by docs/make_synthesis.py from benchmarks/papers/synthesis; change those, not this page. -->

    python -m benchmarks.papers.synthesis.run                          # experiments that are chosen by information
    python -m benchmarks.papers.synthesis.run --olympics FOLDER        # the Model Olympics, with data of the user
    python docs/make_synthesis.py                                      # this page

"""

CHOSEN = """## Experiments that are chosen by information

Five worlds after BoxingGym (K. Gandhi and others, arXiv 2501.01540), written anew as rule files
(`benchmarks/papers/synthesis/environments/`). In each world something is unknown; an experimenter tries up to {steps}
designs, one after the other, and has to predict the outcomes of ten others. `gain`: of {candidates} random designs the
one with the greatest expected information gain (EIG), given what was seen; `random`: the first of them. *EIG regret*
is the best EIG among the candidates minus that of the chosen design, in nats, mean over all steps in {worlds} worlds ±
its standard error over worlds. Gains are estimated anew for this, apart from the estimates that the choice was made
with; the best of a hundred estimates is too good by their noise, so the regrets are upper bounds, for `gain` as for
`random`. EIG is bounded from both sides, by a prior contrastive estimate and by nested Monte Carlo: the gap of the
bounds says how far an estimate may be off. (BoxingGym takes ten contrasts and adds 0.001 inside the logarithm; what is
printed there is neither a lower nor an upper bound.) Where a model is linear Gaussian or finite the gain has a closed
form, and tests hold the bounds against it.

Errors: squared error of the predicted means over the variance of the prior's prediction, mean over the ten outcomes and
the worlds, after so many experiments.

| environment | chosen by | EIG regret, nats | gap of the bounds |{budgets} |
| --- | --- | ---: | ---: |{rules}
"""

READ = """
More information does not always mean better predictions: a prediction at one design may hang on something else than
what the most telling experiments tell.
"""

OLYMPICS = """
## The Model Olympics

What people concluded from vignettes about contests (L. Wong, K. Collins and others, arXiv 2507.12547). The vignettes
and judgements are not ours to ship: the harness reads a folder in the layout of the repository `lio-wong/rmc`, whose
licence says what may be done with it. Beside R² and the Wasserstein distance it reports the agreement of people with
each other (split half), a bootstrap over people, and two baselines: the prior (who met whom, but not who won), and,
with `--llm`, a language model that is asked for numbers, with or without thoughts first.

Published for the first experiment (R², from the notebook in that repository; ten bootstraps, so to be read as
indicative):

| | tug of war: lasting / passing / new match | canoe | biathlon |
| --- | --- | --- | --- |
| people, split half | .77 / .48 / .52 | .82 / .35 / .63 | .82 / .78 / .65 |
| program written by hand | .90 / .66 / .78 | .86 / .49 / .53 | .79 / .72 / .75 |
| their synthesis | .89 / .62 / .72 | .83 / .60 / .67 | .85 / .44 / .81 |
| language model, direct | .48 / .64 / .52 | .06 / .52 / .19 | .52 / .80 / .55 |
| language model, with thoughts | .57 / .81 / .68 | .15 / .61 / .54 | .63 / .84 / .67 |

"""
NONE = "No results with that data are kept here.\n"


def page() -> str:
    """The page as Markdown."""
    experiments = _rows("experiments")
    first = experiments[0]
    budgets = list(first["prediction errors"])
    text = HEAD + CHOSEN.format(
        steps=budgets[-1],
        candidates=first["candidates"],
        worlds=first["worlds"],
        budgets=" |".join(f" error after {budget}" for budget in budgets),
        rules=" ---: |" * len(budgets),
    )
    for row in experiments:
        errors = " | ".join(f"{row['prediction errors'][budget]:.2f}" for budget in budgets)
        text += (
            f"| {row['environment'].replace('_', ' ')} | {row['chosen by']} | "
            f"{row['regret']:.3f} ± {row['regret error']:.3f} | {row['gap of bounds']:.4f} | {errors} |\n"
        )
    return text + READ + OLYMPICS + NONE


def _rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["results"]
    return found
