"""nesy: one rule file, several ways to reason with it, neural networks as its eyes.

    program = nesy.load("addition.nesy")
    engine = program.compile("possibilistic")
    answer = engine.infer({"a": tensor})
    answer["y"].possibility, answer.explain(0)

In goes text (or a path), out come answers. The names below are the whole public interface; each is imported when it
is first used, so that ``import nesy`` loads neither torch nor clingo.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.dsl.diagnostics import Diagnostic as Diagnostic
    from nesy.dsl.diagnostics import NesyError as NesyError
    from nesy.dsl.diagnostics import Severity as Severity
    from nesy.dsl.span import Span as Span
    from nesy.engine import Engine as Engine
    from nesy.program import Program as Program
    from nesy.program import load as load
    from nesy.solvers.answer import Answer as Answer
    from nesy.solvers.answer import Result as Result
    from nesy.solvers.answer import Status as Status
    from nesy.solvers.explanation import Alternative as Alternative
    from nesy.solvers.explanation import Explanation as Explanation
    from nesy.solvers.explanation import Reading as Reading
    from nesy.solvers.explanation import Step as Step

    __version__: str

__all__ = [
    "Alternative",
    "Answer",
    "Diagnostic",
    "Engine",
    "Explanation",
    "NesyError",
    "Program",
    "Reading",
    "Result",
    "Severity",
    "Span",
    "Status",
    "Step",
    "__version__",
    "load",
]

_HOMES = {
    "Alternative": "nesy.solvers.explanation",
    "Answer": "nesy.solvers.answer",
    "Diagnostic": "nesy.dsl.diagnostics",
    "Engine": "nesy.engine",
    "Explanation": "nesy.solvers.explanation",
    "NesyError": "nesy.dsl.diagnostics",
    "Program": "nesy.program",
    "Reading": "nesy.solvers.explanation",
    "Result": "nesy.solvers.answer",
    "Severity": "nesy.dsl.diagnostics",
    "Span": "nesy.dsl.span",
    "Status": "nesy.solvers.answer",
    "Step": "nesy.solvers.explanation",
    "load": "nesy.program",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("nesy")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
