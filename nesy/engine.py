"""The compiled program that users hold: takes evidence in any of its forms, checks it, and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeAlias, cast

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.dsl.diagnostics import Diagnostic
    from nesy.learning import Samples, Targets
    from nesy.solvers.answer import Answer
    from nesy.solvers.backend import Engine as SolverEngine
    from nesy.solvers.backend import Options
    from nesy.solvers.ground_model import GroundModel
    from nesy.solvers.possibilistic.learning.learn import Learned
    from nesy.solvers.possibilistic.learning.options import LearningOptions
    from nesy.solvers.possibilistic.learning.report import Listener

Evidence: TypeAlias = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Tensors, arrays or nested lists ``[batch, index…, value]`` by percept name; or one instance (or a list of
instances) in the form of evidence files, ``{"cell": {"1,1": {"5": 0.9, "6": 0.1}}}``."""


@dataclass(frozen=True)
class Engine:
    """A compiled program. Grounding and lowering are done: any number of batches can be answered.

    ``solver`` is the engine of the back end, which takes checked tensors only.
    """

    backend: str
    options: Options
    solver: SolverEngine

    @property
    def model(self) -> GroundModel:
        """The ground program that was compiled."""
        return self.solver.model

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What grounding left out, and why."""
        return self.model.warnings

    def infer(self, evidence: Evidence | None = None, *, do: Mapping[str, object] | None = None) -> Answer:
        """The answer for one batch.

        Tensors keep their gradients; they are moved to the engine's device and dtype, and are otherwise used as they
        are. A program without percepts needs no evidence; its batch is 1. ``do`` sets random variables and definitions
        from outside (probabilistic): ``{"sprinkler": True}``, see :meth:`intervened`. Raises :class:`NesyError` with
        one diagnostic for each fault of the evidence (E401–E414).
        """
        from nesy.evidence_values import evidence_tensors

        if do:
            return self.intervened(do).infer(evidence)
        remarks: list[Diagnostic] = []
        raw = evidence_tensors(self.model, {} if evidence is None else evidence, remarks)
        answer = self.solver.infer(cast("Mapping[str, Tensor]", raw))
        return replace(answer, warnings=(*answer.warnings, *remarks)) if remarks else answer

    def intervened(self, do: Mapping[str, object] | Sequence[str]) -> Engine:
        """The engine of the program in which nodes are set from outside: ``{"strength(ann)": 60}``, ``["wet = true"]``.

        What was observed of such a node is forgotten, everything else stays known. Raises E598 for nodes that are not
        there and values that they cannot have, E523 for back ends without interventions.
        """
        from nesy.interventions import read_interventions
        from nesy.solvers.probabilistic.engine import ProbabilisticEngine

        if not isinstance(self.solver, ProbabilisticEngine):
            from nesy.dsl.diagnostics import Diagnostic, NesyError

            message = f"the back end '{self.backend}' takes no option 'do' for this program"
            hint = "interventions are for programs with random variables, under the back end probabilistic"
            raise NesyError(Diagnostic("E523", message, hint=hint, place="option do"))
        return replace(self, solver=self.solver.intervened(read_interventions(do)))

    def check(self, evidence: Evidence | None = None) -> dict[str, Tensor]:
        """The evidence as the tensors that :meth:`infer` works on, or the same :class:`NesyError`."""
        import torch

        from nesy.evidence_values import evidence_tensors
        from nesy.solvers.evidence import check_evidence

        raw = evidence_tensors(self.model, {} if evidence is None else evidence)
        dtype = torch.float32 if self.options.dtype == "float32" else torch.float64
        return check_evidence(self.model, raw, device=self.options.device, dtype=dtype)

    def learn(
        self,
        evidence: Evidence,
        targets: Targets,
        learning: LearningOptions | None = None,
        *,
        validation: Samples | float | None = None,
        progress: Listener | None = None,
    ) -> Learned:
        """Learn the parameters of the rules on which the engine's queries depend; see :meth:`Program.learn`.

        The engine stays as it is: ``program.compile(parameters=learned.parameters)`` makes one with what was learned.
        Targets of concepts that its queries do not need are left out. Raises E565 for a back end that does not learn.
        """
        from nesy.learning import learn_from
        from nesy.solvers.possibilistic.learning.options import LearningOptions

        if self.backend != "possibilistic":
            from nesy.dsl.diagnostics import Diagnostic, NesyError

            message = f"the back end '{self.backend}' does not learn parameters"
            raise NesyError(Diagnostic("E565", message, hint="compile for 'possibilistic'", place="learn"))
        samples = (evidence, targets)
        return learn_from(self.model, self.options, samples, learning or LearningOptions(), validation, progress)

    def close(self) -> None:
        """End the processes of an engine whose solvers race; others hold none. Leaving a ``with`` does the same."""
        from nesy.solvers.logic.tasks import Closing

        if isinstance(self.solver, Closing):
            self.solver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def listing(self) -> str:
        """What the program was compiled to, as readable text."""
        return self.solver.listing()
