"""From the ``:-`` constraints of a program to the constraints of a problem of abduction.

``statements`` finds those over the fused attribute, ``one_object`` those that say which labels contradict one another,
``all_different`` those that forbid equal labels (no grounding is needed for these); all others are grounded
(``grounding``) and unfolded into denials over labels (``unfolding``). ``assembly`` puts the objects into scenes.
"""

from __future__ import annotations
