"""A room, who is in it, and all the rooms there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import NoRoom, TooMany
from twistedchat.chat.roles import GRANTED, Role
from twistedchat.chat.sanctions import Sanctions
from twistedchat.chat.settings import RoomSettings
from twistedchat.chat.text import likenesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from twistedchat.chat.log import KnownRoom
    from twistedchat.chat.session import Person, Session

ROOMS_A_GUEST, ROOMS_A_MEMBER = 1, 15
"""How many rooms one person may own that are still there."""
LARGE, LATELY = 20, 600_000
"""In a room of more people, who comes and goes is a minor matter unless they spoke in that time (ms)."""
SPOKEN_MOST = 1000


def room_claims(name: str) -> tuple[str, ...]:
    """Return what a room of that name claims in the log, for no other to have."""
    return tuple(f"room:{form}" for form in sorted(likenesses(name)))


class Room:
    """One room: known by `id`, called `name`; `head` is the last `seq` that was settled.

    `roles` are by person. `admitted` has who was let in while it was private, and from after
    which `seq` they may read; everybody may read what comes after `opened`, the head when
    it was last made open again, and nobody what `expired`. Of those who have `spoken`
    it has when (ms). One that is `temporary` is gone when it is empty. `heard` has the members
    who went while they were in it, and the last `seq` that they had heard then. `alone` are the
    rooms of those who are in this one only: one value for all of them.
    """

    __slots__ = (
        "_in_order",
        "_nicks",
        "admitted",
        "alone",
        "bans",
        "expired",
        "head",
        "heard",
        "id",
        "members",
        "mutes",
        "name",
        "opened",
        "roles",
        "settings",
        "spoken",
        "temporary",
        "topic",
    )

    def __init__(self, id: str, name: str, head: int = 0, *, topic: str = "") -> None:  # noqa: A002 - the field's word
        self.id = id
        self.name = name
        self.head = head
        self.topic = topic
        self.temporary = False
        self.settings = RoomSettings()
        self.roles: dict[str, Role] = {}
        self.admitted: dict[str, int] = {}
        self.heard: dict[str, int] = {}
        self.opened = self.expired = 0
        self.bans, self.mutes = Sanctions(), Sanctions()
        self.spoken: dict[str, int] = {}
        self.members: dict[str, Session] = {}
        self.alone: Mapping[str, Room] = {id: self}
        self._in_order: list[Person] | None = None
        self._nicks: list[str] | None = None

    @classmethod
    def known(cls, known: KnownRoom) -> Room:
        """Return a room as the log remembers it."""
        room = cls(known.id, known.name, known.head, topic=known.topic)
        room.settings = known.settings
        room.roles = {person: GRANTED[role] for person, role in known.roles.items()}
        room.admitted = dict(known.admitted)
        room.heard = dict(known.heard)
        room.opened, room.expired = known.opened, known.expired
        return room

    def has_changed(self) -> None:
        """Know that somebody has come, has gone or has another name or role, so their order is another."""
        self._in_order = self._nicks = None

    def holds(self, person: Person) -> bool:
        """Tell whether the person is in the room, by whichever connection."""
        return any(session.id in self.members for session in person.sessions)

    def persons(self) -> list[Person]:
        """Return those in the room in alphabetical order; sorted once for all who come in one batch."""
        if self._in_order is None:
            present = {member.by: member.person for member in self.members.values()}
            self._in_order = sorted(present.values(), key=lambda person: person.nick.casefold())
        return self._in_order

    def people(self) -> list[str]:
        """Return the nicknames of those in the room, in alphabetical order."""
        if self._nicks is None:
            self._nicks = [person.nick for person in self.persons()]
        return self._nicks

    def marked(self) -> list[str]:
        """Return the nicknames with what they are here before them, ~owner @op +voice; and bots, and who is away."""
        return [self.mark(person.id) + person.nick + _remark(person) for person in self.persons()]

    def mark(self, person: str) -> str:
        """Return what stands before the nickname of that person here."""
        role = self.roles.get(person)
        return role.mark if role else ""

    def hardly_knows(self, person: str, at: int) -> bool:
        """Tell whether the room is a large one where the person has said nothing lately."""
        return len(self.members) > LARGE and at - self.spoken.get(person, -LATELY) >= LATELY

    def forget_spoken(self, at: int) -> None:
        """Forget who spoke long ago, where they are many."""
        if len(self.spoken) > SPOKEN_MOST:
            since = at - max(LATELY, self.settings.slow * SECOND)
            self.spoken = {person: then for person, then in self.spoken.items() if then > since}

    def heirs(self) -> list[str]:
        """Return who is to be owner where nobody is: the oldest op."""
        if Role.OWNER in self.roles.values():
            return []
        return [person for person, role in self.roles.items() if role is Role.OP][:1]


def _remark(person: Person) -> str:
    remarks = ["bot"] * person.bot + ["away"] * bool(person.away)
    return f" ({', '.join(remarks)})" if remarks else ""


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

    def rename(self, room: Room, name: str) -> None:
        """Have the room under another name."""
        self.drop(room)
        room.name = name
        self.add(room)

    def follow(self, old: str, new: str) -> None:
        """Have what hits the person `old` hit `new`, which is who they are now, and what they have said be theirs."""
        for room in self.by_id.values():
            room.bans.follow(old, new)
            room.mutes.follow(old, new)
            if old in room.spoken:
                room.spoken[new] = max(room.spoken[old], room.spoken.get(new, 0))

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

    def check_name(self, name: str, but: Room | None = None) -> None:
        """Raise `NoRoom` where a room of that name would be too much like another one."""
        for form in likenesses(name):
            if self._by_form.get(form, but) is not but:
                raise NoRoom(f"{name} is too much like {self._by_form[form].name}, which exists.")

    def check_new(self, name: str, owner: Person) -> None:
        """Raise the `ChatError` that keeps `owner` from making a room of that name."""
        self.check_name(name)
        own = [room for room in self.by_id.values() if room.roles.get(owner.id) is Role.OWNER]
        if owner.account is None and any(room.members for room in own):
            raise TooMany(
                "A guest can make one room at a time, and yours is still there: /register, and you can have more."
            )
        if len(own) >= ROOMS_A_MEMBER and not owner.admin:
            raise TooMany(f"A member can have {ROOMS_A_MEMBER} rooms; /drop one.")
