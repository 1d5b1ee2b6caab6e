"""Writes ``docs/language.md`` from the comments of the grammar: ``python docs/make_language.py [--check]``."""

from __future__ import annotations

import re
from pathlib import Path

from writing import write_or_check

PAGE = Path(__file__).with_name("language.md")
GRAMMAR = Path(__file__).parents[1] / "dsl" / "grammar.lark"

HEAD = """# The rule language

<!-- Written by docs/make_language.py from dsl/grammar.lark; change the comments there, not this page. -->

"""


def page() -> str:
    """The page as Markdown: the lines of the grammar that begin with ``///``, examples fenced."""
    blocks = re.findall(r"(?:^///.*\n)+", GRAMMAR.read_text(encoding="utf-8"), re.MULTILINE)
    return HEAD + "\n".join(_section(block) for block in blocks)


def _section(block: str) -> str:
    lines: list[str] = []
    fenced = False
    for raw in block.splitlines():
        line = raw.removeprefix("///").removeprefix(" ")
        example = line.startswith("    ")
        if example != fenced:
            lines.append("```prolog" if example else "```")
            fenced = example
        lines.append(line.removeprefix("    ") if example else f"#{line}" if line.startswith("#") else line)
        if line.startswith("#"):
            lines.append("")
    text = "\n".join([*lines, *(["```"] if fenced else [])]).rstrip() + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


if __name__ == "__main__":
    write_or_check({PAGE: page()})
