"""A small disk of its own for one daemon, and what fills it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.helpers import tool

if TYPE_CHECKING:
    from pathlib import Path


def small_disk(folder: Path, megabytes: int) -> list[str]:
    """Return what a daemon in that folder is started under to have its data on a disk that only it sees."""
    mounted = f'mount -t tmpfs -o size={megabytes}m tmpfs data && exec "$@"'
    own = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    prefix = [tool("unshare"), *own, tool("sh"), "-c", mounted, "sh"]
    (folder / "data").mkdir(exist_ok=True)
    if subprocess.run([*prefix, "true"], cwd=folder, capture_output=True, check=False).returncode != 0:
        pytest.skip("nothing can be mounted here")
    return prefix


def fill(filler: Path) -> None:
    """Write until the disk takes not one byte more."""
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
