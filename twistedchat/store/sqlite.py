"""The log of one daemon: an SQLite file, and the rhythm in which it is written."""

from __future__ import annotations

import sqlite3
from collections import deque
from itertools import chain
from os.path import samestat
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger

from twistedchat.chat.acts import Dropped
from twistedchat.chat.errors import ChatError, NotStored, OutcomeUnknown
from twistedchat.chat.events import Direct, Emoted, Entry, Joined, Said
from twistedchat.chat.log import Remembered
from twistedchat.store.accounts import recall_accounts, recall_guests
from twistedchat.store.chores import Chores
from twistedchat.store.errors import StoreError
from twistedchat.store.files import connect
from twistedchat.store.moderation import recall_sanctions
from twistedchat.store.readers import Readers
from twistedchat.store.recent import Recent
from twistedchat.store.rooms import recall_rooms
from twistedchat.store.upkeep import Upkeep
from twistedchat.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

    from twistedchat.chat.events import Outcome, Proposal
    from twistedchat.chat.log import OnBatch, Search
    from twistedchat.store.workers import Workers

BATCH_EVENTS = 4096
BATCH_CHARACTERS = 64 * 1024
CROWD = 4096
"""When so many wait, senders should pause."""
_GONE = sqlite3.OperationalError("the database is not where it was")
LONG_SECONDS, REST_MOST = 0.003, 0.02
"""A batch that took so long to tell is followed by a rest as long, but not longer than that."""


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
        self._readers = Readers(path)
        self._chores = Chores(Upkeep(self._db, self._writer.behind), clock, workers, lambda: self._busy)
        self._waiting: deque[Proposal] = deque()
        self._waiters: dict[int, Deferred[Entry]] = {}
        self._busy = self._broken = self._closed = False
        self._turn: IDelayedCall | None = None
        self._stopped: Deferred[None] | None = None
        self._recent = Recent()
        self._in_flight: Sequence[Proposal] = ()
        self._overtaken: set[int] = set()

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        """Say what is remembered at the time `at` (ms), and report every commit to `on_batch` from now on."""
        self._on_batch = on_batch
        try:
            remembered = self._remember(at)
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error
        self._chores.wake()
        return remembered

    def _remember(self, at: int) -> Remembered:
        db = self._db
        with db:
            db.execute("BEGIN IMMEDIATE")
            guests = recall_guests(db, at)
            rooms = recall_rooms(db)
            sanctions = recall_sanctions(db, at)
        meta = dict(db.execute("SELECT name, value FROM meta"))
        accounts = recall_accounts(db)
        return Remembered(meta["epoch"], rooms, guests, accounts, sanctions, int(meta["id"]), meta.get("motd", ""))

    @property
    def crowded(self) -> bool:
        """Whether so much waits for the next commits that senders should pause."""
        return len(self._waiting) >= CROWD

    def append(self, proposal: Proposal) -> None:
        """Queue `proposal` for the next commit; after the end it goes nowhere."""
        if self._closed:
            return
        event = proposal.event
        if type(event) is Dropped and event.empty and self._is_coming_to(proposal.stream):
            self._overtaken.add(id(proposal))
        self._waiting.append(proposal)
        if not self._busy and self._turn is None:
            self._turn = self._clock.callLater(0, self._hand_over)

    def _is_coming_to(self, stream: str) -> bool:
        """Tell whether somebody is on the way into a room whom nobody has been told of."""
        ahead = chain(self._in_flight, self._waiting)
        return any(type(each.event) is Joined and each.stream == stream for each in ahead)

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
        page = self._recent.page(stream, after, upto, limit)
        if page is not None:
            return succeed(page)
        return self._workers.read(lambda: self._readers.page(stream, after, upto, limit))

    def head(self, stream: str) -> Deferred[int]:
        """Return the last `seq` of the stream."""
        return self._workers.read(lambda: self._readers.head(stream))

    def search(self, search: Search) -> Deferred[Sequence[Entry]]:
        """Return the messages that are found, newest first; raise `ChatError` where it takes too long."""
        return self._workers.read(lambda: self._readers.search(search))

    def conversations(self, person: str) -> Deferred[Sequence[str]]:
        """Return the streams of the private conversations that somebody of that id has had."""
        return self._workers.read(lambda: self._readers.conversations(person))

    def mail(self, person: str) -> Deferred[Sequence[Entry]]:
        """Return the private messages to that account that it has not been told of, oldest first."""
        return self._workers.read(lambda: self._readers.mail(person))

    def audit(self, limit: int) -> Deferred[Sequence[Entry]]:
        """Return the last acts of moderation, oldest first, `limit` at most."""
        return self._workers.read(lambda: self._readers.audit(limit))

    def person(self, secret_hash: str) -> Deferred[str]:
        """Return the id of the guest or account whose secret hashes to that, or "" for nobody."""
        return self._workers.read(lambda: self._readers.person(secret_hash))

    def password(self, account: str) -> Deferred[str]:
        """Return the hash of that account's password, or ""."""
        return self._workers.read(lambda: self._readers.password(account))

    def backup(self, at: int) -> Deferred[str]:
        """Copy the database into its folder, and return where to."""
        return self._workers.read(lambda: self._readers.backup(self._path, at))

    def prune(self, stream: str, before: int) -> Deferred[int]:
        """Forget what was said in `stream` before the time `before` (ms); return the last `seq` that is, or 0."""
        return self._chores.forget(stream, before).addCallback(self._recent.forget, stream)

    def stop(self) -> Deferred[None]:
        """Commit what was appended, and close."""
        self._stopped = Deferred()
        self._chores.stop()
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
            batch = self._in_flight = self._next_batch()
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
            return (
                self._writer.refuse(batch, _GONE) if self._is_gone() else self._writer.commit(batch, self._overtaken)
            )
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
        self._recent.note(outcomes)
        self._in_flight = ()
        self._overtaken.difference_update(map(id, batch))
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
        self._chores.wake()

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
