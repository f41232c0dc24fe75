"""The client in a shell: each line of standard input, or one text, becomes a message, and is stored or reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.stdio import StandardIO

from twistedchat.client import events, wire
from twistedchat.client.arrive import arrive, complain, dial
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.exits import DONE, NOT_STORED, NOT_WELCOME, PUT_OUT, FatalError, as_fatal
from twistedchat.client.render import MISSING, json_line, safe
from twistedchat.client.session import Session
from twistedchat.client.stdio import Lines, blocking_kept, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime
    from twisted.internet.posixbase import PosixReactorBase
    from twisted.python.failure import Failure

    from twistedchat.client.link import Link
    from twistedchat.client.options import Options

IN_FLIGHT = 256
"""How many lines may wait for their acknowledgement before no more are read."""
PATIENCE_SECONDS = 30.0
"""How long lines may wait while the server is away."""
_REPORTED = 20


class Sender:
    """Says each line in one room; ``finished`` fires with the exit status once all are answered.

    0 means that every line was stored. What was not is told to ``report``, with its
    number and the reason.
    """

    def __init__(self, clock: IReactorTime, report: Callable[[str], None], acked: Callable[[wire.Ack], None]) -> None:
        self.finished: Deferred[int] = Deferred()
        self.lines = Lines(self.take, self._at_end)
        self.session = Session(self, source=self.lines, remakes=True)
        self.room = ""
        self._clock = clock
        self._report = report
        self._acked = acked
        self._waiting: dict[int, None] = {}
        self._refused = 0
        self._no_more = False
        self._away = False
        self._patience: IDelayedCall | None = None

    def take(self, number: int, line: bytes) -> None:
        """Say one line, unless there is nothing in it."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._refuse(number, "it is not UTF-8.")
            return
        if text.strip():
            self.say(text, number)

    def say(self, text: str, number: int = 0) -> None:
        """Say something, which is the line of that number, or 0 if it is none."""
        self._waiting[number] = None
        if len(self._waiting) >= IN_FLIGHT:
            self.lines.hold("window")
        self._watch()
        answer = self.session.say(self.room, text)
        answer.addCallbacks(self._stored, self._not_stored, callbackArgs=(number,), errbackArgs=(number,))

    def entered(self, room: wire.Ok) -> None:
        """Nothing to show."""

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Nothing to show; a room that has another name is still the one."""
        if isinstance(event, events.RoomRenamed) and event.was == self.room and not replayed:
            self.room = event.to

    def live(self, room: str) -> None:
        """Nothing to show."""

    def displaced(self, room: str, *, anew: bool) -> None:
        """Nothing to show: it is the name that counts."""

    def put_out(self, room: str) -> None:
        """Give up: nothing more can be said there."""
        if room.casefold() == self.room.casefold():
            self._give_up(PUT_OUT.format(room=room), NOT_WELCOME)

    def preferred(self, prefs: wire.Prefs) -> None:
        """Nothing to show, however it is preferred."""

    def refused(self, error: wire.Error) -> None:
        """Report what the server has against us."""
        self._report(error.text or error.code)

    def lost(self) -> None:
        """Begin to count the seconds."""
        self._away = True
        self._watch()

    def retrying(self, delay: float) -> None:
        """Nothing to show: a pipe only tells what failed."""

    def back(self, missing: str) -> None:
        """Stop counting."""
        self._away = False
        self._watch()
        if missing == "another_guest":
            self._report(MISSING[missing])

    def ended(self, why: FatalError | None) -> None:
        """Report what is not stored for ever now."""
        if why is not None:
            self._give_up(why.words, why.status)
        elif not self.finished.called:
            self._give_up("the server said goodbye", NOT_STORED)

    def not_arrived(self, why: Failure) -> None:
        """Report why nothing could be said at all."""
        if not why.check(CancelledError):
            self.ended(as_fatal(why.value))

    def _stored(self, reply: wire.Reply, number: int) -> None:
        self._away = False
        if isinstance(reply, wire.Ack):
            self._acked(reply)
        self._answered(number)

    def _not_stored(self, why: Failure, number: int) -> None:
        why.trap(RefusedError, GivenUpError)
        self._refuse(number, why.getErrorMessage())
        self._answered(number)

    def _refuse(self, number: int, reason: str) -> None:
        self._refused += 1
        if self._refused <= _REPORTED:
            self._report(f"{_line(number)} was not stored: {safe(reason)}")

    def _answered(self, number: int) -> None:
        self._waiting.pop(number, None)
        self._watch()
        if len(self._waiting) <= IN_FLIGHT // 2:
            self.lines.release("window")
        self._perhaps_finished()

    def _at_end(self) -> None:
        self._no_more = True
        self._perhaps_finished()

    def _perhaps_finished(self) -> None:
        if self._no_more and not self._waiting and not self.finished.called:
            if self._refused > _REPORTED:
                self._report(f"{self._refused} lines were not stored.")
            self.finished.callback(NOT_STORED if self._refused else DONE)

    def _watch(self) -> None:
        """Be patient only as long as lines wait for a server that is away."""
        if not (self._away and self._waiting):
            if self._patience is not None and self._patience.active():
                self._patience.cancel()
            self._patience = None
        elif self._patience is None:
            self._patience = self._clock.callLater(PATIENCE_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        self._give_up(f"the server has been away for {PATIENCE_SECONDS:.0f} s", NOT_STORED)

    def _give_up(self, reason: str, status: int) -> None:
        if self.finished.called:
            return
        if self._waiting:
            first, others = next(iter(self._waiting)), len(self._waiting) - 1
            more = f" (and {others} more)" if others else ""
            self._report(f"{_line(first)}{more} was not acknowledged: {safe(reason)}")
        else:
            self._report(safe(reason))
        self._away = False
        self._watch()
        self.finished.callback(status)


async def send_lines(options: Options, reactor: PosixReactorBase) -> int:
    """Say what is to be said, or else all that comes from standard input; return the exit status."""

    def acked(ack: wire.Ack) -> None:
        if options.json and sender.lines.transport is not None:
            sender.lines.transport.write(json_line(ack))

    sender = Sender(reactor, complain, acked)
    link = dial(options.trust(), sender.session, reactor, longest=PATIENCE_SECONDS / 10)
    arriving = Deferred.fromCoroutine(_begin(options, sender, link, reactor))
    arriving.addErrback(sender.not_arrived)
    with blocking_kept(0, 1):
        try:
            return await sender.finished
        finally:
            arriving.cancel()
            await link.leave()
            await _flushed(sender.lines)


async def _begin(options: Options, sender: Sender, link: Link, reactor: PosixReactorBase) -> None:
    sender.room = await arrive(options, sender.session, link, options.room)
    if options.say is None:
        StandardIO(sender.lines, reactor=reactor)
    else:
        StandardIO(sender.lines, stdin=nothing(), reactor=reactor)  # type: ignore[call-arg]  # mypy reads Windows'
        sender.say(options.say)


def _line(number: int) -> str:
    """Name what was to be said by its number, the one text by none."""
    return f"line {number}" if number else "that"


async def _flushed(lines: Lines) -> None:
    if lines.transport is not None:
        lines.transport.loseConnection()
        await lines.closed
