"""Finding out who has connected: a person, a program, or the tutorial's client.

They are told apart by who speaks first, and how:

    {...            a program
    a line          a person, or a pipe; it is not greeted, for it did not wait
    a piece of text that no line end follows: the tutorial's client
    silence         a person, who is greeted

The greeting is written in three pieces, because the tutorial's client compares
all that one ``recv`` brings with ``NICK``.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

SILENCE, NICK_ALONE, PROMPT = 0.3, 0.15, 0.3
"""Seconds: before the greeting, from there to the bare NICK, and from there to the rest of the prompt."""
UNFRAMED = 0.2
"""Seconds without a line end that make a first piece of text the tutorial's client's."""
FIRST_MOST = 4096
"""Bytes that may come before it is clear who speaks."""

_FOREIGN = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE|PRI) |\x16\x03|SSH-")


class Peer(Enum):
    """Who has connected; a FOREIGN one speaks another protocol and is not answered."""

    PERSON = "person"
    PROGRAM = "program"
    TUTORIAL = "tutorial"
    FOREIGN = "foreign"


class Arrival:
    """The time until it is known who has connected.

    `write` sends bytes to the peer. `known` is called once, with who it is and with
    what it has sent so far.
    """

    def __init__(
        self,
        clock: IReactorTime,
        greeting: bytes,
        write: Callable[[bytes], None],
        known: Callable[[Peer, bytes], None],
    ) -> None:
        self._clock = clock
        self._write = write
        self._known = known
        self._pieces = [(NICK_ALONE, greeting), (PROMPT, b"NICK"), (0.0, b"> ")]
        self._buffer = b""
        self._call: IDelayedCall | None = None
        self.greeted = False

    def begin(self) -> None:
        """Greet the peer when it has been silent for a moment."""
        self._later(SILENCE, self._greet)

    def data(self, data: bytes, *, telnet: bool = False) -> None:
        """Take what the peer has sent; of `telnet` it is known that a person sits there."""
        first = not self._buffer
        self._buffer += data
        peer = self._recognise()
        if peer is not None:
            self._settle(peer)
        elif first and len(data) > 1 and not telnet:
            self._later(UNFRAMED, lambda: self._settle(Peer.TUTORIAL))

    def end(self) -> None:
        """Take what there is as all that will come."""
        self._settle(Peer.PERSON)

    def stop(self) -> None:
        """Ask no more."""
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None

    def _recognise(self) -> Peer | None:
        if self._buffer.startswith(b"{"):
            return Peer.PROGRAM
        if _FOREIGN.match(self._buffer):
            return Peer.FOREIGN
        if b"\n" in self._buffer or b"\r\0" in self._buffer or len(self._buffer) > FIRST_MOST:
            return Peer.PERSON
        return None

    def _settle(self, peer: Peer) -> None:
        self.stop()
        self._known(peer, self._buffer)

    def _greet(self) -> None:
        """Write the next piece of the greeting, and the one after it in a while."""
        self._call = None
        self.greeted = True
        pause, piece = self._pieces.pop(0)
        self._write(piece)
        if self._pieces:
            self._later(pause, self._greet)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.stop()
        self._call = self._clock.callLater(seconds, call)
