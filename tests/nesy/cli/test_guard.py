"""How commands end, whatever happens inside."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nesy.cli.commands import nesy
from tests.repo.sources import ROOT


def raising(error: BaseException) -> object:
    def command(*arguments: object, **options: object) -> None:
        raise error

    return command


def test_internal_faults_ask_for_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nesy.program.load", raising(ZeroDivisionError("division by zero")))
    done = nesy("check", "x.nesy")
    assert done.status == 70
    assert done.err.startswith("internal error: ZeroDivisionError: division by zero\n")
    assert "please report" in done.err


def test_tracebacks_are_for_those_who_ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NESY_DEBUG", "1")
    monkeypatch.setattr("nesy.program.load", raising(ZeroDivisionError("division by zero")))
    with pytest.raises(AssertionError):
        nesy("check", "x.nesy")


def test_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nesy.program.load", raising(KeyboardInterrupt()))
    done = nesy("check", "x.nesy")
    assert (done.status, done.out, done.err) == (130, "", "")


def test_version_and_help() -> None:
    assert nesy("--version").out.startswith("nesy 0.")
    done = nesy("--help")
    assert done.status == 0
    for command in ("check", "fmt", "ground", "compile", "run", "explain", "test", "backends", "demo"):
        assert f"  {command} " in done.out
    assert "mnist-sudoku" in nesy("demo", "--help").out


def test_start_up_is_light(tmp_path: Path) -> None:
    """``nesy check`` and ``nesy fmt`` load neither a solver nor what draws; measured in modules, not in seconds."""
    path = tmp_path / "a.nesy"
    path.write_text("percept a : 1..3.\nquery a.\n")
    script = """
import sys
from nesy.cli.app import app
for arguments in (["check", sys.argv[1]], ["fmt", sys.argv[1]], ["backends"]):
    try:
        app(arguments)
    except SystemExit as end:
        assert not end.code, end.code
print(*sorted({"torch", "clingo", "numpy", "sklearn", "rich", "PIL"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.slow
def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nesy.cli", "backends"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closed", "status", "words"),
    [("<&-", 1, b"standard input is closed"), (">&-", 0, b""), ("2>&-", 0, b"no errors")],
)
def test_a_stream_that_was_never_open(closed: str, status: int, words: bytes) -> None:
    command = ["sh", "-c", f'printf "a. query a." | "$0" -m nesy.cli check - {closed}', sys.executable]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == status
    assert words in done.stdout + done.stderr
    assert b"internal error" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_told() -> None:
    command = [sys.executable, "-m", "nesy.cli", "backends"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "error[E430]: standard output cannot be written: No space left on device" in done.stderr
    assert "Exception ignored" not in done.stderr


EXAMPLES = sorted((ROOT / "examples").glob("*/*.nesy"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_damaged_input_never_ends_in_a_fault(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs and evidence with bytes taken out, doubled and exchanged: 0 or 1, and never a traceback."""
    monkeypatch.chdir(tmp_path)
    random_numbers = random.Random(seed)
    path = random_numbers.choice([path for path in EXAMPLES if (path.parent / "evidence.json").exists()])
    program, evidence = path.read_text(), (path.parent / "evidence.json").read_text()
    if seed % 2:
        program = damaged(program, random_numbers)
    else:
        evidence = damaged(evidence, random_numbers)
    Path("p.nesy").write_text(program)
    Path("e.json").write_text(evidence)
    for arguments in (["check", "p.nesy"], ["fmt", "--check", "p.nesy"], ["run", "p.nesy", "-e", "e.json", "--json"]):
        done = nesy(*arguments)
        assert done.status in (0, 1), done.err
        if "--json" in arguments:
            assert all(isinstance(json.loads(line), dict) for line in done.out.splitlines())


def damaged(text: str, random_numbers: random.Random) -> str:
    for _ in range(random_numbers.randint(1, 4)):
        place = random_numbers.randrange(len(text))
        piece = text[place : place + random_numbers.randint(1, 8)]
        new = random_numbers.choice(["", piece * 2, piece[::-1], random_numbers.choice('{}[]",:.()0123456789-XY\0é')])
        text = text[:place] + new + text[place + len(piece) :]
    return text


def test_the_script_is_installed() -> None:
    script = Path(sys.executable).with_name("nesy")
    assert os.access(script, os.X_OK)
