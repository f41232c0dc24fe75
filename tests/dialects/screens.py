"""Reading what a dialect wrote: events of any kind, and a screen of text lines read back into what it tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

from tests.chat.strategies import nicknames, texts
from tests.helpers import NOON
from twistedchat.chat.events import Departed, Direct, Emoted, Entry, Joined, Renamed, Said
from twistedchat.chat.text import one_line

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

Told: TypeAlias = tuple[str, ...]
"""What a line tells: its kind, and who and what stands in it."""

ME = "me.myself"

reasons = st.just("") | texts.map(lambda text: one_line(text, 400))
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Said, nicknames, texts),
    st.builds(Emoted, nicknames, texts),
    st.builds(Direct, nicknames, st.just(ME), texts),
    st.builds(Direct, st.just(ME), nicknames, texts),
    st.builds(Joined, nicknames, st.just("s1")),
    st.builds(Departed, nicknames, st.just("s1"), st.just("g1"), why=reasons),
    st.builds(Renamed, nicknames, st.just("s1"), nicknames),
)
"""Events as the chat makes them, of every kind that is told."""

_NICK = r"[\w.-]+"
_LINES = {
    "said": rf"({_NICK}): (.*)",
    "emoted": rf"\* ({_NICK}) (.*)",
    "direct": rf"({_NICK}) -> you: (.*)",
    "own": rf"you -> ({_NICK}): (.*)",
    "joined": rf"({_NICK}) joined!",
    "left": rf"({_NICK}) left!(?: \((.*)\))?",
    "renamed": rf"-- ({_NICK}) is now ({_NICK})\.",
    "told": r"-- (.*)",
    "refused": r"! (.*)",
}


def entry(event: Event, seq: int = 1, at: int = NOON) -> Entry:
    """Return the event as it stands in the log."""
    return Entry(event, "r1", seq if event.kept else 0, seq + 100 if event.kept else 0, at, "g1")


def telling(event: Event) -> Told:
    """Return what must be told of an event."""
    match event:
        case Direct(nick=nick, to=to, text=text) if nick == ME:
            return "own", to, text
        case Direct(nick=nick, text=text):
            return "direct", nick, text
        case Said(nick=nick, text=text) | Emoted(nick=nick, text=text):
            return type(event).__name__.lower(), nick, text
        case Joined(nick=nick):
            return "joined", nick
        case Departed(nick=nick, why=why):
            return "left", nick, why
        case Renamed(nick=nick, to=to):
            return "renamed", nick, to
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
    for kind, pattern in _LINES.items():
        found = re.fullmatch(pattern, line, re.DOTALL)
        if found:
            return kind, *(part or "" for part in found.groups())
    raise AssertionError(line)
