"""Runs the daemon on a clock that is some hours fast, and is set back by an hour several times a second.

What it is given is the command that it stands in for and its options. The clock
that only runs forward is left alone, as it is when somebody sets the time.
"""

import runpy
import sys
import time

STEP = 60.0
SET_EVERY = 0.02
"""Seconds between two settings."""
_time, _forward = time.time, time.monotonic
_start = _forward()


def seconds() -> float:
    """Return a time that begins some hours fast, and is set back by another each time; 1970 is before the first."""
    steps = int((_forward() - _start) / SET_EVERY)
    return max(0.0, _time() + (60 - steps) * STEP)


time.time, time.time_ns = seconds, lambda: int(seconds() * 1e9)
sys.argv[:] = ["tcpchat", *sys.argv[sys.argv.index("--port") :]]
runpy.run_module("twistedchat", run_name="__main__", alter_sys=True)
