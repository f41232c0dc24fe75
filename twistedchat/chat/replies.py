"""What the chat answers to one person: values, which each door puts into its own words."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - whoever makes values of these reads the annotations
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.room import Room


class Told(Struct, frozen=True):
    """Some lines of information for people, and the same as `facts` for programs where these can do more with it."""

    lines: tuple[str, ...]
    facts: Mapping[str, object] = {}


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
    """They want to be told things in this manner from now on; `lines` say so."""

    prefs: Prefs
    lines: tuple[str, ...] = ()


class Secret(Struct, frozen=True):
    """A password is needed: once it is typed, `line` and it are the command that is meant."""

    prompt: str
    line: str


class Found(Struct, frozen=True):
    """Messages from several rooms, oldest first, each with its room's name, or "" for private ones.

    `lines` come before them.
    """

    entries: tuple[tuple[str, Entry], ...]
    lines: tuple[str, ...] = ()


class Audited(Struct, frozen=True):
    """Acts of moderation, oldest first, each with its room's name, or "" for the server."""

    entries: tuple[tuple[str, Entry], ...]


class Speaks(Struct, frozen=True):
    """They go on as a program does, in JSON lines."""


class Goodbye(Struct, frozen=True):
    """They asked to leave; `why` is what the others are told."""

    why: str = ""


Reply: TypeAlias = Told | Shown | Went | Parted | Prefers | Secret | Found | Audited | Speaks | Goodbye
