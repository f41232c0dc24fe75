"""The log of one daemon: an SQLite file, and the rhythm in which it is written."""

from __future__ import annotations

import sqlite3
from collections import deque
from os.path import samestat
from threading import local
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger

from twistedchat.chat.errors import ChatError, NotStored, OutcomeUnknown
from twistedchat.chat.events import Direct, Emoted, Entry, Said
from twistedchat.chat.log import KnownGuest, KnownRoom, Remembered
from twistedchat.chat.names import HOLD_SECONDS
from twistedchat.store.errors import StoreError
from twistedchat.store.files import connect
from twistedchat.store.writer import SEQ_BITS, Writer, entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

    from twistedchat.chat.events import Outcome, Proposal
    from twistedchat.chat.log import OnBatch
    from twistedchat.store.workers import Workers

BATCH_EVENTS = 4096
BATCH_CHARACTERS = 64 * 1024
CROWD = 4096
"""When so many wait, senders should pause."""
_GONE = sqlite3.OperationalError("the database is not where it was")
RECENT_STREAMS = 1000
"""For how many rooms; beyond that they are forgotten, and read from the disk when they are asked for again."""
GUEST_SECONDS = 48 * 3600
"""How long a guest can come back with their secret, and is known by what they sent."""
LONG_SECONDS, REST_MOST = 0.003, 0.02
"""A batch that took so long to tell is followed by a rest as long, but not longer than that."""
RECENT = 256
"""How many of a room's last entries are at hand in memory, for those who come and those who catch up."""

_READ = """
    SELECT place, id, at, by, cid, event FROM entry
    WHERE place > (SELECT num << ? FROM stream WHERE name = ?) + ?
      AND place <= (SELECT num << ? FROM stream WHERE name = ?) + ?
    ORDER BY place LIMIT ?
"""


