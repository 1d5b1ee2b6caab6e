"""The examples of the catalogue: the wrong one gives its code, the mended one does not."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.catalogue import ENTRIES
from nesy.dsl.diagnostics import NesyError


def codes(text: str) -> set[str]:
    """The codes of all diagnostics that parsing and checking give."""
    try:
        return {diagnostic.code for diagnostic in check(parse(text)).warnings}
    except NesyError as error:
        return {diagnostic.code for diagnostic in error.diagnostics}


RUNNABLE = [entry for entry in ENTRIES.values() if entry.wrong and entry.code[1] in "123"]


@pytest.mark.parametrize("entry", RUNNABLE, ids=lambda entry: entry.code)
def test_examples(entry: object) -> None:
    entry = ENTRIES[entry.code]  # type: ignore[attr-defined]
    assert entry.code in codes(entry.wrong)
    if entry.mended:
        mended = codes(entry.mended)
        assert entry.code not in mended
        assert not [code for code in mended if code.startswith("E")]


def test_entries_are_sorted_and_distinct() -> None:
    for family in "123":
        found = [code for code in ENTRIES if code[1] == family]
        assert found == sorted(set(found))
