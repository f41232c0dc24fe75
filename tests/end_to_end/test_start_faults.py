"""The disk fails while the daemon starts, or the start is cut short: the next start finds everything."""

from __future__ import annotations

import shutil
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.faults.starts import starts_badly
from tests.end_to_end.peers import Program
from tests.end_to_end.talkers import history

if TYPE_CHECKING:
    from pathlib import Path

SAID = [f"said before {number}" for number in range(20)]
CALLS = {"pwrite64": 50, "fdatasync": 12, "ftruncate": 8, "unlink": 6, "fsync": 2}
"""How often each is made at most until the daemon is ready, and a few times more."""
REFUSED = {1, 2, 4}
"""A line about the folder or the database, or a commit of which nobody knows whether it happened."""


def new(_: Daemon) -> list[str]:
    """There is no database yet."""
    return []


def closed(daemon: Daemon) -> list[str]:
    """The last end was an orderly one."""
    return said_before(daemon, signal.SIGTERM)


def killed(daemon: Daemon) -> list[str]:
    """What was said is in the -wal still."""
    return said_before(daemon, signal.SIGKILL)


def said_before(daemon: Daemon, how: signal.Signals) -> list[str]:
    daemon.start()
    with closing(Program(daemon.port)) as program:
        program.enters("program")
        for text in SAID:
            program.answer("say", room="#lobby", text=text)
    daemon.stop(how)
    return SAID


LEFT = (new, closed, killed)


@pytest.fixture(params=LEFT, ids=lambda left: left.__name__)
def before(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[str]]:
    """Give a folder as some daemon has left it, and what was said in it."""
    with closing(Daemon(tmp_path)) as daemon:
        return tmp_path, request.param(daemon)


def starts_well(folder: Path, said: list[str]) -> None:
    """Start, find everything, and take more."""
    with closing(Daemon(folder)) as daemon:
        daemon.start()
        assert [event["text"] for event in history(daemon.port)] == said
        with closing(Program(daemon.port)) as program:
            program.enters("later")
            assert program.answer("say", room="#lobby", text="later")["seq"] == len(said) + 1
        daemon.stop()
        assert daemon.sound()


class FailingStartTests:
    """EIO, once, while it starts."""

    @pytest.mark.parametrize(("call", "when"), [("pwrite64", 6), ("fdatasync", 2), ("ftruncate", 3), ("fsync", 1)])
    def test_it_says_so_or_starts(self, before: tuple[Path, list[str]], call: str, when: int) -> None:
        """A clear message and a status, never a traceback; and the next start has everything."""
        folder, said = before
        assert starts_badly(folder, call, "error=EIO", when) in {None, *REFUSED}
        starts_well(folder, said)

    @pytest.mark.soak
    @pytest.mark.parametrize("call", CALLS)
    def test_at_any_call(self, before: tuple[Path, list[str]], call: str) -> None:
        """Whichever it is."""
        folder, said = before
        copy = folder.with_name(f"{folder.name}-copy")
        for when in range(1, CALLS[call] + 1):
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            status = starts_badly(copy, call, "error=EIO", when)
            assert status in {None, *REFUSED}
            starts_well(copy, said)
            shutil.rmtree(copy)


class StartCutShortTests:
    """SIGKILL while it starts."""

    @pytest.mark.parametrize(("call", "when"), [("pwrite64", 2), ("fdatasync", 3)])
    def test_it_is_begun_anew(self, before: tuple[Path, list[str]], call: str, when: int) -> None:
        """Wherever it was."""
        folder, said = before
        assert starts_badly(folder, call, "signal=KILL", when) in {None, -signal.SIGKILL}
        starts_well(folder, said)

    @pytest.mark.soak
    @pytest.mark.parametrize("call", CALLS)
    def test_at_any_call(self, before: tuple[Path, list[str]], call: str) -> None:
        """Whichever it is."""
        folder, said = before
        copy = folder.with_name(f"{folder.name}-copy")
        for when in range(1, CALLS[call] + 1):
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            assert starts_badly(copy, call, "signal=KILL", when) in {None, -signal.SIGKILL}
            starts_well(copy, said)
            shutil.rmtree(copy)
