"""Settings that all tests share: the data folder, Hypothesis' profile, one thread for torch, Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import SHARE, be_quick

EXAMPLES = 60

ROOT = Path(__file__).resolve().parent.parent

gc.disable()  # until the tests begin
os.environ.setdefault("OMP_NUM_THREADS", "1")
_data = ROOT.parent / "shared" / "data"
if "NESY_DATA" not in os.environ and _data.is_dir():
    os.environ["NESY_DATA"] = str(_data)

# A shell that starts tests in the background may have Ctrl-C ignored; tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "nesy",
    deadline=None,
    max_examples=EXAMPLES,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("nesy"), max_examples=EXAMPLES // SHARE)
settings.load_profile("nesy")


def pytest_configure(config: pytest.Config) -> None:
    """The quick part tries fewer examples of each property."""
    if "not slow" in config.getoption("markexpr", ""):
        be_quick()
        settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """What is imported by now stays: collecting garbage need not look at it after each of thousands of tests."""
    gc.freeze()
    gc.enable()
