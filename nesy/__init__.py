"""nesy: one rule file, several ways to reason with it, neural networks as its eyes.

    program = nesy.load("addition.nesy")
    engine = program.compile("possibilistic")
    answer = engine.infer({"a": tensor})
    answer["y"].possibility, answer.explain(0)

In goes text (or a path), out come answers. The names below are the whole public interface; each is imported when it
is first used, so that ``import nesy`` loads neither torch nor clingo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nesy.dsl.lazy import importer

if TYPE_CHECKING:
    from nesy.abduction.abduce import HeldOut as HeldOut
    from nesy.abduction.abduce import abduce as abduce
    from nesy.abduction.error_rules.learning import ErrorRuleLearner as ErrorRuleLearner
    from nesy.abduction.error_rules.rules import ErrorRules as ErrorRules
    from nesy.abduction.predictions import Predictions as Predictions
    from nesy.abduction.result import Abduction as Abduction
    from nesy.comparing.compare import compare as compare
    from nesy.comparing.comparison import Comparison as Comparison
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
    from nesy.solvers.planning.plan import Plan as Plan
    from nesy.solvers.possibilistic.learning.learn import Learned as Learned
    from nesy.solvers.possibilistic.learning.options import LearningOptions as LearningOptions
    from nesy.solvers.possibilistic.learning.parameters import Parameters as Parameters
    from nesy.solvers.possibilistic.learning.pooling import Pooling as Pooling
    from nesy.solvers.possibilistic.learning.report import LearningReport as LearningReport
    from nesy.version import __version__ as __version__

_HOMES = {
    "Abduction": "nesy.abduction.result",
    "Alternative": "nesy.solvers.explanation",
    "Answer": "nesy.solvers.answer",
    "Comparison": "nesy.comparing.comparison",
    "Diagnostic": "nesy.dsl.diagnostics",
    "Engine": "nesy.engine",
    "ErrorRuleLearner": "nesy.abduction.error_rules.learning",
    "ErrorRules": "nesy.abduction.error_rules.rules",
    "Explanation": "nesy.solvers.explanation",
    "HeldOut": "nesy.abduction.abduce",
    "NesyError": "nesy.dsl.diagnostics",
    "Plan": "nesy.solvers.planning.plan",
    "Predictions": "nesy.abduction.predictions",
    "Program": "nesy.program",
    "Reading": "nesy.solvers.explanation",
    "Result": "nesy.solvers.answer",
    "Severity": "nesy.dsl.diagnostics",
    "Span": "nesy.dsl.span",
    "Status": "nesy.solvers.answer",
    "Step": "nesy.solvers.explanation",
    "Learned": "nesy.solvers.possibilistic.learning.learn",
    "LearningOptions": "nesy.solvers.possibilistic.learning.options",
    "LearningReport": "nesy.solvers.possibilistic.learning.report",
    "Parameters": "nesy.solvers.possibilistic.learning.parameters",
    "Pooling": "nesy.solvers.possibilistic.learning.pooling",
    "__version__": "nesy.version",
    "abduce": "nesy.abduction.abduce",
    "compare": "nesy.comparing.compare",
    "load": "nesy.program",
}

__all__ = [*_HOMES]
__getattr__ = importer(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
