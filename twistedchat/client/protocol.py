"""One connection to a server: lines of JSON, and the guess at who answers when it is not tcpchat."""

from typing import Protocol as Shape

import msgspec
from twisted.internet.interfaces import IConsumer, IDelayedCall, IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

from twistedchat.client.exits import ANSWER_SECONDS
from twistedchat.client.ways import is_near
from twistedchat.client.wire import Anything, Hello, Ping, Request, decode, encode

_HEAD_BYTES = 512
_SILENT_PINGS = 2.5


class Talker(Shape):
    """Who is behind a connection: told what happens on it, in order."""

    @property
    def source(self) -> IPushProducer | None:
        """What is to be paused while the network is slower than we are."""

    def connected(self, connection: "JsonClientProtocol") -> None:
        """Speak: a connection stands."""

    def received(self, event: Anything) -> None:
        """Hear what the server says."""

    def disconnected(self, connection: "JsonClientProtocol") -> None:
        """Take note that it is over."""


class JsonClientProtocol(LineReceiver):
    """The client's side of a connection.

    All that comes before the first line beginning with ``{`` is skipped, for a
    server greets people who are slow to speak. A server's pings are answered
    here. A connection on which no JSON came within ``ANSWER_SECONDS``, or nothing
    at all for two and a half times the server's ping interval, is dropped.
    """

    delimiter = b"\n"
    MAX_LENGTH = 1 << 20
    transport: ITCPTransport

    def __init__(self, talker: Talker, clock: IReactorTime) -> None:
        self.head = b""
        """How a peer began that has not spoken JSON so far."""
        self.answered = False
        """Whether anything that came was JSON."""
        self.timed_out = False
        self._talker = talker
        self._clock = clock
        self._silence = ANSWER_SECONDS
        self._alarm: IDelayedCall | None = None
        self._over = False

    @property
    def same_computer(self) -> bool:
        """Whether nobody else's wire lies between us and the server."""
        here, there = (getattr(end(), "host", None) for end in (self.transport.getHost, self.transport.getPeer))
        return is_near(here, there)

    def connectionMade(self) -> None:
        """Start to wait for the first word, and let the talker speak."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        self._alarm = self._clock.callLater(self._silence, self._too_silent)
        if self._talker.source is not None and IConsumer.providedBy(self.transport):
            self.transport.registerProducer(self._talker.source, streaming=True)
        self._talker.connected(self)

    def send(self, request: Request) -> None:
        """Write one request; nothing happens when the connection is over."""
        if not self._over:
            self.transport.write(encode(request))

    def drop(self) -> None:
        """Close at once; nothing that still comes is heard."""
        if not self._over:
            self._over = True
            self._release_source()
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Cut into lines; any byte is a sign of life once JSON has been spoken."""
        if self._over:
            return
        if not self.answered:
            self.head = (self.head + data)[:_HEAD_BYTES]
        elif self._alarm is not None:
            self._alarm.reset(self._silence)
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Hand on one event; what cannot be read is skipped, but is the end where nothing else was heard before."""
        if self._over or not (self.answered or line.startswith(b"{")):
            return
        try:
            event = decode(line)
        except msgspec.DecodeError:
            if not self.answered:
                self.drop()
            return
        self._heard_from()
        if isinstance(event, Ping):
            self.send({"op": "pong", "n": event.n})
            return
        if isinstance(event, Hello) and event.ping > 0:
            self._silence = event.ping * _SILENT_PINGS
            self._heard_from()
        self._talker.received(event)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Drop a peer that sends a line without end."""
        del line
        self.drop()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the talker, once."""
        del reason
        self._over = True
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        if self._talker.source is not None:
            self._talker.source.resumeProducing()
        self._talker.disconnected(self)

    def _heard_from(self) -> None:
        self.answered = True
        if self._alarm is not None and self._alarm.active():
            self._alarm.reset(self._silence)

    def _too_silent(self) -> None:
        self.timed_out = True
        self.drop()

    def _release_source(self) -> None:
        if self._talker.source is not None and IConsumer.providedBy(self.transport):
            self.transport.unregisterProducer()
