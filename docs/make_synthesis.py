"""Writes ``docs/synthesis_experiments.md`` from the results: ``python docs/make_synthesis.py [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.papers.synthesis.page import page  # the top of the repository is on the path only now

PAGE = Path(__file__).with_name("synthesis_experiments.md")

if __name__ == "__main__":
    if "--check" in sys.argv:
        fresh = PAGE.read_text(encoding="utf-8") == page()
        sys.exit(0 if fresh else "docs/synthesis_experiments.md is out of date")
    PAGE.write_text(page(), encoding="utf-8")
