"""Devices by name."""

from __future__ import annotations

import torch

from nesy.dsl.diagnostics import Diagnostic, NesyError


def find_device(name: str) -> torch.device:
    """The device called ``name`` (``cpu``, ``cuda``, ``cuda:1``); E440 if it is not there."""
    try:
        device = torch.device(name)
    except RuntimeError:
        hint = "devices are called cpu, cuda, cuda:0, cuda:1, …"
        raise NesyError(Diagnostic("E440", f"there is no device '{name}'", hint=hint, place="--device")) from None
    if device.type == "cpu":
        return device
    present = torch.cuda.device_count() if device.type == "cuda" and torch.cuda.is_available() else 0
    if (device.index or 0) >= present:
        message = f"the device '{name}' was asked for, torch sees {present or 'no'} such device"
        raise NesyError(Diagnostic("E440", message, hint="the device cpu is always there", place="--device"))
    return device
