"""The examples of the codes 51x: the wrong one gives its code, the mended one does not."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.catalogue import grounding
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.grounding import ground

EXAMPLES = {entry.code: entry for entry in grounding.ENTRIES if entry.wrong}


def codes(text: str) -> set[str]:
    checked = check(parse(text))
    try:
        return {warning.code for warning in ground(checked).warnings}
    except NesyError as error:
        return {diagnostic.code for diagnostic in error.diagnostics}


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples(code: str) -> None:
    assert code in codes(EXAMPLES[code].wrong)
    assert not codes(EXAMPLES[code].mended)
