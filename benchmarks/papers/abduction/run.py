"""Abduction over specialists: ``python -m benchmarks.papers.abduction.run [--only NAME …] [--seeds FIRST LAST]``.

Run from the top of the repository. Writes ``results/DATA.json`` after every unit of work (one regime, one seed); what
is there already is not done again, and a file that is deleted is made anew. ``python docs/make_abduction.py`` draws the
page from the results. MNIST and Fashion-MNIST are looked for in the folder that the variable ``NESY_DATA`` names.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import torch

from benchmarks.papers.abduction.settings import DATA, REGIMES, SEEDS
from benchmarks.papers.abduction.units import run_unit
from benchmarks.papers.stored import fill

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names, regimes = [data.name for data in DATA], [regime.name for regime in REGIMES]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--regimes", nargs="*", choices=regimes, default=regimes, metavar="R", help=", ".join(regimes))
    parser.add_argument(
        "--seeds", type=int, nargs=2, default=(0, SEEDS), metavar=("FIRST", "LAST"), help="LAST excluded"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results lie")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for seed in range(*chosen.seeds):
        for data in DATA:
            if data.name in chosen.only:
                wanted = {
                    f"{regime.name} | {seed}": partial(run_unit, data, regime, seed)
                    for regime in REGIMES
                    if regime.name in chosen.regimes
                }
                fill(chosen.results / f"{data.name}.json", wanted)


if __name__ == "__main__":
    main()
