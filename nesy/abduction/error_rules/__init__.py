"""Error rules: when the reading of a source is not to be trusted.

In go predictions and, for learning, the true labels; out come rules of the language (:class:`~.rules.ErrorRules`)
that flag predictions, explain themselves, and can be written, edited and read back. ``cues`` are the conditions that
the learner tries, ``greedy`` chooses among them; ``vectorised`` and ``grounded`` evaluate rules of any origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nesy.dsl.lazy import importer

if TYPE_CHECKING:
    from nesy.abduction.error_rules.cues import CueOptions as CueOptions
    from nesy.abduction.error_rules.evaluation import Measured as Measured
    from nesy.abduction.error_rules.evaluation import measure as measure
    from nesy.abduction.error_rules.learning import GRID as GRID
    from nesy.abduction.error_rules.learning import ErrorRuleLearner as ErrorRuleLearner
    from nesy.abduction.error_rules.rules import ErrorRules as ErrorRules
    from nesy.abduction.error_rules.rules import Learned as Learned
    from nesy.abduction.error_rules.surroundings import Surroundings as Surroundings

_HOMES = {
    "GRID": "nesy.abduction.error_rules.learning",
    "CueOptions": "nesy.abduction.error_rules.cues",
    "ErrorRuleLearner": "nesy.abduction.error_rules.learning",
    "ErrorRules": "nesy.abduction.error_rules.rules",
    "Learned": "nesy.abduction.error_rules.rules",
    "Measured": "nesy.abduction.error_rules.evaluation",
    "Surroundings": "nesy.abduction.error_rules.surroundings",
    "measure": "nesy.abduction.error_rules.evaluation",
}

__all__ = [*_HOMES]
__getattr__ = importer(__name__, _HOMES)
