"""Writes ``docs/abduction_experiments.md`` and its figures: ``python docs/make_abduction.py [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.papers.abduction.page import figures, page  # noqa: E402
from benchmarks.papers.abduction.summaries import Results  # noqa: E402

FIGURES = HERE / "figures" / "abduction"


def files() -> dict[Path, str]:
    """What is to stand in which file."""
    results = Results()
    drawn = {FIGURES / name: text for name, text in figures(results).items()}
    return {HERE / "abduction_experiments.md": page(results), **drawn}


if __name__ == "__main__":
    if "--check" in sys.argv:
        stale = [path.name for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text]
        sys.exit(f"out of date: {', '.join(stale)}" if stale else 0)
    FIGURES.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
