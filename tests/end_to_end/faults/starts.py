"""Starts that do not go well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.faults.injector import injecting
from tests.end_to_end.streams import DEADLINE, PAUSE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def starts_badly(folder: Path, call: str, what: str, when: int, program: Sequence[str] = ()) -> int | None:
    """Start once with a call that fails, and return the status, or None where it starts all the same.

    In either case there is no traceback, and where it gave a reason itself, that is one line.
    """
    daemon = Daemon(folder, prefix=[*injecting(call, what, when), *program])
    daemon.launch()
    until = time.monotonic() + DEADLINE
    while "kept in" not in daemon.out and not daemon.has_ended and time.monotonic() < until:
        time.sleep(PAUSE)
    status = daemon.ended() if daemon.has_ended else None
    daemon.destroy()
    for word in ("Traceback", "Unhandled"):
        assert word not in daemon.out + daemon.err, daemon.out + daemon.err
    if status in {1, 2}:
        assert daemon.err.count("tcpchat: ") == 1, daemon.err
    return status
