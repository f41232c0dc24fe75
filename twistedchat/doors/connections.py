"""Everybody who is connected at one door, whatever has become of them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twistedchat.dialects.wire import Farewell
    from twistedchat.doors.line import ChatProtocol


class Connections:
    """The connections of one door."""

    def __init__(self) -> None:
        self._all: dict[ChatProtocol, None] = {}  # a set takes twice as much

    def __len__(self) -> int:
        return len(self._all)

    def add(self, connection: ChatProtocol) -> None:
        """Count a connection among them."""
        self._all[connection] = None

    def discard(self, connection: ChatProtocol) -> None:
        """Know that a connection is over."""
        self._all.pop(connection, None)

    def tick(self, now: float) -> None:
        """Ask the programs that have been silent whether they are there, and let go of those that are not."""
        for connection in list(self._all):
            connection.tick(now)

    def drain(self) -> None:
        """Take what has been read of everybody, and read no more."""
        for connection in list(self._all):
            connection.intake.drain()

    @property
    def waiting(self) -> bool:
        """Whether something of what has been read is yet to be done."""
        return any(connection.intake.waits for connection in self._all)

    def farewell(self, farewell: Farewell) -> int:
        """Say goodbye to everybody, and return to how many."""
        for connection in list(self._all):
            connection.close(farewell)
        return len(self._all)
