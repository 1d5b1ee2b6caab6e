"""Devices by name."""

from __future__ import annotations

import torch

from nesy.dsl.devices import check_device


def find_device(name: str) -> torch.device:
    """The device called ``name`` (``cpu``, ``cuda``, ``cuda:1``); E440 if it is not there."""
    check_device(name, torch.cuda.device_count)
    return torch.device(name)
