"""The threads of the store, on the real reactor."""

from __future__ import annotations

from functools import partial
from threading import Event, current_thread
from typing import TYPE_CHECKING, TypeVar

import pytest
from twisted.internet import reactor  # noqa: TID251 - threads answer in a real one
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred, gatherResults

from tests.helpers import NOON
from tests.store.helpers import said
from tests.waiting import in_reactor
from twistedchat.store.files import DATABASE, prepare
from twistedchat.store.sqlite import SqliteLog
from twistedchat.store.workers import READERS, Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from twistedchat.chat.events import Settled

T = TypeVar("T")

PATIENCE = 10.0


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Give the threads; they end with the test."""
    assert isinstance(reactor, ReactorBase)
    threads = Threads(reactor)
    yield threads
    threads.stop()
    assert not threads._writer.is_alive()


def written(threads: Threads, job: Callable[[], T]) -> Deferred[T]:
    done: Deferred[T] = Deferred()
    threads.write(job, done.callback)
    return done


class ThreadsTests:
    """One that writes, and a few that read."""

    @in_reactor
    async def test_jobs_are_done_one_after_another(self, threads: Threads) -> None:
        """They run in the order in which they were given, and are told in it."""
        ran: list[int] = []
        told: list[None] = []
        done = [written(threads, partial(ran.append, n)).addCallback(told.append) for n in range(100)]
        await gatherResults(done)
        assert ran == list(range(100))
        assert len(told) == 100

    @in_reactor
    async def test_each_has_its_own_thread(self, threads: Threads) -> None:
        """Writing is done in the writer's thread, reading in a reader's, and both are told in the reactor's."""
        told = current_thread()
        where: list[object] = []
        done = written(threads, current_thread).addCallback(lambda ran: where.extend([ran, current_thread()]))
        read = threads.read(current_thread).addCallback(lambda ran: where.extend([ran, current_thread()]))
        await gatherResults([done, read])
        assert where.count(told) == 2
        assert len(set(where)) == 3

    @in_reactor
    async def test_reading_goes_on_while_something_is_written(self, threads: Threads) -> None:
        """A long commit holds up no reader, and readers do not hold up each other."""
        all_here = Event()
        writing = written(threads, lambda: all_here.wait(PATIENCE))
        waiting = [threads.read(lambda: all_here.wait(PATIENCE)) for _ in range(READERS - 1)]
        assert await threads.read(lambda: "read") == "read"
        all_here.set()
        assert await gatherResults([writing, *waiting]) == [True] * READERS

    @in_reactor
    async def test_what_a_reader_raises_is_raised(self, threads: Threads) -> None:
        """Whoever asked learns what went wrong."""

        def job() -> None:
            raise KeyError("no such thing")

        with pytest.raises(KeyError):
            await threads.read(job)

    def test_what_was_given_is_done_before_the_end(self, threads: Threads) -> None:
        """Stopping waits for the writer's last job."""
        ran: list[int] = []
        for n in range(50):
            threads.write(partial(ran.append, n), lambda _: None)
        threads._jobs.put(None)
        threads._writer.join(PATIENCE)
        assert ran == list(range(50))

    def test_a_process_that_ends_does_not_wait_for_them(self, threads: Threads) -> None:
        """A start that fails leaves by itself, though nobody stops the writer."""
        assert threads._writer.daemon


class LogTests:
    """The log on its threads."""

    @in_reactor
    async def test_everything_has_its_place(self, tmp_path: Path) -> None:
        """What is appended over many turns is told once each, in one order, and read again as it was told."""
        assert isinstance(reactor, ReactorBase)
        told: list[Settled] = []

        def note(batch: Sequence[Settled]) -> None:
            told.extend(batch)

        prepare(tmp_path / DATABASE, "e1")
        log = SqliteLog(
            tmp_path / DATABASE,
            durability="power",
            clock=reactor,
            workers=Threads(reactor),
            on_broken=lambda: pytest.fail("it broke"),
        )
        log.start(note, NOON)
        for n in range(20):
            for m in range(49):
                log.append(said(f"{n}.{m}"))
            await log.place(said(f"{n}."))
        entries = await log.read("r1", 0, 1000, 1000)
        log.append(said("last"))
        await log.stop()
        assert [entry.seq for entry in entries] == list(range(1, 1001))
        assert [outcome for _, outcome in told[:-1]] == list(entries)
        assert len(told) == 1001
