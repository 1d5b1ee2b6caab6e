"""What abduction gives to users: the hypothesis with its problem, to ask for labels, reasons, figures, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.contributions import (
    ModelContribution,
    PairContribution,
    model_contributions,
    pair_contributions,
)
from nesy.abduction.error_rules.rules import ErrorRules
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.fused import Kind, fused_shares, fused_values, write_fused
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.metrics import Scores, score
from nesy.abduction.object_explanations import ObjectExplanation, explain_object
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.scene_constraints import DIFFERENT
from nesy.dsl.values import Value
from nesy.solvers.answer import Status

if TYPE_CHECKING:
    from nesy.abduction.staircase import Staircase


@dataclass(frozen=True, eq=False)
class Abduction:
    """The answer of :func:`nesy.abduce`.

    ``hypothesis`` is the certificate, which :func:`nesy.abduction.checker.verify` checks against ``problem`` without
    any solver; ``truth`` [N] are the places of the true classes, where they were given; ``learned`` the error rules
    that were learned on the way, by recall budget.
    """

    percept: str
    problem: AbductionProblem
    hypothesis: Hypothesis
    surroundings: Surroundings
    truth: NDArray[np.int64] | None = None
    learned: Mapping[float | None, ErrorRules] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """How far the problem was solved."""
        return self.hypothesis.status

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of the objects, in order."""
        return self.problem.predictions.objects

    @property
    def labels(self) -> dict[str, Value | None]:
        """The label of each object; None where it has none."""
        classes = (*self.problem.predictions.classes, None)
        return dict(zip(self.objects, (classes[place] for place in self.hypothesis.labels.tolist()), strict=True))

    @property
    def coverage(self) -> float:
        """The share of the objects that have a label."""
        return self.hypothesis.covered / max(1, len(self.objects))

    @property
    def inconsistency(self) -> float:
        """The rate of inconsistency, by the denominator of the problem."""
        return self.hypothesis.rate

    # ----- why

    def explain(self, name: str) -> ObjectExplanation:
        """Why the object ``name`` has its label. Raises KeyError for an unknown one."""
        if name not in self._rows:
            raise KeyError(f"there is no object '{name}'")
        return explain_object(
            self.problem, self.hypothesis, self.surroundings, self.pairs, self._rows[name], self.named
        )

    def named(self, constraint: str) -> str:
        """A constraint that does not hold, with the places of the statements that ask for different labels."""
        return f"{constraint} ({', '.join(self._different)})" if constraint == DIFFERENT else constraint

    @cached_property
    def _different(self) -> tuple[str, ...]:
        from nesy.abduction.constraints.all_different import origins

        return origins(self.surroundings)

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {name: row for row, name in enumerate(self.objects)}

    @cached_property
    def pairs(self) -> tuple[PairContribution, ...]:
        """What became of each model's predictions of each class."""
        return pair_contributions(self.problem, self.hypothesis)

    @property
    def models(self) -> tuple[ModelContribution, ...]:
        """What became of each model's predictions."""
        return model_contributions(self.pairs, len(self.problem.predictions.models))

    # ----- figures

    def scores(self) -> dict[str, Scores]:
        """How good the labels are, and those of each model and of the ensembles; empty where no truth was given."""
        if self.truth is None:
            return {}
        from nesy.abduction.baselines.table import ensembles

        predictions = self.problem.predictions
        flagged = self.problem.flagged[0] if self.problem.reasons else None
        candidates = {"abduction": self.hypothesis.labels}
        candidates |= {model: predictions.labels[:, place] for place, model in enumerate(predictions.models)}
        candidates |= ensembles(predictions, flagged=flagged)
        return {name: score(labels, self.truth, len(predictions.classes)) for name, labels in candidates.items()}

    def staircase(self, **options: Any) -> Staircase:
        """What each bound on inconsistency would bring, and so what each conflict costs.

        ``options`` are those of :func:`nesy.abduction.staircase.staircase`: ``most``, ``solver``, ``seed``,
        ``time_limit``, ``workers``, ``progress``.
        """
        from nesy.abduction.staircase import staircase

        return staircase(self.problem, **options)

    # ----- on to other back ends

    def fused_evidence(self, kind: Kind = "certain") -> list[dict[str, Any]]:
        """The fused percept as evidence, one mapping for each instance: ``[{"label": {"o1": "bus", …}}]``.

        ``kind``: ``certain`` labels, or the ``distribution`` of the model that supports each. An object without a label
        has a uniform distribution.
        """
        around = self.surroundings
        return fused_values(
            self.problem.predictions, self.hypothesis, self.percept, around.index, around.instances, kind
        )

    def fused_array(self, kind: Kind = "certain") -> NDArray[np.float64]:
        """The same as an array [N, C], objects and classes in the order of the problem."""
        return fused_shares(self.problem.predictions, self.hypothesis, kind)

    def save_evidence(self, path: str, kind: Kind = "certain") -> None:
        """Write the fused percept as an evidence file: ``.npz``, or JSON."""
        around = self.surroundings
        write_fused(path, self.problem.predictions, self.hypothesis, self.percept, around.index, around.instances, kind)

    def to_json(self, objects: Sequence[str] | None = None) -> dict[str, object]:
        """The report as plain data; with the explanations of ``objects`` (None: the label of every object)."""
        from nesy.abduction.report_json import report_to_json

        return report_to_json(self, objects)
