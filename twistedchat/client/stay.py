"""A bot's stay in one room: in and out of it, and what is heard of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger

from twistedchat.client import wire
from twistedchat.client.errors import LeftError, PutOutError
from twistedchat.client.feed import Feed
from twistedchat.client.notebook import Mark
from twistedchat.client.streams import Place
from twistedchat.client.tap import PAGE, Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from twistedchat.client.notebook import Notebook
    from twistedchat.client.session import Session
    from twistedchat.client.streams import Stream


_log = Logger("tcpchat.bot")


class Stay:
    """One room, by the name that the bot has for it; nothing is collected unless somebody will read it.

    ``missed`` is told the room and the code of why something of it cannot be heard.
    """

    def __init__(self, name: str, session: Session, notebook: Notebook, missed: Callable[[str, str], None]) -> None:
        self._wanted = name
        self._session = session
        self._notebook = notebook
        self._missed = missed
        self.feed = Feed(self._finished, self._fetch)
        self._tap = Tap(self.feed, self._page, self._missing)
        self._stream: Stream | None = None
        self._after: int | None = None
        self._rid = ""
        self._out: Exception | None = None
        self._joining = False
        self._waiting: list[Deferred[None]] = []

    @property
    def name(self) -> str:
        """The room's name, as the server has it by now."""
        return self._wanted if self._stream is None else self._stream.room

    @property
    def rid(self) -> str:
        """Which room it is, over all renamings; empty until we were in it."""
        if self._stream is not None:
            self._rid = self._stream.rid or self._rid
        return self._rid

    def goes_by(self, name: str) -> bool:
        """Tell whether that is a name for it."""
        return name.casefold() in {self.name.casefold(), self._wanted.casefold()}

    def lost(self) -> bool:
        """Tell whether we think that we are in it and are not."""
        return self._stream is not None and self._session.rooms.stream(self.name) is not self._stream

    def be_in(self, key: str = "") -> Deferred[None]:
        """Be in the room; fires when we are, fails with `RefusedError`, or if we were put out of it."""
        over = self._session.sends.over or self._out
        if over is not None:
            return fail(over)
        if self._stream is not None and not self._waiting:
            return succeed(None)
        inside: Deferred[None] = Deferred()
        self._waiting.append(inside)
        if self._stream is None and not self._joining:
            self._joining = True
            joined = self._session.join(self._wanted, key, self._place() if self.feed.wanted else None)
            joined.addCallbacks(self._entered, self._refused)
            joined.addErrback(lambda why: _log.failure("joining", why))
        return inside

    def come_again(self) -> None:
        """Forget that we were put out, for now we are to be there again."""
        self._out = None

    def listen(self, after: int | None = None) -> None:
        """Collect what is said from here on, or from where the notebook says, or from after ``after``."""
        if self.feed.wanted or self._session.sends.over is not None:
            return
        self.feed.open()
        self._after = after
        if self._stream is not None:
            self._keep(self._begin(self._stream, max(self._stream.cursor or 0, self._stream.head)))

    def part(self, why: str) -> Deferred[None]:
        """Be in it no more, and forget how far it was read."""
        if self._stream is None:
            return succeed(None)
        return self._session.part(self.name, why).addCallback(self._parted)

    # --- what the session tells ----------------------------------------------------------------

    def heard(self, event: wire.News) -> None:
        """Collect what has happened in it."""
        if not self.feed.wanted or self._stream is None:
            return
        if isinstance(event, wire.Kept) and event.seq:
            self._settle(self._stream)
            self._tap.take(event)
        elif not (self._tap.behind or self.feed.full):
            self.feed.put(event, self._tap.life)

    def live(self) -> None:
        """Take note that all that was said before has been told."""
        if self.feed.wanted and self._stream is not None:
            self._settle(self._stream)

    def another_server(self) -> None:
        """Take note that the server has another history: what counts is what is said from our coming in on."""
        if self.feed.wanted:
            self._tap.start(None)
            self._notebook.forgotten.discard(self._wanted.casefold())
            self._missing("epoch_changed")

    def displaced(self) -> None:
        """Take note that there is another room of its name: all that is said there is new."""
        if self.feed.wanted and self._tap.last is not None:
            self._tap.start(0, behind=True)
            self._missing("displaced")

    def put_out(self, why: Exception | None = None) -> None:
        """Take note that we are in it no more."""
        self._out = why or PutOutError(self.name)
        self.feed.end(self._out)
        self._stream = None

    def end(self, why: Exception | None) -> None:
        """Take note that nothing is heard any more, of no room."""
        self.feed.end(why)
        self._answer(why or LeftError())

    # --- joining -------------------------------------------------------------------------------

    def _place(self) -> Place | None:
        mark = self._mark()
        if mark is not None:
            return Place(mark.seq, mark.rid)
        return None if self._after is None else Place(self._after)

    def _entered(self, reply: wire.Ok) -> None:
        self._joining = False
        self._stream = self._session.rooms.stream(reply.room or self._wanted)
        if self._stream is not None and self.feed.wanted:
            self._begin(self._stream, reply.head or 0).addCallbacks(self._kept, self._refused)
        else:
            self._answer(None)

    def _kept(self, _: None) -> None:
        self._answer(None)

    def _refused(self, why: Failure) -> None:
        self._joining = False
        if isinstance(why.value, Exception):
            self._answer(why.value)

    def _answer(self, why: Exception | None) -> None:
        """Let those go on who wait, in their order, which who comes meanwhile keeps as well."""
        if why is None:
            while self._waiting:
                self._waiting.pop(0).callback(None)
        waiting, self._waiting = self._waiting, []
        for inside in waiting:
            inside.errback(why)

    def _begin(self, stream: Stream, now: int) -> Deferred[None]:
        """Hear it from where we were before, or from where we wanted to be, or else from now on; fires once kept."""
        mark, start = self._mark(), now
        if mark is not None and mark.rid == stream.rid:
            start = mark.seq
        elif mark is not None:
            self._missing("displaced")
            start = 0
        elif self._after is not None:
            start = self._after
        if start > now:
            self._missing("cursor_ahead")
            start = now
        self._tap.start(start, behind=start < now and start != stream.cursor)
        if self._wanted.casefold() in self._notebook.forgotten:
            self._notebook.forgotten.discard(self._wanted.casefold())
            self._missing("epoch_changed")
        self._note(start)
        return self._notebook.keep()

    def _settle(self, stream: Stream) -> None:
        if self._tap.last is None:
            self._tap.start(stream.head)
            self._note(stream.head)
            self._keep(self._notebook.keep())

    def _parted(self, _: None) -> None:
        self._stream = None
        self._tap.start(None)
        self.feed.end(None)
        self._notebook.state.rooms.pop(self._wanted.casefold(), None)

    # --- how far it was read -------------------------------------------------------------------

    def _fetch(self) -> None:
        self._tap.fetch()

    def _page(self, after: int) -> Deferred[wire.Reply]:
        request: wire.Request = {"op": "history", "room": self.name, "after": after, "limit": PAGE}
        return self._session.sends.submit(request)

    def _missing(self, code: str) -> None:
        self._missed(self.name, code)

    def _finished(self, event: wire.News, life: int) -> Deferred[None] | None:
        if not isinstance(event, wire.Kept) or not event.seq or life != self._tap.life:
            return None
        self._note(event.seq)
        return self._notebook.keep()

    def _keep(self, kept: Deferred[None]) -> None:
        kept.addErrback(lambda why: _log.error("The state cannot be kept: {why}", why=why.value))

    def _mark(self) -> Mark | None:
        return self._notebook.state.rooms.get(self._wanted.casefold())

    def _note(self, seq: int) -> None:
        self._notebook.state.rooms[self._wanted.casefold()] = Mark(seq, rid=self.rid)
