"""The tutorial's own server: it asks ``NICK``, gets a bare nick, then ``nick: text``, and no line has an end.

::

    S NICK                  four bytes
    C alice                 the nick, nothing else
    S alice joined!Connected to server!
    C alice: hello          each message in one write
    S alice: hello          to everybody, the sender too

All of it is ASCII. Nothing tells what was stored, so nothing is sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone

from twistedchat.client.exits import (
    ANSWER_SECONDS,
    NOT_STORED,
    FatalError,
    Place,
    cannot_connect,
    is_loopback,
    no_answer,
)
from twistedchat.client.render import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime
    from twisted.internet.posixbase import PosixReactorBase
    from twisted.python.failure import Failure

_ASKED = b"NICK"
_APART_SECONDS = 0.1
"""How far apart writes are, so that the server reads each by itself."""
_AFTER_NAME_SECONDS = 0.5
"""How long a name stands alone, for only that tells where it ends."""


class TutorialProtocol(Protocol):
    """The client's side. ``show`` gets each line that arrives, harmless and in ASCII.

    ``asked`` fires when the server wants the name; ``closed`` when it is gone.
    """

    transport: ITCPTransport

    def __init__(self, place: Place, show: Callable[[str], None], clock: IReactorTime) -> None:
        self.asked: Deferred[None] = Deferred()
        self.closed: Deferred[None] = Deferred()
        self._place = place
        self._show = show
        self._clock = clock
        self._nick = ""
        self._named = False
        self._writes: list[bytes] = []
        self._next: IDelayedCall | None = None
        self._alarm: IDelayedCall | None = None
        self.on_written: Callable[[], None] = lambda: None
        """Called whenever there is nothing left to write."""

    @property
    def private(self) -> bool:
        """Whether the server is on this computer."""
        return is_loopback(str(getattr(self.transport.getPeer(), "host", "localhost")))

    def connectionMade(self) -> None:
        """Wait to be asked."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(enabled=True)
        self._alarm = self._clock.callLater(ANSWER_SECONDS, self._not_asked)

    def enter(self, nick: str) -> None:
        """Give the name."""
        self._nick = nick
        self._named = True
        self.transport.write(ascii_only(nick))
        self._next = self._clock.callLater(_AFTER_NAME_SECONDS, self._write_one)

    def say(self, text: str) -> None:
        """Say something under that name."""
        self._write(ascii_only(f"{self._nick}: {text}"))

    @property
    def idle(self) -> bool:
        """Whether all has been written, and the last of it long enough ago."""
        return self._next is None

    @property
    def unwritten(self) -> int:
        """How many messages wait for their turn."""
        return len(self._writes)

    def dataReceived(self, data: bytes) -> None:
        """Answer the question, show everything else."""
        if not self._named and data.startswith(_ASKED):
            data = data.removeprefix(_ASKED)
            self._stop_alarm()
            if not self.asked.called:
                self.asked.callback(None)
        for line in data.decode("ascii", "replace").replace("\ufffd", "?").splitlines():
            if line.strip():
                self._show(safe(line))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note that the server is gone."""
        del reason
        self._stop_alarm()
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if not self.asked.called:
            words = f"{self._place} closed the connection without asking for a name: not the tutorial's server."
            self.asked.errback(FatalError(NOT_STORED, words))
        self.closed.callback(None)

    def _write(self, message: bytes) -> None:
        self._writes.append(message)
        if self._next is None:
            self._write_one()

    def _write_one(self) -> None:
        self._next = None
        if self._writes:
            self.transport.write(self._writes.pop(0))
            self._next = self._clock.callLater(_APART_SECONDS, self._write_one)
        else:
            self.on_written()

    def _not_asked(self) -> None:
        self.asked.errback(no_answer(self._place))
        self.transport.abortConnection()

    def _stop_alarm(self) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()


def ascii_only(text: str) -> bytes:
    """Render a text as the tutorial's server can read it; anything else becomes a question mark."""
    return text.replace("\n", " ").encode("ascii", "replace")


async def connect(place: Place, show: Callable[[str], None], reactor: PosixReactorBase) -> TutorialProtocol:
    """Connect; ``asked`` of what is returned tells whether it is the tutorial's server.

    :raises FatalError: there is no server.
    """
    endpoint = HostnameEndpoint(reactor, place.host, place.port, timeout=ANSWER_SECONDS)
    try:
        protocol = TutorialProtocol(place, show, reactor)
        await connectProtocol(endpoint, protocol)
    except (ConnectError, DNSLookupError, ValueError) as why:
        raise cannot_connect(why, place) from None
    return protocol
