"""Commands and code of documents, each in a process of its own that has everything imported: a fork of one that has.

Starting Python and importing torch anew for each of the hundred commands would take most of the time of the tests.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

IMPORTED = (
    "clingo",
    "nesy.abduction",
    "nesy.cli.app",
    "nesy.comparing",
    "nesy.output",
    "nesy.solvers.asp",
    "nesy.solvers.integer",
    "nesy.solvers.possibilistic",
    "nesy.solvers.probabilistic",
    "nesy.synthesis",
    "ortools.sat.python.cp_model",
    "rich.console",
    "torch",
)


class Forker:
    """The process that is forked, and the way to ask it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=Path(__file__).resolve().parent.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, *, arguments: list[str] | None = None, code: str | None = None) -> tuple[int, str]:
        """Exit code and output of ``nesy`` with ``arguments``, or of Python ``code``, run in ``folder``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.NamedTemporaryFile() as output:
            job = {"folder": str(folder), "output": output.name, "arguments": arguments, "code": code}
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], 300)
            if not ready:
                self._process.kill()
                forker.cache_clear()
                raise TimeoutError(f"no answer within 300 seconds: {arguments or code}")
            status = int(self._process.stdout.readline())
            return status, Path(output.name).read_text(encoding="utf-8")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


@cache
def forker() -> Forker:
    """The one of this process, for narrow terminals without colours."""
    started = Forker(os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"})
    atexit.register(started.close)
    return started


# ----- in the process that is forked


def serve() -> None:
    """Fork for each job on standard input; the exit codes go to standard output."""
    for name in IMPORTED:
        importlib.import_module(name)
    replies = os.dup(1)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            os.close(replies)
            os._exit(_work(job))
        _, status = os.waitpid(child, 0)
        os.write(replies, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _work(job: dict[str, object]) -> int:
    os.chdir(str(job["folder"]))
    output = os.open(str(job["output"]), os.O_WRONLY | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lasts as long as the process
    try:
        if job["code"] is not None:
            sys.path[0] = ""
            exec(compile(str(job["code"]), "<string>", "exec"), {"__name__": "__main__"})
        else:
            from nesy.cli import main

            sys.argv = ["nesy", *job["arguments"]]  # type: ignore[misc]
            main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
            sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve()
