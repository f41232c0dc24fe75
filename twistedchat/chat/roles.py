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
    SET_TOPIC = "set the topic"

    __hash__ = object.__hash__  # Enum's own is written in Python, and asked for with every message


class Role(Enum):
    """Who may do it."""

    GUEST = "guest"
    OWNER = "owner"

    __hash__ = object.__hash__


_LEVELS = {
    "talk": frozenset({Permission.LOOK, Permission.READ, Permission.TALK, Permission.MAKE_ROOMS}),
    "read": frozenset({Permission.LOOK, Permission.READ}),
    "none": frozenset({Permission.LOOK}),
}


class Roles:
    """The table of roles and permissions; `guests` is what a guest may do: talk, read or none."""

    def __init__(self, guests: str) -> None:
        self._may = {Role.GUEST: _LEVELS[guests], Role.OWNER: _LEVELS[guests] | {Permission.SET_TOPIC}}

    def may(self, role: Role, needs: Permission) -> bool:
        """Tell whether `role` is permitted what `needs` says."""
        return needs in self._may[role]

    def require(self, role: Role, needs: Permission) -> None:
        """Raise `NotAllowed`, which says who may, where `role` is not permitted what `needs` says."""
        if needs not in self._may[role]:
            others = [f"an {each.value}" for each in Role if self.may(each, needs)]
            may = f"; {' or '.join(others)} may" if others else ""
            article = "An" if role is Role.OWNER else "A"
            raise NotAllowed(f"{article} {role.value} may not {needs.value} here{may}.")
