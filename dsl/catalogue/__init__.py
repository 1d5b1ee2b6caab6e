"""What every diagnostic code means: cause, a wrong example, the mended one.

One module per family, so that a code stands beside its relatives: ``syntax`` (1xx), ``names`` (2xx), ``safety``
(3xx), ``data`` (40x-44x: evidence, facts, files), ``perception`` (45x-48x), ``demonstrations`` (49x), ``backends``
(50x, 52x, 54x, 55x), ``grounding`` (51x), ``learning`` (53x, 56x, 57x), ``probabilistic`` (444, 59x), ``counting``
(60x), ``abduction`` (48x, 49x, 57x), ``hypotheses`` (58x), ``synthesis`` (62x). ``docs/diagnostics.md`` is made from
this, and a test holds that every code raised anywhere is listed here and that every listed code is raised.
"""

from __future__ import annotations

from nesy.dsl.catalogue import (
    abduction,
    backends,
    counting,
    data,
    demonstrations,
    grounding,
    hypotheses,
    learning,
    names,
    perception,
    probabilistic,
    safety,
    syntax,
    synthesis,
)
from nesy.dsl.catalogue.entry import Entry

ENTRIES: dict[str, Entry] = {
    entry.code: entry
    for module in (
        syntax,
        names,
        safety,
        data,
        perception,
        demonstrations,
        grounding,
        backends,
        learning,
        probabilistic,
        counting,
        abduction,
        hypotheses,
        synthesis,
    )
    for entry in module.ENTRIES
}

__all__ = ["ENTRIES", "Entry"]
