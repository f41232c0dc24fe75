"""The threads of the store: one that writes, and a few that read."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

T = TypeVar("T")
Job: TypeAlias = Callable[[], None]

READERS = 2


class Workers(Protocol):
    """Where the store's work is done; tests do it on the spot."""

    def write(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Run `job`, one at a time, then `done` with its result in the reactor."""
        ...

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        """Run `job` beside the writing and beside other reads."""
        ...

    def stop(self) -> None:
        """End when all that was asked for is done."""
        ...


class Threads:
    """One writer and a small pool of readers; each job crosses into the reactor once."""

    def __init__(self, reactor: ReactorBase) -> None:
        self._reactor = reactor
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        # a start that fails ends the process, and must not wait for a thread that nobody stops
        self._writer = Thread(target=self._work, name="tcpchat writer", daemon=True)
        self._writer.start()
        self._readers = ThreadPool(0, READERS, "tcpchat readers")
        self._readers.start()

    def write(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Run `job` after those before it, then `done` with its result in the reactor."""
        self._jobs.put(lambda: self._reactor.callFromThread(done, job()))

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        """Run `job` in a reader's thread."""
        return deferToThreadPool(self._reactor, self._readers, job)

    def stop(self) -> None:
        """End the threads when they have done what they were given."""
        self._jobs.put(None)
        self._writer.join()
        self._readers.stop()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
