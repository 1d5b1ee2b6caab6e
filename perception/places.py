"""Where data sets and weights lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """The folder for what can be made again: the variable ``NESY_CACHE``, else the user's cache."""
    chosen = os.environ.get("NESY_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("nesy"))


def data_folders(name: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Where the files of data set ``name`` are looked for, in this order; the last one is where downloads go.

    The argument ``folder`` (which holds the files, or a folder ``name`` that does), the variable ``NESY_DATA``
    likewise, the cache.
    """
    found: list[Path] = []
    variable = os.environ.get("NESY_DATA")
    for base in (folder, Path(variable).expanduser() if variable else None):
        if base is not None:
            found += [base / name, base]
    return (*found, cache_folder() / "data" / name)
