"""What the server says of people's acts: one line each, in which what they wrote comes last.

::

    -- ann kicked bob. (that is enough)
    -- ann muted bob for 10m.
    -- ann banned bob from this server for 7d. (spam)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    Unbanned,
    Unmuted,
)
from twistedchat.chat.durations import SECOND, in_words
from twistedchat.chat.events import Deleted, Removed, Renamed, TopicSet

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry

_GRANTS = {
    "": "took {}'s role away.",
    "voice": "gave {} voice.",
    "op": "made {} an op.",
    "owner": "made {} an owner.",
}


def words(entry: Entry, room: str) -> str:
    """Return what is said of an act in the room of that name, "" where nothing is."""
    return _of_rooms(entry, room) or _of_people(entry)


def _of_rooms(entry: Entry, room: str) -> str:  # noqa: PLR0911 - a table
    match entry.event:
        case TopicSet(nick=nick, text=text):
            return f"{nick} set the topic: {text}" if text else f"{nick} took the topic away."
        case Deleted(nick=nick, whose=whose):
            return f"{nick} deleted a message." if nick == whose else f"{nick} deleted a message of {whose}."
        case Removed(nick=nick, edit=False):
            return f"{nick}'s message was deleted."
        case RoomRenamed(nick=nick, was=was, to=to):
            return f"{nick} renamed {was} to {to}."
        case RoomSet(nick=nick, name=name, value=value):
            return f"{nick} set this room: {name} {value}".rstrip() + "."
        case Invited(nick=nick, to=to):
            return f"{nick} invites {to} to {room}: /join {room}"
        case Dropped(nick=nick, empty=False):
            return f"{nick} has dropped {room}."
    return ""


def _of_people(entry: Entry) -> str:  # noqa: C901, PLR0911 - a table
    away, there = ("", "") if entry.stream else (" from this server", " on this server")
    match entry.event:
        case Renamed(nick=nick, to=to):
            return f"{nick} is now {to}."
        case LoggedIn(nick=nick, to=to) | LoggedOut(nick=nick, to=to) if nick != to:
            return f"{nick} is now {to}."
        case Granted(nick=nick, to=to, role=role):
            return f"{nick} {_GRANTS[role].format(to)}"
        case Kicked(nick=nick, who=who, why=why):
            return f"{nick} kicked {who}{_because(why)}"
        case Banned(nick=nick, who=who, until=until, why=why):
            return f"{nick} banned {who}{away}{_for(entry.at, until)}{_because(why)}"
        case Unbanned(nick=nick, who=who):
            return f"{nick} unbanned {who}{away}."
        case Muted(nick=nick, who=who, until=until, why=why):
            return f"{nick} muted {who}{there}{_for(entry.at, until)}{_because(why)}"
        case Unmuted(nick=nick, who=who):
            return f"{nick} unmuted {who}{there}."
        case Killed(nick=nick, who=who, why=why):
            return f"{nick} disconnected {who}{_because(why)}"
        case MotdSet(nick=nick, text=text):
            return f"{nick} has everybody who comes in told: {text}" if text else f"{nick} took the motd away."
        case Reloaded(nick=nick, changed=changed):
            return f"{nick} had the settings read again: {', '.join(changed) or 'nothing'} changed."
        case Claimed(nick=nick):
            return f"{nick} is admin of this server from here on."
    return ""


def _for(at: int, until: int) -> str:
    """Return how long something holds, in whole seconds; "" where that is until it is lifted."""
    return f" for {in_words(max(0, -((at - until) // SECOND)) * SECOND)}" if until else ""


def _because(why: str) -> str:
    return f". ({why})" if why else "."
