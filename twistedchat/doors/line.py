"""The line door: netcat, telnet, programs in JSON lines and the tutorial's client, on one port.

`ChatFactory` holds the chat and broadcasts. `ChatProtocol` is one connection: it
makes lines of bytes, holds its peer back when need be, and hands what is asked to
its `Visit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from twistedchat.chat.errors import ChatError, SlowDown, TooLong, TooMany
from twistedchat.chat.rate import Bucket
from twistedchat.dialects import jsonl, line
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.telnet import Telnet
from twistedchat.dialects.tutorial import TutorialDialect, messages, pieces
from twistedchat.dialects.wire import Farewell, Pinged
from twistedchat.doors.arrival import Arrival, Peer
from twistedchat.doors.audience import Audience
from twistedchat.doors.intake import Intake
from twistedchat.doors.outbox import Outbox
from twistedchat.doors.sockets import socket_of, tune
from twistedchat.doors.visit import Manner, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
    from twisted.internet.tcp import Connection

    from twistedchat.chat.chat import Chat, News
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.dialects.line import LineDialect
    from twistedchat.dialects.wire import Answer, Dialect, Request, View
    from twistedchat.doors.gate import Gate, Origin

UNENDED_MOST = 64 * 1024
"""Bytes without a line end, or bytes of one line of a program; beyond it the connection is aborted."""
HALF_CLOSED_SECONDS = 30.0
"""How long a peer that will send no more is kept while it is owed something."""
CROWD_SECONDS = 0.05
"""How long senders pause when more waits for the log than it should."""
SLOW_DOWN_SECONDS = 10.0
"""A person who is too fast is told so once in that time."""

_MANNERS = {
    Peer.PERSON: Manner(asks_again=b"NICK> "),
    Peer.PROGRAM: Manner(acks=True, asks_again=b"", returns=True, lands=False),
    Peer.TUTORIAL: Manner(invents=True),
}
_PIPE = Manner()
_people = Logger("tcpchat.people")


class Terms(Struct, frozen=True):
    """What this door grants its peers; seconds, bytes and counts, 0 for no limit."""

    server: str
    nick_seconds: float = 30.0
    burst: int = 10
    per_second: float = 2.0
    line_bytes: int = line.LINE_MOST
    text_characters: int = 4000
    backlog_bytes: int = 256 * 1024
    stalled_seconds: float = 20.0
    ping_seconds: int = 60
    silent_seconds: int = 150
    replay: int = 20


class ChatFactory(ServerFactory):
    """Holds the chat, knows who is heard where, and broadcasts what has been committed.

    `now` gives the time in milliseconds since 1970; `clock` is for waiting.
    """

    noisy = False

    def __init__(
        self,
        chat: Chat,
        terms: Terms,
        gate: Gate,
        *,
        clock: IReactorTime,
        now: Callable[[], int],
        text: LineDialect,
    ) -> None:
        self.chat = chat
        self.terms = terms
        self.gate = gate
        self.clock = clock
        self.now = now
        self.dialects: dict[Peer, Dialect] = {
            Peer.PERSON: text,
            Peer.PROGRAM: JsonDialect(),
            Peer.TUTORIAL: TutorialDialect(text),
        }
        self.greeting = f"tcpchat on {terms.server}. Type a nickname and press Enter (2-24 letters).\r\n".encode()
        self.connections: set[ChatProtocol] = set()
        self.visits: dict[Session, Visit] = {}
        self._audiences: dict[Room, dict[tuple[Dialect, View], Audience]] = {}

    def buildProtocol(self, addr: IAddress | None) -> ChatProtocol:  # type: ignore[override]
        """Return the protocol for one connection; one that is too many learns that and is let go."""
        origin = self.gate.origin(addr)
        refusal: TooMany | None = None
        try:
            self.gate.enter(origin, self.clock.seconds())
        except TooMany as error:
            refusal = error
        return ChatProtocol(self, origin, refusal)

    def audience(self, room: Room, dialect: Dialect, view: View) -> Audience:
        """Return the audience of those who hear `room` in that dialect from that view."""
        audiences = self._audiences.setdefault(room, {})
        return audiences.setdefault((dialect, view), Audience(dialect, view))

    def broadcast(self, news: News) -> None:
        """Tell everybody at this door of one committed batch: their acks, then their rooms, then what is private."""
        acks: dict[Session, list[bytes]] = {}
        for proposal, outcome in news.settled:
            asker = proposal.asker
            if asker is not None and asker in self.visits and proposal.event.kept:
                frame = self.visits[asker].settled(proposal, outcome)
                if frame:
                    acks.setdefault(asker, []).append(frame)
        for room, placed in news.rooms.items():
            for audience in self._audiences.get(room, {}).values():
                for session in audience.tell(placed, acks):
                    acks.pop(session, None)
        for session, frames in acks.items():
            self.visits[session].put(b"".join(frames))
        for (proposal, entry), sessions in news.direct:
            for session in self.visits.keys() & sessions:
                self.visits[session].hear(entry, own=session is proposal.asker)

    def dismiss(self, session: Session) -> None:
        """End this visit, for the same guest has come in by another connection."""
        visit = self.visits.get(session)
        if visit is not None:
            visit.dismissed()

    def tick(self) -> None:
        """Ask the programs that have been silent whether they are there, and let go of those that are not."""
        self.gate.tick(self.clock.seconds())
        for connection in list(self.connections):
            connection.tick()

    def drain(self) -> None:
        """Take what has been read of everybody, and read no more."""
        for connection in list(self.connections):
            connection.intake.drain()

    def farewell(self, farewell: Farewell) -> int:
        """Say goodbye to everybody, and return to how many."""
        for connection in list(self.connections):
            connection.close(farewell)
        return len(self.connections)


@implementer(IHalfCloseableProtocol)
class ChatProtocol(LineReceiver):
    """One connection: bytes become lines, and lines are handed on as fast as the peer may go."""

    transport: Connection
    factory: ChatFactory
    delimiter = b"\n"

    def __init__(self, factory: ChatFactory, origin: Origin, refusal: TooMany | None) -> None:
        self.factory = factory
        self.origin = origin
        self._refusal = refusal
        terms, clock = factory.terms, factory.clock
        self.rate = (terms.burst, terms.per_second) if origin.key else (0, 0.0)
        self._bucket = Bucket(*self.rate, clock.seconds()) if self.rate[1] else None
        self.dialect = factory.dialects[Peer.PERSON]
        self._peer: Peer | None = None
        self._line_most = terms.line_bytes
        self._telnet = Telnet()
        self._rest = b""
        self.intake = Intake(clock, self._pace, self.lineReceived, self._read)
        self._eof = False
        self._closing = False
        self._calls: dict[str, IDelayedCall] = {}
        self._told_slow = float("-inf")
        self._heard = clock.seconds()
        self._own_prefix = b""
        self.visit = Visit(self, _PIPE)

    # --- coming and going ------------------------------------------------------------------

    def connectionMade(self) -> None:
        """Wait for the peer to show who it is, but not for ever."""
        terms, clock = self.factory.terms, self.factory.clock
        self.factory.connections.add(self)
        handle = socket_of(self.transport)
        if handle is not None:
            tune(handle)
        self.outbox = Outbox(
            self.transport, clock, self._ejected, limit=terms.backlog_bytes, patience=terms.stalled_seconds
        )
        self._arrival: Arrival | None = Arrival(clock, self.factory.greeting, self.outbox.put, self._known)
        if terms.nick_seconds:
            self._later("nameless", terms.nick_seconds, self._nameless)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take the visit back, whatever ended it."""
        super().connectionLost(reason)
        if self._arrival is not None:
            self._arrival.stop()
        for name in list(self._calls):
            self._cancel(name)
        self.intake.stop()
        self._closing = True
        self.outbox.lost()
        self.factory.connections.discard(self)
        self.factory.gate.leave(self.origin, named=self.visit.named)
        self.visit.over()

    def named(self) -> None:
        """Know that the visit has its name."""
        self._cancel("nameless")
        self.factory.gate.name(self.origin)

    def now(self) -> int:
        """Return the time in milliseconds since 1970."""
        return self.factory.now()

    def answer(self, answer: Answer, ref: str | float | None) -> None:
        """Tell this peer only."""
        frame = self.dialect.answer(answer, ref)
        if frame:
            self.put(frame)

    def put(self, frame: bytes) -> None:
        """Send bytes to this peer, in pieces where it cannot take them whole."""
        if self._peer is Peer.TUTORIAL:
            for piece in pieces(frame):
                self.outbox.put(piece)
        else:
            self.outbox.put(frame)

    def close(self, farewell: Farewell) -> None:
        """Say goodbye, and end the connection when the peer has all that it is owed."""
        if not self._closing:
            self._closing = True
            self.intake.hold("closing")
            self.outbox.close(self.dialect.answer(farewell, None))

    def failed(self, failure: Failure) -> None:
        """End this connection over a fault of ours; the chat goes on."""
        _people.failure("a request failed", failure)
        self.close(Farewell("internal", "Something went wrong here, and has been noted. Please come again."))

    def _nameless(self) -> None:
        del self._calls["nameless"]
        seconds = self.factory.terms.nick_seconds
        self.close(Farewell("need_hello", f"No name in {seconds:g} s: goodbye."))

    def _ejected(self, why: str) -> None:
        _people.info("{host} is let go: {why}", host=self.origin.host, why=why)
        self.visit.over("too slow")

    # --- bytes become lines ---------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        """Take bytes, however they are cut."""
        if self._closing:
            return
        self._heard = self.factory.clock.seconds()
        if self._peer is not Peer.PROGRAM:
            data, reply = self._telnet.feed(data)
            if reply:
                self.outbox.put(reply)
        if self._arrival is not None:
            if data:
                self._arrival.data(data, telnet=self._telnet.seen)
        elif self._peer is Peer.TUTORIAL:
            self.intake.feed(messages(data, self._own_prefix))
        else:
            self._split(data)

    def _known(self, peer: Peer, data: bytes) -> None:
        """Speak as this peer does from now on."""
        greeted = self._arrival is not None and self._arrival.greeted
        self._arrival = None
        if peer is Peer.FOREIGN:
            self._closing = True
            self.outbox.close()
            return
        self._peer = peer
        self.dialect = self.factory.dialects[peer]
        if self._refusal is not None:
            self.close(Farewell(self._refusal.code, self._refusal.text))
            return
        self.visit = Visit(self, _MANNERS[peer] if greeted or peer is not Peer.PERSON else _PIPE)
        if peer is Peer.PROGRAM:
            self._line_most = jsonl.LINE_MOST
        if peer is Peer.TUTORIAL:
            self._own_prefix = data + b": "
            self.intake.feed([data])
        else:
            self._split(data)

    def _split(self, data: bytes) -> None:
        """Cut what has come into lines; a chunk is cut once, not once a line."""
        data = self._rest + data
        if b"\0" in data:
            data = data.replace(b"\r\0", b"\n")
        *lines, self._rest = data.split(b"\n")
        if len(self._rest) > UNENDED_MOST:
            self.outbox.abort()
            return
        self.intake.feed(lines)

    def _pace(self) -> None:
        """Hold the peer back where it goes too fast, takes too little, or the log has too much to do."""
        if self._bucket is not None:
            rest = self._bucket.take(self.factory.clock.seconds())
            if rest:
                self.intake.hold_for("rate", rest)
                self._tell_slow()
        if self.factory.chat.log.crowded:
            self.intake.hold_for("crowd", CROWD_SECONDS)
        if self.outbox.owed * 2 > self.factory.terms.backlog_bytes > 0:
            self.intake.hold("backlog")
            self.outbox.when_level().addCallback(lambda _: self.intake.release("backlog"))

    def lineReceived(self, line: bytes) -> None:
        """Take one line; what is wrong with it is told, and costs nothing else."""
        ref = None
        try:
            request = self._request(line.removesuffix(b"\r"))
            ref = request.ref
            self.visit.perform(request)
        except ChatError as error:
            self.answer(error, ref)
        except Exception:  # noqa: BLE001 - the one place where what nobody foresaw ends
            self.failed(Failure())

    def _request(self, line: bytes) -> Request:
        if len(line) > self._line_most:
            raise TooLong(f"A line has at most {self._line_most} bytes; that one has {len(line)}.")
        return self.dialect.decode(line, named=self.visit.named)

    def _read(self, reading: bool) -> None:  # noqa: FBT001 - the intake's callback
        """Let TCP hold the peer back, or not; the tutorial's client never, as its segments would merge."""
        if reading:
            self.resumeProducing()
        elif self._peer is not Peer.TUTORIAL:
            self.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again, unless the peer has said that nothing will come: its end would be read once more."""
        self.paused = False
        if not self._eof and not self._closing:
            self.transport.resumeProducing()
        self.idle()

    def _tell_slow(self) -> None:
        now = self.factory.clock.seconds()
        if self._peer is not Peer.PROGRAM and now - self._told_slow >= SLOW_DOWN_SECONDS:
            self._told_slow = now
            self.answer(SlowDown(f"Slow down: {self.rate[1]:g} messages a second."), None)

    # --- the end of the input ---------------------------------------------------------------------

    def readConnectionLost(self) -> None:
        """Know that the peer sends no more: do what it asked for, tell it, then leave."""
        if self._eof or self._closing:
            return
        self._eof = True
        if self._arrival is not None:
            self._arrival.end()
        self._later("half-closed", HALF_CLOSED_SECONDS, self._end)
        rest, self._rest = self._rest, b""
        self.intake.feed([rest] if rest else [])
        self.idle()

    def writeConnectionLost(self) -> None:
        """Know that nothing can be written any more; reading finds the rest out."""

    def idle(self) -> None:
        """Leave, if the peer sends no more and all that it asked for is done."""
        session = self.visit.session
        if self._eof and self.intake.idle and not (session and session.unsettled):
            self.outbox.when_level().addCallback(lambda _: self._end())

    def _end(self) -> None:
        if not self._closing:
            self._closing = True
            self.visit.over()
            self.outbox.close()

    def tick(self) -> None:
        """Ask a program that has been silent whether it is there; nobody else can be asked."""
        terms = self.factory.terms
        silent = self.factory.clock.seconds() - self._heard
        if self._peer is not Peer.PROGRAM:
            return
        if self.intake.held:
            self._heard += silent
        elif terms.silent_seconds and silent >= terms.silent_seconds:
            self.outbox.abort()
        elif terms.ping_seconds and silent >= terms.ping_seconds:
            self.answer(Pinged(int(silent)), None)

    def _later(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        self._calls[name] = self.factory.clock.callLater(seconds, call)

    def _cancel(self, name: str) -> None:
        call = self._calls.pop(name, None)
        if call is not None:
            call.cancel()
