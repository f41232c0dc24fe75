"""Who may do what where, and read what: asked by everything that shows or does something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat import roles
from twistedchat.chat.accounts import is_account
from twistedchat.chat.conversations import persons_of
from twistedchat.chat.durations import SECOND, in_words, roughly
from twistedchat.chat.errors import BadKey, Banned, ChatError, Muted, NotAllowed, NotInRoom, SlowMode
from twistedchat.chat.roles import Permission, Role
from twistedchat.chat.sanctions import CALLED, YOUNG, Hit, Sanctions, is_network, mask_of

if TYPE_CHECKING:
    from twistedchat.chat.room import Room
    from twistedchat.chat.sanctions import Sanction
    from twistedchat.chat.session import Person, Session

_OPEN_TO_MEMBERS = {Role.MEMBER, Role.VOICE}
_WITHOUT_VOICE = {role for role in Role if not roles.may(role, Permission.TALK_VOICED)}
"""Whom a voiced room is silent for, and a slow one slow."""


class Access:
    """The answers, from the state as it was settled; `guests` is what guests may on this server.

    What it raises says who may. Time is in milliseconds since 1970.
    """

    def __init__(self, guests: str) -> None:
        self.guests = guests
        self.bans, self.mutes = Sanctions(), Sanctions()

    def follow(self, old: str, new: str) -> None:
        """Have what hits the person `old` hit `new`, which is who they are now."""
        self.bans.follow(old, new)
        self.mutes.follow(old, new)

    # --- roles --------------------------------------------------------------------------------

    def role(self, person: Person, room: Room | None) -> Role:
        """Return what the person is in that room."""
        if person.admin:
            return Role.ADMIN
        granted = room.roles.get(person.id) if room is not None else None
        return granted or (Role.MEMBER if person.account is not None else Role.GUEST)

    def may(self, person: Person, room: Room | None, needs: Permission) -> bool:
        """Tell whether the person is permitted that in that room."""
        if needs in roles.EVERYWHERE:
            room = None
        role = self.role(person, room)
        if roles.may(role, needs, self._level(room)):
            return True
        return role in _OPEN_TO_MEMBERS and _is_open(room, needs)

    def require(self, person: Person, room: Room | None, needs: Permission) -> None:
        """Raise `NotAllowed`, which says who may, where the person is not permitted that in that room."""
        if not self.may(person, room, needs):
            room = None if needs in roles.EVERYWHERE else room
            least = Role.MEMBER if _is_open(room, needs) else None
            roles.require(self.role(person, room), needs, self._level(room), least)

    def require_above(self, person: Person, other: Person, room: Room | None) -> None:
        """Raise `NotAllowed` where somebody is to be acted on who is an equal or better of the person."""
        mine, theirs = self.role(person, room), self.role(other, room)
        if theirs.rank >= mine.rank and theirs.rank >= Role.OP.rank:
            raise NotAllowed(f"{other.nick} is {theirs}; nobody acts on their equals or betters.")

    def _level(self, room: Room | None) -> str:
        guests = room.settings.guests if room is not None else "default"
        return self.guests if guests == "default" else guests

    # --- talking --------------------------------------------------------------------------------

    def check_talk(self, session: Session, room: Room, at: int) -> None:
        """Raise the `ChatError` that keeps the session from saying something in the room now."""
        role = self.check_words(session, room, at)
        if room.settings.slow and role in _WITHOUT_VOICE:
            _check_slow(session, room, at)
        room.spoken[session.by] = at

    def check_words(self, session: Session, room: Room, at: int) -> Role:
        """Raise the `ChatError` that keeps the session from having words in the room at all; return its role."""
        role = self.role(session.person, room)
        settings = room.settings
        if role is Role.GUEST and (settings.guests != "default" or self.guests != "talk"):
            roles.require(role, Permission.TALK, self._level(room))
        if settings.talk != "all" and role in _WITHOUT_VOICE:
            roles.require(role, Permission.TALK_VOICED)
        if room.mutes.some or self.mutes.some:
            self.check_mutes(session, room, at)
        return role

    def is_mute(self, session: Session, room: Room | None, at: int) -> bool:
        """Tell whether the session may put nothing into words for the room, by parting neither, or on the server."""
        try:
            if room is not None:
                self.check_words(session, room, at)
            self._check_servers_mutes(session, at)
        except ChatError:
            return True
        return False

    def check_mutes(self, session: Session, room: Room, at: int) -> None:
        """Raise `Muted` where the session may put nothing into words for the room."""
        hit = self._hit(room.mutes, session, room, at) if room.mutes.some else None
        if hit is not None:
            raise Muted(f"You are muted in {room.name}{until_when(hit, at)}.")
        if self.mutes.some:
            self._check_servers_mutes(session, at)

    def check_whisper(self, session: Session, at: int) -> None:
        """Raise the `ChatError` that keeps the session from saying something to one person only."""
        self.require(session.person, None, Permission.TALK)
        self._check_servers_mutes(session, at)

    def _check_servers_mutes(self, session: Session, at: int) -> None:
        hit = self._hit(self.mutes, session, None, at)
        if hit is not None:
            raise Muted(f"You are muted on this server{until_when(hit, at)}.")

    # --- coming in, and reading --------------------------------------------------------------------

    def banned(self, session: Session, room: Room | None, at: int) -> Sanction | None:
        """Return the ban that keeps the session out of the room, or with None out of the server."""
        return self._hit(self.bans if room is None else room.bans, session, room, at)

    def _hit(self, sanctions: Sanctions, session: Session, room: Room | None, at: int) -> Sanction | None:
        """Return what hits the session; those who keep order are not hit for where they come from."""
        found = sanctions.hitting(session.hit, at) if sanctions.some else None
        if found is not None and session.by not in found.masks:
            return None if self.role(session.person, room).rank >= Role.OP.rank else found
        return found

    def check_server(self, session: Session, nick: str, at: int) -> None:
        """Raise `Banned` where the session may not be here at all, or not as a guest called `nick`."""
        hit = self.banned(session, None, at)
        if hit is not None:
            raise Banned(f"You are banned from this server{until_when(hit, at)}.")
        if self.bans.some and session.person.account is None:
            named = self.bans.hitting(Hit("", None, name=mask_of(nick)), at)
            if named is not None:
                raise Banned(f"Guests called {nick} are banned from this server{until_when(named, at)}.")

    def check_room(self, session: Session, room: Room, at: int) -> None:
        """Raise `Banned` where the session may have nothing to do with the room; an admin can always lift it."""
        hit = None if session.person.admin else self.banned(session, room, at)
        if hit is not None:
            raise Banned(f"You are banned from {room.name}{until_when(hit, at)}.")

    def check_join(self, session: Session, room: Room, at: int, key: str = "") -> None:
        """Raise the `ChatError` that keeps the session out of the room."""
        hit = self.banned(session, room, at)
        if hit is not None:
            raise Banned(f"You are banned from {room.name}{until_when(hit, at)}.")
        self.require(session.person, room, Permission.READ)
        knows = bool(room.settings.key) and key == room.settings.key
        if knows or self.is_let_in(session, room):
            return
        if room.settings.key:
            raise BadKey(f"{room.name} wants the right key:  /join {room.name} KEY")
        raise BadKey(f"{room.name} is for those who are invited: ask an op of it.")

    def may_enter(self, session: Session, room: Room, at: int) -> bool:
        """Tell whether somebody who has asked to come in, or is in, may be in the room, as it is now."""
        if not self.may(session.person, room, Permission.READ) or self.banned(session, room, at):
            return False
        knows = bool(room.settings.key) and session.key == room.settings.key
        return knows or self.is_let_in(session, room)

    def is_let_in(self, session: Session, room: Room) -> bool:
        """Tell whether the session needs no key, nor an invitation, to come into the room."""
        return not room.settings.private or session.by in room.admitted or session.by in room.roles

    def sees(self, person: Person, room: Room) -> bool:
        """Tell whether the person may know of the room, who is in it and what it is about."""
        return not room.settings.private or room.holds(person)

    def require_sees(self, person: Person, room: Room) -> None:
        """Raise `NotInRoom` where the room is private, and they are not in it."""
        if not self.sees(person, room):
            raise NotInRoom(f"{room.name} is private, and you are not in it.")

    def floor(self, session: Session, room: Room, at: int) -> int | None:
        """Return the `seq` from after which the session may read in the room, None for nothing at all.

        This one answer stands behind everything that shows what was said: live and
        replayed, history, search and resume.
        """
        if not self.may(session.person, room, Permission.READ) or self.banned(session, room, at):
            return None
        inside = room.holds(session.person)
        if room.settings.private and not inside:
            return None
        if room.settings.keep < 0:
            return room.head
        floor = room.head if room.settings.private else room.opened
        if inside:
            let_in = room.admitted.get(session.by, floor)
            floor = let_in if room.settings.private else min(let_in, floor)
        return max(floor, room.expired)

    def floor_alone(self, person: Person, stream: str) -> int | None:
        """Return the same for a private conversation: all of it is for the two, and nothing for anybody else."""
        return 0 if person.id in persons_of(stream) else None


def _is_open(room: Room | None, needs: Permission) -> bool:
    """Tell whether the room lets its members do that, who elsewhere may not."""
    if room is None:
        return False
    open_topic = needs is Permission.SET_TOPIC and room.settings.topic == "open"
    return open_topic or (needs is Permission.INVITE and not room.settings.private)


def _check_slow(session: Session, room: Room, at: int) -> None:
    rest = room.spoken.get(session.by, 0) + room.settings.slow * SECOND - at
    if rest > 0:
        raise SlowMode(f"Slow mode: you can write again in {in_words(-(-rest // SECOND) * SECOND)}.")


def until_when(hit: Sanction, at: int) -> str:
    """Return how much longer it holds, and why."""
    longer = f" for {roughly(hit.until - at)} more" if hit.until else ""
    return f"{longer}: {hit.why}" if hit.why else longer


def masks_of(person: Person) -> tuple[str, ...]:
    """Return what a ban or a mute of that person is to hit.

    That is themselves; guests from where they are, or were last; and where they are a guest, those of their name.
    """
    here = {session.network for session in person.sessions if session.network is not None}
    networks = here if person.sessions else person.networks
    name = () if person.account is not None else (mask_of(person.nick),)
    return (person.id, *name, *sorted(f"{YOUNG}{network}" for network in networks))


def says_what(masks: tuple[str, ...]) -> str:
    """Return in words whom the masks hit, without any address."""
    kinds = ["the account" for mask in masks if is_account(mask)]
    kinds += ["guests of that name" for mask in masks if mask.startswith(CALLED)]
    if any(mask.startswith(YOUNG) for mask in masks):
        kinds.append("guests and new accounts from the same address")
    if any(is_network(mask) and not mask.startswith(YOUNG) for mask in masks):
        kinds.append("everybody from that address")
    return ", and ".join(kinds)
