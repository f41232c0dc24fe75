"""What one reader has still to read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.client import wire

LIMIT = 1000
"""So many events may wait for their reader."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Item:
    event: wire.News
    life: int


class Feed:
    """Events in their order, each handed out once to one reader, who is done with it when they ask for the next.

    ``finished`` is called with what they are done with, and may make them wait. ``drained``
    is called when there is room for many more. It is ``wanted`` as soon as somebody will read.
    """

    def __init__(
        self, finished: Callable[[wire.News, int], Deferred[None] | None], drained: Callable[[], None]
    ) -> None:
        self.wanted = False
        self.ended = False
        self._finished = finished
        self._drained = drained
        self._items: deque[_Item] = deque()
        self._done: _Item | None = None
        self._handed = False
        self._read = False
        self._waiting: Deferred[None] | None = None
        self._why: Exception | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more may be put in."""
        return len(self._items) >= LIMIT

    @property
    def roomy(self) -> bool:
        """Whether much more may be put in."""
        return len(self._items) <= LIMIT // 2

    def open(self) -> None:
        """Be read from now on."""
        if self.ended:
            self._items.clear()
            self._done, self._handed = None, False
        self.wanted, self.ended, self._why = True, False, None

    def put(self, event: wire.News, life: int) -> None:
        """Add an event; ``life`` is handed back with it when it is finished."""
        if not self.ended:
            self._items.append(_Item(event, life))
            self._wake()

    def end(self, why: Exception | None) -> None:
        """Add nothing more: the reader is told why after what there is, or at once that it is the end."""
        if not self.ended:
            self.wanted, self.ended, self._why = False, True, why
            if why is None:
                self._items.clear()
            self._wake()

    async def next(self, pick: Callable[[wire.News], T | None]) -> T:
        """Wait for the next event that ``pick`` does not turn into None, and return what it makes of it.

        :raises StopAsyncIteration: nothing more will come, or `end` has said why.
        :raises RuntimeError: somebody is waiting for it already.
        """
        if self._read:
            raise RuntimeError("Somebody is waiting for the next one already: what is heard has one reader.")
        self._read = True
        try:
            await self.finish()
            while True:
                while self._items:
                    found = pick(self._take())
                    if found is not None:
                        self._handed = True
                        return found
                if self.ended:
                    raise self._why or StopAsyncIteration
                self._waiting = Deferred(lambda _: self._forget())
                await self._waiting
        finally:
            self._read = False

    async def finish(self) -> None:
        """Be done with what was handed out."""
        if self._handed and self._done is not None:
            done, self._done = self._done, None
            self._handed = False
            waiting = self._finished(done.event, done.life)
            if waiting is not None:
                await waiting

    def _take(self) -> wire.News:
        self._done = self._items.popleft()
        if self.roomy:
            self._drained()
        return self._done.event

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _forget(self) -> None:
        self._waiting = None


class Reader(Generic[T]):
    """An asynchronous iterator over a feed; ``begin`` opens it, ``ready`` waits until something can come."""

    def __init__(
        self,
        feed: Feed,
        pick: Callable[[wire.News], T | None],
        begin: Callable[[], None],
        ready: Callable[[], Deferred[None]],
    ) -> None:
        self._feed = feed
        self._pick = pick
        self._begin = begin
        self._ready = ready

    def __aiter__(self) -> Self:
        self._begin()
        return self

    async def __anext__(self) -> T:
        if not self._feed.ended:
            await self._ready()
        return await self._feed.next(self._pick)
