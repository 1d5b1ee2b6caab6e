"""``nesy run`` with the back ends that search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nesy.cli.commands import nesy

COLOURS = """
type node = {a, b, c}.
percept seen(node) : {red, green, blue}.
:- seen(X) = V, seen(Y) = V, X < Y.
:~ seen(a) = green. [1]
query seen(_).
"""
EVIDENCE = {"seen": {"a": {"red": 0.7, "green": 0.3}, "b": {"red": 0.6, "blue": 0.4}, "c": {"green": 0.1, "blue": 0.9}}}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("c.nesy").write_text(COLOURS)
    Path("e.json").write_text(json.dumps(EVIDENCE))


def lines(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines() if line.strip() and "─" not in line]


def test_optimum_with_violated_constraints() -> None:
    done = nesy("run", "c.nesy", "--with", "asp", "-e", "e.json")
    assert (done.status, done.err) == (0, "")
    assert lines(done.out) == [
        ["instance", "0:", "optimal,", "cost", "1.847"],
        ["query", "value"],
        ["seen(a)", "green"],
        ["seen(b)", "red"],
        ["seen(c)", "blue"],
        ["violated:", "c.nesy:5:", ":~", "seen(a)", "=", "green.", "[1]"],
    ]
    (data,) = nesy("run", "c.nesy", "--with", "integer", "-e", "e.json", "--json").data
    assert (data["status"], data["cost"], data["violated"][0]["line"]) == ("optimal", pytest.approx(1.847), 5)


@pytest.mark.slow
def test_several_models() -> None:
    done = nesy("run", "c.nesy", "--with", "integer", "-e", "e.json", "--models", "0")
    assert lines(done.out)[1:] == [
        ["query", "model", "1", "model", "2"],
        ["seen(a)", "green", "red"],
        ["seen(b)", "red", "blue"],
        ["seen(c)", "blue", "green"],
        ["cost", "1.847", "2.602"],
        ["violated:", "c.nesy:5:", ":~", "seen(a)", "=", "green.", "[1]"],
    ]


def test_consequences() -> None:
    brave = lines(nesy("run", "c.nesy", "--with", "asp", "-e", "e.json", "--mode", "brave").out)
    assert brave[1] == ["seen(a)", "undecided", "red,", "green"]
    (data,) = nesy("run", "c.nesy", "--with", "asp", "-e", "e.json", "--mode", "brave", "--json").data
    assert data["answers"]["seen(b)"] == {"value": None, "possible": ["red", "blue"]}


def test_no_model() -> None:
    Path("e.json").write_text(json.dumps({"seen": {"a": "red", "b": "red", "c": "blue"}}))
    for backend in ("asp", "integer"):
        done = nesy("run", "c.nesy", "--with", backend, "-e", "e.json")
        assert (done.status, done.out.strip()) == (0, "instance 0: infeasible")


def test_wrong_options() -> None:
    done = nesy("run", "c.nesy", "--with", "asp", "-e", "e.json", "--solver", "cpsatt", "--time-limit", "0")
    assert done.status == 1
    assert "the nearest known name is 'cpsat'" in done.err
    assert "time_limit is 0" in done.err
    assert "takes no option 'seed'" in nesy("run", "c.nesy", "-e", "e.json", "--seed", "3").err
    assert nesy("run", "c.nesy", "--with", "asp", "-e", "e.json", "--models", "-1").status == 2


def test_explanations_are_of_the_answer_that_the_same_options_give() -> None:
    options = ["c.nesy", "-e", "e.json", "--with", "integer", "--solver"]
    coarse = ["cbc", "--seed", "3", "--workers", "1", "--resolution", "10"]
    assert "optimal, readings cost 1.800" in nesy("explain", *options, *coarse).out
    assert "optimal, cost 1.8\n" in nesy("run", *options, *coarse).out
    assert "knows no solver 'cbd'" in nesy("explain", *options, "cbd").err
