"""From a peer's bytes to its lines: who it is, telnet's bytes taken out, and the rest cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.dialects.framing import Framing, Lines, Segments
from twistedchat.dialects.telnet import HIDE, IAC, SHOW, Telnet
from twistedchat.doors.arrival import Arrival, Peer

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from twistedchat.doors.line import ChatProtocol

TELNET_MOST = 2048
"""Telnet's bytes in one line: they cost time and say nothing. Ctrl-C is five of them."""


class Reception:
    """Takes bytes, however they are cut.

    The `connection` is told once who the peer is, and whether it was greeted before it
    spoke; then it takes each lot of lines.
    """

    __slots__ = ("_arrival", "_connection", "_framing", "_returns", "_taken_out", "_telnet", "peer")

    def __init__(self, connection: ChatProtocol, clock: IReactorTime, greeting: bytes) -> None:
        self._connection = connection
        self._telnet: Telnet | None = None  # until it shows that it is one
        self._taken_out = 0
        self._returns = False
        self._framing: Framing = Lines()
        self._arrival: Arrival | None = Arrival(clock, greeting, connection.voice.outbox.put, self._recognised)
        self.peer: Peer | None = None

    def begin(self) -> None:
        """Wait for the peer to speak; it can hear us from now on."""
        if self._arrival is not None:
            self._arrival.begin()

    def feed(self, data: bytes) -> None:
        """Take bytes; raise `OverflowError` where a line never ends, or telnet's bytes bring none."""
        if self.peer is not Peer.PROGRAM:
            data = self._without_telnet(data)
        if not data:
            return
        if self._arrival is None:
            self._connection.take(self._framing.feed(data))
        else:
            self._arrival.data(data, telnet=self._telnet is not None)

    def _without_telnet(self, data: bytes) -> bytes:
        """Take telnet's bytes out; as each costs time, so many in one line are no telnet's."""
        typed, reply = data, b""
        if self._telnet is not None or IAC in data:
            typed, reply = self._known_telnet().feed(data)
            self._taken_out += len(data) - len(typed)
        if self._taken_out > TELNET_MOST:
            raise OverflowError
        if b"\n" in typed:
            self._taken_out = 0
        if b"\r" in typed:
            self._returns = True
        if reply:
            self._connection.voice.outbox.put(reply)
        return typed

    def _known_telnet(self) -> Telnet:
        self._telnet = self._telnet or Telnet()
        return self._telnet

    @property
    def is_telnet(self) -> bool:
        """Whether the peer is a telnet: it says so, or ends its lines with CR LF, as one does that says nothing."""
        return self._telnet is not None or self._returns

    def hide(self) -> bytes:
        """Return what has a telnet show nothing of what is typed from now on."""
        self._known_telnet().hiding = True
        return HIDE

    def show(self) -> bytes:
        """Return what has it show that again, on a new line: nobody saw the end of the one before."""
        return SHOW + b"\r\n"

    def end(self) -> None:
        """Take what there is as all that will come."""
        if self._arrival is not None:
            self._arrival.end()
        self._connection.take(self._framing.end())

    def stop(self) -> None:
        """Ask for nothing more."""
        if self._arrival is not None:
            self._arrival.stop()

    def _recognised(self, peer: Peer, data: bytes) -> None:
        greeted = self._arrival is not None and self._arrival.greeted
        self._arrival = None
        self.peer = peer
        if peer is Peer.TUTORIAL:
            self._framing = Segments()
        self._connection.known(peer, greeted)
        if peer is not Peer.FOREIGN:
            self._connection.take(self._framing.feed(data))
