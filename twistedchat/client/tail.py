"""What is said in one room, line by line on standard output, for as long as somebody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.stdio import StandardIO

from twistedchat.client import events, wire
from twistedchat.client.arrive import arrive, complain, dial
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.exits import DONE, NOT_STORED, NOT_WELCOME, PUT_OUT, FatalError, as_fatal
from twistedchat.client.render import ANEW, MISSING, json_line, news, plain
from twistedchat.client.session import Session
from twistedchat.client.since import before
from twistedchat.client.stdio import Output, blocking_kept, is_pipe, nothing
from twistedchat.client.tap import PAGE, events_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.posixbase import PosixReactorBase
    from twisted.python.failure import Failure

    from twistedchat.client.link import Link
    from twistedchat.client.options import Options
    from twistedchat.client.room import Message
    from twistedchat.client.since import Since


class Tail:
    """Prints what is said, first the last lines, or all ``since`` some time, and then all that follows.

    With ``as_json`` each line is the event as the server sent it. ``finished`` fires
    with the exit status.
    """

    def __init__(
        self,
        room: str,
        print_line: Callable[[bytes], None],
        report: Callable[[str], None],
        *,
        as_json: bool,
        since: Since | None = None,
    ) -> None:
        self.finished: Deferred[int] = Deferred()
        self.session = Session(self, remakes=True)
        self._room = room
        self._print = print_line
        self._report = report
        self._as_json = as_json
        self._since = since
        self._held: list[Message] | None = None if since is None else []
        self._last = 0
        self._away = False

    def unread(self, somebody: bool) -> None:  # noqa: FBT001 - what is known of the output
        """End, if it is not the end yet: the reader has had enough, or else what is heard cannot be kept."""
        if not (somebody or self.finished.called):
            self._report("Standard output takes no more. Is the disk full?")
        self.finish(DONE if somebody else NOT_STORED)

    def finish(self, status: int = DONE) -> None:
        """End with this status, unless it has ended already."""
        if not self.finished.called:
            self.finished.callback(status)

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Print what was said, once its turn has come."""
        if isinstance(event, events.RoomRenamed) and event.was == self._room and not replayed:
            self._room = event.to
        if not isinstance(event, wire.Said | wire.Emoted) or event.room != self._room:
            return
        if self._held is None:
            self._tell(event)
        elif event.seq > self._last:
            self._held.append(event)

    def entered(self, room: wire.Ok) -> None:
        """Use the room's own name, however it was typed."""
        self._room = room.room or self._room
        self._last = room.head or 0

    async def go_back(self) -> None:
        """Print what was said since the time that was asked for, and then what has been said meanwhile."""
        hello = self.session.hello
        if self._since is None or hello is None:
            return
        seen = await before(self._since.start(hello.time), self._last, self._ask)
        while seen < self._last and (page := events_of(await self._ask(seen, PAGE))):
            for event in page:
                if isinstance(event, wire.Said | wire.Emoted) and event.seq <= self._last:
                    self._tell(event)
            seen = page[-1].seq
        held, self._held = self._held or [], None
        for message in held:
            self._tell(message)

    def _ask(self, after: int, limit: int) -> Deferred[wire.Reply]:
        return self.session.sends.submit({"op": "history", "room": self._room, "after": after, "limit": limit})

    def _tell(self, message: Message) -> None:
        if self._as_json:
            self._print(json_line(message))
        else:
            for line in news(message, "", message.room, dated=True):
                self._print(plain(line).encode() + b"\n")

    def live(self, room: str) -> None:
        """Nothing to print."""

    def displaced(self, room: str, *, anew: bool) -> None:
        """Report what is printed from here on."""
        del anew
        self._last = 0
        self._report(ANEW.format(room=room))

    def put_out(self, room: str) -> None:
        """End: nothing more is heard of it."""
        if room == self._room:
            self._report(PUT_OUT.format(room=room))
            self.finish(NOT_WELCOME)

    def preferred(self, prefs: wire.Prefs) -> None:
        """Print as ever: a program may read it."""

    def refused(self, error: wire.Error) -> None:
        """Report it."""
        self._report(error.text or error.code)

    def lost(self) -> None:
        """Nothing to print: `retrying` tells it."""

    def retrying(self, delay: float) -> None:
        """Report, once, that there is a pause."""
        if not self._away:
            self._away = True
            self._report(f"Lost the server. Trying again in {max(1, round(delay))} s (Ctrl-C stops)...")

    def back(self, missing: str) -> None:
        """Report that the pause is over, and what it cost."""
        self._away = False
        self._report(MISSING[missing])

    def ended(self, why: FatalError | None) -> None:
        """End, with the reason if there is one."""
        if why is not None:
            self._report(why.words)
        self.finish(why.status if why is not None else DONE)

    def not_arrived(self, why: Failure) -> None:
        """Report why nothing can be heard at all."""
        if not why.check(CancelledError):
            self.ended(as_fatal(why.value))


async def tail(options: Options, reactor: PosixReactorBase) -> int:
    """Print a room until nobody reads on; return the exit status."""
    output = Output()
    tailing = Tail(options.tail, output.print, complain, as_json=options.json, since=options.since)
    link = dial(options.trust(), tailing.session, reactor)
    with blocking_kept(1):
        pipe = StandardIO(output, stdin=nothing(), reactor=reactor)  # type: ignore[call-arg]  # mypy reads Windows'
        pipe.registerProducer(link, streaming=True)
        output.closed.addCallback(lambda _: tailing.unread(is_pipe(1)))
        arriving = Deferred.fromCoroutine(_begin(options, tailing, link))
        arriving.addErrback(tailing.not_arrived)
        try:
            return await tailing.finished
        finally:
            arriving.cancel()
            await link.leave()
            pipe.unregisterProducer()
            pipe.loseConnection()


async def _begin(options: Options, tailing: Tail, link: Link) -> None:
    await arrive(options, tailing.session, link, options.tail)
    try:
        await tailing.go_back()
    except (RefusedError, GivenUpError) as why:
        raise FatalError(NOT_STORED, f"What was said before cannot be read: {why}") from None
