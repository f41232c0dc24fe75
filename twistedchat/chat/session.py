"""Somebody at a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.roles import Role

if TYPE_CHECKING:
    from twistedchat.chat.room import Room


class Session:
    """One visit: its nickname, who it belongs to, and the rooms it is in.

    `guest` is the id that outlives the visit where the visitor has a secret to
    come back with; it is the scope of their `cid`s. `active` is the room that
    what they type goes to, `unsettled` how many of its messages wait for their commit,
    `away` why they are not at it ("" when they are), `partner` the guest with whom they
    have exchanged private messages last.
    """

    __slots__ = (
        "active",
        "away",
        "gone",
        "guest",
        "id",
        "nick",
        "partner",
        "renaming",
        "returns",
        "role",
        "rooms",
        "unsettled",
    )

    def __init__(self, id: str, guest: str, *, returns: bool = False) -> None:  # noqa: A002 - the field's word
        self.id = id
        self.guest = guest
        self.returns = returns
        self.gone = False
        self.renaming = False
        self.away = ""
        self.partner = ""
        self.unsettled = 0
        self.nick = ""
        self.role = Role.GUEST
        self.rooms: dict[str, Room] = {}
        self.active: Room | None = None
