"""Runs the daemon and tells, whenever it is sent SIGUSR2, how many objects live in it.

What it is given is the command that it stands in for and its options; the number
goes, a line a signal, into the file `objects` where it is started.
"""

import gc
import runpy
import signal
import sys
from pathlib import Path


def count(*_: object) -> None:
    """Count what the collector knows; what has been there since the start is frozen, and not counted."""
    gc.collect()
    with Path("objects").open("a") as file:
        file.write(f"{len(gc.get_objects())}\n")


signal.signal(signal.SIGUSR2, count)
sys.argv[:] = ["tcpchat", *sys.argv[sys.argv.index("--port") :]]
runpy.run_module("twistedchat", run_name="__main__", alter_sys=True)
