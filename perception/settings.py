"""How a network is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.perception.augmentation import Augmentation

Optimiser: TypeAlias = Literal["sgd", "adamw", "adadelta"]
Precision: TypeAlias = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Everything on which the outcome of training depends, beside the network and the data.

    ``optimiser``: ``sgd`` has Nesterov momentum 0.9. With ``one_cycle`` the learning rate climbs to
    ``learning_rate`` during the first ``warm_up`` of all steps and falls linearly to zero; otherwise it is constant.
    ``average`` is the decay per step of the moving average of the weights that the network has in the end; 0 takes
    the last weights. ``precision`` ``bfloat16`` computes convolutions in half precision, which is twice as fast
    on processors that have it, and slower on others.
    """

    epochs: int
    seed: int = 0
    batch: int = 256
    optimiser: Optimiser = "sgd"
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    one_cycle: bool = True
    warm_up: float = 0.2
    label_smoothing: float = 0.0
    average: float = 0.0
    augmentation: Augmentation | None = None
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        wrong = [
            f"{name} = {value}"
            for name, value, right in (
                ("epochs", self.epochs, self.epochs >= 1),
                ("batch", self.batch, self.batch >= 2),
                ("learning_rate", self.learning_rate, self.learning_rate > 0),
                ("weight_decay", self.weight_decay, self.weight_decay >= 0),
                ("warm_up", self.warm_up, 0 <= self.warm_up < 1),
                ("label_smoothing", self.label_smoothing, 0 <= self.label_smoothing < 1),
                ("average", self.average, 0 <= self.average < 1),
            )
            if not right
        ]
        if wrong:
            hint = "epochs ≥ 1, batch ≥ 2, learning_rate > 0, and the others from 0 to below 1"
            raise NesyError(Diagnostic("E473", f"training cannot be run with {', '.join(wrong)}", hint=hint))

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of step ``step`` (0 …) of ``steps``."""
        if not self.one_cycle:
            return self.learning_rate
        rise = self.warm_up * steps
        at = step + 0.5
        return self.learning_rate * (at / rise if at < rise else (steps - at) / (steps - rise))
