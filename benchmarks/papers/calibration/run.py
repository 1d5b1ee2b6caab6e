"""Calibration of the inference: ``python -m benchmarks.papers.calibration.run [--only NAME …]``.

Run from the top of the repository, at night: an hour or two on one core, most of it for the No-U-Turn sampler. Writes
``results/NAME.json`` after every unit of work; what is there already is not done again, and a file that is deleted is
made anew.
``python docs/make_calibration.py`` draws the page from the results.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.papers.calibration.evidence import DATA_SETS, EXACT, estimates
from benchmarks.papers.calibration.families import FAMILIES, Family
from benchmarks.papers.calibration.ranks import counted, replicates
from benchmarks.papers.stored import fill

RESULTS = Path(__file__).resolve().parent / "results"
BLOCKS, BLOCK = 10, 100
"""A thousand replicates of each method and family, in pieces that a night may be cut off between."""


def block(family: Family, method: str, number: int) -> dict[str, Any]:
    """The counts of the ranks of one piece."""
    found = replicates(family, method, BLOCK, seed=number + 1)
    counts = {
        name: {label: counted(ranks) for label, ranks in by_query.items()}
        for name, by_query in (("right", found.right), ("narrow", found.narrow), ("wide", found.wide))
    }
    return {**counts, "refused": found.refused}


def units() -> dict[str, dict[str, Callable[[], dict[str, Any]]]]:
    """All that there is to do, by file and unit."""
    wanted: dict[str, dict[str, Callable[[], dict[str, Any]]]] = {}
    for number in range(BLOCKS):
        for family in FAMILIES:
            for method in family.methods:
                key = f"{family.name} | {number}"
                wanted.setdefault(f"ranks-{method}", {})[key] = partial(block, family, method, number)
    wanted["evidence"] = {
        f"{family.name} | {number}": partial(estimates, family, number)
        for family in EXACT
        for number in range(DATA_SETS)
    }
    return wanted


def main() -> None:
    wanted = units()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="*", choices=[*wanted], default=[*wanted], metavar="NAME", help=", ".join(wanted)
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results lie")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in chosen.only:
        fill(chosen.results / f"{name}.json", wanted[name])


if __name__ == "__main__":
    main()
