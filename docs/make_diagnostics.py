"""Writes ``docs/diagnostics.md`` from the catalogue: ``python docs/make_diagnostics.py [--check]``."""

from __future__ import annotations

from pathlib import Path

from writing import write_or_check

from nesy.dsl.catalogue import ENTRIES

PAGE = Path(__file__).with_name("diagnostics.md")

FAMILIES = {
    "1": "Syntax",
    "2": "Names and types",
    "3": "Safety and stratification",
    "4": "Evidence, data and perception",
    "5": "Grounding and back ends",
    "6": "Counting worlds",
}

HEAD = """# Diagnostics

<!-- Written by docs/make_diagnostics.py from dsl/catalogue; change the catalogue, not this page. -->

Whatever nesy refuses, it refuses with a diagnostic: a code, the place, the value, and what to do. `E…` is an error and
stops the command with exit status 1; `W…` is a warning. All errors of a file are reported at once. `--json` gives the
same as data.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for digit, title in FAMILIES.items():
        entries = sorted((entry for entry in ENTRIES.values() if entry.code[1] == digit), key=lambda entry: entry.code)
        if not entries:
            continue
        parts.append(f"\n## {title}\n")
        for entry in entries:
            parts.append(f"\n### {entry.code} {entry.title}\n\n{entry.cause}\n")
            if entry.wrong:
                parts.append(f"\nWrong:\n\n```prolog\n{entry.wrong.strip()}\n```\n")
            if entry.mended:
                parts.append(f"\nMended:\n\n```prolog\n{entry.mended.strip()}\n```\n")
            if entry.cure:
                parts.append(f"\nCure: {entry.cure}\n")
    return "".join(parts)


if __name__ == "__main__":
    write_or_check({PAGE: page()})
