"""The examples of the codes 60x: the wrong one gives its code, the mended one does not."""

from __future__ import annotations

import pytest

from nesy.dsl import check, parse
from nesy.dsl.catalogue import counting
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic.counting import compile_counting

EXAMPLES = {entry.code: entry for entry in counting.ENTRIES if entry.wrong}


def codes(text: str) -> set[str]:
    try:
        return {warning.code for warning in compile_counting(check(parse(text)), None, Options()).model.warnings}
    except NesyError as error:
        return {diagnostic.code for diagnostic in error.diagnostics}


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples(code: str) -> None:
    assert code in codes(EXAMPLES[code].wrong)
    assert not codes(EXAMPLES[code].mended)
