"""A worker as its engine sees it: a process that is started, told, listened to and ended."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO, cast

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.solvers.racing.messages import FromWorker, Gone, Make, ToWorker, read, write

PATIENCE = 2.0
"""Seconds that a process has to end by itself."""

Listener = Callable[["Process", FromWorker], None]


class Process:
    """The process of one solver. ``listener`` hears its messages, in a thread, and :class:`Gone` as the last.

    It is a session of its own, so that Ctrl-C in a terminal reaches the engine alone. It is no fork and imports
    nothing of the program that started it, so that it works in notebooks, tests and threads alike.
    """

    def __init__(self, make: Make, listener: Listener) -> None:
        self.name = make.solver
        code = f"import sys; sys.path[:] = {sys.path!r}; from nesy.solvers.racing.worker import main; main()"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            message = f"no process can be started for a race: {reason_of(error)}"
            hint = "take one solver, such as --solver cpsat"
            raise NesyError(Diagnostic("E541", message, hint=hint, place="option solver")) from None
        threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
        self.send(make)

    @property
    def number(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def send(self, message: ToWorker) -> None:
        """Tell the worker; one that has ended hears nothing."""
        with contextlib.suppress(OSError, ValueError):
            write(cast("BinaryIO", self._process.stdin), message)

    def close(self) -> None:
        """End the process, and whatever it has started. Does nothing the second time."""
        with contextlib.suppress(OSError, ValueError):
            cast("BinaryIO", self._process.stdin).close()
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    def _listen(self, listener: Listener) -> None:
        pipe = cast("BinaryIO", self._process.stdout)
        with pipe:
            while True:
                try:
                    message = read(pipe)
                except (OSError, ValueError):
                    message = None
                if message is None:
                    break
                listener(self, cast("FromWorker", message))
        listener(self, Gone())
