"""Talk under strace, and what would be left of it if the power had gone at some moment."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.end_to_end.daemon import DATABASE, Daemon, intact
from tests.end_to_end.peers import Peer, Program
from tests.end_to_end.power.disk import SYNCS, Disk
from tests.end_to_end.power.trace import OPTIONS, calls
from tests.helpers import tool
from twistedchat.store.errors import StoreError
from twistedchat.store.files import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.end_to_end.power.trace import Call

ROUNDS, TOGETHER = 120, 8
"""Enough for the WAL to begin anew."""
FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal")
SENDS = frozenset({"sendto", "sendmsg", "write", "writev"})
COMMIT_HEADER, PAGE_COUNT = 24, slice(4, 8)
"""What is written before each page of the WAL; it has a number of pages where a transaction ends.

Source: sqlite.org/fileformat.html, section 4.1.
"""
_TOKEN = re.compile(rb"power\d{5}")


@dataclass(frozen=True)
class Talk:
    """What a daemon did while people talked, and in which line of the trace each message was first told of."""

    folder: Path
    calls: Sequence[Call]
    told: dict[bytes, int]

    @property
    def length(self) -> int:
        return self.calls[-1].end


def talk(folder: Path, durability: str) -> Talk | None:
    """Have a program and a person talk with a daemon under strace; None where that is not permitted."""
    trace = folder / "trace"
    strace = [tool("strace"), *OPTIONS, "-o", str(trace)]
    if subprocess.run([*strace, "true"], capture_output=True, check=False).returncode != 0:
        return None
    with closing(Daemon(folder, "--set", f"server.durability={durability}", prefix=strace)) as daemon:
        daemon.start()
        _talk(daemon.port)
        daemon.stop()
    with trace.open() as lines:
        made = list(calls(lines))
    told = _told(made)
    headers = [call for call in made if call.target.endswith("-wal") and call.name == "pwrite64" and call.number == 0]
    assert headers[-1].begin > min(told.values()), "the WAL was not begun anew"
    return Talk(daemon.data, made, told)


def _talk(port: int) -> None:
    with closing(Program(port)) as program, closing(Peer(port)) as person:
        program.enters("program")
        person.enters("person")
        for number in range(ROUNDS):
            tokens = [f"power{number * TOGETHER + more:05}" for more in range(TOGETHER)]
            person.types(f"{tokens[0]} is typed")
            program.hears(ev="said", text=f"{tokens[0]} is typed")
            for token in tokens[1:]:
                program.asks("say", room="#lobby", text=f"{token} {'x' * 2000}", cid=token)
            program.hears(ev="ack", cid=tokens[-1])
            person.catches_up()


def _told(made: Sequence[Call]) -> dict[bytes, int]:
    told: dict[bytes, int] = {}
    for call in made:
        if call.name in SENDS and call.target.startswith(("socket:", "TCP")):
            for token in _TOKEN.findall(call.data[: call.result]):
                told.setdefault(token, call.begin)
    assert len(told) == ROUNDS * TOGETHER, "no traffic"
    return told


def told_unsynced(talk: Talk) -> list[bytes]:
    """Return the messages of which something left the daemon before the WAL was synced up to their commit."""
    wal = [call for call in talk.calls if call.target.endswith("-wal")]
    writes = [call for call in wal if call.name == "pwrite64"]
    syncs = [call for call in wal if call.name in SYNCS]
    stored: dict[bytes, int] = {}
    for index, call in enumerate(writes):
        for token in _TOKEN.findall(call.data):
            stored.setdefault(token, index)
    early = []
    for token, told in talk.told.items():
        last = next(page for page in range(stored[token], len(writes)) if _is_commit(writes[page - 1]))
        if not any(writes[last].end < sync.begin and sync.end < told for sync in syncs):
            early.append(token)
    return early


def _is_commit(call: Call) -> bool:
    return len(call.data) == COMMIT_HEADER and any(call.data[PAGE_COUNT])


@dataclass(frozen=True)
class Image:
    """What was left on the disk when the power went; `lost` is what somebody had been told of."""

    folder: Path
    told: list[bytes]
    lost: list[bytes]
    is_sound: bool


def images(talk: Talk, count: int, into: Path, *, syncs: bool = True) -> list[Image]:
    """Return what is left by so many power cuts at moments that nobody knows, half of them right after an answer."""
    random = Random(count)
    moments = [random.randrange(talk.length) for _ in range(count // 2)]
    moments += [told + 1 for told in random.choices(list(talk.told.values()), k=count - len(moments))]
    disk = Disk(talk.folder, FILES, syncs=syncs)
    left = iter(talk.calls)
    call = next(left, None)
    cuts: list[Image] = []
    for number, moment in enumerate(sorted(moments)):
        while call is not None and call.end < moment:
            disk.follow(call)
            call = next(left, None)
        folder = into / f"cut{number}"
        folder.mkdir()
        disk.cut(random, folder)
        cuts.append(_judge(talk, moment, folder))
    return cuts


def _judge(talk: Talk, moment: int, folder: Path) -> Image:
    """Open what is left, as a start of the daemon does."""
    told = [token for token, when in talk.told.items() if when < moment]
    database = folder / DATABASE
    try:
        prepare(database, "e9")
    except StoreError:
        return Image(folder, told, told, is_sound=False)
    with closing(sqlite3.connect(database)) as db:
        events = [event.encode() for (event,) in db.execute("SELECT event FROM entry")]
        gaps = db.execute("SELECT count(*) <> max(place) - min(place) + 1 FROM entry").fetchone()[0]
    stored = {token for event in events for token in _TOKEN.findall(event)}
    return Image(folder, told, [token for token in told if token not in stored], intact(database) and not gaps)
