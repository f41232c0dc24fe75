"""What is needed of a screen, and the words that every conversation begins with."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

from twistedchat.client.exits import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred

    from twistedchat.client.render import Line
    from twistedchat.client.ways import Way

NO_TLS = "This server has no TLS: what you type can be read on the way. Continue? [y/N] "
UNKNOWN_CERTIFICATE = (
    "Nothing vouches for the certificate of {place}. Its SHA-256 is\n{fingerprint}\n"
    "Is it what the server shows at its start? Then it is trusted from now on. Continue? [y/N] "
)


class Screen(Protocol):
    """Where somebody types and reads: a `twistedchat.client.editor.Editor`."""

    def show(self, lines: list[Line]) -> None:
        """Print lines above what is being typed."""

    def flush(self) -> None:
        """Print at once what is to be printed."""

    def read(self, prompt: Callable[[], str]) -> Deferred[str]:
        """Read a line, which vanishes: it is seen again when it has been stored."""

    def ask(self, question: str, default: str = "") -> Deferred[str]:
        """Ask for a line, which stays on the screen."""

    def ask_secretly(self, question: str) -> Deferred[str]:
        """Ask for a line that nobody sees and that is not remembered."""

    def ring(self) -> None:
        """Ring the bell."""


def connected_to(place: Place, way: Way) -> str:
    """Say where we are, and how; this computer is named as others name it, for ``localhost`` is everywhere."""
    return f"Connected to {Place(socket.gethostname(), place.port) if way.near else place} ({way})."
