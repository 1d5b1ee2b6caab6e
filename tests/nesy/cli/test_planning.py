"""``nesy plan``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nesy.cli.commands import nesy

QUEENS = """type line = 1..5.
percept queen(line, line) : bool.
:- queen(R, C), queen(R, D), C < D.
taken(R) :- queen(R, _).
:- line(R), not taken(R).
query queen(_, _).
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    Path("q.nesy").write_text(QUEENS)


def test_one_back_end_in_full() -> None:
    done = nesy("plan", "q.nesy", "--with", "asp")
    assert (done.status, done.err) == (0, "")
    words = [line.split() for line in done.out.splitlines()]
    assert words[0] == ["asp:", "cpsat"]
    assert ["3", ":-", "queen(R,", "C),", "queen(R,", "D),", "C", "<", "D.", "50", "150"] in words
    assert any("cannot: line 3" not in line and line.strip().startswith("clingo") for line in done.out.splitlines())


def test_all_back_ends_in_short() -> None:
    done = nesy("plan", "q.nesy")
    assert done.status == 0
    rows = {line.split()[0] for line in done.out.splitlines() if line}
    assert {"possibilistic", "asp", "integer"} <= rows
    assert "possibilistic: line 4: " in done.out or "refused" not in done.out


def test_json() -> None:
    (data,) = nesy("plan", "q.nesy", "--with", "integer", "--json").data
    assert (data["backend"], data["possible"], data["solver"]) == ("integer", True, "cpsat")
    assert [row["instances"] for row in data["statements"]] == [25, 50, 5, 5]
    assert {entry["backend"] for entry in nesy("plan", "q.nesy", "--json").data} >= {"possibilistic", "asp", "integer"}


def test_budget_evidence_and_constants() -> None:
    done = nesy("plan", "q.nesy", "--with", "asp", "--budget", "100")
    assert "line 3: this constraint means about 150 combinations" in done.out
    Path("e.jsonl").write_text("\n".join(json.dumps({"queen": {}}) for _ in range(7)))
    assert "7 answers" in nesy("plan", "q.nesy", "--with", "asp", "--evidence", "e.jsonl").out
    Path("q.nesy").write_text(f"const n = 5.\n{QUEENS.replace('1..5', '1..n')}")
    (data,) = nesy("plan", "q.nesy", "--with", "asp", "--const", "n=9", "--json").data
    assert data["statements"][0]["instances"] == 81


@pytest.mark.slow
def test_mistakes() -> None:
    assert "there is no back end 'asq'" in nesy("plan", "q.nesy", "--with", "asq").err
    done = nesy("plan", "q.nesy", "--with", "asp", "--solver", "cpsatt")
    assert (done.status, "the nearest known name is 'cpsat'" in done.err) == (1, True)
    assert "takes no option 'mode'" in nesy("plan", "q.nesy", "--with", "possibilistic", "--mode", "brave").err
    assert "asp" in nesy("plan", "q.nesy", "--mode", "brave").out
    assert nesy("plan", "q.nesy", "--mode", "braves").status == 1
    assert nesy("plan", "q.nesy", "--evidence", "missing.json").status == 1
    assert nesy("plan", "q.nesy", "--budget", "-1").status == 2
    Path("q.nesy").write_text("percept a : bool\nquery a.")
    assert "E1" in nesy("plan", "q.nesy").err


def test_run_takes_a_budget() -> None:
    Path("e.json").write_text("{}")
    done = nesy("run", "q.nesy", "--with", "asp", "--budget", "100", "--evidence", "e.json")
    assert (done.status, "E512" in done.err) == (1, True)
    assert "E512" in nesy("compile", "q.nesy", "--to", "asp", "--budget", "100").err
    assert "E512" in nesy("ground", "q.nesy", "--budget", "10").err
