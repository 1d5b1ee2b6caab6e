"""Names of devices: checked in one wording by all that compute with tensors, and without torch."""

from __future__ import annotations

import re
from collections.abc import Callable

from nesy.dsl.diagnostics import Diagnostic, NesyError

_NAME = re.compile(r"cpu|cuda(?::(?P<number>0|[1-9][0-9]*))?")


def check_device(name: str, cuda_devices: Callable[[], int]) -> None:
    """E440 unless ``name`` is ``cpu``, ``cuda`` or ``cuda:1``, and among the first ``cuda_devices()`` of its kind."""
    match = _NAME.fullmatch(name)
    if match is None:
        message, hint = f"'{name}' is not a device", "devices are called cpu, cuda, cuda:0, cuda:1, …"
    elif name == "cpu" or int(match["number"] or 0) < (count := cuda_devices()):
        return
    else:
        message = f"there is no CUDA device '{name}': torch sees {count or 'none'}"
        hint = "use --device cpu, or install a CUDA build of torch on a machine with such a device"
    raise NesyError(Diagnostic("E440", message, hint=hint, place="--device"))
