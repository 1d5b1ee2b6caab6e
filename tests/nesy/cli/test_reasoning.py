"""``nesy ground``, ``compile``, ``run``, ``explain``, ``test`` and ``backends``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.nesy.cli.commands import nesy

ADDITION = """
percept a(1..2) : 0..3.
concept y : 0..6.
y = U + V :- a(1) = U, a(2) = V.
query y.
expect y = 3 given a(1) = 1, a(2) = 2.
"""
EVIDENCE = [{"a": {"1": 3, "2": {"1": 0.9, "2": 0.1}}}, {"a": {"1": 0, "2": 0}}]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("add.nesy").write_text(ADDITION)
    Path("e.json").write_text(json.dumps(EVIDENCE))
    np.savez("e.npz", a=np.full((2500, 2, 4), 0.25))


def test_ground() -> None:
    done = nesy("ground", "add.nesy")
    assert done.status == 0
    assert "percept a [2]" in done.out
    assert nesy("ground", "add.nesy", "--json").data[0]["attributes"][0]["name"] == "a"
    assert "a(2)" in nesy("ground", "add.nesy", "-q", "a(2)").out


def test_compile() -> None:
    done = nesy("compile", "add.nesy", "--to", "possibilistic")
    assert done.status == 0
    assert "Π(" in done.out
    assert nesy("compile", "add.nesy", "--to", "possibilistic", "-o", "out.txt").out == ""
    assert Path("out.txt").read_text() == done.out
    assert nesy("compile", "add.nesy").status == 2
    assert "E430" in nesy("compile", "add.nesy", "--to", "possibilistic", "-o", "no/such/folder").err


def test_run_draws_a_table_for_each_instance() -> None:
    done = nesy("run", "add.nesy", "--evidence", "e.json")
    assert (done.status, done.err) == (0, "")
    assert [line.split() for line in done.out.splitlines() if line.startswith(("y", "instance"))] == [
        ["instance", "0"],
        ["y", "4", "1.000", "0.800", "5", "0.200"],
        ["instance", "1"],
        ["y", "0", "1.000", "1.000"],
    ]


def test_run_json() -> None:
    first, second = nesy("run", "add.nesy", "-e", "e.json", "--json").data
    assert (first["instance"], first["status"], second["instance"]) == (0, "solved", 1)
    assert first["answers"]["y"]["value"] == 4
    assert first["answers"]["y"]["possibility"]["5"] == pytest.approx(0.2)
    assert first["answers"]["y"]["necessity"]["4"] == pytest.approx(0.8)


def test_run_sums_up_long_batches() -> None:
    done = nesy("run", "add.nesy", "-e", "e.npz")
    assert done.out.splitlines()[0] == "2500 instances"
    assert "undecided: 2500" in done.out
    data = nesy("run", "add.nesy", "-e", "e.npz", "--json").data
    assert [entry["instance"] for entry in data] == list(range(2500))
    assert data[7]["answers"]["y"]["value"] is None


def test_run_writes_files() -> None:
    assert nesy("run", "add.nesy", "-e", "e.json", "-o", "out.jsonl").out == ""
    assert [json.loads(line)["instance"] for line in Path("out.jsonl").read_text().splitlines()] == [0, 1]
    nesy("run", "add.nesy", "-e", "e.npz", "--output", "out.npz")
    with np.load("out.npz") as found:
        assert {name: found[name].shape for name in found.files} == {
            "y.possibility": (2500, 7),
            "y.necessity": (2500, 7),
            "y.choice": (2500,),
        }
    assert "E430" in nesy("run", "add.nesy", "-e", "e.json", "-o", "no/folder.npz").err


def test_run_takes_standard_input_once_for_the_program_or_the_evidence() -> None:
    assert (
        nesy("run", "add.nesy", "-e", "-", "--json", stdin=json.dumps(EVIDENCE)).data[1]["answers"]["y"]["value"] == 0
    )
    assert nesy("run", "-", "-e", "e.json", "--json", stdin=ADDITION).data[1]["answers"]["y"]["value"] == 0
    assert nesy("run", "-", "-e", "-", stdin=ADDITION).status == 2


def test_run_without_percepts() -> None:
    done = nesy("run", "-", "--json", stdin="edge(a, b). query edge(a, b).")
    assert done.data[0]["answers"]["edge(a,b)"]["value"] is True


def test_queries_and_options() -> None:
    options = ["--transform", "specificity", "--ties", "reference", "--dtype", "float32"]
    done = nesy("run", "add.nesy", "-e", "e.json", "-q", "y > 3", "-q", "a(2)", "--json", *options)
    assert set(done.data[0]["answers"]) == {"y > 3", "a(2)"}
    assert done.data[0]["answers"]["a(2)"]["possibility"]["2"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "add.nesy"], "E402"),
        (["run", "add.nesy", "-e", "none.json"], "E415"),
        (["run", "add.nesy", "-e", "add.nesy"], "E416"),
        (["run", "add.nesy", "-e", "e.json", "--with", "asq"], "E501"),
        (["run", "add.nesy", "-e", "e.json", "-q", "z"], "E201"),
        (["run", "add.nesy", "-e", "e.json", "--device", "cuda:97"], "E440"),
        (["run", "add.nesy", "-e", "e.json", "--device", "toaster"], "E440"),
        (["run", "add.nesy", "-e", "e.json", "--perceive", "b=digits:x.npz"], "E429"),
        (["run", "add.nesy", "-e", "e.json", "--perceive", "a=digits:x.npz"], "E418"),
        (["run", "add.nesy", "--perceive", "a=digots:x.npz"], "E450"),
        (["run", "add.nesy", "--perceive", "a=digits:x.npz", "--classes", "b=domain"], "E429"),
        (["explain", "add.nesy", "-e", "e.json", "-i", "2"], "E431"),
        (["explain", "add.nesy", "-e", "e.json", "--instance=-1"], "E431"),
    ],
)
def test_faults(arguments: list[str], code: str) -> None:
    done = nesy(*arguments)
    assert (done.status, done.out) == (1, "")
    assert f"error[{code}]" in done.err
    done = nesy(*arguments, "--json")
    assert (done.status, done.err) == (1, "")
    assert done.data[0]["diagnostics"][0]["code"] == code


def test_faults_of_evidence_name_the_file() -> None:
    Path("bad.json").write_text('{"a": {"1": 7, "2": 0}}')
    assert "--> bad.json, instance 0, a(1)" in nesy("run", "add.nesy", "-e", "bad.json").err
    np.savez("bad.npz", a=np.zeros((1, 2, 4)))
    assert "--> bad.npz, evidence on a" in nesy("run", "add.nesy", "-e", "bad.npz").err
    assert "--> <stdin>, instance 0" in nesy("run", "add.nesy", "-e", "-", stdin='{"b": 1}').err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "add.nesy", "--evdence", "x"],
        ["run", "add.nesy", "--ties", "x"],
        ["run", "add.nesy", "--perceive", "a=digits"],
        ["run", "add.nesy", "--perceive", "a"],
        ["check", "-", "-"],
        ["fmt", "-", "-"],
        ["test", "-", "-"],
        ["run", "add.nesy", "-e", "e.json", "--classes", "a=domain"],
        ["explain", "add.nesy", "-i", "x"],
        ["rnu"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    done = nesy(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "Usage: nesy" in done.err


def test_warnings_are_drawn_once() -> None:
    Path("w.nesy").write_text("type unused = 1..2.\n" + ADDITION + ":- a(1) = 3, a(2) = 3.\n")
    done = nesy("run", "w.nesy", "-e", "e.json")
    assert done.status == 0
    assert done.err.count("warning[W515]") == 1
    assert done.err.count("warning[W2") == 1
    assert "E515" in nesy("run", "w.nesy", "-e", "e.json", "--strict").err


def test_expectations() -> None:
    done = nesy("test", "add.nesy")
    assert (done.status, done.out) == (0, "add.nesy: 1 passed\n")
    Path("fails.nesy").write_text(ADDITION + "expect y = 1 given a(1) = 1.\n")
    Path("none.nesy").write_text("percept a : bool. query a.")
    Path("broken.nesy").write_text("percept a : bol. query a.")
    done = nesy("test", "fails.nesy", "add.nesy", "none.nesy", "broken.nesy")
    assert done.status == 1
    assert done.out.splitlines() == [
        "fails.nesy:7: failed: expect y = 1 given a(1) = 1.",
        "    wanted  Π = 1 and N > 0",
        "    found   Π(y = 1) = 1.000, N(y = 1) = 0.000",
        "    instead y: 1 1.000, 2 1.000, 3 1.000",
        "fails.nesy: 1 passed, 1 failed",
        "add.nesy: 1 passed",
        "none.nesy: no expectations",
        "2 passed, 1 failed, 1 file with errors",
    ]
    assert "broken.nesy:1:13" in done.err
    data = nesy("test", "fails.nesy", "broken.nesy", "--json").data[0]
    assert (data["passed"], data["failed"], len(data["expectations"]), len(data["diagnostics"])) == (1, 1, 2, 1)
    assert nesy("test", "add.nesy", "--with", "asp").out == "add.nesy: 1 passed\n"


def test_backends() -> None:
    done = nesy("backends")
    assert done.status == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["possibilistic", "asp", "integer", "probabilistic"]
    assert nesy("backends", "--json").data[0]["name"] == "possibilistic"


def test_a_file_that_asks_nothing() -> None:
    Path("lamp.nesy").write_text("percept lamp : bool.\nconcept on : bool.\non iff lamp.\nexpect on given lamp.\n")
    done = nesy("run", "lamp.nesy", "--evidence", "-", stdin='{"lamp": 0.5}')
    assert (done.status, "W503" in done.err) == (0, True)
    assert nesy("run", "lamp.nesy", "--evidence", "-", "--query", "on", stdin='{"lamp": 0.5}').err == ""
    assert "W503" not in nesy("test", "lamp.nesy").err


def test_unknown_back_ends_are_told_where_they_were_named() -> None:
    for arguments, option in ((("compile", "add.nesy", "--to"), "--to"), (("run", "add.nesy", "--with"), "--with")):
        done = nesy(*arguments, "posibilistic")
        assert (done.status, "E501" in done.err, f"--> {option}\n" in done.err) == (1, True, True)


@pytest.mark.parametrize("backend", ["possibilistic", "asp", "integer"])
def test_an_open_type_without_values(backend: str) -> None:
    lines = ["type object.", "percept light(object) : {red, green}.", "concept stop : bool.", "query stop."]
    text = "\n".join([*lines, "stop iff any light(_) = red."])
    np.savez("none.npz", light=np.zeros((2, 0, 2)))
    for evidence, stdin, batch in ((None, None, 1), ("-", '[{"light": {}}, {"light": {}}]', 2), ("none.npz", None, 2)):
        Path("stop.nesy").write_text(text)
        given = [] if evidence is None else ["--evidence", evidence]
        done = nesy("run", "stop.nesy", "--with", backend, *given, "--json", stdin=stdin)
        assert "W206" in done.err
        assert [entry["answers"]["stop"]["value"] for entry in done.data] == [False] * batch
