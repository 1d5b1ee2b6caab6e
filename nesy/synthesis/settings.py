"""What synthesis may be told."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.synthesis.llm.claims import CONCENTRATION
from nesy.synthesis.models import BEAM


@dataclass(frozen=True, slots=True)
class Settings:
    """``beam``: choices of variants that are tried at most. ``penalty``: weight of a bit of description length (0: pure
    Bayes). ``concentration``: so many cases a probability counts for that a language model claims (infinite: it is
    taken as it is claimed). ``method``, ``samples``, ``time_limit`` (seconds for each candidate) and ``seed`` go to
    inference. ``budget``: seconds for all of them; what there is no time for is left out, and that is told.

    Ablations: ``retrieve`` takes of a library only what the text needs; ``prune`` leaves out what is d-separated from
    the queries; ``score`` weighs candidates by their evidence, and not by their prior alone; ``average`` answers by all
    of them, and not by the best; ``influence`` runs the best model once more without each observation, and without any.
    """

    beam: int = BEAM
    penalty: float = 0.0
    method: str = "auto"
    samples: int | None = None
    time_limit: float | None = None
    budget: float | None = None
    seed: int = 0
    retrieve: bool = True
    prune: bool = True
    score: bool = True
    average: bool = True
    influence: bool = True
    concentration: float = CONCENTRATION
