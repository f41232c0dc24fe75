"""What hours of use come to: nothing that people do leaves anything behind, and what they may cost has a bound."""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.build import build
from bench.cores import pick_cores, raise_descriptors
from bench.generator import Generator, Load
from bench.processes import status_kb
from bench.runner import Runner
from bench.scenarios import Scenario
from bench.servers import JSON, TEXT, known
from tests.end_to_end.streams import DEADLINE, eventually
from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.runner import Figures
    from tests.end_to_end.daemon import Daemon, Start

pytestmark = pytest.mark.soak

CYCLES, AT_ONCE = 100_000, 50
WARM = CYCLES // 5
"""Cycles after which everything that is kept for good is there."""
COUNTED = (sys.executable, str(Path(__file__).with_name("counted.py")))
ADDRESSES = 250
"""Of this computer; from a single one there are not enough ports for so many in a minute."""


class Visitors:
    """People who come, say something and are gone, so many at a time."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self.came = 0

    def come(self, count: int) -> None:
        for _ in range(count // AT_ONCE):
            visits = [self._comes() for _ in range(AT_ONCE)]
            for visit in visits:
                self._leaves(visit)

    def _comes(self) -> socket.socket:
        self.came += 1
        visit = socket.create_connection(
            ("127.0.0.1", self._daemon.port), DEADLINE, (f"127.0.1.{self.came % ADDRESSES + 1}", 0)
        )
        visit.sendall(b"visitor%d\nhello from number %d\n" % (self.came, self.came))
        visit.shutdown(socket.SHUT_WR)
        return visit

    def _leaves(self, visit: socket.socket) -> None:
        with visit:
            shown = b""
            while piece := visit.recv(65536):
                shown += piece
        assert shown.startswith(b"Connected to server!"), shown


class Remains:
    """What a daemon holds at one moment."""

    def __init__(self, daemon: Daemon) -> None:
        before = self._counted(daemon)
        os.kill(daemon.pid, signal.SIGUSR2)
        eventually(lambda: len(self._counted(daemon)) > len(before), "the count")
        self.objects = self._counted(daemon)[-1]
        self.kb = status_kb(daemon.pid, "VmRSS")
        self.descriptors = len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))

    def _counted(self, daemon: Daemon) -> list[int]:
        file = daemon.folder / "objects"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


class VisitorTests:
    """People who come and go."""

    def test_a_hundred_thousand_visits_leave_nothing_behind(self, start: Start) -> None:
        """Neither memory nor objects nor descriptors: the last visit finds what the first one found."""
        daemon = start("--set", "limits.connects_per_minute=0", prefix=COUNTED)
        visitors = Visitors(daemon)
        visitors.come(WARM)
        first = Remains(daemon)
        visitors.come(CYCLES - WARM)
        last = Remains(daemon)
        assert last.descriptors == first.descriptors
        assert last.objects - first.objects < 1000
        assert (last.kb - first.kb) * 1024 / (CYCLES - WARM) < 32, f"{first.kb} kB, then {last.kb} kB"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """Give what makes loads of thousands of connections, and checks each delivery."""
    tool("cc")
    raise_descriptors()
    core, generator_core = pick_cores()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        yield Runner(Generator(build("load", path), generator_core), core, path, print)


def borne(runner: Runner, name: str, load: Load, warm: int = 0) -> Figures:
    """Have a daemon bear the load, every delivery of which is checked; return what the last step has shown."""
    (server,) = (each for each in known(runner.folder) if each.name == name)
    return runner.run(Scenario("soak", load, (name,), warm), server).points[-1]


class CrowdTests:
    """Thousands who are there at once."""

    @pytest.mark.parametrize("name", [TEXT, JSON])
    def test_five_hundred_who_never_read_harm_nobody(self, runner: Runner, name: str) -> None:
        """They are let go of, their memory with them; the others get everything, each once, in one order."""
        steps = ("open:2000:0.3", "open:2000:10")
        everybody = borne(runner, name, Load(500, steps, senders=10), warm=1)
        half = borne(runner, name, Load(1000, steps, senders=10, stalled=500), warm=1)
        assert half["ejected"] == 500
        assert half["peak_mb"] - everybody["peak_mb"] < 32

    @pytest.mark.parametrize("name", [TEXT, JSON])
    def test_an_idle_connection_costs_four_kilobytes(self, runner: Runner, name: str) -> None:
        """Five thousand who are in the room and say nothing."""
        assert borne(runner, name, Load(5000, ("hold",)))["kb_each"] <= 4

    def test_ten_thousand_are_held(self, runner: Runner) -> None:
        """All of them come in, and a word reaches each of them."""
        figures = borne(runner, TEXT, Load(10_000, ("closed:1:1",)))
        assert figures["deliveries"] >= 9_999
