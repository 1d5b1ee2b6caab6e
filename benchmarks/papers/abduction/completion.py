"""What follows from the rule of a scene when all of its objects but one have a label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def completed(labels: Labels, scene: Labels, classes: int) -> Labels:
    """``labels`` [N] where a scene shows every class once: a single object without a label has the class that is left.

    Scenes of ``classes`` objects each, in order; nothing changes in scenes with a repeated label.
    """
    rows = labels.reshape(-1, classes).copy()
    assert (scene.reshape(-1, classes) == scene.reshape(-1, classes)[:, :1]).all()
    present = (rows[:, :, None] == np.arange(classes)).any(1)
    alone = ((rows < 0).sum(1) == 1) & (present.sum(1) == classes - 1)
    rows[alone, (rows[alone] < 0).argmax(1)] = present[alone].argmin(1)
    return rows.reshape(-1)
