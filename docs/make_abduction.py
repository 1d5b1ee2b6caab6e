"""Writes ``docs/abduction_experiments.md`` and its figures: ``python docs/make_abduction.py [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from writing import write_or_check  # noqa: E402

from benchmarks.papers.abduction.page import figures, page  # noqa: E402
from benchmarks.papers.abduction.summaries import Results  # noqa: E402

FIGURES = HERE / "figures" / "abduction"


def files() -> dict[Path, str]:
    """What is to stand in which file."""
    results = Results()
    drawn = {FIGURES / name: text for name, text in figures(results).items()}
    return {HERE / "abduction_experiments.md": page(results), **drawn}


if __name__ == "__main__":
    write_or_check(files())
