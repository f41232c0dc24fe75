"""What the chat answers to one person: values, which each door puts into its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry


class Told(Struct, frozen=True):
    """Some lines of information."""

    lines: tuple[str, ...]


class Shown(Struct, frozen=True):
    """A page of what was said in a room, oldest first."""

    room: str
    entries: tuple[Entry, ...]


class Goodbye(Struct, frozen=True):
    """They asked to leave; `why` is what the others are told."""

    why: str = ""


Reply: TypeAlias = Told | Shown | Goodbye
