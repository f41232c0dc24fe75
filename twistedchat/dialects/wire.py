"""What is answered at a door, and what a dialect is, whatever that looks like as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

from twistedchat.chat.acts import Invited
from twistedchat.chat.errors import ChatError
from twistedchat.chat.events import Direct, Edited, Emoted, Ref, Removed, Said
from twistedchat.chat.replies import Told

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.prefs import Prefs
    from twistedchat.dialects.requests import Request


class Welcome(Struct, frozen=True):
    """You are in. `secret` is what you can come back with, `rate` is (burst, per second), zeros for no limit.

    Whoever lands in the lobby is `inside`, if they may. `account` is the name of theirs, "" for
    guests; `motd` is what the server has to say today, perhaps in several lines; `keep` is
    how long messages are kept, "" for ever.
    """

    server: str
    epoch: str
    nick: str
    role: str
    lobby: str
    commands: tuple[str, ...]
    secret: str
    text_most: int
    rate: tuple[int, float]
    ping: int
    at: int
    inside: bool = True
    account: str = ""
    motd: str = ""
    keep: str = ""


class Entered(Struct, frozen=True):
    """You are in the room; what was said before follows. The `marked` people have before them what they are."""

    room: str
    rid: str
    head: int
    role: str
    people: Sequence[str]
    marked: Sequence[str] = ()
    topic: str = ""


class Past(Struct, frozen=True):
    """What was said in a room, oldest first; `of` is how much there is in all, `now` the time (ms).

    Of a past that is told in several pages, the first says that `begins` so many entries. What the
    persons in `ignoring` said is told as hidden.
    """

    room: str
    entries: Sequence[Entry]
    of: int
    now: int
    begins: int = 0
    ignoring: Collection[str] = ()


class Finds(Struct, frozen=True):
    """Messages from several rooms, oldest first, each with its room's name, "" for private ones.

    `lines` come before them. `asker` is the id of the person who asked, `now` the time (ms).
    """

    entries: Sequence[tuple[str, Entry]]
    lines: tuple[str, ...]
    now: int
    asker: str = ""


class Acts(Struct, frozen=True):
    """Acts of moderation, oldest first, each with its room's name, "" for the server; `now` is the time (ms)."""

    entries: Sequence[tuple[str, Entry]]
    now: int


class Live(Struct, frozen=True):
    """What follows is said now; `replayed` is how much of the past was told before.

    It is a room, or what is said with one person, `to`.
    """

    room: str
    seq: int
    replayed: int = 0
    to: str = ""


class Gap(Struct, frozen=True):
    """What followed the `seq` `after` in the room cannot be told, up to and with `upto`."""

    room: str
    after: int
    upto: int


class Acked(Struct, frozen=True, gc=False):
    """It is stored; `again` when it was stored before and is not shown a second time."""

    entry: Entry
    room: str
    again: bool = False


class Prompt(Struct, frozen=True):
    """A password is asked for with this `text`; the next line is it."""

    text: str


class Preferences(Struct, frozen=True):
    """You are told things in this manner from now on."""

    prefs: Prefs


class Pinged(Struct, frozen=True):
    """Tell me that you are there."""

    n: int


class Ponged(Struct, frozen=True):
    """Know that I am here."""

    n: int


class Farewell(Struct, frozen=True):
    """This connection ends; `retry` is after how many seconds to come back, 0 for never."""

    code: str
    text: str
    retry: int = 0


Answer: TypeAlias = (
    Welcome
    | Entered
    | Past
    | Finds
    | Acts
    | Live
    | Gap
    | Acked
    | Told
    | Prompt
    | Preferences
    | Pinged
    | Ponged
    | Farewell
    | ChatError
)


class View(Struct, frozen=True, gc=False):
    """Who looks at what: the room's name, whether it is the active one, and who `me` is where that matters."""

    room: str
    active: bool = True
    me: str = ""


class Dialect(Protocol):
    """A way of putting things; dialects that are equal share bytes."""

    @property
    def echo(self) -> bool:
        """Whether a sender hears what they said themselves."""
        ...

    def preferring(self, prefs: Prefs) -> Dialect:
        """Return this dialect as somebody with these preferences wants it."""
        ...

    def view(self, room: str, *, active: bool) -> View:
        """Return how a room is looked at, whether it is the `active` one or not."""
        ...

    def decode(self, line: bytes, *, named: bool) -> Request:
        """Return what a line asks for, or raise a `ChatError`; before one is `named` it may be read otherwise."""
        ...

    def encode(self, entry: Entry, view: View) -> bytes:
        """Return what is told of an entry, "" for nothing."""
        ...

    def hidden(self, entry: Entry, view: View) -> bytes:
        """Return what is told of an entry in its place to somebody who ignores who said it, "" for nothing."""
        ...

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:
        """Return what is told to one peer only, "" for nothing."""
        ...

    def replay(self, past: Past, view: View) -> bytes:
        """Return what is told of the past to somebody who has come in."""
        ...


_WORDS = (Said, Emoted, Direct, Edited, Removed, Invited)


def is_hidden(entry: Entry, ignoring: Collection[str]) -> bool:
    """Tell whether an entry is hidden from somebody who ignores those persons: what they say is, not what they do."""
    return entry.by in ignoring and isinstance(entry.event, _WORDS)


def joined(dialect: Dialect, entries: Sequence[Entry], view: View) -> bytes:
    """Return the bytes for several entries, one after another."""
    return b"".join(dialect.encode(entry, view) for entry in entries)
