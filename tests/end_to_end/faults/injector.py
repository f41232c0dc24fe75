"""System calls that fail on demand, by strace; a call is counted in each thread by itself."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.streams import eventually
from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Iterator


def injecting(call: str, what: str, when: int) -> list[str]:
    """Return what a daemon is started under to have the call fail the `when`-th time, in every thread."""
    strace = [tool("strace"), "-D", "-f", "-qq", "-o", "/dev/null"]
    if subprocess.run([*strace, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace is not permitted here")
    return [*strace, *_fault(call, what, when)]


@contextmanager
def injected(pid: int, call: str, what: str, when: int) -> Iterator[None]:
    """Have the call fail the `when`-th time from now on, in every thread of a process that runs."""
    injecting(call, what, when)
    strace = [tool("strace"), "-f", "-qq", "-o", "/dev/null", "-p", str(pid), *_fault(call, what, when)]
    tracer = subprocess.Popen(strace)
    try:
        eventually(lambda: _is_traced(pid), "strace at every thread")
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def _fault(call: str, what: str, when: int) -> list[str]:
    return ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]


def _is_traced(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return all("TracerPid:\t0\n" not in (thread / "status").read_text() for thread in threads)
