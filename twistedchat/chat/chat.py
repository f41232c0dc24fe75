"""The chat: what is asked for is proposed to the log, and what the log has settled becomes the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from twistedchat.chat.errors import NoRoom, NotAllowed, NotInRoom
from twistedchat.chat.events import (
    Arrived,
    Departed,
    Direct,
    Emoted,
    Entry,
    Joined,
    Opened,
    Proposal,
    Renamed,
    Said,
)
from twistedchat.chat.people import People
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.text import message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.door import Door
    from twistedchat.chat.events import Event, Placed, Ref, Settled
    from twistedchat.chat.log import Log
    from twistedchat.chat.roles import Roles
    from twistedchat.chat.session import Session

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
        self._rooms: dict[str, Room] = {}
        self._rooms_by_name: dict[str, Room] = {}

    def start(self, at: int) -> None:
        """Take up where the log was left, and make the lobby where there is none yet."""
        remembered = self.log.start(self.settle, at)
        self.epoch = remembered.epoch
        for known in remembered.rooms:
            self._add_room(Room(known.id, known.name, known.head))
        self.people.remember(remembered.guests)
        if self._lobby not in self._rooms_by_name:
            self.log.append(Proposal(Opened("", self._lobby), self._new_id(), "", at))

    def tick(self, at: int) -> None:
        """Let go of what has been kept long enough."""
        self.people.tick(at)

    @property
    def lobby(self) -> Room:
        """The room where everybody starts."""
        return self.room(self._lobby)

    def room(self, name: str) -> Room:
        """Return the room of that name, or raise `NoRoom`."""
        try:
            return self._rooms_by_name[name]
        except KeyError:
            raise NoRoom(f"There is no room {name}.") from None

    def room_name(self, stream: str) -> str:
        """Return the name of the room that has that stream, or "" where it is no room's."""
        room = self._rooms.get(stream)
        return room.name if room else ""

    # --- rooms --------------------------------------------------------------------------------

    async def join(self, session: Session, room: Room, at: int) -> None:
        """Bring the session into the room; to be in it already is no error."""
        self._require(session, Permission.READ)
        if room.id not in session.rooms:
            await self.log.place(Proposal(Joined(session.nick, session.id), room.id, session.guest, at))
        session.active = room

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
        self._require(session, Permission.TALK)
        event = Direct(session.nick, to.nick, message(text, self._text_most))
        stream = _DIRECT + "|".join(sorted((session.guest, to.guest)))
        session.unsettled += 1
        self.log.append(Proposal(event, stream, session.guest, at, cid, asker=session, ref=ref))

    def _propose(self, session: Session, room: Room, event: Event, at: int, cid: str, ref: Ref | None) -> None:
        if room.id not in session.rooms:
            raise NotInRoom(f"You are not in {room.name}.")
        self._require(session, Permission.TALK)
        session.unsettled += 1
        self.log.append(Proposal(event, room.id, session.guest, at, cid, asker=session, ref=ref))

    def _require(self, session: Session, needs: Permission) -> None:
        if not self.roles.may(session.role, needs):
            raise NotAllowed(f"A {session.role.value} may not {needs.value} here.")

    # --- reading -----------------------------------------------------------------------------

    async def read(self, session: Session, room: Room, after: int, limit: int) -> Sequence[Entry]:
        """Return what follows `after` in the room, as far as it has settled, `limit` entries at most."""
        self._require(session, Permission.READ)
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
            room = self._rooms.get(entry.stream)
            if room is not None and entry.event.kept:
                room.head = entry.seq
                rooms.setdefault(room, []).append((proposal, entry))
            elif entry.event.kept:
                guests = set(entry.stream.removeprefix(_DIRECT).split("|"))
                direct.append(((proposal, entry), self.people.of(guests)))
            else:
                for where in self._fold(entry):
                    rooms.setdefault(where, []).append((proposal, entry))
        news = News(batch, rooms, direct)
        for door in self.doors:
            door.broadcast(news)

    def _fold(self, entry: Entry) -> Sequence[Room]:
        """Change the state by an event that is not kept; return the rooms that hear of it."""
        match entry.event:
            case Opened(name=name):
                self._add_room(Room(entry.stream, name))
            case Arrived() as arrived:
                self.people.fold_arrived(arrived)
            case Joined(session=id) if id in self.people.sessions and entry.stream in self._rooms:
                room, session = self._rooms[entry.stream], self.people.sessions[id]
                room.members[id] = session
                session.rooms[room.id] = room
                return (room,)
            case Renamed() as renamed:
                who = self.people.fold_renamed(renamed)
                return tuple(who.rooms.values()) if who else ()
            case Departed() as departed:
                who = self.people.fold_departed(departed, entry.at)
                return self._empty_places(who) if who else ()
        return ()

    def _empty_places(self, session: Session) -> Sequence[Room]:
        for room in session.rooms.values():
            del room.members[session.id]
        return tuple(session.rooms.values())

    def _dismiss(self, session: Session) -> None:
        for door in self.doors:
            door.dismiss(session)

    def _add_room(self, room: Room) -> None:
        self._rooms[room.id] = self._rooms_by_name[room.name] = room
