"""``nesy learn``, and ``--params`` of the other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nesy.cli import learning as command
from tests.nesy.cli.commands import Run, nesy

PROGRAM = """
const limit = 2.
percept fever : bool.
percept room : 0..limit.
concept infection : bool.
concept place : 0..limit.
infection iff fever [learn].
place = R iff room = R [learn per R].
query infection.
query place.
expect infection given fever.
expect P <= 0.3 not infection given fever.
"""


def data(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One infection in five without its sign."""
    evidence = [{"fever": number % 2 == 0, "room": number % 3} for number in range(count)]
    targets = [{"infection": (n % 2 == 0) != (n % 10 in (0, 5)), "place": n % 3} for n in range(count)]
    return evidence, targets


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("p.nesy").write_text(PROGRAM)
    evidence, targets = data(120)
    Path("e.json").write_text(json.dumps(evidence))
    Path("t.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in targets))
    evidence, targets = data(30)
    Path("one.json").write_text('{"fever": true, "room": 1}')
    Path("ve.json").write_text(json.dumps(evidence))
    Path("vt.json").write_text(json.dumps(targets))


def learn(*more: object, stdin: str | None = None) -> Run:
    given = ("p.nesy", "--evidence", "e.json", "--targets", "t.jsonl", "--estimate", "pooled", "-o", "p.json")
    return nesy("learn", *given, *more, stdin=stdin)


def test_the_report() -> None:
    done = learn()
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("8 parameters of 2 rules learned from 120 samples (exact, pooled) in ")
    rows = [line.split() for line in lines if line.startswith(("infection", "place"))]
    assert rows[0][:-2] == ["infection", "7", "120", "of", "120", "all", "0.000", "0.400", "0.400"]
    assert rows[1][:-2] == ["place", "8", "120", "of", "120", "all", "0.000", "0.000", "0.000"]
    shown = [line.split("  ") for line in lines if line.endswith(("0.000", "0.400"))]
    assert [[cell.strip() for cell in line if cell.strip()] for line in shown] == [
        ["7", "infection iff fever [learn].", "0.400", "0.400"],
        ["8", "place = R iff room = R [learn per R].", "R = 0", "0.000", "0.000"],
        ["R = 1", "0.000", "0.000"],
        ["R = 2", "0.000", "0.000"],
    ]
    assert lines[-1] == "parameters written to p.json"


@pytest.mark.slow
def test_the_parameters_are_used() -> None:
    learn()
    assert "0.400" not in nesy("run", "p.nesy", "-e", "one.json").out
    for arguments in (("run", "p.nesy", "-e", "one.json"), ("explain", "p.nesy", "-e", "one.json")):
        assert "0.400" in nesy(*arguments, "--params", "p.json").out
    assert "max(0.4, λ1)" in nesy("compile", "p.nesy", "--to", "possibilistic", "--params", "p.json").out
    shown = nesy("ground", "p.nesy", "--params", "p.json").out
    assert "if fever then infection [s = 0.4, r = 0.4, learn s,r]." in shown
    assert nesy("test", "p.nesy").status == 0
    failed = nesy("test", "p.nesy", "--params", "p.json")
    assert failed.status == 1
    assert "p.nesy: 1 passed, 1 failed" in failed.out


def test_as_data() -> None:
    (found,) = learn("--json", "--report", "r.json").data
    assert found["parameters"] == "p.json"
    assert [entry["concept"] for entry in found["rule_sets"]] == ["infection", "place"]
    assert found["rules"][0] | {"statement": ""} == {
        "line": 7,
        "statement": "",
        "concept": "infection",
        "learn": ["s", "r"],
        "pairs": 1,
        "s": [0.4, 0.4],
        "r": [0.4, 0.4],
    }
    report = json.loads(Path("r.json").read_text())
    assert report.keys() == found.keys() - {"parameters"}


def test_parameters_on_standard_output() -> None:
    done = nesy("learn", "p.nesy", "-e", "e.json", "-t", "t.jsonl", "-o", "-")
    assert json.loads(done.out)["format"] == "nesy parameters 1"


def test_dropped_samples_are_named() -> None:
    done = nesy("learn", "p.nesy", "-e", "e.json", "-t", "t.jsonl", "-o", "p.json", "--threshold", "0.5")
    assert "infection: 24 samples dropped (distance not below the threshold): 0, 5, 10, 15, 20, …" in done.out
    assert "96 of 120" in done.out


@pytest.mark.slow
def test_validation() -> None:
    done = learn("--validation-evidence", "ve.json", "--validation-targets", "vt.json")
    assert "validation accuracy: 80.0 % before, 80.0 % after" in done.out
    assert "learned from 90 samples" in learn("--validation-share", "0.25", "--seed", "3").out
    assert learn("--validation-share", "0.25", "--seed", "3", "--threshold", "validation").status == 0
    assert "(reference, chebyshev)" in learn("--policy", "reference", "--estimate", "chebyshev").out
    assert "(exact, trimmed)" in learn("--estimate", "trimmed", "--outliers", "0.25").out


def test_all_rules_and_tensors() -> None:
    Path("p.nesy").write_text(PROGRAM.replace(" [learn]", "").replace(" [learn per R]", ""))
    assert "E530" in learn().err
    evidence, targets = data(60)
    eye = np.eye(2)
    np.savez(
        "e.npz",
        fever=eye[[int(entry["fever"]) for entry in evidence]],
        room=np.eye(3)[[entry["room"] for entry in evidence]],
    )
    np.savez("t.npz", infection=eye[[int(entry["infection"]) for entry in targets]])
    done = learn("--evidence", "e.npz", "--targets", "t.npz", "--all-rules", "--query", "infection")
    assert "2 parameters of 1 rule learned from 60 samples" in done.out
    assert "0.400" in nesy("run", "p.nesy", "-e", "one.json", "--params", "p.json", "--query", "infection").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--validation-evidence", "ve.json"),
        ("--validation-targets", "vt.json"),
        ("--validation-evidence", "ve.json", "--validation-targets", "vt.json", "--validation-share", "0.2"),
        ("--threshold", "some"),
        ("--policy", "both"),
        ("--evidence", "-", "--targets", "-"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert learn(*arguments).status == 2
    assert not Path("p.json").exists()


def test_targets_and_output_are_needed() -> None:
    assert nesy("learn", "p.nesy", "-e", "e.json", "-o", "p.json").status == 2
    assert nesy("learn", "p.nesy", "-e", "e.json", "-t", "t.jsonl").status == 2


@pytest.mark.parametrize(
    ("targets", "code", "place"),
    [
        ("[{", "E416", "bad.json:1:3"),
        ('[{"infection": true}]', "E532", "bad.json, targets"),
        (json.dumps([{}] * 7 + [{"infectio": True}] + [{}] * 112), "E531", "bad.json, sample 7"),
        (json.dumps([{"place": 3}] + [{}] * 119), "E567", "bad.json, sample 0, place"),
        ('{"place": 1, "place": 2}', "E568", "bad.json"),
    ],
)
def test_targets_that_are_wrong(targets: str, code: str, place: str) -> None:
    Path("bad.json").write_text(targets)
    done = learn("--targets", "bad.json")
    assert done.status == 1
    assert f"[{code}]" in done.err
    assert f"--> {place}\n" in done.err
    assert not Path("p.json").exists()


def test_evidence_from_perceivers(monkeypatch: pytest.MonkeyPatch) -> None:
    def perceive(model: object, requests: dict[str, str], *_: object, **__: object) -> dict[str, object]:
        assert requests == {"fever": "thermometer:pictures.npz"}
        return {"fever": np.eye(2)[[int(entry["fever"]) for entry in data(120)[0]]]}

    monkeypatch.setattr("nesy.perceived.perceive_all", perceive)
    given = ("--perceive", "fever=thermometer:pictures.npz", "--targets", "t.jsonl", "--query", "infection")
    np.savez("room.npz", room=np.eye(3)[[entry["room"] for entry in data(120)[0]]])
    done = nesy("learn", "p.nesy", *given, "--evidence", "room.npz", "--estimate", "pooled", "-o", "p.json")
    assert "learned from 120 samples" in done.out


def test_targets_from_standard_input() -> None:
    assert learn("--targets", "-", stdin=Path("t.jsonl").read_text()).status == 0


def test_faults_found_while_learning_name_their_file() -> None:
    np.savez("t.npz", infection=np.full((120, 2), 0.5))
    done = learn("--targets", "t.npz")
    assert "error[E534]" in done.err
    assert "--> t.npz, targets for infection" in done.err
    np.savez("vt.npz", infection=np.full((30, 3), 1.0))
    done = learn("--validation-evidence", "ve.json", "--validation-targets", "vt.npz")
    assert "--> vt.npz, validation targets for infection" in done.err


def test_numbers_that_options_cannot_have() -> None:
    assert "E523" in learn("--outliers", "2").err
    assert "E523" in learn("--threshold=-1").err
    assert "E570" in learn("--validation-share", "3").err
    assert "E430" in learn("-o", "no/such/folder.json").err


def test_parameters_of_another_program_are_refused() -> None:
    learn()
    done = nesy("run", "p.nesy", "-e", "ve.json", "--params", "p.json", "--const", "limit=3")
    assert done.status == 1
    assert "the parameters were learned with limit = 2; here limit = 3" in done.err
    assert "--> p.json" in done.err
    Path("q.nesy").write_text(PROGRAM.replace("infection iff fever [learn].", "infection iff fever [learn r]."))
    done = nesy("test", "q.nesy", "--params", "p.json")
    assert "q.nesy:7:1" in done.err
    assert "this rule has changed since the parameters of p.json were learned" in done.err
    done = nesy("run", "p.nesy", "-e", "ve.json", "--with", "asp", "--params", "p.json")
    assert "E565" in done.err


def test_parameter_files_that_are_wrong() -> None:
    learn()
    text = Path("p.json").read_text()
    Path("p.json").write_text(text.replace('"s": 0.4', '"s": 1.4'))
    done = nesy("run", "p.nesy", "-e", "ve.json", "--params", "p.json", "--json")
    assert done.data[0]["diagnostics"][0]["place"] == "p.json, rule of line 7"
    assert "E415" in nesy("run", "p.nesy", "-e", "ve.json", "--params", "none.json").err
    assert "E560" in nesy("run", "p.nesy", "-e", "ve.json", "--params", "e.json").err


def test_interruption_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    learn()
    before = Path("p.json").read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command._Bar, "show", interrupted)
    assert learn("--threshold", "0.5").status == 130
    assert Path("p.json").read_bytes() == before
    assert [path.name for path in Path().iterdir() if path.suffix == ".part"] == []


def test_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    from nesy.solvers.possibilistic.learning.report import Progress

    told: list[tuple[object, ...]] = []

    class Bar:
        def start(self, task: str, total: int | None) -> None:
            told.append((task, total))

        def advance(self, steps: int, note: str) -> None:
            told.append((steps, note))

        def finish(self) -> None:
            told.append(("end",))

    monkeypatch.setattr("nesy.progress.ProgressBar", Bar)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with command._Bar() as bar:
        bar.show(Progress(1, 0, 2))
        bar.show(Progress(1, 2, 2))
        bar.show(Progress(2, 1, 2, "y", 0.25, 81.25))
    assert told == [
        ("end",),
        ("learning", 2),
        (0, ""),
        (2, ""),
        ("end",),
        ("learning, fit 2", 2),
        (1, "y threshold 0.25 accuracy 81.2 %"),
        ("end",),
    ]
