"""Runs the daemon under coverage, which is saved even when the daemon ends by a signal, as twistd does."""

import os
import runpy
import sys

import coverage

measuring = coverage.Coverage(data_suffix=True)
_kill = os.kill


def kill(pid: int, number: int) -> None:
    """Save what was measured before the process ends itself."""
    if pid == os.getpid():
        measuring.stop()
        measuring.save()
    _kill(pid, number)


os.kill = kill
sys.argv[0] = "tcpchat"
measuring.start()
runpy.run_module("twistedchat", run_name="__main__", alter_sys=True)
