"""Writes ``docs/uncertain_rules.md`` and its figures: ``python docs/make_uncertain_rules.py [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "benchmarks" / "papers" / "uncertain_rules"))

import page  # noqa: E402
from writing import write_or_check  # noqa: E402

FIGURES = HERE / "figures" / "uncertain_rules"


def files() -> dict[Path, str]:
    """What is to stand in which file."""
    drawn = {FIGURES / name: text for name, text in page.figures().items()}
    return {HERE / "uncertain_rules.md": page.page(), **drawn}


if __name__ == "__main__":
    write_or_check(files())
