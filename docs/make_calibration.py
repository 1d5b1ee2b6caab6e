"""Writes ``docs/calibration.md`` from the results: ``python docs/make_calibration.py [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from writing import write_or_check

from benchmarks.papers.calibration.page import page  # the top of the repository is on the path only now

PAGE = Path(__file__).with_name("calibration.md")

if __name__ == "__main__":
    write_or_check({PAGE: page()})
