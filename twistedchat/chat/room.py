"""A room, who is in it, and all the rooms there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.errors import NoRoom, TooMany
from twistedchat.chat.text import likenesses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twistedchat.chat.session import Session

ROOMS_A_GUEST = 1
"""How many rooms a guest may have made that are still there."""


class Room:
    """One room: known by `id`, called `name`; `head` is the last `seq` that was settled.

    One that a guest has made has that guest's id as its `owner`, and is gone when it is
    empty.
    """

    __slots__ = ("_in_order", "head", "id", "members", "name", "owner", "topic")

    def __init__(self, id: str, name: str, head: int = 0, *, owner: str = "", topic: str = "") -> None:  # noqa: A002 - the field's word
        self.id = id
        self.name = name
        self.head = head
        self.owner = owner
        self.topic = topic
        self.members: dict[str, Session] = {}
        self._in_order: list[Session] | None = None

    def has_changed(self) -> None:
        """Know that somebody has come, has gone or has another name, so their order is another."""
        self._in_order = None

    def people(self) -> list[str]:
        """Return the nicknames of those in the room, in alphabetical order."""
        return [member.nick for member in self._sorted()]

    def marked(self) -> list[str]:
        """Return the nicknames with what they are in this room before them, ~owner, and who is away."""
        return [
            ("~" if member.guest == self.owner else "") + member.nick + (" (away)" if member.away else "")
            for member in self._sorted()
        ]

    def _sorted(self) -> list[Session]:
        """Return the members in alphabetical order; sorted once for all who come in one batch."""
        if self._in_order is None:
            self._in_order = sorted(self.members.values(), key=lambda member: member.nick.casefold())
        return self._in_order


class Rooms:
    """All rooms, by id, and by every form that could be mistaken for their name."""

    def __init__(self) -> None:
        self.by_id: dict[str, Room] = {}
        self._by_form: dict[str, Room] = {}

    def __iter__(self) -> Iterator[Room]:
        return iter(sorted(self.by_id.values(), key=lambda room: room.name.casefold()))

    def add(self, room: Room) -> None:
        """Have the room."""
        self.by_id[room.id] = room
        for form in likenesses(room.name):
            self._by_form[form] = room

    def drop(self, room: Room) -> None:
        """Have the room no more."""
        del self.by_id[room.id]
        for form in likenesses(room.name):
            if self._by_form.get(form) is room:
                del self._by_form[form]

    def find(self, name: str) -> Room | None:
        """Return the room of that name, whatever its case."""
        folded = name.casefold()
        room = self._by_form.get(folded)
        return room if room is not None and (room.name == name or room.name.casefold() == folded) else None

    def named(self, name: str) -> Room:
        """Return the room of that name, or raise `NoRoom`."""
        room = self.find(name)
        if room is None:
            raise NoRoom(f"There is no room {name}.")
        return room

    def check_new(self, name: str, owner: str) -> None:
        """Raise the `ChatError` that keeps `owner` from making a room of that name."""
        for form in likenesses(name):
            if form in self._by_form:
                raise NoRoom(f"{name} is too much like {self._by_form[form].name}, which exists.")
        if sum(room.owner == owner and bool(room.members) for room in self.by_id.values()) >= ROOMS_A_GUEST:
            raise TooMany("A guest can make one room at a time, and yours is still there.")
