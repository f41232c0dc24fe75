"""What those who keep order, and those who own rooms, do to rooms and to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from twistedchat.chat.access import masks_of, says_what
from twistedchat.chat.acts import (
    Banned,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    MotdSet,
    Muted,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.archive import LOOKED_BACK
from twistedchat.chat.conversations import stream_of
from twistedchat.chat.errors import BadUsage, NoSuchNick, NotAllowed, NotFound, NotInRoom
from twistedchat.chat.events import Direct, Emoted, Proposal, Said
from twistedchat.chat.roles import GRANTED, Permission, Role
from twistedchat.chat.room import room_claims
from twistedchat.chat.sanctions import Hit, network_named
from twistedchat.chat.session import Person
from twistedchat.chat.text import room_name

if TYPE_CHECKING:
    from twistedchat.chat.access import Access
    from twistedchat.chat.events import Event
    from twistedchat.chat.log import Log
    from twistedchat.chat.people import People
    from twistedchat.chat.room import Room, Rooms
    from twistedchat.chat.sanctions import Network, Sanctions
    from twistedchat.chat.session import Session

MOST = 500
"""How many bans, or mutes, there may be in one room."""
Target: TypeAlias = "Person | Network"


class Imposed(NamedTuple):
    """A ban or a mute that holds: what it is called, and whom it `hits`, in words."""

    who: str
    hits: str


class Moderation:
    """Proposes what was permitted where it was asked for; with a room None it is meant for the whole server.

    What it checks itself is who is acted on: nobody acts on their equals or betters.
    """

    def __init__(self, people: People, rooms: Rooms, access: Access, log: Log, lobby: str) -> None:
        self._people = people
        self._rooms = rooms
        self._access = access
        self._log = log
        self._lobby = lobby

    async def _place(self, session: Session, event: Event, room: Room | None, at: int) -> None:
        await self._log.place(Proposal(event, room.id if room is not None else "", session.by, at))

    # --- people -------------------------------------------------------------------------------

    async def kick(self, session: Session, room: Room, target: Person, at: int, why: str) -> None:
        """Put somebody out of the room; they may come back."""
        self._access.require_above(session.person, target, room)
        if not room.holds(target):
            raise NoSuchNick(f"{target.nick} is not in {room.name}.")
        await self._place(session, Kicked(session.nick, target.nick, target.id, why), room, at)

    async def ban(
        self, session: Session, room: Room | None, target: Target, at: int, until: int, why: str
    ) -> Imposed:
        """Keep somebody out until the time `until`, 0 for ever."""
        who, masks = self._whom(session, room, target, self._bans(room), at)
        await self._place(session, Banned(session.nick, who, masks, until, why), room, at)
        return Imposed(who, says_what(masks))

    async def mute(
        self, session: Session, room: Room | None, target: Target, at: int, until: int, why: str
    ) -> Imposed:
        """Keep somebody from saying anything until the time `until`, 0 for ever."""
        who, masks = self._whom(session, room, target, self._mutes(room), at)
        await self._place(session, Muted(session.nick, who, masks, until, why), room, at)
        return Imposed(who, says_what(masks))

    async def target(self, session: Session, room: Room | None, who: str, at: int) -> Target:
        """Return whom a ban or a mute in the room means: a network, or somebody."""
        return network_named(who) or await self.somebody(session, room, who, at)

    async def somebody(self, session: Session, room: Room | None, nick: str, at: int) -> Person:
        """Return who has that name, was here by it lately, or has lately said something by it in the room."""
        try:
            return self._people.known(nick)
        except NoSuchNick:
            floor = self._access.floor(session, room, at) if room is not None else None
            if room is None or floor is None or floor >= room.head:
                raise
            after = max(floor, room.head - LOOKED_BACK)
            for entry in reversed(await self._log.read(room.id, after, room.head, LOOKED_BACK)):
                event = entry.event
                if isinstance(event, Said | Emoted) and event.nick.casefold() == nick.casefold():
                    return self._people.known_by(entry.by, event.nick)
            raise

    async def unban(self, session: Session, room: Room | None, who: str, at: int) -> str:
        """Lift the ban of that name; return how it was called."""
        name = _called(self._bans(room), who, "banned")
        await self._place(session, Unbanned(session.nick, name), room, at)
        return name

    async def unmute(self, session: Session, room: Room | None, who: str, at: int) -> str:
        """Lift the mute of that name; return how it was called."""
        name = _called(self._mutes(room), who, "muted")
        await self._place(session, Unmuted(session.nick, name), room, at)
        return name

    def _bans(self, room: Room | None) -> Sanctions:
        return self._access.bans if room is None else room.bans

    def _mutes(self, room: Room | None) -> Sanctions:
        return self._access.mutes if room is None else room.mutes

    def _whom(
        self, session: Session, room: Room | None, target: Target, there: Sanctions, at: int
    ) -> tuple[str, tuple[str, ...]]:
        """Return how the target is called, and the masks that hit it, with those that hit it already."""
        if isinstance(target, Person):
            self._access.require_above(session.person, target, room)
            who, masks = target.nick, masks_of(target)
        else:
            if target.is_loopback:
                raise NotAllowed("Who is on the server's own computer has no address: name them instead.")
            own = session.network
            if own is not None and own.version == target.version and own.network_address in target:
                raise NotAllowed("You are there yourself.")
            who, masks = str(target), (str(target),)
        earlier = there.named(who)
        if earlier is not None and not earlier.holds(at):
            earlier = None  # whom it has hit may be somebody else by now
        if earlier is None and sum(1 for _ in there.holding(at)) >= MOST:
            raise NotAllowed(f"There are {MOST} of them already; lift some.")
        return who, tuple(dict.fromkeys((*masks, *(earlier.masks if earlier else ()))))

    async def kill(self, session: Session, target: Person, at: int, why: str) -> None:
        """End all visits of somebody; they may come back."""
        self._access.require_above(session.person, target, None)
        if not target.sessions:
            raise NoSuchNick(f"{target.nick} is not here.")
        await self._place(session, Killed(session.nick, target.nick, target.id, why), None, at)

    async def shout(self, session: Session, text: str, at: int) -> None:
        """Say something to everybody who is here."""
        await self._place(session, Shouted(session.nick, text), None, at)

    async def set_motd(self, session: Session, text: str, at: int) -> None:
        """Have everybody who comes in told that, "" for nothing."""
        self._access.require(session.person, None, Permission.ADMINISTER)
        await self._place(session, MotdSet(session.nick, text), None, at)

    # --- roles -----------------------------------------------------------------------------------

    async def grant(self, session: Session, room: Room, target: Person, role: str, at: int) -> None:
        """Give an account a role in the room, or with "" take the one away that it has."""
        if role:
            self._require_inside(session, room)
        if target.account is None:
            raise NotAllowed(f"{target.nick} is a guest, and roles belong to accounts: they can /register.")
        has = room.roles.get(target.id)
        if role and has and has.rank >= GRANTED[role].rank:
            raise NotAllowed(f"{target.nick} is {has} of {room.name} already.")
        if target is not session.person:
            self._access.require_above(session.person, target, room)
        elif role and GRANTED[role].rank > self._access.role(target, room).rank:
            raise NotAllowed("Nobody makes themselves more than they are.")
        await self._place(session, Granted(session.nick, target.nick, target.id, role), room, at)
        if room.settings.private and role and target.id not in room.admitted:
            await self._place(session, Invited(session.nick, target.nick, target.id), room, at)
        for heir in room.heirs():
            name = self._people.accounts[heir].name
            await self._place(session, Granted(session.nick, name, heir, Role.OWNER.value), room, at)

    # --- rooms -----------------------------------------------------------------------------------

    def _require_inside(self, session: Session, room: Room) -> None:
        """Raise `NotInRoom` where the room is private, and they are outside: admins let nobody in, nor themselves."""
        if room.settings.private and not room.holds(session.person) and session.by not in room.roles:
            raise NotInRoom(f"{room.name} is private, and you are not in it.")

    async def invite(self, session: Session, room: Room, target: Person, at: int) -> None:
        """Let somebody into the room, from now on; who is not here is written to."""
        self._require_inside(session, room)
        if room.bans.hitting(Hit(target.id, None, target.made), at):
            raise NotAllowed(f"{target.nick} is banned there; /unban them first.")
        await self._place(session, Invited(session.nick, target.nick, target.id), room, at)
        if not (target.sessions or self._access.is_mute(session, None, at)):
            letter = Direct(session.nick, target.nick, f"You may come into {room.name}: /join {room.name}")
            await self._log.place(Proposal(letter, stream_of(session.person, target), session.by, at))

    async def set(self, session: Session, room: Room, name: str, value: str, at: int) -> None:
        """Give the room another setting; raise `BadUsage` where it cannot have that."""
        after = room.settings.changed(name, value)
        admits = {}
        if after.private and not room.settings.private:
            inside = {member.by: member for member in room.members.values()}
            floors = {id_: self._access.floor(member, room, at) for id_, member in inside.items()}
            admits = {id_: floor for id_, floor in floors.items() if floor is not None}
            admits |= {id_: room.opened for id_ in room.roles if id_ not in admits}
        told, secret = ("set", value) if name == "key" else (value, "")
        await self._place(session, RoomSet(session.nick, name, told, secret, admits), room, at)

    async def drop(self, session: Session, room: Room, at: int) -> None:
        """Have the room no more; a later one of the same name shares nothing with it."""
        self.check_drop(room)
        dropped = Dropped(session.nick)
        await self._log.place(Proposal(dropped, room.id, session.by, at, releases=room_claims(room.name)))

    async def rename(self, session: Session, room: Room, wanted: str, at: int) -> None:
        """Have the room under another name."""
        name = self.check_rename(room, wanted)
        own, new = room_claims(room.name), room_claims(name)
        releases = tuple(claim for claim in own if claim not in new)
        renamed = RoomRenamed(session.nick, room.name, name)
        await self._log.place(Proposal(renamed, room.id, session.by, at, claims=new, releases=releases))

    def check_rename(self, room: Room, wanted: str) -> str:
        """Return the name that the room can have; raise the `ChatError` that says why it cannot."""
        self.check_drop(room)
        name = room_name(wanted)
        self._rooms.check_name(name, room)
        if name == room.name:
            raise BadUsage(f"{name} is its name already.")
        return name

    def check_drop(self, room: Room) -> None:
        """Raise `NotAllowed` where the room has to stay, and its name with it."""
        if room is self._rooms.find(self._lobby):
            raise NotAllowed(f"{room.name} is where everybody starts: it stays.")


def _called(sanctions: Sanctions, who: str, done: str) -> str:
    found = sanctions.named(who)
    if found is None:
        raise NotFound(f"{who} is not {done}.")
    return found.who
