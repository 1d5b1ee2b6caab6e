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


RUNNABLE = [code for code, entry in ENTRIES.items() if entry.wrong and code[1] in "123"]


@pytest.mark.parametrize("code", RUNNABLE)
def test_examples(code: str) -> None:
    """Examples of syntax are single statements, so that names in them may be unknown; the others are whole programs."""
    entry = ENTRIES[code]
    assert code in codes(entry.wrong)
    errors = {found for found in codes(entry.mended) if found.startswith("E")}
    assert not {found for found in errors if code[1] != "1" or found[1] == "1"}
    assert code not in codes(entry.mended)


def test_entries_are_sorted_and_distinct() -> None:
    for family in "123":
        found = [code for code in ENTRIES if code[1] == family]
        assert found == sorted(set(found))
