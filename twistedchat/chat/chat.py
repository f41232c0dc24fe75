"""The chat: what is asked for is proposed to the log, and what the log has settled becomes the state."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from twistedchat.chat.errors import ChatError, NickTaken, NoRoom, NoSuchNick, NotAllowed, NotInRoom
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
from twistedchat.chat.names import HOLD_SECONDS, Names, claims
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Session
from twistedchat.chat.text import message, nickname

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.door import Door
    from twistedchat.chat.events import Event, Placed, Ref, Settled
    from twistedchat.chat.log import Log
    from twistedchat.chat.roles import Roles

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
        self.sessions: dict[str, Session] = {}
        self._lobby = lobby
        self._text_most = text_most
        self._new_id = new_id
        self._names = Names()
        self._visits: dict[str, Session] = {}
        self._rooms: dict[str, Room] = {}
        self._rooms_by_name: dict[str, Room] = {}

    def start(self, at: int) -> None:
        """Take up where the log was left, and make the lobby where there is none yet."""
        remembered = self.log.start(self.settle, at)
        self.epoch = remembered.epoch
        for known in remembered.rooms:
            self._add_room(Room(known.id, known.name, known.head))
        for guest in remembered.guests:
            with suppress(NickTaken):
                self._names.take(guest.nick, guest.id)
                self._names.hold(guest.nick, guest.id, guest.seen + HOLD_SECONDS * 1000)
        if self._lobby not in self._rooms_by_name:
            self.log.append(Proposal(Opened("", self._lobby), self._new_id(), "", at))

    def tick(self, at: int) -> None:
        """Let go of what has been kept long enough."""
        self._names.expire(at)

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

    def person(self, nick: str) -> Session:
        """Return whoever is here under that name, or raise `NoSuchNick`."""
        session = self._visits.get(self._names.owner(nick))
        if session is None:
            raise NoSuchNick(f"Nobody here is called {nick}.")
        return session

    # --- coming and going -----------------------------------------------------------------

    def visitor(self, guest: str = "", *, returns: bool = False) -> Session:
        """Return a session for somebody new at a door, or for the `guest` who came back."""
        return Session(self._new_id(), guest or self._new_id(), returns=returns)

    def invent_nick(self, wanted: str) -> str:
        """Return a free nickname near `wanted`, for a peer that cannot be asked again."""
        return self._names.invent(wanted)

    async def arrive(self, session: Session, wanted: str, at: int, secret_hash: str = "") -> None:
        """Give the session its nickname; raise `BadNick` or `NickTaken` where it cannot have it."""
        nick = nickname(wanted)
        self._names.expire(at)
        self._names.take(nick, session.guest)
        earlier = self._visits.get(session.guest)
        if earlier is not None:
            for door in self.doors:
                door.dismiss(earlier)
        self.sessions[session.id] = session
        session.nick = nick
        try:
            arrived = Arrived(nick, session.id, session.guest, secret_hash)
            await self.log.place(Proposal(arrived, "", session.guest, at, claims=claims(nick)))
        except ChatError:
            self.sessions.pop(session.id, None)
            self._names.release(nick, session.guest)
            raise

    async def join(self, session: Session, room: Room, at: int) -> None:
        """Bring the session into the room; to be in it already is no error."""
        self._require(session, Permission.READ)
        if room.id not in session.rooms:
            await self.log.place(Proposal(Joined(session.nick, session.id), room.id, session.guest, at))
        session.active = room

    async def rename(self, session: Session, wanted: str, at: int) -> None:
        """Give the session another nickname."""
        old, nick = session.nick, nickname(wanted)
        if nick == old:
            return
        self._names.take(nick, session.guest)
        renamed = Proposal(
            Renamed(old, session.id, nick),
            "",
            session.guest,
            at,
            claims=claims(nick),
            releases=tuple(claim for claim in claims(old) if claim not in claims(nick)),
            asker=session,
        )
        session.renaming = True
        try:
            await self.log.place(renamed)
        except ChatError:
            self._names.release(nick, session.guest)
            self._names.take(old, session.guest)
            raise
        finally:
            session.renaming = False
            if session.gone:
                self._propose_departure(session, at)

    def depart(self, session: Session, at: int, why: str = "", *, goodbye: bool = False) -> None:
        """End the visit; to end it twice is news once. The name waits for a return, but not after a `goodbye`."""
        if session.gone:
            return
        session.gone = True
        if not session.renaming:
            self._propose_departure(session, at, why, goodbye=goodbye)

    def _propose_departure(self, session: Session, at: int, why: str = "", *, goodbye: bool = False) -> None:
        if session.id in self.sessions:
            held = session.returns and not goodbye
            gone = Departed(session.nick, session.id, session.guest, session.returns, held, why)
            visit = self._visits.get(session.guest, session)
            kept = () if visit is session else claims(visit.nick)
            releases = tuple(claim for claim in claims(session.nick) if claim not in kept)
            self.log.append(Proposal(gone, "", session.guest, at, releases=releases))

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
                direct.append(((proposal, entry), [self._visits[guest] for guest in guests if guest in self._visits]))
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
            case Arrived(nick=nick, session=id, guest=guest):
                self._names.take(nick, guest)
                self.sessions[id].nick = nick
                self._visits[guest] = self.sessions[id]
            case Joined(session=id) if id in self.sessions and entry.stream in self._rooms:
                room, session = self._rooms[entry.stream], self.sessions[id]
                room.members[id] = session
                session.rooms[room.id] = room
                return (room,)
            case Renamed(nick=old, session=id, to=nick) if id in self.sessions:
                session = self.sessions[id]
                session.nick = nick
                self._names.release(old, session.guest)
                self._names.take(nick, session.guest)
                return tuple(session.rooms.values())
            case Departed(session=id, held=held) if id in self.sessions:
                return self._gone(entry, self.sessions.pop(id), held=held)
        return ()

    def _gone(self, entry: Entry, session: Session, *, held: bool) -> Sequence[Room]:
        visit = self._visits.get(session.guest)
        if visit is session:
            del self._visits[session.guest]
            if held:
                self._names.hold(session.nick, session.guest, entry.at + HOLD_SECONDS * 1000)
            else:
                self._names.release(session.nick, session.guest)
        elif visit is not None and visit.nick != session.nick:
            self._names.release(session.nick, session.guest)
        for room in session.rooms.values():
            del room.members[session.id]
        return tuple(session.rooms.values())

    def _add_room(self, room: Room) -> None:
        self._rooms[room.id] = self._rooms_by_name[room.name] = room
