"""What the store's tests share: an engine under test, a log that stands on a clock, and what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict, TypeVar, Unpack

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from tests.helpers import NOON, OnTheSpot
from twistedchat.chat.acts import Opened
from twistedchat.chat.events import Arrived, Departed, Entry, Joined, Proposal, Said
from twistedchat.chat.log import Search
from twistedchat.store.files import DATABASE, prepare
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from twistedchat.chat.events import Outcome, Settled
    from twistedchat.chat.log import Log, Remembered
    from twistedchat.store.workers import Workers

T = TypeVar("T")

EVERYTHING = 1_000_000
"""More than any stream of a test holds."""


class More(TypedDict, total=False):
    """What else a search can say."""

    nick: str
    after: int
    before: int
    limit: int


class Engine(Protocol):
    """One that can keep a log; what it kept is there again when the log is opened again."""

    def open(self, clock: Clock, on_broken: Callable[[], None]) -> Log:
        """Return a log that has not been started."""
        ...


class SqliteEngine:
    """Keeps it in an SQLite file."""

    def __init__(self, folder: Path, workers: Workers | None = None) -> None:
        self.path = folder / DATABASE
        self.workers = workers or OnTheSpot()

    def open(self, clock: Clock, on_broken: Callable[[], None]) -> SqliteLog:
        prepare(self.path, "e9")
        return SqliteLog(
            self.path,
            durability="process",
            clock=clock,
            workers=self.workers,
            on_broken=on_broken,
            patience=0.01,
        )


class Turns(Clock):
    """A clock that can go one turn of the reactor at a time: what is due when it begins, and nothing later."""

    def turn(self) -> None:
        for call in [call for call in self.calls if call.getTime() <= self.seconds()]:
            if call.active():
                self.calls.remove(call)
                call.called = 1
                call.func(*call.args, **call.kw)

    def settle(self) -> None:
        """Let everything happen that takes no time."""
        while any(call.getTime() <= self.seconds() for call in self.getDelayedCalls()):
            self.turn()


class ByHand:
    """Workers that do nothing until they are told."""

    def __init__(self) -> None:
        self.writes: list[Callable[[], None]] = []
        self.stopped = False

    def write(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self.writes.append(lambda: done(job()))

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        return maybeDeferred(job)

    def stop(self) -> None:
        self.stopped = True

    def finish(self) -> None:
        """Do the one job that is in flight, and tell its outcome."""
        (job,) = self.writes
        self.writes.clear()
        job()


class Shelf:
    """A log, the clock that it runs on, and everything that it has reported."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = Turns()
        self.batches: list[Sequence[Settled]] = []
        self.broken = 0
        self.faulty = False
        self.open(NOON)

    def open(self, at: int) -> Remembered:
        self.log = self.engine.open(self.clock, self._break)
        self.remembered = self.log.start(self._hear, at)
        return self.remembered

    def close(self) -> None:
        stopped = self.log.stop()
        self.clock.settle()
        value_of(stopped)

    def reopen(self, at: int = NOON) -> Remembered:
        """End, and begin again at the time `at`."""
        self.close()
        return self.open(at)

    def append(self, *proposals: Proposal) -> list[Outcome]:
        """Append all of them in one turn, and return what became of each."""
        before = len(self.batches)
        for proposal in proposals:
            self.log.append(proposal)
        self.clock.settle()
        settled = [pair for batch in self.batches[before:] for pair in batch]
        assert [proposal for proposal, _ in settled] == list(proposals)
        return [outcome for _, outcome in settled]

    def store(self, *proposals: Proposal) -> list[Entry]:
        """Append all of them, none of which is refused or repeated."""
        outcomes = self.append(*proposals)
        entries = [outcome for outcome in outcomes if isinstance(outcome, Entry)]
        assert len(entries) == len(outcomes), outcomes
        return entries

    def read(self, stream: str, after: int = 0, upto: int = EVERYTHING, limit: int = EVERYTHING) -> list[Entry]:
        return list(value_of(self.log.read(stream, after, upto, limit)))

    def place(self, proposal: Proposal) -> Entry:
        placed = self.log.place(proposal)
        self.clock.settle()
        return value_of(placed)

    def person(self, secret_hash: str) -> str:
        return value_of(self.log.person(secret_hash))

    def password(self, account: str) -> str:
        return value_of(self.log.password(account))

    def search(self, *words: str, where: dict[str, int] | None = None, **more: Unpack[More]) -> list[Entry]:
        """Return what is found, in r1 where nothing else is said."""
        return list(value_of(self.log.search(Search(words, {"r1": 0} if where is None else where, **more))))

    def found(self, *words: str, where: dict[str, int] | None = None, **more: Unpack[More]) -> list[str]:
        """Return the texts that are found."""
        return [text_of(entry) for entry in self.search(*words, where=where, **more)]

    def conversations(self, person: str) -> list[str]:
        return sorted(value_of(self.log.conversations(person)))

    def mail(self, person: str) -> list[Entry]:
        return list(value_of(self.log.mail(person)))

    def audit(self, limit: int = EVERYTHING) -> list[Entry]:
        return list(value_of(self.log.audit(limit)))

    def prune(self, stream: str, before: int) -> int:
        pruned = self.log.prune(stream, before)
        self.tidy()
        return value_of(pruned)

    def tidy(self) -> None:
        """Let there be time for all that is done when nothing else is."""
        for _ in range(100):
            self.clock.advance(1)
            if not self.clock.getDelayedCalls():
                return
        raise AssertionError("it comes to no rest")

    def _hear(self, batch: Sequence[Settled]) -> None:
        self.batches.append(batch)
        if self.faulty:
            raise RuntimeError("a fault in whoever is told")

    def _break(self) -> None:
        self.broken += 1


def value_of(awaitable: Awaitable[T]) -> T:
    """Return what an awaitable has come to by now, or raise it."""

    async def wait() -> T:
        return await awaitable

    results: list[T | Failure] = []
    Deferred.fromCoroutine(wait()).addBoth(results.append)
    assert results, "it is still waiting"
    result = results[0]
    if isinstance(result, Failure):
        result.raiseException()
    return result


def text_of(entry: Entry) -> str:
    text: str = getattr(entry.event, "text", "")
    return text


def said(text: str = "hello", *, stream: str = "r1", by: str = "g1", at: int = NOON, cid: str = "") -> Proposal:
    return Proposal(Said("ann", text), stream, by, at, cid)


def opened(name: str, stream: str) -> Proposal:
    return Proposal(Opened("", name), stream, "", NOON)


def arrived(
    nick: str, by: str, *, secret_hash: str = "", at: int = NOON, claims: tuple[str, ...] | None = None
) -> Proposal:
    names = (f"nick:{nick}",) if claims is None else claims
    return Proposal(Arrived(nick, f"s-{by}", by, secret_hash), "", by, at, claims=names)


def departed(nick: str, by: str, *, held: bool = False, at: int = NOON) -> Proposal:
    return Proposal(Departed(nick, f"s-{by}", by, held=held), "", by, at, releases=(f"nick:{nick}",))


def joined(nick: str, by: str, stream: str = "r1", at: int = NOON) -> Proposal:
    return Proposal(Joined(nick, f"s-{by}"), stream, by, at)
