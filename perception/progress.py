"""How long work reports where it stands. The caller brings the display; the work knows only this protocol."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol, TextIO


class Progress(Protocol):
    """One piece of work after the other: ``start``, any number of ``advance``, ``finish``."""

    def start(self, task: str, total: int | None) -> None:
        """``task`` begins, of ``total`` steps (None: not known)."""
        ...

    def advance(self, steps: int = 1, note: str = "") -> None:
        """So many ``steps`` more are done; ``note``, where given, says what has been reached (“epoch 3/12 …”)."""
        ...

    def finish(self) -> None:
        """The task has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Silent:
    """Shows nothing."""

    def start(self, task: str, total: int | None) -> None:
        pass

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def finish(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Lines:
    """Writes a line when a task begins and one for every note, to standard error unless another stream is given."""

    stream: TextIO | None = None

    def start(self, task: str, total: int | None) -> None:  # noqa: ARG002  # lines show no share
        self._write(task)

    def advance(self, steps: int = 1, note: str = "") -> None:  # noqa: ARG002  # lines show no share
        if note:
            self._write(f"  {note}")

    def finish(self) -> None:
        pass

    def _write(self, line: str) -> None:
        stream = self.stream or sys.stderr
        stream.write(line + "\n")
        stream.flush()
