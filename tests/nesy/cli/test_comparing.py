"""``nesy compare``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nesy.cli.commands import nesy

RULES = """
percept a(1..2) : 0..3.
concept y : 0..6.
y = U + V :- a(1) = U, a(2) = V.
:- a(1) = 3, a(2) = 3.
query y.
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("add.nesy").write_text(RULES)
    Path("e.json").write_text(json.dumps([{"a": {"1": 3, "2": {"1": 0.9, "3": 0.1}}}, {"a": {"1": 3, "2": 3}}]))


def test_tables_and_relations() -> None:
    done = nesy("compare", "add.nesy", "--evidence", "e.json")
    assert done.status == 0
    assert "possibilistic leaves out line 5" in done.out
    assert "infeasible" in done.out
    assert "FAILS" not in done.out
    assert "4 (P 1)" in done.out


def test_json() -> None:
    done = nesy("compare", "add.nesy", "--evidence", "e.json", "--json")
    assert [entry["instance"] for entry in done.data] == [0, 1]
    assert done.data[1]["backends"]["probabilistic"]["status"] == "infeasible"
    assert done.data[0]["backends"]["integer"]["answers"]["y"]["value"] == 4
    assert not done.data[0]["alarms"]


def test_an_alarm_gives_a_non_zero_status(monkeypatch: pytest.MonkeyPatch) -> None:
    from nesy.solvers.probabilistic.counting.engine import CountingEngine

    sound = CountingEngine.cost
    monkeypatch.setattr(CountingEngine, "cost", lambda self, evidence: sound(self, evidence) + 1)
    done = nesy("compare", "add.nesy", "--evidence", "e.json")
    assert done.status == 1
    assert "E441" in done.err
    assert "FAILS the most probable world costs what the optimum costs" in done.out


def test_wrong_evidence_and_wrong_usage() -> None:
    Path("bad.json").write_text('{"a": {"1": 7, "2": 1}}')
    done = nesy("compare", "add.nesy", "--evidence", "bad.json")
    assert (done.status, "bad.json" in done.err) == (1, True)
    assert nesy("compare").status == 2
    assert "E402" in nesy("compare", "add.nesy").err


def test_numbers_and_estimates_are_shown() -> None:
    text = "random x : real ~ normal(2, 3). random y : real ~ normal(0, 1). observe x > y. query x. query y > 1."
    Path("numbers.nesy").write_text(text)
    lines = nesy("compare", "numbers.nesy").out.splitlines()
    assert lines[2].split()[:3:2] == ["x", "sd"]
    assert float(lines[2].split()[1].rstrip(",")) == pytest.approx(3.26, abs=0.1)
    assert "false (P 0." in lines[3]
    assert all("±" in line for line in lines[2:4])
