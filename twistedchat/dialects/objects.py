"""What a program is told of each event: an object, in which nothing is that is not named here."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from twistedchat.chat.accounts import ACCOUNT
from twistedchat.chat.acts import (
    Banned,
    Claimed,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    LoggedIn,
    LoggedOut,
    MotdSet,
    Muted,
    Reloaded,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.events import (
    Deleted,
    Departed,
    Direct,
    Edited,
    Emoted,
    Joined,
    Left,
    Removed,
    Renamed,
    Said,
    TopicSet,
)

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry, Event

TOLD: dict[type[Event], tuple[str, tuple[str, ...]]] = {
    Said: ("said", ("text",)),
    Emoted: ("emoted", ("text",)),
    Direct: ("direct", ("to", "text")),
    Edited: ("edited", ("of", "text")),
    Deleted: ("deleted", ("of", "whose")),
    Removed: ("removed", ("edit?",)),
    TopicSet: ("topic", ("text",)),
    Joined: ("joined", ("minor?",)),
    Left: ("left", ("why?", "minor?")),
    Departed: ("left", ("why?", "minor?")),
    Renamed: ("renamed", ("to",)),
    LoggedIn: ("renamed", ("to",)),
    LoggedOut: ("renamed", ("to",)),
    RoomSet: ("room_set", ("name", "value")),
    RoomRenamed: ("room_renamed", ("was", "to")),
    Invited: ("invited", ("to",)),
    Granted: ("granted", ("to", "role")),
    Kicked: ("kicked", ("who", "why?")),
    Banned: ("banned", ("who", "until?", "why?")),
    Unbanned: ("unbanned", ("who",)),
    Muted: ("muted", ("who", "until?", "why?")),
    Unmuted: ("unmuted", ("who",)),
    Killed: ("killed", ("who", "why?")),
    Dropped: ("dropped", ()),
    Shouted: ("shouted", ("text",)),
    Claimed: ("claimed", ()),
    MotdSet: ("motd_set", ("text",)),
    Reloaded: ("reloaded", ("changed",)),
}
"""Each event's `ev`, and what it has beside its place and the `nick`; with a ``?`` what is left out where empty."""
_SPOKEN = (Said, Emoted, Direct, Edited)
"""These say whether an account has said them."""


class _Said(Struct, gc=False, tag="said", tag_field="ev"):
    """What a guest says; a struct, for it is encoded often."""

    room: str
    seq: int
    id: int
    at: str
    nick: str
    text: str


class _SaidByMember(Struct, gc=False, tag="said", tag_field="ev"):
    """What a member says; so is this."""

    room: str
    seq: int
    id: int
    at: str
    nick: str
    account: str
    text: str


def happened(entry: Entry, room: str) -> Struct | dict[str, object]:
    """Return the object for an entry of a room, or with "" of none; empty where nobody is told."""
    event = entry.event
    if type(event) is Said and room:
        nick, at = event.nick, timestamp(entry.at)
        if entry.by[:1] == ACCOUNT:
            return _SaidByMember(room, entry.seq, entry.id, at, nick, nick, event.text)
        return _Said(room, entry.seq, entry.id, at, nick, event.text)
    if type(event) not in TOLD or _is_nothing(event):
        return {}
    kind, names = TOLD[type(event)]
    account = {"account": event.nick} if isinstance(event, _SPOKEN) and entry.by[:1] == ACCOUNT else {}
    fields: dict[str, object] = {"ev": kind, **_place(entry, room), "nick": event.nick, **account}
    for name in names:
        value = getattr(event, name.rstrip("?"))
        if value or not name.endswith("?"):
            fields[name.rstrip("?")] = timestamp(value) if name == "until?" else value
    return fields


def hidden(entry: Entry, room: str) -> dict[str, object]:
    """Return the object that stands in the place of an entry; empty for what has no place."""
    return {"ev": "hidden", **_place(entry, room)} if entry.seq else {}


def _is_nothing(event: Event) -> bool:
    """Tell whether nothing has changed for anybody with it."""
    match event:
        case LoggedIn(nick=nick, to=to) | LoggedOut(nick=nick, to=to):
            return nick == to
        case Dropped(empty=empty):
            return empty
    return False


def _place(entry: Entry, room: str) -> dict[str, object]:
    where: dict[str, object] = {"room": room} if room and not isinstance(entry.event, Direct) else {}
    numbers: dict[str, object] = {"seq": entry.seq, "id": entry.id} if entry.seq else {}
    return {**where, **numbers, "at": timestamp(entry.at)}


@lru_cache(maxsize=64)
def timestamp(at: int) -> str:
    """Return milliseconds since 1970 as ISO 8601 in UTC: 2026-11-22T19:04:20.113Z."""
    return f"{_second(at // 1000)}.{at % 1000:03}Z"


@lru_cache(maxsize=1024)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
