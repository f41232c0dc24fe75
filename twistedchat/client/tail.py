"""What is said in one room, line by line on standard output, for as long as somebody reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.stdio import StandardIO

from twistedchat.client import events, wire
from twistedchat.client.arrive import arrive, complain, dial
from twistedchat.client.exits import DONE, NOT_WELCOME, PUT_OUT, FatalError, as_fatal
from twistedchat.client.render import ANEW, MISSING, json_line, news, plain
from twistedchat.client.session import Session
from twistedchat.client.stdio import Output, blocking_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.posixbase import PosixReactorBase
    from twisted.python.failure import Failure

    from twistedchat.client.options import Options


class Tail:
    """Prints what is said, first the last lines and then all that follows.

    With ``as_json`` each line is the event as the server sent it. ``finished`` fires
    with the exit status.
    """

    def __init__(
        self, room: str, print_line: Callable[[bytes], None], report: Callable[[str], None], *, as_json: bool
    ) -> None:
        self.finished: Deferred[int] = Deferred()
        self.session = Session(self, remakes=True)
        self._room = room
        self._print = print_line
        self._report = report
        self._as_json = as_json
        self._away = False

    def finish(self, status: int = DONE) -> None:
        """End with this status, unless it has ended already."""
        if not self.finished.called:
            self.finished.callback(status)

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Print what was said."""
        if isinstance(event, events.RoomRenamed) and event.was == self._room and not replayed:
            self._room = event.to
        if not isinstance(event, wire.Said | wire.Emoted) or event.room != self._room:
            return
        if self._as_json:
            self._print(json_line(event))
        else:
            for line in news(event, "", self._room, dated=True):
                self._print(plain(line).encode() + b"\n")

    def entered(self, room: wire.Ok) -> None:
        """Use the room's own name, however it was typed."""
        self._room = room.room or self._room

    def live(self, room: str) -> None:
        """Nothing to print."""

    def displaced(self, room: str, *, anew: bool) -> None:
        """Report what is printed from here on."""
        del anew
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
    tailing = Tail(options.tail, output.print, complain, as_json=options.json)
    link = dial(options.place, tailing.session, reactor)
    nothing = os.open(os.devnull, os.O_RDONLY)
    with blocking_kept(1):
        pipe = StandardIO(output, stdin=nothing, reactor=reactor)  # type: ignore[call-arg]  # mypy reads Windows'
        pipe.registerProducer(link, streaming=True)
        output.closed.addCallback(lambda _: tailing.finish())
        arriving = Deferred.fromCoroutine(arrive(options, tailing.session, link, options.tail))
        arriving.addCallbacks(lambda _: None, tailing.not_arrived)
        status = await tailing.finished
        arriving.cancel()
        await link.leave()
        pipe.unregisterProducer()
        pipe.loseConnection()
    os.close(nothing)
    return status
