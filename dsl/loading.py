"""Files in, one :class:`Program` out: reads a rule file and, in place, every file that it includes.

Each file is read once, however often it is included; files that include each other are an error. Spans keep the file
in which a statement stands. Of a file in clingo's own language (``include "rules.lp"``) each statement becomes a
:class:`~nesy.dsl.statements.ClingoStatement`, for the back ends that take it. The syntax errors of all files are raised
together, with the statements that have none.
"""

from __future__ import annotations

import os
from pathlib import Path

from nesy.dsl.clingo_code import read_clingo
from nesy.dsl.diagnostics import Diagnostic, Label, NesyError, reason_of
from nesy.dsl.parsing.parser import parse
from nesy.dsl.parsing.recovery import BrokenTextError
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import CLINGO_SUFFIX, Comment, Include, Program, Statement


def load(path: str | os.PathLike[str]) -> Program:
    """The program of a rule file with all that it includes."""
    loader = _Loader()
    loader.read(Path(path), None, ())
    return loader.program()


def load_text(text: str, name: str = "<text>", folder: str | os.PathLike[str] = ".") -> Program:
    """The program of a text that stands in no file, called ``name``; what it includes is looked for in ``folder``."""
    loader = _Loader()
    loader.sources.append((name, text))
    loader.take(text, Path(name), Path(folder), name, ())
    return loader.program()


def read_text(path: Path, include: Include | None = None) -> str:
    """The text of a file, without a byte order mark; what cannot be read is E130 to E133."""
    span = include.span if include else NOWHERE
    place = "" if include else str(path)
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        if include:
            hint = f"paths are relative to the including file; looked for {path}"
            raise NesyError(
                Diagnostic("E133", f'the included file "{include.path}" is not found', span, hint)
            ) from None
        raise NesyError(
            Diagnostic("E130", f"the file '{path}' is not found", hint="check the path", place=place)
        ) from None
    except UnicodeDecodeError as error:
        message = f"the file '{path}' is not UTF-8 text: byte {error.start} cannot be read"
        raise NesyError(Diagnostic("E131", message, span, "save the file as UTF-8", place=place)) from None
    except IsADirectoryError:
        message = f"'{path}' is a folder"
        raise NesyError(Diagnostic("E132", message, span, "name a rule file in it", place=place)) from None
    except (OSError, ValueError) as error:
        message = f"the file {str(path)!r} cannot be read: {reason_of(error)}"
        raise NesyError(Diagnostic("E132", message, span, "check the path and its permissions", place=place)) from None


class _Loader:
    """Collects what the files hold, in the order in which the statements take effect."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.comments: list[Comment] = []
        self.sources: list[tuple[str, str]] = []
        self.diagnostics: list[Diagnostic] = []
        self._lost: list[str] = []
        self._unread = False
        self._seen: set[str] = set()

    def program(self) -> Program:
        """All that was read; :class:`BrokenTextError` where texts do not parse, NesyError where files are missing."""
        found = Program(tuple(self.statements), tuple(self.comments), tuple(self.sources))
        if self._unread:
            raise NesyError(self.diagnostics, self.sources)
        if self.diagnostics:
            raise BrokenTextError(self.diagnostics, found, self._lost)
        return found

    def read(self, path: Path, include: Include | None, chain: tuple[tuple[str, Path, Span], ...]) -> None:
        """Append one file; ``chain`` are the files that are being read, outermost first, with the include's place."""
        identity = os.path.realpath(path) if "\0" not in str(path) else str(path)
        open_files = [entry[0] for entry in chain]
        if identity in open_files:
            self.diagnostics.append(_cycle(chain[open_files.index(identity) :], path, include))
            self._unread = True
            return
        if identity in self._seen:
            return
        self._seen.add(identity)
        try:
            text = read_text(path, include)
        except NesyError as error:
            self.diagnostics.extend(error.diagnostics)
            self._unread = True
            return
        self.sources.append((str(path), text))
        if path.suffix == CLINGO_SUFFIX and include is not None:
            self._take_clingo(text, path, identity, chain)
            return
        self.take(text, path, path.parent, identity, chain)

    def take(
        self, text: str, path: Path, folder: Path, identity: str, chain: tuple[tuple[str, Path, Span], ...]
    ) -> None:
        """Append the statements of one text, which calls itself ``path`` and finds what it includes in ``folder``."""
        try:
            program = parse(text, str(path))
        except BrokenTextError as error:
            self.diagnostics.extend(error.diagnostics)
            self._lost.extend(error.lost)
            program = error.program
        self.comments.extend(program.comments)
        for statement in program.statements:
            if isinstance(statement, Include):
                self.read(folder / statement.path, statement, (*chain, (identity, path, statement.span)))
            else:
                self.statements.append(statement)

    def _take_clingo(self, text: str, path: Path, identity: str, chain: tuple[tuple[str, Path, Span], ...]) -> None:
        statements, problems = read_clingo(text, str(path))
        self.diagnostics.extend(problems)
        self._unread |= bool(problems)
        for statement in statements:
            if statement.kind == "include":
                include = Include(statement.path, statement.span)
                self.read(path.parent / statement.path, include, (*chain, (identity, path, statement.span)))
            else:
                self.statements.append(statement)


def _cycle(chain: tuple[tuple[str, Path, Span], ...], path: Path, include: Include | None) -> Diagnostic:
    """Files that include each other: the whole cycle, with a label at each further include."""
    cycle = " → ".join([*(str(entry[1]) for entry in chain), str(path)])
    labels = tuple(Label(span, f"{entry} includes the next file here") for _, entry, span in chain[:-1])
    return Diagnostic(
        "E134",
        f"files include each other: {cycle}",
        include.span if include else NOWHERE,
        "move what both need into a third file, and include that one",
        labels,
    )
