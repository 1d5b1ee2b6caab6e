from __future__ import annotations
from lark.exceptions import UnexpectedInput
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
MISSING_STOP = "E102"
def explain(text: str, file: str, error: UnexpectedInput) -> Diagnostic:
    line, column = max(error.line, 1), max(error.column, 1)
    return Diagnostic("E101", "unexpected input", Span(file, line, column, line, column + 1))
