"""The inside of a worker: one solver, which works off tasks as they come and stops when it is told to.

The main thread searches, because solvers stop in good order on KeyboardInterrupt, which only it receives. A second
thread listens. When the engine's process is gone, however it ended, the pipe ends and so does the worker, and CBC's
process with it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import BinaryIO

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status
from nesy.solvers.logic.tasks import Outcome, Solver
from nesy.solvers.racing.messages import Done, FromWorker, Make, Ready, Refused, Solve, Stop, read, write

PATIENCE = 3.0
"""Seconds that a search has to end by itself when the engine is gone."""


class Worker:
    """Works off what comes in; ``solving`` is true while a solver searches."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._tasks: queue.SimpleQueue[Make | Solve] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped = 0
        self._current = 0
        self.solving = False

    def run(self) -> None:
        """Until the engine is gone."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGTERM, _on_end)
        threading.Thread(target=self._listen, daemon=True).start()
        solver: Solver | None = None
        while True:
            message = self._tasks.get()
            if isinstance(message, Make):
                solver = self._make(message)
            elif solver is not None:
                self._solve(solver, message)

    def _make(self, message: Make) -> Solver | None:
        from nesy.solvers.logic.choice import make_named

        try:
            solver = make_named(message.solver, message.program, message.options)
        except Exception as error:
            self._say(Refused(0, _diagnostics(error)))
            return None
        self._say(Ready())
        return solver

    def _solve(self, solver: Solver, message: Solve) -> None:
        with self._lock:
            if message.number <= self._stopped:
                return
            self._current = message.number
        try:
            self.solving = True
            try:
                answer: FromWorker = Done(message.number, solver.solve(message.task))
            finally:
                self.solving = False
        except KeyboardInterrupt:
            answer = Done(message.number, Outcome(Status.UNKNOWN, interrupted=True))
        except Exception as error:
            answer = Refused(message.number, _diagnostics(error))
        with self._lock:
            self._current = 0
        self._say(answer)

    def _say(self, message: FromWorker) -> None:
        with contextlib.suppress(OSError):  # nobody listens: the end is near
            write(self._outgoing, message)

    # ----- the listening thread

    def _listen(self) -> None:
        while (message := read(self._incoming)) is not None:
            if isinstance(message, Stop):
                with self._lock:
                    self._stopped = max(self._stopped, message.number)
                    if 0 < self._current <= message.number:
                        _signal_main(signal.SIGINT)
            elif isinstance(message, Make | Solve):
                self._tasks.put(message)
        ending = threading.Timer(PATIENCE, os._exit, (1,))
        ending.daemon = True
        ending.start()
        _signal_main(signal.SIGTERM)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        """Only a search is interrupted: a late signal finds nothing to stop."""
        del number, frame
        if self.solving:
            self.solving = False  # once
            raise KeyboardInterrupt


def _on_end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit


def _signal_main(number: signal.Signals) -> None:
    """Signal the main thread, so that a call in which it waits comes back."""
    identifier = threading.main_thread().ident
    assert identifier is not None
    send: Callable[[int, int], None] | None = getattr(signal, "pthread_kill", None)
    if send is None:
        signal.raise_signal(number)
    else:
        send(identifier, number)


def _diagnostics(error: Exception) -> tuple[Diagnostic, ...]:
    if isinstance(error, NesyError):
        return error.diagnostics
    message = f"a solver failed in a race: {type(error).__name__}: {error}"
    return (Diagnostic("E541", message, hint="take one solver, such as --solver cpsat", place="option solver"),)


def main() -> None:
    """The program of a worker: messages on standard input and output, whatever solvers print goes to standard error."""
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        Worker(sys.stdin.buffer, outgoing).run()
    finally:
        os._exit(0)  # a solver's thread may still be busy
