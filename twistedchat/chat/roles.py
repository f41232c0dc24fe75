"""Who may do what: the one table."""

from __future__ import annotations

from enum import Enum

from twistedchat.chat.errors import NotAllowed


class Permission(Enum):
    """What may be done."""

    LOOK = "look around"
    READ = "read"
    TALK = "talk"
    MAKE_ROOMS = "make rooms"
    SEARCH = "search"
    REVISE = "change what was said"
    TALK_VOICED = "talk in a voiced room"
    SET_TOPIC = "set the topic"
    INVITE = "invite"
    MODERATE = "keep order"
    VOICE = "give voice"
    GRANT = "give roles"
    SETTINGS = "change the room"
    ADMINISTER = "administer the server"

    __hash__ = object.__hash__  # Enum's own is written in Python, and asked for with every message


class Role(Enum):
    """Who may do it, the least first."""

    GUEST = "guest"
    MEMBER = "member"
    VOICE = "voice"
    OP = "op"
    OWNER = "owner"
    ADMIN = "admin"

    __hash__ = object.__hash__

    @property
    def rank(self) -> int:
        """How high it stands; nobody acts on their equals or betters."""
        return _RANKS[self]

    @property
    def mark(self) -> str:
        """What stands before the nickname of somebody who is that in a room."""
        return _MARKS.get(self, "")

    def __str__(self) -> str:
        article = "an" if self.value[0] in "aeiou" else "a"
        return f"{article} {self.value}"


_RANKS = {role: rank for rank, role in enumerate(Role)}
_MARKS = {Role.VOICE: "+", Role.OP: "@", Role.OWNER: "~"}
GRANTED = {role.value: role for role in (Role.VOICE, Role.OP, Role.OWNER)}
"""The roles that are given, each in one room."""

_READER = frozenset({Permission.LOOK, Permission.READ})
_GUEST = _READER | {Permission.TALK, Permission.MAKE_ROOMS}
_MEMBER = _GUEST | {Permission.SEARCH, Permission.REVISE}
_VOICE = _MEMBER | {Permission.TALK_VOICED}
_OP = _VOICE | {Permission.SET_TOPIC, Permission.INVITE, Permission.MODERATE, Permission.VOICE}
_OWNER = _OP | {Permission.GRANT, Permission.SETTINGS}
_TABLE = {
    Role.GUEST: _GUEST,
    Role.MEMBER: _MEMBER,
    Role.VOICE: _VOICE,
    Role.OP: _OP,
    Role.OWNER: _OWNER,
    Role.ADMIN: _OWNER | {Permission.ADMINISTER},
}
EVERYWHERE = {Permission.LOOK, Permission.MAKE_ROOMS, Permission.SEARCH, Permission.ADMINISTER}
"""What depends on no room, and on no role that one has in a room."""
LEVELS = {"talk": _GUEST, "read": _READER, "none": frozenset({Permission.LOOK})}
"""What a guest may, by what the server or the room grants them."""


def may(role: Role, needs: Permission, guests: str = "talk") -> bool:
    """Tell whether `role` is permitted what `needs` says, where guests are granted that."""
    return needs in (LEVELS[guests] if role is Role.GUEST else _TABLE[role])


def require(role: Role, needs: Permission, guests: str = "talk", least: Role | None = None) -> None:
    """Raise `NotAllowed`, which says who may, where `role` is not permitted what `needs` says.

    `least` is who may do it where that is not the table's.
    """
    if not may(role, needs, guests):
        least = least or next(each for each in Role if may(each, needs, guests))
        hint = ": /register makes you one" if least is Role.MEMBER else ""
        here = "" if needs in EVERYWHERE else " here"
        raise NotAllowed(f"{_called(role).capitalize()} may not {needs.value}{here}; {_called(least)} may{hint}.")


def _called(role: Role) -> str:
    return "somebody with voice" if role is Role.VOICE else str(role)
