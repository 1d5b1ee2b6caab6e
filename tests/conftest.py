"""Settings that all tests share: the data folder, Hypothesis' profile, one thread for torch, Ctrl-C."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("OMP_NUM_THREADS", "1")
_data = ROOT.parent / "shared" / "data"
if "NESY_DATA" not in os.environ and _data.is_dir():
    os.environ["NESY_DATA"] = str(_data)

# A shell that starts tests in the background may have Ctrl-C ignored; tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "nesy",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("nesy")
