"""One connection until it is known what the peer speaks, and who it is.

By TLS the handshake tells. Where TLS is not needed a ping is sent as plain JSON, and the first
byte of the answer tells: 0x15 is an alert of TLS (RFC 8446, section 5.1), for that ping
was no greeting. Who closes without a word, or begins with what does not fit, speaks
something else. Whoever says nothing for `ANSWER_SECONDS` is no server.

Nothing but that ping is sent before the way is judged to be good, or will be asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.error import TimeoutError as Silence
from twisted.internet.interfaces import IConsumer, IHandshakeListener, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import alsoProvides, implementer

from twistedchat.client import ways
from twistedchat.client.examination import Examination, fingerprint_of
from twistedchat.client.exits import ANSWER_SECONDS, FatalError
from twistedchat.client.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocol, IProtocolFactory, IReactorTime
    from twisted.python.failure import Failure

    from twistedchat.client.trust import Trust
    from twistedchat.client.ways import Way

_PING = encode({"op": "ping", "n": 0})
_ANSWER_BYTES = 1024
"""A line that is longer answers no ping."""
_TLS_BEGINS = (b"\x15", b"\x16")


class OtherWayError(Exception):
    """The peer does not speak this; ``head`` is what it said."""

    def __init__(self, head: bytes) -> None:
        super().__init__("it speaks something else")
        self.head = head


class Gate(Protocol):
    """Speaks first; then a protocol of the ``factory`` has the connection, and ``goes`` is told the way before."""

    transport: ITCPTransport

    def __init__(
        self,
        trust: Trust,
        examine: Callable[[], Examination],
        factory: IProtocolFactory,
        clock: IReactorTime,
        goes: Callable[[Way], None],
    ) -> None:
        self.tls = False
        self._trust = trust
        self._examine = examine
        self._examination: Examination | None = None
        self._factory = factory
        self._clock = clock
        self._goes = goes
        self._near = False
        self._heard = False
        self._opened: Deferred[IProtocol] | None = None
        self._alarm: IDelayedCall | None = None
        self._inner: IProtocol | None = None
        self._answer = Answer()

    def open(self, *, tls: bool | None) -> Deferred[IProtocol]:
        """Speak TLS or not, or else what is right for where the peer is; fires with the protocol that has it then.

        Fails with `OtherWayError`, or with `FatalError` where the way may not be gone, or as connecting may.
        """
        opened = self._opened = Deferred(lambda _: self._called_off())
        self._alarm = self._clock.callLater(ANSWER_SECONDS, self.fail, Silence())
        here, there = (getattr(end(), "host", None) for end in (self.transport.getHost, self.transport.getPeer))
        self._near = ways.is_near(here, there)
        self.tls = tls if tls is not None else (self._trust.wants_tls or not self._near)
        if self.tls:
            self._examination = self._examine()
            inside = Factory.forProtocol(lambda: Handshake(self))
            wrapper = TLSMemoryBIOFactory(self._examination, True, inside, self._clock)  # noqa: FBT003 - as its client
            self._inner = wrapper.buildProtocol(None)
            self._inner.makeConnection(self.transport)
        else:
            self.transport.write(_PING)
        return opened

    def dataReceived(self, data: bytes) -> None:
        """Find out by the first byte what is spoken; hand on all else."""
        if not self._heard:
            self._heard = True
            if data.startswith(_TLS_BEGINS) is not self.tls:
                self.fail(OtherWayError(data))
            elif not self.tls:
                self._enter_plainly(data)
        if self._inner is not None:
            self._inner.dataReceived(data if self.tls else self._answer.taken_out_of(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever has it."""
        if not self._heard:
            self.fail(OtherWayError(b""))
        if self._inner is not None:
            self._inner.connectionLost(reason)
        self.fail(ConnectionLost())

    def certified(self, connection: SSL.Connection, transport: TLSMemoryBIOProtocol) -> IProtocol | None:
        """Judge the peer by its certificate; return what is to go on with it, or None."""
        shown = fingerprint_of(connection)
        vouched = self._examination is not None and self._examination.vouched(connection)
        try:
            way = self._trust.certified(shown, near=self._near, vouched=vouched)
        except FatalError as why:
            self.fail(why)
            return None
        alsoProvides(transport, IConsumer)  # which it is, and does not say
        return self._enter(way, transport)

    def fail(self, why: Exception) -> None:
        """Close, unless somebody has it."""
        opened = self._no_more_waiting()
        if opened is not None:
            self.transport.abortConnection()
            opened.errback(why)

    def _enter_plainly(self, data: bytes) -> None:
        try:
            way = self._trust.plain(near=self._near)
        except FatalError as why:
            self.fail(why if data.startswith(b"{") else OtherWayError(data))
        else:
            self._inner = self._enter(way, self.transport)

    def _enter(self, way: Way, transport: ITCPTransport | TLSMemoryBIOProtocol) -> IProtocol | None:
        peer: IAddress = self.transport.getPeer()
        opened, protocol = self._no_more_waiting(), self._factory.buildProtocol(peer)
        if opened is None or protocol is None:
            self.transport.abortConnection()
            return None
        self._goes(way)
        protocol.makeConnection(transport)
        opened.callback(protocol)
        return protocol

    def _called_off(self) -> None:
        self._no_more_waiting()
        self.transport.abortConnection()

    def _no_more_waiting(self) -> Deferred[IProtocol] | None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        opened, self._opened = self._opened, None
        return opened


@implementer(IHandshakeListener)
class Handshake(Protocol):
    """Inside TLS: has the certificate judged before anything is sent, and hands on what comes then."""

    transport: TLSMemoryBIOProtocol

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._inner: IProtocol | None = None

    def handshakeCompleted(self) -> None:
        """Ask the gate."""
        self._inner = self._gate.certified(self.transport.getHandle(), self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Hand it on."""
        if self._inner is not None:
            self._inner.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell why, if it is over before it has begun."""
        if self._inner is not None:
            self._inner.connectionLost(reason)
        elif isinstance(reason.value, SSL.Error):
            faults = ", ".join(fault for _, _, fault in reason.value.args[0])
            self._gate.fail(ConnectError(string=f"TLS failed: {faults}"))


class Answer:
    """The answer to our ping, which is the first line of JSON, and which nobody else has asked for."""

    def __init__(self) -> None:
        self._held = b""
        self._complete = False

    def taken_out_of(self, data: bytes) -> bytes:
        """Return what is not it."""
        if self._complete:
            return data
        self._held += data
        others = b""
        while not self._complete and (end := self._held.find(b"\n") + 1):
            line, self._held = self._held[:end], self._held[end:]
            self._complete = line.startswith(b"{")
            others += b"" if self._complete else line
        self._complete = self._complete or len(self._held) > _ANSWER_BYTES
        if self._complete or not self._held.startswith(b"{"):
            others, self._held = others + self._held, b""
        return others