class SqliteLog:
    """Keeps the contract of `twistedchat.chat.log.Log`.

    One batch is in flight at a time. The next is handed over when the last has been
    told to everybody *and* the input that came meanwhile has been read, which takes
    one more turn of the reactor: whoever was just told something and answers at once
    is in the next batch. Handing over earlier splits the talk into two alternating
    batches of half the size, and halves the speed.

    To tell a batch costs a send for each who hears it, however much is in it. So where
    that takes long, the log rests as long: a huge room takes half a processor at most,
    and what is said there meanwhile shares the next sends.
    """

    _logger = Logger("tcpchat.log")

    def __init__(
        self,
        path: Path,
        *,
        durability: str,
        clock: IReactorTime,
        workers: Workers,
        on_broken: Callable[[], None],
        patience: float = 5.0,
    ) -> None:
        self._path = path
        self._clock = clock
        self._workers = workers
        self._on_broken = on_broken
        try:
            self._db = connect(path, durability, patience)
            self._writer = Writer(self._db)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        self._file = path.stat()
        self._readers = _Readers(path)
        self._waiting: deque[Proposal] = deque()
        self._waiters: dict[int, Deferred[Entry]] = {}
        self._busy = self._broken = self._closed = False
        self._turn: IDelayedCall | None = None
        self._stopped: Deferred[None] | None = None
        self._recent: dict[str, deque[Entry]] = {}

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        """Say what is remembered at the time `at` (ms), and report every commit to `on_batch` from now on."""
        self._on_batch = on_batch
        try:
            return self._remember(at)
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error

    def _remember(self, at: int) -> Remembered:
        db = self._db
        (epoch,) = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        rooms = db.execute("SELECT r.stream, r.name, s.head, r.topic FROM room r JOIN stream s ON s.name = r.stream")
        known_rooms = tuple(KnownRoom(*row) for row in rooms.fetchall())
        db.execute("UPDATE guest SET seen = ?, here = 0 WHERE here", (at,))
        db.execute("DELETE FROM guest WHERE seen < ?", (at - GUEST_SECONDS * 1000,))
        guests = db.execute(
            "SELECT id, nick, seen FROM guest WHERE seen > ? AND nick <> ''", (at - HOLD_SECONDS * 1000,)
        )
        return Remembered(epoch, known_rooms, tuple(KnownGuest(*row) for row in guests.fetchall()))

    @property
    def crowded(self) -> bool:
        """Whether so much waits for the next commits that senders should pause."""
        return len(self._waiting) >= CROWD

    def append(self, proposal: Proposal) -> None:
        """Queue `proposal` for the next commit; after the end it goes nowhere."""
        if self._closed:
            return
        self._waiting.append(proposal)
        if not self._busy and self._turn is None:
            self._turn = self._clock.callLater(0, self._hand_over)

    def place(self, proposal: Proposal) -> Deferred[Entry]:
        """Append `proposal` and wait for its entry; a refusal is raised."""
        if self._closed:
            return fail(NotStored("not stored: the server is going down"))
        waiter: Deferred[Entry] = Deferred()
        self._waiters[id(proposal)] = waiter
        self.append(proposal)
        return waiter

    def read(self, stream: str, after: int, upto: int, limit: int) -> Deferred[Sequence[Entry]]:
        """Return entries of `stream` with `after` < seq <= `upto`; at once where they are at hand."""
        recent = self._recent.get(stream)
        if recent is None:
            while len(self._recent) >= RECENT_STREAMS:
                del self._recent[next(iter(self._recent))]
            recent = self._recent[stream] = deque(maxlen=RECENT)
        if recent and recent[0].seq <= after + 1:
            last = min(upto, after + limit)
            return succeed([entry for entry in recent if after < entry.seq <= last])
        return self._workers.read(lambda: self._readers.page(stream, after, upto, limit))

    def guest(self, secret_hash: str) -> Deferred[str]:
        """Return the id of the guest whose secret hashes to that, or "" for nobody."""
        return self._workers.read(lambda: self._readers.guest(secret_hash))

    def stop(self) -> Deferred[None]:
        """Commit what was appended, and close."""
        self._stopped = Deferred()
        if self._broken:
            self._close(self._stopped)
        elif not self._busy:
            self._hand_over()
        return self._stopped

    # --- the rhythm ---------------------------------------------------------------------

    def _hand_over(self) -> None:
        """Give what waits to the writer, as one transaction."""
        if self._turn is not None and self._turn.active():
            self._turn.cancel()
        self._turn = None
        if self._waiting:
            self._busy = True
            batch = self._next_batch()
            self._workers.write(lambda: self._commit(batch), lambda outcomes: self._committed(batch, outcomes))
        elif self._stopped is not None:
            self._close(self._stopped)

    def _next_batch(self) -> Sequence[Proposal]:
        waiting = self._waiting
        batch: list[Proposal] = []
        characters = 0
        while waiting and len(batch) < BATCH_EVENTS and characters < BATCH_CHARACTERS:
            proposal = waiting.popleft()
            batch.append(proposal)
            match proposal.event:
                case Said(text=text) | Emoted(text=text) | Direct(text=text):
                    characters += len(text)
        return batch

    def _commit(self, batch: Sequence[Proposal]) -> list[Outcome]:
        """Commit in the writer's thread; whatever goes wrong there in a way nobody foresaw is *unknown*."""
        try:
            return self._writer.refuse(batch, _GONE) if self._is_gone() else self._writer.commit(batch)
        except Exception:  # noqa: BLE001 - the thread must answer, or everybody waits for ever
            self._logger.failure("the writer failed")
            return [OutcomeUnknown("Not known whether this was stored")] * len(batch)

    def _is_gone(self) -> bool:
        """Tell whether somebody has moved or deleted the database, so that what is written now is lost at the end."""
        try:
            return not samestat(self._file, self._path.stat())
        except OSError:
            return True

    def _committed(self, batch: Sequence[Proposal], outcomes: Sequence[Outcome]) -> None:
        begin = self._clock.seconds()
        for entry in outcomes:
            if type(entry) is Entry and entry.seq and (recent := self._recent.get(entry.stream)) is not None:
                recent.append(entry)
        try:
            self._on_batch(list(zip(batch, outcomes, strict=True)))
        except Exception:  # noqa: BLE001 - what is committed is committed, and the next batch must not wait for ever
            self._logger.failure("a committed batch could not be told")
        self._answer(batch, outcomes)
        if isinstance(outcomes[0], OutcomeUnknown):
            self._broken = True
            self._on_broken()
            if self._stopped is not None:
                self._close(self._stopped)
            return
        self._busy = False
        if self._stopped is not None:
            self._hand_over()
        elif self._turn is None:
            self._rest(self._clock.seconds() - begin)

    def _rest(self, told_for: float) -> None:
        """Have what waits handed over as soon as it may be, after a batch that took so many seconds to tell."""
        if told_for < LONG_SECONDS:
            self._turn = self._clock.callLater(0, self._read_first)
        else:
            self._turn = self._clock.callLater(min(told_for, REST_MOST), self._hand_over)

    def _read_first(self) -> None:
        """Let the turn of the reactor in which the waiting input is read go by."""
        self._turn = self._clock.callLater(0, self._hand_over)

    def _answer(self, batch: Sequence[Proposal], outcomes: Sequence[Outcome]) -> None:
        if not self._waiters:
            return
        for proposal, outcome in zip(batch, outcomes, strict=True):
            waiter = self._waiters.pop(id(proposal), None)
            if waiter is None:
                continue
            if isinstance(outcome, ChatError):
                waiter.errback(outcome)
            else:
                waiter.callback(outcome if isinstance(outcome, Entry) else outcome.entry)

    def _close(self, stopped: Deferred[None]) -> None:
        self._workers.stop()
        self._readers.close()
        self._db.close()
        self._closed = True
        for waiter in self._waiters.values():
            waiter.errback(NotStored("not stored: the server is going down"))
        self._waiters.clear()
        stopped.callback(None)


def _unusable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"cannot use {path}: {error}")


class _Readers:
    """Connections that only read, one a thread."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.absolute().as_uri()}?mode=ro"
        self._mine = local()
        self._all: list[sqlite3.Connection] = []

    def page(self, stream: str, after: int, upto: int, limit: int) -> Sequence[Entry]:
        rows = self._db.execute(_READ, (SEQ_BITS, stream, after, SEQ_BITS, stream, upto, limit)).fetchall()
        return [entry_of(stream, row) for row in rows]

    def guest(self, secret_hash: str) -> str:
        row = self._db.execute("SELECT id FROM guest WHERE secret_hash = ?", (secret_hash,)).fetchone()
        return row[0] if row else ""

    def close(self) -> None:
        for db in self._all:
            db.close()

    @property
    def _db(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "db"):
            self._mine.db = sqlite3.connect(self._uri, uri=True, isolation_level=None, check_same_thread=False)
            self._all.append(self._mine.db)
        db: sqlite3.Connection = self._mine.db
        return db
