"""The line door: netcat, telnet, programs in JSON lines and the tutorial's client, on one port.

`ChatFactory` holds the chat and broadcasts. `ChatProtocol` is one connection: it
makes lines of bytes, holds its peer back when need be, and hands what is asked to
its `Visit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IHalfCloseableProtocol, IHandshakeListener, ISSLTransport
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from twistedchat.chat.errors import ChatError, NeedHello, SlowDown, TooLong, TooMany
from twistedchat.dialects import jsonl
from twistedchat.dialects.wire import Farewell, Pinged
from twistedchat.doors.arrival import Peer
from twistedchat.doors.audience import Audiences
from twistedchat.doors.calls import Calls
from twistedchat.doors.connections import Connections
from twistedchat.doors.errands import Errands
from twistedchat.doors.gate import Place
from twistedchat.doors.intake import Intake
from twistedchat.doors.outbox import Outbox
from twistedchat.doors.reception import Reception
from twistedchat.doors.silence import Silence
from twistedchat.doors.terms import MANNERS, PIPE, UNHURRIED, Terms, dialects
from twistedchat.doors.visit import Visit
from twistedchat.doors.visits import Visits
from twistedchat.doors.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress, IReactorTime
    from twisted.internet.tcp import Connection

    from twistedchat.chat.chat import Chat
    from twistedchat.chat.door import News
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.session import Session
    from twistedchat.dialects.line import LineDialect
    from twistedchat.dialects.requests import Request
    from twistedchat.doors.asking import Question
    from twistedchat.doors.gate import Gate, Origin

_people = Logger("tcpchat.people")


class ChatFactory(ServerFactory):
    """Holds the chat, knows who is heard where, and broadcasts what has been committed.

    `now` gives the time in milliseconds since 1970; `clock` is for waiting. What few have at a time stands here.
    """

    noisy = False

    def __init__(
        self, chat: Chat, terms: Terms, gate: Gate, *, clock: IReactorTime, now: Callable[[], int], text: LineDialect
    ) -> None:
        self.chat = chat
        self.terms = terms
        self.gate = gate
        self.clock = clock
        self.now = now
        self.dialects = dialects(text)
        self.calls = Calls(clock)
        self.errands = Errands()
        self.connections = Connections()
        self.visits = Visits()
        self.audiences = Audiences()

    def buildProtocol(self, addr: IAddress | None) -> ChatProtocol | None:  # type: ignore[override]
        """Return the protocol for one connection; one that is too many learns that and is let go."""
        origin = self.gate.origin(addr)
        refusal = self.gate.enter(origin, self.clock.seconds())
        return None if self.gate.drops(origin, refusal) else ChatProtocol(self, origin, refusal)

    def broadcast(self, news: News) -> None:
        """Tell everybody here of one committed batch: their acks, then their rooms, then what is private."""
        acks = self.visits.acks(news.settled)
        self.audiences.tell(news.rooms, acks, news.out)
        self.visits.tell(news.direct, acks)
        if news.out:
            self.visits.put_out(news)

    def prefer(self, session: Session, prefs: Prefs) -> None:
        """Tell this visit things in this manner from now on."""
        self.visits.prefer(session, prefs)

    def dismiss(self, session: Session, code: str, text: str) -> None:
        """End this visit, and tell it why."""
        self.visits.dismiss(session, Farewell(code, text))


@implementer(IHalfCloseableProtocol, IHandshakeListener)
class ChatProtocol(LineReceiver):
    """One connection: bytes become lines, and lines are handed on as fast as the peer may go."""

    transport: Connection
    factory: ChatFactory
    delimiter = b"\n"

    def __init__(self, factory: ChatFactory, origin: Origin, refusal: TooMany | None) -> None:
        self.factory = factory
        self.origin = origin
        self.place = Place(factory.gate, origin)
        self._refusal = refusal
        self.rate = factory.terms.rate if origin.key else UNHURRIED
        self.intake = Intake(self, factory.calls, self.rate)
        self.visit = Visit(self, PIPE)
        self.question: Question | None = None
        self.eof = False
        self._silence = Silence()

    # --- coming and going ------------------------------------------------------------------

    def connectionMade(self) -> None:
        """Wait for the peer to show who it is, but not for ever."""
        factory, terms = self.factory, self.factory.terms
        self.voice = Voice(Outbox(self.transport, factory.clock, terms, self), factory.dialects[Peer.PERSON])
        self.reception = Reception(self, factory.clock, terms.greeting)
        factory.connections.add(self)
        if not ISSLTransport.providedBy(self.transport):
            self.reception.begin()
        seconds = terms.refused_seconds if self._refusal else terms.nick_seconds
        if seconds:
            factory.calls.later(self, "nameless", seconds, self._nameless)

    def handshakeCompleted(self) -> None:
        """Know that the peer can hear us, under TLS."""
        self.reception.begin()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take the visit back, whatever ended it."""
        super().connectionLost(reason)
        self.reception.stop()
        self.factory.calls.stop(self)
        self.intake.stop()
        self.voice.lost()
        self.factory.connections.discard(self)
        self.place.leave()
        self.visit.over()

    def named(self, *, member: bool) -> None:
        """Know that the visit has its name; raise `TooMany` where there are too many guests from there."""
        self.factory.calls.cancel(self, "nameless")
        self.place.name(member=member)

    def close(self, farewell: Farewell) -> None:
        """Say goodbye, read nothing more, and end the connection when the peer has all that it is owed."""
        self.voice.close(farewell)
        self.intake.hold("closing")

    def failed(self, failure: Failure) -> None:
        """End this connection over a fault of ours; the chat goes on."""
        _people.failure("a request failed", failure)
        self.close(Farewell("internal", "Something went wrong here, and has been noted. Please come again."))

    def _nameless(self) -> None:
        why = self._refusal or NeedHello(f"No name in {self.factory.terms.nick_seconds:g} s: goodbye.")
        self.close(Farewell(why.code, why.text))

    def ejected(self, why: str) -> None:
        """Know that the peer was let go, because of what it did not read."""
        _people.info("{host} is let go: {why}", host=self.origin.host, why=why)

    # --- bytes become lines ---------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        """Take bytes, however they are cut."""
        if self.voice.closed:
            return
        self._silence.broken = True
        try:
            self.reception.feed(data)
        except OverflowError:
            self.voice.outbox.abort()

    @property
    def confidential(self) -> bool:
        """Whether nobody can read what is typed on its way here."""
        return self.origin.near or ISSLTransport.providedBy(self.transport)

    def known(self, peer: Peer, greeted: bool) -> None:  # noqa: FBT001 - what the reception tells
        """Speak as this peer does from now on."""
        if peer is Peer.FOREIGN:
            self.voice.close()
            return
        self.speak(peer)
        self.origin = self.factory.gate.origin(self.transport.getPeer())  # behind a proxy it is known only now
        if self._refusal is not None:
            self._nameless()
            return
        self.visit = Visit(self, MANNERS[peer] if greeted or peer is not Peer.PERSON else PIPE)
        if peer is Peer.PROGRAM:
            self.voice.put(b"\r\n" if greeted else b"")

    def speak(self, peer: Peer) -> None:
        """Have the peer be one of that kind from now on."""
        self.reception.peer = peer
        self.voice.dialect = self.factory.dialects[peer]

    def take(self, lines: list[bytes]) -> None:
        """Take lines to be done in their order; of the tutorial's client, which cannot be paused, not too many."""
        if self.reception.peer is Peer.TUTORIAL and len(self.intake) > self.factory.terms.unpaused_lines:
            self.voice.answer(SlowDown("Slow down: that was not said."))
        else:
            self.intake.feed(lines)

    def pace(self) -> None:
        """Hold the peer back where it takes too little, or the log has too much to do."""
        if self.factory.chat.log.crowded:
            self.intake.hold_for("crowd", self.factory.terms.crowd_seconds)
        if self.voice.outbox.owed * 2 > self.factory.terms.backlog_bytes > 0:
            self.intake.hold("backlog")
            self.voice.outbox.when_level().addCallback(lambda _: self.intake.release("backlog"))

    def lineReceived(self, line: bytes) -> None:
        """Take one line; what is wrong with it is told, and costs nothing else."""
        ref = None
        try:
            if self.question is not None:
                self.question.take(line)
                return
            request = self._request(line)
            ref = request.ref
            self.visit.perform(request)
        except ChatError as error:
            self.voice.answer(error, error.ref if ref is None else ref)
        except Exception:  # noqa: BLE001 - the one place where what nobody foresaw ends
            self.failed(Failure())

    def _request(self, line: bytes) -> Request:
        most = jsonl.LINE_MOST if self.reception.peer is Peer.PROGRAM else self.factory.terms.line_bytes
        if len(line) > most:
            raise TooLong(f"A line has at most {most} bytes; that one has {len(line)}.")
        return self.voice.dialect.decode(line, named=self.visit.named)

    def read(self, reading: bool) -> None:  # noqa: FBT001 - what the intake tells
        """Let TCP hold the peer back, or not; the tutorial's client never, as its segments would merge."""
        if reading:
            self.resumeProducing()
        elif self.reception.peer is not Peer.TUTORIAL and not self.paused:
            self.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again, unless the peer has said that nothing will come: its end would be read once more."""
        if self.paused and not self.eof and not self.voice.closed:
            self.transport.resumeProducing()
        self.paused = False
        self.idle()

    def slow_down(self) -> None:
        """Tell a peer that is too fast; programs know their rate."""
        if self.reception.peer is not Peer.PROGRAM:
            self.voice.answer(SlowDown(f"Slow down: {self.rate[1]:g} messages a second."))

    # --- the end of the input ---------------------------------------------------------------------

    def readConnectionLost(self) -> None:
        """Know that the peer sends no more: do what it asked for, tell it, then leave."""
        if self.eof or self.voice.closed:
            return
        self.eof = True
        self.factory.calls.later(self, "half-closed", self.factory.terms.half_closed_seconds, self._end)
        self.reception.end()
        self.idle()

    def writeConnectionLost(self) -> None:
        """Know that nothing can be written any more; reading finds the rest out."""

    def idle(self) -> None:
        """Leave, if the peer sends no more and all that it asked for is done."""
        session = self.visit.session
        if self.eof and self.intake.idle and not (session and session.unsettled):
            self.voice.outbox.when_level().addCallback(lambda _: self._end())

    def _end(self) -> None:
        if not self.voice.closed:
            self.visit.over()
            self.voice.close()

    def tick(self, now: float) -> None:
        """Ask a program that has been silent whether it is there; nobody else can be asked."""
        terms = self.factory.terms
        if self.reception.peer is not Peer.PROGRAM or self.intake.held:
            self._silence.broken = True
        silent = self._silence.lasts(now)
        if 0 < terms.silent_seconds <= silent:
            self.voice.outbox.abort()
        elif 0 < terms.ping_seconds <= silent and self._silence.asks():
            self.voice.answer(Pinged(int(now)))
