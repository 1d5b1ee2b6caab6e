"""The experiments with rules that fail at known rates: they run, go on where they stopped, and can be drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.repo.sources import ROOT

FOLDER = ROOT / "benchmarks" / "papers" / "uncertain_rules"


@pytest.mark.slow
def test_an_experiment_runs_and_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "run.py"), "--only", "tumours", "--results", str(tmp_path), "--seeds"]
    first = subprocess.run([*command, "1"], capture_output=True, text=True, check=True)
    assert first.stdout.startswith("tumours: halves | 0:")
    assert subprocess.run([*command, "1"], capture_output=True, text=True, check=True).stdout == ""
    subprocess.run([*command, "2"], capture_output=True, text=True, check=True)
    units = json.loads((tmp_path / "tumours.json").read_text())["units"]
    assert list(units) == ["halves | 0", "halves | 1"]
    stored = json.loads((FOLDER / "results" / "tumours.json").read_text())["units"]["halves | 0"]
    for method, found in units["halves | 0"]["methods"].items():
        expected = stored["methods"][method]["scores"]["malignant"]
        assert found["scores"]["malignant"] == pytest.approx(expected, abs=1e-3), method
    pooled, rates = units["halves | 0"]["methods"]["pooled by rules"]["parameters"], units["halves | 0"]["rates"]
    for learned, true in zip(pooled, rates, strict=True):
        assert [degree / 2 for degree in learned] == pytest.approx(true, abs=0.12)


FIGURES = sorted((ROOT / "docs" / "figures" / "uncertain_rules").glob("*.svg"))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda path: path.stem)
def test_figures_can_be_read(figure: Path) -> None:
    assert ET.parse(figure).getroot().tag.endswith("svg")
