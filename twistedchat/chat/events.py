"""What happens in the chat: frozen values, and the only thing that travels.

An event is proposed, the log gives it its place, and then it is an `Entry`. Those
that are *kept* are stored, numbered and replayed; the others pass through the log
for the order's sake only, though it remembers what follows from some. Here is what
people do by being here; what is done to rooms, roles and accounts is in `acts`.
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
    audited: ClassVar[bool] = False
    """Whether it is an act of moderation, of which the audit log has a line."""
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


class Edited(Event, frozen=True, gc=False, tag="edited", omit_defaults=True):
    """A message says something else from here on; `of` is its `seq` in the same room."""

    kept: ClassVar[bool] = True
    of: int
    text: str


class Deleted(Event, frozen=True, gc=False, tag="deleted", omit_defaults=True):
    """A message of `whose` is no longer to be read; `of` is its `seq` in the same room."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    of: int
    whose: str


class Removed(Event, frozen=True, gc=False, tag="removed", omit_defaults=True):
    """Stands where a message of this person stood that was deleted, or an `edit` of it: the log puts it there."""

    kept: ClassVar[bool] = True
    edit: bool = False


class Arrived(Event, frozen=True, gc=False, tag="arrived", omit_defaults=True):
    """A session has its name, and is the `person`'s; `secret_hash` is what it can come back with, where it can."""

    session: str
    person: str
    secret_hash: str = ""


class Departed(Event, frozen=True, gc=False, tag="departed", omit_defaults=True):
    """A session is over; told in each room it was in.

    Its person can come back where it `returns`; its name is free, unless it is `held` for
    that or an account's. `seen` is the last `id` that the person was told of, and `heard` has
    for each room that a member was in, by its id, the last `seq`.
    """

    session: str
    person: str
    returns: bool = False
    held: bool = False
    why: str = ""
    seen: int = 0
    minor: bool = False
    heard: dict[str, int] = {}


class Joined(Event, frozen=True, gc=False, tag="joined", omit_defaults=True):
    """A session came into a room; a `minor` matter where the room is large and they have said nothing lately."""

    session: str
    minor: bool = False


class Left(Event, frozen=True, gc=False, tag="left", omit_defaults=True):
    """A session is no longer in a room; a `minor` matter as with `Joined`.

    Their person `stays` where they are in it by another connection.
    """

    session: str
    why: str = ""
    minor: bool = False
    stays: bool = False


class Away(Event, frozen=True, gc=False, tag="away", omit_defaults=True):
    """A session's person is away, and why; with "" they are back."""

    session: str
    why: str


class Renamed(Event, frozen=True, gc=False, tag="renamed", omit_defaults=True):
    """A person has another name from here on; told in each room they are in."""

    session: str
    to: str


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
    to `by`; `releases` are names that `by` gives back with it. One that has a `refusal` is
    refused with that, unless it was stored before under its `cid`.
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
    refusal: ChatError | None = None


class Repeated(Struct, frozen=True, gc=False):
    """The outcome of a message that was stored before, under the same `cid`: that first entry."""

    entry: Entry


Outcome: TypeAlias = Entry | Repeated | ChatError
Settled: TypeAlias = tuple[Proposal, Outcome]
Placed: TypeAlias = tuple[Proposal, Entry]
