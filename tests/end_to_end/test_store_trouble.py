"""The disk is full, the database is locked, and what leaves the daemon before it is on the disk."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.faults.disk import fill, small_disk
from tests.end_to_end.peers import Peer, Program
from tests.end_to_end.talkers import history
from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.end_to_end.daemon import Daemon, Start
    from tests.end_to_end.peers import Meet


class FullDiskTests:
    """No space left on the device."""

    def test_full_disk(self, start: Start, tmp_path: Path, meet: Meet) -> None:
        """What cannot be stored is refused and nobody sees it; with space again the chat goes on by itself."""
        daemon = start(prefix=small_disk(tmp_path, megabytes=4))
        ann, bob, program = meet(Peer(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        program.enters("program")
        ann.types("before")
        bob.sees("ann: before")
        filler = Path(f"/proc/{daemon.pid}/root{daemon.data}/filler")
        fill(filler)
        refused = 0
        while not refused:
            error = program.answer("say", text="x" * 4000, cid="big")
            refused += error["ev"] == "error"
        assert (error["code"], error["text"]) == ("not_stored", "not stored: the disk is full")
        ann.types("while it is full " + "x" * 3000)
        ann.sees("! not stored: the disk is full")
        ann.types("/who")
        ann.sees("-- #lobby (3 people): ann, bob, program")
        filler.unlink()
        ann.types("after")
        between = bob.sees("ann: after")
        assert [line for line in between if line.startswith("ann")] == []
        assert program.answer("say", text="x" * 4000, cid="big").get("dup") is None
        assert daemon.stop() == -15
        assert "Traceback" not in daemon.err


class LockedDatabaseTests:
    """Somebody else writes into the database, or holds it."""

    def test_locked_for_longer_than_its_patience(self, daemon: Daemon, meet: Meet) -> None:
        """What cannot be stored is refused and nobody sees it; then the chat goes on by itself."""
        ann, bob, program = meet(Peer(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        program.enters("program")
        with locked(daemon.database):
            ann.types("while it is locked")
            refused = program.answer("say", text="so is this", cid="c1")
            ann.sees("! not stored: the database is locked")
            assert (refused["ev"], refused["code"]) == ("error", "not_stored")
            assert refused["text"] == "not stored: the database is locked"
        assert "dup" not in program.answer("say", text="and again", cid="c1")
        ann.types("after")
        heard = bob.sees("ann: after")
        assert heard == ["program joined!", "program: and again"]
        assert [event["text"] for event in history(daemon.port)] == ["and again", "after"]

    def test_locked_for_a_moment(self, daemon: Daemon, meet: Meet) -> None:
        """Within its patience nothing is refused and nothing is lost: it is told a little later."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        with locked(daemon.database):
            ann.types("one", "two")
            bob.types("/who")
            bob.sees("-- #lobby (2 people): ann, bob")
        bob.sees("ann: one", "ann: two")

    def test_leaving_while_it_is_locked(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever leaves while nothing can be stored has left, once, and no name is taken for ever."""
        ann, bob, program = meet(Peer(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        program.enters("program")
        ann.sees("program joined!")
        with locked(daemon.database):
            program.close()
            bob.types("this cannot be stored", "/quit")
            bob.ends()
            ann.types("nor can this")
            ann.shows("! not stored: the database is locked")
        again = meet(Peer(daemon.port))
        again.enters("bob")
        ann.waits(lambda ann: {"bob left!", "program left!", "bob joined!"} <= set(ann.lines), "who left")
        assert meet(Program(daemon.port)).hello("program", program.session)["nick"] == "program"
        ann.types("/who")
        ann.sees("-- #lobby (2 people): ann, bob")
        assert ann.lines.count("bob left!") == ann.lines.count("program left!") == 1

    def test_ending_while_it_is_locked(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever holds the database does not hold the end up: it comes within 5 s, and the senders are told."""
        ann = meet(Peer(daemon.port))
        ann.enters("ann")
        with locked(daemon.database):
            ann.types("this is on its way")
            ann.types("/who")
            ann.sees("-- #lobby (1 person): ann")
            ann.types("and this waits behind it")
            ann.types("/who")
            ann.sees("-- #lobby (1 person): ann")
            began = monotonic()
            assert daemon.stop() == -signal.SIGTERM
            assert monotonic() - began < 5.5
        ann.sees("! not stored: the database is locked", "! not stored: the database is locked")


class SyncTests:
    """What leaves the daemon, and when."""

    def test_nothing_is_acknowledged_or_shown_before_the_sync(self, start: Start, meet: Meet, tmp_path: Path) -> None:
        """With durability = power, the WAL is synced between its last write and the first byte about a message."""
        calls = self._talk_under_strace(start, meet, tmp_path, "power")
        assert unsynced(calls) == []

    def test_the_check_would_notice(self, start: Start, meet: Meet, tmp_path: Path) -> None:
        """With durability = process nothing is synced, and that is what the test above looks at."""
        calls = self._talk_under_strace(start, meet, tmp_path, "process")
        assert len(unsynced(calls)) >= 10

    def _talk_under_strace(self, start: Start, meet: Meet, folder: Path, durability: str) -> list[str]:
        trace = folder / "trace"
        what = "trace=pwrite64,write,fdatasync,fsync,sendto,sendmsg,writev"
        strace = [tool("strace"), "-D", "-f", "-qq", "-y", "-s", "4096", "-e", what, "-o", str(trace)]
        if subprocess.run([*strace, "true"], capture_output=True, check=False).returncode != 0:
            pytest.skip("strace is not permitted here")
        daemon = start("--set", f"server.durability={durability}", prefix=strace)
        ann, bob, program = meet(Peer(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        program.enters("program")
        for number in range(5):
            assert program.answer("say", text=f"synced {number}")["ev"] == "ack"
            ann.types(f"synced too {number}")
            bob.sees(f"ann: synced too {number}")
            program.hears(ev="said", text=f"synced too {number}")
        daemon.stop()
        return trace.read_text().splitlines()


_WRITE = re.compile(r"pwrite64\(\d+<[^>]*-wal>")
_SYNC = re.compile(r"fdatasync\(\d+<[^>]*-wal>\) += 0|fsync\(\d+<[^>]*-wal>\) += 0")
_SYNC_BEGINS = re.compile(r"^(\d+) +f(?:data)?sync\(\d+<[^>]*-wal> <unfinished")
_SYNC_ENDS = re.compile(r"^(\d+) +<\.\.\. f(?:data)?sync resumed>\) += 0")
_NEWS = re.compile(r"(?:sendto|sendmsg|write|writev)\(\d+<(?:TCP|socket)[^>]*>.*(\\\"ev\\\":\\\"ack|synced)")


def unsynced(calls: Sequence[str]) -> list[str]:
    """Which calls told somebody of a message before what was written to the WAL was on the disk."""
    told: list[str] = []
    dirty = news = False
    syncing: set[str] = set()
    for call in calls:
        if _WRITE.search(call):
            dirty = True
        elif begun := _SYNC_BEGINS.match(call):
            syncing.add(begun[1])
        elif _SYNC.search(call) or ((ended := _SYNC_ENDS.match(call)) and ended[1] in syncing):
            dirty = False
        elif _NEWS.search(call):
            news = True
            if dirty:
                told.append(call)
    assert news, "no traffic"
    return told


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the right to write into a database, as a careless shell does."""
    with ExitStack() as stack:
        db = stack.enter_context(closing(sqlite3.connect(database, isolation_level=None, timeout=10)))
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")
