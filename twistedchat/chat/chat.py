"""The chat: what is asked for is proposed to the log, and what the log has settled becomes the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from twistedchat.chat.errors import NoRoom, NotInRoom, TooMany
from twistedchat.chat.events import (
    Arrived,
    Away,
    Departed,
    Direct,
    Dropped,
    Emoted,
    Entry,
    Joined,
    Left,
    Opened,
    Proposal,
    Renamed,
    Said,
    TopicSet,
)
from twistedchat.chat.people import People
from twistedchat.chat.roles import Permission, Role
from twistedchat.chat.room import Room, Rooms
from twistedchat.chat.text import message, room_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.door import Door
    from twistedchat.chat.events import Event, Placed, Ref, Settled
    from twistedchat.chat.log import Log
    from twistedchat.chat.roles import Roles
    from twistedchat.chat.session import Session

ROOMS_MOST = 20
"""How many rooms one session may be in."""
_DIRECT = "direct:"
"""How the stream of a private conversation begins; the two ids follow."""


class News(Struct):
    """One committed batch, for the doors to tell: everything, and then who hears what of it.

    `rooms` has the entries of each room, `direct` those for a few people only; both
    in the order of the log.
    """

    settled: Sequence[Settled]
    rooms: dict[Room, list[Placed]]
    direct: list[tuple[Placed, list[Session]]]


class Chat:
    """Rooms, the people in them, and the log that decides the order of what they do.

    Everything that changes the chat goes through `settle`; whatever else there is
    here only proposes. `at` is always the time in milliseconds since 1970.
    """

    def __init__(self, log: Log, roles: Roles, *, lobby: str, text_most: int, new_id: Callable[[], str]) -> None:
        self.log = log
        self.roles = roles
        self.doors: list[Door] = []
        self.epoch = ""
        self.people = People(log, new_id, self._dismiss)
        self._lobby = lobby
        self._text_most = text_most
        self._new_id = new_id
        self.rooms = Rooms()

    def start(self, at: int) -> None:
        """Take up where the log was left, and make the lobby where there is none yet."""
        remembered = self.log.start(self.settle, at)
        self.epoch = remembered.epoch
        for known in remembered.rooms:
            self.rooms.add(Room(known.id, known.name, known.head, topic=known.topic))
        self.people.remember(remembered.guests)
        if self.rooms.find(self._lobby) is None:
            opened = Opened("", self._lobby)
            self.log.append(Proposal(opened, self._new_id(), "", at))

    def tick(self, at: int) -> None:
        """Let go of what has been kept long enough."""
        self.people.tick(at)

    @property
    def lobby(self) -> Room:
        """The room where everybody starts."""
        return self.rooms.named(self._lobby)

    def role(self, session: Session, room: Room | None) -> Role:
        """Return what the session is in that room."""
        return Role.OWNER if room is not None and room.owner == session.guest else Role.GUEST

    # --- rooms --------------------------------------------------------------------------------

    async def enter(self, session: Session, name: str, at: int) -> Room:
        """Bring the session into the room of that name, which is made if there is none."""
        name = room_name(name)
        room = self.rooms.find(name) or await self._make_room(session, name, at)
        try:
            await self.join(session, room, at)
        finally:
            self._drop_if_empty(room)
        if room.id not in session.rooms:
            raise NoRoom(f"{room.name} is gone just now. Try again.")
        return room

    async def _make_room(self, session: Session, name: str, at: int) -> Room:
        self.roles.require(self.role(session, None), Permission.MAKE_ROOMS)
        self.rooms.check_new(name, session.guest)
        opened = Opened(session.nick, name, session.guest)
        await self.log.place(Proposal(opened, self._new_id(), session.guest, at))
        return self.rooms.named(name)

    async def join(self, session: Session, room: Room, at: int) -> None:
        """Bring the session into the room; to be in it already is no error."""
        self.roles.require(self.role(session, room), Permission.READ)
        if room.id not in session.rooms:
            if len(session.rooms) >= ROOMS_MOST:
                raise TooMany(f"You are in {ROOMS_MOST} rooms already; leave one.")
            joined = Joined(session.nick, session.id)
            await self.log.place(Proposal(joined, room.id, session.guest, at, asker=session))
        session.active = room

    async def part(self, session: Session, room: Room, at: int, why: str = "") -> None:
        """Take the session out of the room."""
        self._require_in(session, room)
        left = Left(session.nick, session.id, why)
        await self.log.place(Proposal(left, room.id, session.guest, at, asker=session))

    async def set_topic(self, session: Session, room: Room, topic: str, at: int) -> None:
        """Give the room another topic; "" takes it away."""
        self._require_in(session, room)
        self.roles.require(self.role(session, room), Permission.SET_TOPIC)
        await self.log.place(Proposal(TopicSet(session.nick, topic), room.id, session.guest, at))

    # --- talking: never waits, and is answered when it has settled -------------------------

    def say(self, session: Session, room: Room, text: str, at: int, cid: str = "", ref: Ref | None = None) -> None:
        """Say something in a room that one is in."""
        self._propose(session, room, Said(session.nick, message(text, self._text_most)), at, cid, ref)

    def emote(self, session: Session, room: Room, text: str, at: int, cid: str = "", ref: Ref | None = None) -> None:
        """Do something in a room that one is in."""
        self._propose(session, room, Emoted(session.nick, message(text, self._text_most)), at, cid, ref)

    def direct(
        self, session: Session, to: Session, text: str, at: int, cid: str = "", ref: Ref | None = None
    ) -> None:
        """Say something to one person only."""
        self.roles.require(self.role(session, None), Permission.TALK)
        event = Direct(session.nick, to.nick, message(text, self._text_most))
        stream = _DIRECT + "|".join(sorted((session.guest, to.guest)))
        session.unsettled += 1
        self.log.append(Proposal(event, stream, session.guest, at, cid, asker=session, ref=ref))

    def _propose(self, session: Session, room: Room, event: Event, at: int, cid: str, ref: Ref | None) -> None:
        self._require_in(session, room)
        self.roles.require(self.role(session, room), Permission.TALK)
        session.unsettled += 1
        self.log.append(Proposal(event, room.id, session.guest, at, cid, asker=session, ref=ref))

    def _require_in(self, session: Session, room: Room) -> None:
        if room.id not in session.rooms:
            raise NotInRoom(f"You are not in {room.name}.")

    # --- reading -----------------------------------------------------------------------------

    async def read(self, session: Session, room: Room, after: int, limit: int) -> Sequence[Entry]:
        """Return what follows `after` in the room, as far as it has settled, `limit` entries at most."""
        self.roles.require(self.role(session, room), Permission.READ)
        if after >= room.head:
            return ()
        return await self.log.read(room.id, after, room.head, limit)

    # --- what has been settled becomes the state ------------------------------------------------

    def settle(self, batch: Sequence[Settled]) -> None:
        """Fold one committed batch into the state and have the doors tell it."""
        rooms: dict[Room, list[Placed]] = {}
        direct: list[tuple[Placed, list[Session]]] = []
        for proposal, entry in batch:
            if proposal.asker is not None and proposal.event.kept:
                proposal.asker.unsettled -= 1
            if type(entry) is not Entry:
                continue
            room = self.rooms.by_id.get(entry.stream)
            if room is not None and entry.event.kept:
                room.head = entry.seq
                if type(entry.event) is TopicSet:
                    room.topic = entry.event.text
                rooms.setdefault(room, []).append((proposal, entry))
            elif entry.event.kept:
                direct.append(((proposal, entry), self._converse(entry.stream)))
            else:
                for where in self._fold(entry):
                    where.has_changed()
                    rooms.setdefault(where, []).append((proposal, entry))
        news = News(batch, rooms, direct)
        for door in self.doors:
            door.broadcast(news)
        for room in rooms:
            self._drop_if_empty(room)

    def _drop_if_empty(self, room: Room) -> None:
        """Have a guest's room gone when nobody is in it."""
        if room.owner and not room.members and room.id in self.rooms.by_id:
            self.log.append(Proposal(Dropped(""), room.id, room.owner, 0))

    def _converse(self, stream: str) -> list[Session]:
        """Return those of a private conversation who are here, each the other's partner now."""
        guests = stream.removeprefix(_DIRECT).split("|")
        both = self.people.of(set(guests))
        for session in both:
            session.partner = guests[guests[0] == session.guest]
        return both

    def _fold(self, entry: Entry) -> Sequence[Room]:
        """Change the state by an event that is not kept; return the rooms that hear of it."""
        room = self.rooms.by_id.get(entry.stream)
        match entry.event:
            case Opened(name=name, owner=owner):
                self.rooms.add(Room(entry.stream, name, owner=owner))
            case Dropped() if room is not None and not room.members:
                self.rooms.drop(room)
            case Arrived() as arrived:
                self.people.fold_arrived(arrived)
            case Joined(session=id) if id in self.people.sessions and room is not None:
                session = self.people.sessions[id]
                room.members[id] = session
                session.rooms[room.id] = room
                return (room,)
            case Left(session=id) if id in self.people.sessions and room is not None:
                return self._take_out(self.people.sessions[id], (room,))
            case Away() as away:
                self.people.fold_away(away)
            case Renamed() as renamed:
                who = self.people.fold_renamed(renamed)
                return tuple(who.rooms.values()) if who else ()
            case Departed() as departed:
                who = self.people.fold_departed(departed, entry.at)
                return self._take_out(who, tuple(who.rooms.values())) if who else ()
        return ()

    def _take_out(self, session: Session, rooms: Sequence[Room]) -> Sequence[Room]:
        for room in rooms:
            room.members.pop(session.id, None)
            session.rooms.pop(room.id, None)
        if session.active is None or session.active.id not in session.rooms:
            lobby = self.rooms.find(self._lobby)
            session.active = lobby if lobby in session.rooms.values() else next(iter(session.rooms.values()), None)
        return rooms

    def _dismiss(self, session: Session) -> None:
        for door in self.doors:
            door.dismiss(session)
