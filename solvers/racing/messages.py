"""What an engine and its workers say to each other: pickled objects, each after its length, through pipes.

Both ends are the same program, started by the same user; nothing else can write to these pipes.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.backend import Options
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, Task

_LENGTH = 8


@dataclass(frozen=True)
class Make:
    """The first message to a worker: which solver, for which program."""

    solver: str
    program: LogicProgram
    options: Options


@dataclass(frozen=True)
class Solve:
    """A task; ``number`` counts up."""

    number: int
    task: Task


@dataclass(frozen=True)
class Stop:
    """The task of this number, and those before it, are of no interest any more; a search gives what it has."""

    number: int


@dataclass(frozen=True)
class Ready:
    """The solver is made."""


@dataclass(frozen=True)
class Done:
    """What came of a task."""

    number: int
    outcome: Outcome


@dataclass(frozen=True)
class Refused:
    """Why there is no solver (``number`` 0), or no outcome of a task."""

    number: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Gone:
    """The process has ended; the reader of its pipe says so."""


ToWorker: TypeAlias = Make | Solve | Stop
FromWorker: TypeAlias = Ready | Done | Refused | Gone


def write(pipe: BinaryIO, message: ToWorker | FromWorker) -> None:
    """Send one message. Raises OSError where nobody listens."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(content).to_bytes(_LENGTH, "big") + content)
    pipe.flush()


def read(pipe: BinaryIO) -> ToWorker | FromWorker | None:
    """The next message; None where the pipe has ended, in the middle of a message or not."""
    length = pipe.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    size = int.from_bytes(length, "big")
    content = pipe.read(size)
    if len(content) < size:
        return None
    message: ToWorker | FromWorker = pickle.loads(content)
    return message
