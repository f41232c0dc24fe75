"""What the chat answers to one person: values, which each door puts into its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry
    from twistedchat.chat.room import Room


class Told(Struct, frozen=True):
    """Some lines of information."""

    lines: tuple[str, ...]


class Shown(Struct, frozen=True):
    """A page of what was said in a room, oldest first."""

    room: str
    entries: tuple[Entry, ...]


class Went(Struct, frozen=True):
    """They are in the room, and what they type goes there; `new` if they were not in it before."""

    room: Room
    new: bool


class Parted(Struct, frozen=True):
    """They are no longer in the room; `lines` say so."""

    room: Room
    lines: tuple[str, ...]


class Prefers(Struct, frozen=True):
    """They want to be told things in another manner from now on: `name` is on or off."""

    name: str
    on: bool


class Goodbye(Struct, frozen=True):
    """They asked to leave; `why` is what the others are told."""

    why: str = ""


Reply: TypeAlias = Told | Shown | Went | Parted | Prefers | Goodbye
