"""Who may do what: the one table."""

from __future__ import annotations

from enum import Enum


class Permission(Enum):
    """What may be done."""

    LOOK = "look around"
    READ = "read"
    TALK = "talk"


class Role(Enum):
    """Who may do it."""

    GUEST = "guest"


_LEVELS = {
    "talk": frozenset({Permission.LOOK, Permission.READ, Permission.TALK}),
    "read": frozenset({Permission.LOOK, Permission.READ}),
    "none": frozenset({Permission.LOOK}),
}


class Roles:
    """The table of roles and permissions; `guests` is what a guest may do: talk, read or none."""

    def __init__(self, guests: str) -> None:
        self._may = {Role.GUEST: _LEVELS[guests]}

    def may(self, role: Role, needs: Permission) -> bool:
        """Tell whether `role` is permitted what `needs` says."""
        return needs in self._may[role]
