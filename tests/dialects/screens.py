"""Reading what a dialect wrote: events of any kind, and a screen of text lines read back into what it tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

from tests.chat.strategies import nicknames, texts
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
    Muted,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.durations import in_words
from twistedchat.chat.events import (
    Deleted,
    Departed,
    Direct,
    Edited,
    Emoted,
    Entry,
    Joined,
    Removed,
    Renamed,
    Said,
    TopicSet,
)
from twistedchat.chat.text import one_line

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

Told: TypeAlias = tuple[str, ...]
"""What a line tells: its kind, and who and what stands in it."""

NOON = 1_700_000_000_000
"""When everything happens here, in milliseconds since 1970."""
ME = "me.myself"
ROOM = "#lobby"
SECRET = "a-key-that-is-nobody's-business"

reasons = st.just("") | texts.map(lambda text: one_line(text, 400))
_lines = texts.map(lambda text: one_line(text, 400))
_targets = nicknames | st.sampled_from(["198.51.100.7", "2001:db8::/64", "ann:"])
_until = st.just(0) | st.integers(1, 10**6).map(lambda seconds: NOON + seconds * 1000)
_masks = st.just((SECRET,))
_renames = st.tuples(nicknames, nicknames).filter(lambda names: names[0] != names[1])

spoken: st.SearchStrategy[Event] = st.one_of(
    st.builds(Said, nicknames, texts),
    st.builds(Emoted, nicknames, texts),
    st.builds(Direct, nicknames, st.just(ME), texts),
    st.builds(Direct, st.just(ME), nicknames, texts),
    st.builds(Joined, nicknames, st.just("s1")),
    st.builds(Departed, nicknames, st.just("s1"), st.just("g1"), why=reasons),
)
"""What people say, and their coming and going."""
acts: st.SearchStrategy[Event] = st.one_of(
    st.builds(Renamed, nicknames, st.just("s1"), nicknames),
    _renames.map(lambda names: LoggedIn(names[0], "s1", "g1", "@1", names[1], SECRET)),
    _renames.map(lambda names: LoggedOut(names[0], "s1", "g1", names[1], SECRET)),
    st.builds(TopicSet, nicknames, st.just("") | _lines),
    st.builds(Edited, nicknames, st.just(3), texts),
    st.builds(Deleted, nicknames, st.just(3), nicknames),
    nicknames.map(lambda nick: Deleted(nick, 3, nick)),
    st.builds(Removed, nicknames),
    nicknames.map(lambda name: RoomRenamed(name, "#lobby", f"#{name}")),
    st.builds(RoomSet, nicknames, st.just("join"), st.sampled_from(["open", "invite"])),
    st.builds(RoomSet, nicknames, st.just("key"), st.just(""), st.just(SECRET)),
    st.builds(Invited, nicknames, st.just(ME), st.just("g2")),
    st.builds(Granted, nicknames, nicknames, st.just("@2"), st.sampled_from(["", "voice", "op", "owner"])),
    st.builds(Kicked, nicknames, nicknames, st.just("g2"), reasons),
    st.builds(Banned, nicknames, _targets, _masks, _until, reasons),
    st.builds(Unbanned, nicknames, _targets),
    st.builds(Muted, nicknames, _targets, _masks, _until, reasons),
    st.builds(Unmuted, nicknames, _targets),
    st.builds(Killed, nicknames, nicknames, st.just("g2"), reasons),
    st.builds(Dropped, nicknames),
    st.builds(Shouted, nicknames, texts),
    st.builds(Claimed, nicknames, st.just("g2"), st.just(SECRET)),
)
"""What the server says that people have done."""
events = spoken | acts
"""Events as the chat makes them, of every kind that is told."""

_NICK = r"[\w.-]+"
_WHO = r"(\S+?)"
_HOW_LONG = r"(?: for (\d+[smhd]))?"
_WHY = r"\.(?: \((.*)\))?"
_LINES = {
    "said": rf"({_NICK}): (.*)",
    "emoted": rf"\* ({_NICK}) (.*)",
    "direct": rf"({_NICK}) -> you: (.*)",
    "own": rf"you -> ({_NICK}): (.*)",
    "joined": rf"({_NICK}) joined!",
    "left": rf"({_NICK}) left!(?: \((.*)\))?",
    "renamed": rf"-- ({_NICK}) is now ({_NICK})\.",
    "topic": rf"-- ({_NICK}) set the topic: (.*)",
    "no topic": rf"-- ({_NICK}) took the topic away\.",
    "edited": rf"-- ({_NICK}) edited: (.*)",
    "deleted": rf"-- ({_NICK}) deleted a message(?: of ({_NICK}))?\.",
    "removed": rf"-- ({_NICK})'s message was deleted\.",
    "room renamed": rf"-- ({_NICK}) renamed (#{_NICK}) to (#{_NICK})\.",
    "room set": rf"-- ({_NICK}) set this room: (\w+)(?: (\w+))?\.",
    "invited": rf"-- ({_NICK}) invites ({_NICK}) to (#{_NICK}): /join #lobby",
    "no role": rf"-- ({_NICK}) took ({_NICK})'s role away\.",
    "voice": rf"-- ({_NICK}) gave ({_NICK}) voice\.",
    "role": rf"-- ({_NICK}) made ({_NICK}) an (op|owner)\.",
    "kicked": rf"-- ({_NICK}) kicked {_WHO}{_WHY}",
    "banned": rf"-- ({_NICK}) banned {_WHO}( from this server)?{_HOW_LONG}{_WHY}",
    "unbanned": rf"-- ({_NICK}) unbanned {_WHO}( from this server)?\.",
    "muted": rf"-- ({_NICK}) muted {_WHO}( on this server)?{_HOW_LONG}{_WHY}",
    "unmuted": rf"-- ({_NICK}) unmuted {_WHO}( on this server)?\.",
    "killed": rf"-- ({_NICK}) disconnected {_WHO}{_WHY}",
    "dropped": rf"-- ({_NICK}) has dropped (#{_NICK})\.",
    "shouted": rf"-- ({_NICK}) to everybody: (.*)",
    "claimed": rf"-- ({_NICK}) is admin of this server from here on\.",
    "refused": r"! (.*)",
}
_ANSWER = r"-- (.*)"


def entry(event: Event, seq: int = 1, at: int = NOON, by: str = "g1", stream: str = "r1") -> Entry:
    """Return the event as it stands in the log."""
    return Entry(event, stream, seq if event.kept else 0, seq + 100 if event.kept else 0, at, by)


def telling(event: Event, stream: str = "r1") -> Told:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return what must be told of an event."""
    match event:
        case Direct(nick=nick, to=to, text=text) if nick == ME:
            return "own", to, text
        case Direct(nick=nick, text=text) | Edited(nick=nick, text=text) | Shouted(nick=nick, text=text):
            return type(event).__name__.lower(), nick, text
        case Said(nick=nick, text=text) | Emoted(nick=nick, text=text):
            return type(event).__name__.lower(), nick, text
        case Departed(nick=nick, why=why):
            return "left", nick, why
        case Renamed(nick=nick, to=to) | LoggedIn(nick=nick, to=to) | LoggedOut(nick=nick, to=to):
            return "renamed", nick, to
        case TopicSet(nick=nick, text=text):
            return ("topic", nick, text) if text else ("no topic", nick)
        case Deleted(nick=nick, whose=whose):
            return "deleted", nick, "" if nick == whose else whose
        case RoomRenamed(nick=nick, was=was, to=to):
            return "room renamed", nick, was, to
        case RoomSet(nick=nick, name=name, value=value):
            return "room set", nick, name, value
        case Granted(nick=nick, to=to, role=role):
            return {"": ("no role", nick, to), "voice": ("voice", nick, to)}.get(role, ("role", nick, to, role))
        case Invited(nick=nick, to=to):
            return "invited", nick, to, ROOM
        case Dropped(nick=nick):
            return "dropped", nick, ROOM
        case Joined() | Removed() | Claimed():
            return type(event).__name__.lower(), event.nick
    return _sanction(event, stream)


