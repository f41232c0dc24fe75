"""One stream on its way to a reader: what does not fit waits at the server, and is fetched when it does."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from twisted.logger import Logger

from twistedchat.client import wire
from twistedchat.client.errors import LeftError
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.exits import FatalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from twistedchat.client.feed import Feed

PAGE = 50
"""So many events are fetched at once: with the longest texts, less than a line may have."""
_log = Logger("tcpchat.bot")


class Tap:
    """Fills a feed with a stream's events, in their order, without a repeat, and without a gap that is not told.

    Those which come while the feed is full are let go, and asked for again when there is
    room: so reading never has to stop, and answers and other streams come through. ``ask``
    asks for what follows a ``seq``; ``missed`` is told of what cannot be had. With
    ``strict`` the events themselves may come with gaps.
    """

    def __init__(
        self,
        feed: Feed,
        ask: Callable[[int], Deferred[wire.Reply]],
        missed: Callable[[str], None],
        wants: Callable[[wire.Kept], bool] = lambda _event: True,
        *,
        strict: bool = False,
    ) -> None:
        self.last: int | None = None
        """The ``seq`` up to which all has been put into the feed; None where it is not known yet."""
        self.id = 0
        self.life = 0
        """Grows whenever the stream is another one."""
        self.behind = False
        self._feed = feed
        self._ask = ask
        self._missed = missed
        self._wants = wants
        self._strict = strict
        self._asking = False
        self._to_the_end = False
        self._dropped = 0
        self._held: deque[wire.Kept] = deque(maxlen=PAGE)

    def start(self, last: int | None, *, behind: bool = False) -> None:
        """Begin after ``last``, which is another stream's than before; ``behind``: more has been said already."""
        self.life += 1
        self.last, self.id = last, 0
        self.behind = self._to_the_end = behind
        self._dropped = 0
        self._held.clear()
        self.fetch()

    def catch_up(self) -> None:
        """Ask what has been said that we were not told."""
        self.behind = self._to_the_end = True
        self.fetch()

    def take(self, event: wire.Kept) -> None:
        """Take in what is told now."""
        if self.last is None or event.seq <= self.last:
            return
        if self.behind or self._feed.full or (self._strict and event.seq > self.last + 1):
            self.behind = True
            self._dropped = max(self._dropped, event.seq)
            self._held.append(event)
            self.fetch()
        else:
            self._pass(event)

    def fetch(self) -> None:
        """Ask for the next page, if one is missing and there is room for it."""
        if not self.behind or self._asking or self.last is None or not (self._feed.wanted and self._feed.roomy):
            return
        self._asking = True
        page = self._ask(self.last)
        taken = page.addCallbacks(
            partial(self._page, self.life, self._dropped), self._refused, errbackArgs=(self.life,)
        )
        taken.addErrback(lambda why: _log.failure("what was said before", why)).addCallback(self._ask_on)

    def _ask_on(self, _: None) -> None:
        self._asking = False
        self.fetch()

    def _page(self, life: int, dropped: int, reply: wire.Reply) -> None:
        if life == self.life and self.last is not None and isinstance(reply, wire.Ok):
            before = self.last
            for event in events_of(reply):
                if event.seq > self.last:
                    self._expect(event.seq)
                    self._pass(event)
            if self.last > before:
                self.behind = self._to_the_end or self.last < self._dropped
            elif self._dropped <= max(dropped, self.last):
                self._expect(self._dropped + 1)
                self._caught_up()

    def _refused(self, why: Failure, life: int) -> None:
        """Go on with what there is: the rest cannot be had."""
        self.behind = False
        why.trap(RefusedError, GivenUpError, FatalError, LeftError)
        if life == self.life and why.check(RefusedError):
            for event in self._held:
                if self.last is not None and event.seq > self.last:
                    self._expect(event.seq)
                    self._pass(event)
            self._caught_up()

    def _caught_up(self) -> None:
        self.behind = self._to_the_end = False
        self.last = max(self.last or 0, self._dropped)
        self._held.clear()

    def _expect(self, seq: int) -> None:
        if self.last is not None and seq > self.last + 1:
            self._missed("gap_expired")

    def _pass(self, event: wire.Kept | wire.Other) -> None:
        self.last = event.seq
        if not isinstance(event, wire.Other):
            self.id = max(self.id, event.id)
            if self._wants(event):
                self._feed.put(event, self.life)


def events_of(page: wire.Reply) -> list[wire.Kept | wire.Other]:
    """Return what stands in a page, as far as it has a place."""
    found: list[wire.Kept | wire.Other] = []
    for entry in (page.entries if isinstance(page, wire.Ok) else None) or ():
        try:
            event = wire.decode(entry)
        except msgspec.DecodeError:
            continue
        if isinstance(event, wire.Kept | wire.Other):
            found.append(event)
    return found
