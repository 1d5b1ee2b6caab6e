"""Results as JSON, one line for each unit of work: what is there is not done again."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from nesy.dsl.files import replace_file

Units = dict[str, dict[str, Any]]


def fill(path: Path, wanted: Mapping[str, Callable[[], dict[str, Any]]]) -> None:
    """Do those units of work that ``path`` does not hold, and write it after each; others may write there meanwhile."""
    for key, work in wanted.items():
        if key in stored(path):
            continue
        started = time.perf_counter()
        done = _rounded(work())
        _write(path, dict(sorted({**stored(path), key: done}.items())))
        print(f"{path.stem}: {key}: {time.perf_counter() - started:.1f} s", flush=True)


def stored(path: Path) -> Units:
    """The units that ``path`` holds."""
    if not path.exists():
        return {}
    found: Units = json.loads(path.read_text(encoding="utf-8"))["units"]
    return found


def _rounded(value: Any) -> Any:
    """Floats with six significant digits, NaN as None."""
    match value:
        case dict():
            return {name: _rounded(entry) for name, entry in value.items()}
        case list():
            return [_rounded(entry) for entry in value]
        case float():
            return float(f"{value:.6g}") if value == value else None
        case _:
            return value


def _write(path: Path, units: Units) -> None:
    """One line for each unit, so that a change is seen where it is."""
    head = json.dumps({"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()})
    lines = [f"  {json.dumps(key)}: {json.dumps(unit)}" for key, unit in units.items()]
    text = f'{{"made_with": {head}, "units": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda stream: stream.write(text.encode()))