def _sanction(event: Event, stream: str) -> Told:
    match event:
        case Kicked(nick=nick, who=who, why=why) | Killed(nick=nick, who=who, why=why):
            return type(event).__name__.lower(), nick, who, why
        case Banned(nick=nick, who=who, until=until, why=why):
            away = "" if stream else " from this server"
            return "banned", nick, who, away, in_words(until - NOON) if until else "", why
        case Muted(nick=nick, who=who, until=until, why=why):
            there = "" if stream else " on this server"
            return "muted", nick, who, there, in_words(until - NOON) if until else "", why
        case Unbanned(nick=nick, who=who):
            return "unbanned", nick, who, "" if stream else " from this server"
        case Unmuted(nick=nick, who=who):
            return "unmuted", nick, who, "" if stream else " on this server"
    raise AssertionError(event)


def read(screen: bytes, end: str = "\r\n") -> list[Told]:
    """Return what a screen of text lines tells, as somebody sees it who knows only its marks."""
    *lines, last = screen.decode().split(end)
    assert last == ""
    told: list[Told] = []
    for line in lines:
        if line.startswith("  | "):
            *others, text = told[-1]
            told[-1] = (*others, f"{text}\n{line[4:]}")
        else:
            told.append(_read(line))
    return told


def _read(line: str) -> Told:
    """Return the one thing that a line can tell: no two kinds of lines are alike."""
    found = [
        (kind, *(part or "" for part in match.groups()))
        for kind, pattern in _LINES.items()
        if (match := re.fullmatch(pattern, line, re.DOTALL))
    ]
    if not found:
        answer = re.fullmatch(_ANSWER, line, re.DOTALL)
        assert answer is not None, line
        return "told", answer[1]
    assert len(found) == 1, (line, found)
    return found[0]
