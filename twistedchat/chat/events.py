"""What happens in the chat: frozen values, and the only thing that travels.

An event is proposed, the log gives it its place, and then it is an `Entry`. Of
the kinds below those that are *kept* are stored, numbered and replayed; the
others pass through the log for the order's sake only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from msgspec import Struct

from twistedchat.chat.errors import ChatError

if TYPE_CHECKING:
    from twistedchat.chat.session import Session

Ref: TypeAlias = str | int | float | bool
"""What a program names its request with; it is repeated in the one answer."""


class Event(Struct, frozen=True, gc=False, tag_field="ev", omit_defaults=True):
    """Something that happened; `nick` is who did it, as they were called then."""

    kept: ClassVar[bool] = False
    nick: str


class Said(Event, frozen=True, gc=False, tag="said", omit_defaults=True):
    """Somebody said something in a room."""

    kept: ClassVar[bool] = True
    text: str


class Emoted(Event, frozen=True, gc=False, tag="emoted", omit_defaults=True):
    """Somebody did something in a room: ``* bob waves``."""

    kept: ClassVar[bool] = True
    text: str


class Direct(Event, frozen=True, gc=False, tag="direct", omit_defaults=True):
    """Somebody said something to one person only."""

    kept: ClassVar[bool] = True
    to: str
    text: str


class TopicSet(Event, frozen=True, gc=False, tag="topic", omit_defaults=True):
    """A room has another topic, or none."""

    kept: ClassVar[bool] = True
    text: str


class Opened(Event, frozen=True, gc=False, tag="opened", omit_defaults=True):
    """A room was made; its stream is its id. One with an `owner` is theirs, and is gone when it is empty."""

    name: str
    owner: str = ""


class Dropped(Event, frozen=True, gc=False, tag="dropped", omit_defaults=True):
    """A room is gone, unless somebody has come in meanwhile."""


class Arrived(Event, frozen=True, gc=False, tag="arrived", omit_defaults=True):
    """A session has its name; `secret_hash` is what it can come back with, if it asked for that."""

    session: str
    guest: str
    secret_hash: str = ""


class Departed(Event, frozen=True, gc=False, tag="departed", omit_defaults=True):
    """A session is over; told in each room it was in.

    Its guest can come back where it `returns`; its name is free, unless it is `held` for that.
    """

    session: str
    guest: str
    returns: bool = False
    held: bool = False
    why: str = ""


class Joined(Event, frozen=True, gc=False, tag="joined", omit_defaults=True):
    """A session came into a room."""

    session: str


class Left(Event, frozen=True, gc=False, tag="left", omit_defaults=True):
    """A session is no longer in a room."""

    session: str
    why: str = ""


class Away(Event, frozen=True, gc=False, tag="away", omit_defaults=True):
    """A session's person is away, and why; with "" they are back."""

    session: str
    why: str


class Renamed(Event, frozen=True, gc=False, tag="renamed", omit_defaults=True):
    """A session has another name from here on; told in each room it is in."""

    session: str
    to: str


Kept: TypeAlias = Said | Emoted | Direct | TopicSet
"""The kinds that a log can be asked for again."""


class Entry(Struct, frozen=True, gc=False):
    """An event with its place in the log.

    `seq` is gapless within its stream and `id` grows over the whole store; both
    are 0 for what is not kept. `at` is in milliseconds since 1970 and never runs
    backwards within a stream. `by` is the account or guest id of whoever did it,
    and with `cid` names a message once and for all.
    """

    event: Event
    stream: str
    seq: int
    id: int
    at: int
    by: str
    cid: str = ""


class Proposal(Struct, frozen=True, gc=False):
    """An event that asks for its place, and whom to answer.

    `claims` are names that must be nobody else's for the event to happen, given
    to `by`; `releases` are names that `by` gives back with it.
    """

    event: Event
    stream: str
    by: str
    at: int
    cid: str = ""
    claims: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    asker: Session | None = None
    ref: Ref | None = None


class Repeated(Struct, frozen=True, gc=False):
    """The outcome of a message that was stored before, under the same `cid`: that first entry."""

    entry: Entry


Outcome: TypeAlias = Entry | Repeated | ChatError
Settled: TypeAlias = tuple[Proposal, Outcome]
Placed: TypeAlias = tuple[Proposal, Entry]
