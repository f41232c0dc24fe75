"""What the chat asks of whoever keeps passwords safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Passwords(Protocol):
    """Hashes and compares, which takes a while: beside the chat, and not too many at a time."""

    def hash(self, password: str) -> Awaitable[str]:
        """Return what is to be kept of a password; raise `SlowDown` where too many are being asked for."""
        ...

    def verify(self, hashed: str, password: str) -> Awaitable[bool]:
        """Tell whether that is the password; with "" for the hash it takes as long, and is not.

        Raises `SlowDown` where too many are being asked for.
        """
        ...
