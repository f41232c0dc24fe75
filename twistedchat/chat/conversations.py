"""Private conversations: whose they are, and the stream of the log that each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twistedchat.chat.session import Person

DIRECT = "direct:"
"""How the stream of a private conversation begins; the ids of the two persons follow."""


def stream_of(one: Person, other: Person) -> str:
    """Return the stream of the private conversation of two persons."""
    return DIRECT + "|".join(sorted((one.id, other.id)))


def persons_of(stream: str) -> list[str]:
    """Return the ids of the two persons of a private conversation; of none where the stream is a room's."""
    return stream.removeprefix(DIRECT).split("|") if stream.startswith(DIRECT) else []
