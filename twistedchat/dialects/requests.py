"""What is asked at a door, whatever it looks like as bytes."""

from __future__ import annotations

from msgspec import Struct

from twistedchat.chat.events import Ref  # noqa: TC001 - msgspec reads the annotations of requests


class Request(Struct, frozen=True, gc=False, tag_field="op"):
    """Something that is asked; `ref` is repeated in the answer."""

    ref: Ref | None = None


class Hello(Request, frozen=True, gc=False, tag="hello"):
    """Let me in under this name; with the secret of an earlier `session`, as the same person.

    `token` is the password of the account that the name belongs to.
    """

    nick: str = ""
    session: str = ""
    v: int = 1
    bot: bool = False
    token: str = ""


class Join(Request, frozen=True, gc=False, tag="join", kw_only=True, rename={"to": "with"}):
    """Let me hear a room, whose `key` this is, from after the `seq` that I have seen; `rid` says of which room.

    Instead of a room it may be what I say with one person.
    """

    room: str = ""
    to: str = ""
    rid: str = ""
    after: int | None = None
    key: str = ""


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


class History(Request, frozen=True, gc=False, tag="history", kw_only=True, rename={"to": "with"}):
    """Show me what was said in a room, or with one person.

    `limit` messages at most: those that follow `after`; else the last before the `seq` `before`.
    """

    room: str = ""
    to: str = ""
    after: int | None = None
    before: int = 1 << 40
    limit: int = 50


class Typed(Request, frozen=True, gc=False):
    """What a person would type as well."""

    room: str = ""

    @property
    def line(self) -> str:
        """The command that does it."""
        raise NotImplementedError  # pragma: no cover - each kind has its own


class Search(Typed, frozen=True, gc=False, tag="search", kw_only=True):
    """Find what was said, as somebody would type it after ``/search``."""

    text: str

    @property
    def line(self) -> str:
        """The command that does it."""
        return f"/search {self.text}"


class Who(Typed, frozen=True, gc=False, tag="who", kw_only=True):
    """Tell me who is in a room."""

    @property
    def line(self) -> str:
        """The command that does it."""
        return "/who"


class Rooms(Typed, frozen=True, gc=False, tag="rooms", kw_only=True):
    """Tell me which rooms there are."""

    pattern: str = ""

    @property
    def line(self) -> str:
        """The command that does it."""
        return f"/rooms {self.pattern}"


class Nick(Typed, frozen=True, gc=False, tag="nick", kw_only=True):
    """Let me have another nickname, with the password of the account whose it is."""

    nick: str
    token: str = ""

    @property
    def line(self) -> str:
        """The command that does it."""
        return f"/nick {self.nick} {self.token}"


class Set(Typed, frozen=True, gc=False, tag="set", kw_only=True):
    """Tell me things in another manner from now on."""

    name: str
    value: str

    @property
    def line(self) -> str:
        """The command that does it."""
        return f"/set {self.name} {self.value}"


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
