"""What is asked at a door and what is answered there, whatever it looks like as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

from twistedchat.chat.errors import ChatError
from twistedchat.chat.events import Ref  # noqa: TC001 - msgspec reads the annotations of requests
from twistedchat.chat.replies import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Entry


class Request(Struct, frozen=True, gc=False, tag_field="op"):
    """Something that is asked; `ref` is repeated in the answer."""

    ref: Ref | None = None


class Hello(Request, frozen=True, gc=False, tag="hello"):
    """Let me in under this name; with the secret of an earlier `session`, as the same guest."""

    nick: str = ""
    session: str = ""
    v: int = 1
    bot: bool = False


class Join(Request, frozen=True, gc=False, tag="join", kw_only=True):
    """Let me hear a room, from after the `seq` that I have seen; `rid` says of which room that was."""

    room: str
    rid: str = ""
    after: int | None = None


class Part(Request, frozen=True, gc=False, tag="part", kw_only=True):
    """Let me hear a room no more."""

    room: str
    why: str = ""


class Say(Request, frozen=True, gc=False, tag="say", kw_only=True):
    """Tell the room, or with "" the active one."""

    text: str
    room: str = ""
    cid: str = ""


class Emote(Request, frozen=True, gc=False, tag="emote", kw_only=True):
    """Tell the room what I do."""

    text: str
    room: str = ""
    cid: str = ""


class Dm(Request, frozen=True, gc=False, tag="dm", kw_only=True, rename={"to": "with"}):
    """Tell one person."""

    to: str
    text: str
    cid: str = ""


class Command(Request, frozen=True, gc=False, tag="command", kw_only=True):
    """Do what a person would type, ``/name arguments``."""

    line: str
    room: str = ""
    cid: str = ""


class Ping(Request, frozen=True, gc=False, tag="ping"):
    """Tell me that you are there."""

    n: int = 0


class Pong(Request, frozen=True, gc=False, tag="pong"):
    """Know that I am here."""

    n: int = 0


class Bye(Request, frozen=True, gc=False, tag="bye"):
    """Let me go."""


class Nothing(Request, frozen=True, gc=False, tag="nothing"):
    """A line with nothing in it."""


class Welcome(Struct, frozen=True):
    """You are in. `secret` is what you can come back with, `rate` is (burst, per second), zeros for no limit.

    Whoever lands in the lobby is `inside`, if they may.
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


class Entered(Struct, frozen=True):
    """You are in the room; what was said before follows. The `marked` people have before them what they are."""

    room: str
    rid: str
    head: int
    role: str
    people: tuple[str, ...]
    marked: tuple[str, ...] = ()
    topic: str = ""


class Past(Struct, frozen=True):
    """What was said in a room, oldest first; `of` is how much there is in all, `now` the time (ms).

    Of a past that is told in several pages, the first says that `begins` so many entries.
    """

    room: str
    entries: Sequence[Entry]
    of: int
    now: int
    begins: int = 0


class Live(Struct, frozen=True):
    """What follows is said now; `replayed` is how much of the past was told before."""

    room: str
    seq: int
    replayed: int = 0


class Acked(Struct, frozen=True, gc=False):
    """It is stored; `again` when it was stored before and is not shown a second time."""

    entry: Entry
    room: str
    again: bool = False


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


Answer: TypeAlias = Welcome | Entered | Past | Live | Acked | Told | Pinged | Ponged | Farewell | ChatError


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

    def preferring(self, name: str, *, on: bool) -> Dialect:
        """Return this dialect with a preference on or off."""
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

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:
        """Return what is told to one peer only, "" for nothing."""
        ...

    def replay(self, past: Past, view: View) -> bytes:
        """Return what is told of the past to somebody who has come in."""
        ...


def joined(dialect: Dialect, entries: Sequence[Entry], view: View) -> bytes:
    """Return the bytes for several entries, one after another."""
    return b"".join(dialect.encode(entry, view) for entry in entries)
