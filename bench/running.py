"""A server for one run: started on its core in a folder of its own, and always ended."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.cores import on_core
from bench.errors import BenchError
from bench.processes import busy_s, cpu_s, descendants, listens, memory_kb
from bench.servers import Server

STARTS_WITHIN = 15.0
ENDS_WITHIN = 10.0


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A server that listens."""

    def __init__(self, server: Server, process: subprocess.Popen[bytes], port: int, core: int | None) -> None:
        self.server = server
        self.core = core
        self.process = process
        self.port = port

    @property
    def pids(self) -> list[int]:
        """All its processes."""
        return descendants(self.process.pid)

    def memory_kb(self) -> int:
        """What all its processes hold resident now."""
        return memory_kb(self.pids)

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """Appends, at the end, the share of its processor that others have had meanwhile."""
        shares: list[float] = []
        begin, before = time.monotonic(), self._others_s()
        yield shares
        shares.append(max(0.0, self._others_s() - before) / (time.monotonic() - begin))

    def _others_s(self) -> float:
        if self.core is None:
            return 0.0
        return busy_s(self.core, Path("/proc/stat").read_text()) - cpu_s(self.pids)

    def peak_kb(self) -> int:
        """What they have held resident at most."""
        return memory_kb(self.pids, "VmHWM")


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not listens(port):
        if process.poll() is not None:
            raise BenchError(f"ended with status {process.returncode} instead of listening")
        if time.monotonic() > until:
            raise BenchError(f"does not listen after {STARTS_WITHIN:.0f} s")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    """At once: nothing of a run is kept, and a polite IRC server would first tell everybody of everybody."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(ENDS_WITHIN)


def telling_part(output: str, size: int = 4000) -> str:
    """What a server has printed, cut to its first traceback or to its end."""
    start = output.find("Traceback")
    return output[start : start + size].strip() if start >= 0 else output[-size // 8 :].strip()


@contextmanager
def running(server: Server, folder: Path, core: int | None) -> Iterator[Running]:
    """Start it; whatever goes wrong meanwhile is told with the end of what it has printed."""
    port = free_port()
    output = folder / "output"
    with output.open("wb") as log, on_core(core):
        process = subprocess.Popen(
            server.command(folder, port),
            cwd=folder,
            env={**os.environ, **server.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _await_port(process, port)
        yield Running(server, process, port, core)
    except BenchError as error:
        said = telling_part(output.read_text(errors="replace"))
        raise BenchError(f"{server.name}: {error}" + (f"\n{said}" if said else "")) from error
    finally:
        _end(process)
