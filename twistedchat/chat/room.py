"""A room and who is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twistedchat.chat.session import Session


class Room:
    """One room: known by `id`, called `name`; `head` is the last `seq` that was settled."""

    __slots__ = ("head", "id", "members", "name")

    def __init__(self, id: str, name: str, head: int = 0) -> None:  # noqa: A002 - the field's word
        self.id = id
        self.name = name
        self.head = head
        self.members: dict[str, Session] = {}

    def people(self) -> list[str]:
        """Return the nicknames of those in the room, in alphabetical order."""
        return sorted((member.nick for member in self.members.values()), key=str.casefold)
