"""Runs what documents show: the commands in ``console`` blocks and the code in ``python`` blocks.

A ``console`` block holds commands after ``$ `` and their output. A line ``...`` in the output stands for any lines;
times are compared as “some time”. A block is written to a file first where ``<!-- file: NAME -->`` stands before it.
Commands that install or test the project itself, or train, are not run (see ``LEFT_OUT``).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.forking import forker

LEFT_OUT = ("pip ", "pytest", ".ci/run", "git ", "cd ", "nesy demo", "python -m nesy.perception", "python benchmarks/")

SHELL = set("|<>;&$`*")
"""Signs for which a command needs a shell."""

_FENCE = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n)?^(?P<mark>```+)(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=mark)\s*$",
    re.MULTILINE | re.DOTALL,
)
_TIME = re.compile(r"\d+(?:\.\d+)?\s?(?:ms|µs|s)\b")


@dataclass(frozen=True)
class Block:
    """A fenced block of a Markdown page."""

    language: str
    text: str
    file: str | None
    line: int


@dataclass(frozen=True)
class Command:
    """One command of a console block with the output that the page shows."""

    command: str
    output: str
    line: int


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of ``page`` in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match["language"], match["text"], match["file"], text.count("\n", 0, match.start("mark")) + 1)
        for match in _FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block."""
    current: str | None = None
    output: list[str] = []
    start = block.line
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if line.startswith("$ "):
            if current is not None:
                yield Command(current, "\n".join(output), start)
            current, output, start = line[2:], [], number
        else:
            output.append(line)
    if current is not None:
        yield Command(current, "\n".join(output), start)


def normalise(text: str) -> str:
    """Text without what may differ from run to run: times, trailing blanks."""
    lines = [_TIME.sub("<time>", line).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def agrees(shown: str, actual: str) -> bool:
    """Whether ``actual`` is what the page shows, ``...`` standing for any lines."""
    parts = [re.escape(part.strip("\n")) for part in re.split(r"^\.\.\.$", normalise(shown), flags=re.MULTILINE)]
    return re.fullmatch(r"\n*.*?\n*".join(parts), normalise(actual), re.DOTALL) is not None


def run(command: str, folder: Path) -> str:
    """Standard output and error of a ``nesy`` or ``python`` command run in ``folder``; pipes go through the shell."""
    words = shlex.split(command)
    if words[0] == "nesy" and not set(command) & SHELL:
        return forker().run(folder, arguments=words[1:])[1]
    program = f"{shlex.quote(sys.executable)} -m nesy.cli"
    line = re.sub(r"(^|\| *)nesy(?= )", lambda match: match[1] + program, command)
    line = re.sub(r"(^|\| *)python(?= )", lambda match: match[1] + shlex.quote(sys.executable), line)
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    return done.stdout


def check_page(page: Path, folder: Path) -> list[str]:
    """Runs everything that ``page`` shows in ``folder``; returns what did not agree."""
    wrong = []
    for block in blocks(page):
        if block.file is not None:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        if block.language == "python":
            status, output = forker().run(folder, code=block.text)
            if status != 0:
                wrong.append(f"{page}:{block.line}: {output[-2000:]}")
        if block.language != "console":
            continue
        for command in commands(block):
            if command.command.startswith(LEFT_OUT):
                continue
            actual = run(command.command, folder)
            if not agrees(command.output, actual):
                wrong.append(f"{page}:{command.line}: $ {command.command}\nshown:\n{command.output}\nactual:\n{actual}")
    return wrong
