"""What is done to rooms, roles, people's rights and accounts: events, like everything that happens."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from twistedchat.chat.events import Deleted, Direct, Edited, Emoted, Event, Removed, Said, TopicSet
from twistedchat.chat.prefs import Prefs  # noqa: TC001 - msgspec reads the annotations of events


class Opened(Event, frozen=True, gc=False, tag="opened", omit_defaults=True):
    """A room was made; its stream is its id. It is its `owner`'s, unless that is "".

    One that is `temporary` is gone when it is empty.
    """

    name: str
    owner: str = ""
    temporary: bool = False


class Dropped(Event, frozen=True, gc=False, tag="dropped", omit_defaults=True):
    """A room is gone; one that was dropped because it was `empty` only if nobody has come in meanwhile."""

    audited: ClassVar[bool] = True
    empty: bool = False


class RoomRenamed(Event, frozen=True, gc=False, tag="room_renamed", omit_defaults=True):
    """A room, called `was`, has another name from here on."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    was: str
    to: str


class RoomSet(Event, frozen=True, gc=False, tag="room_set", omit_defaults=True):
    """A setting of a room is another: `value` as it may be told, `secret` where it may not.

    Where it makes the room private it `admits` those who are in it or have roles, each
    with the `seq` from after which they may read.
    """

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    name: str
    value: str
    secret: str = ""
    admits: dict[str, int] = {}  # noqa: RUF012 - msgspec gives each event its own


class Invited(Event, frozen=True, gc=False, tag="invited", omit_defaults=True):
    """A person called `to` is asked into a room; a private one lets them in, to read what is said from now on."""

    audited: ClassVar[bool] = True
    to: str
    person: str


class Granted(Event, frozen=True, gc=False, tag="granted", omit_defaults=True):
    """An account, called `to`, is voice, op or owner of a room from here on; with `role` "" nothing of that."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    to: str
    account: str
    role: str


class Kicked(Event, frozen=True, gc=False, tag="kicked", omit_defaults=True):
    """A person called `who` was put out of a room."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    who: str
    person: str
    why: str = ""


class Banned(Event, frozen=True, gc=False, tag="banned", omit_defaults=True):
    """Whoever the `masks` hit may not be in a room, or with the stream "" on this server.

    `who` is how the ban is called, and lifted; it holds until the time `until` (ms), 0
    for ever. What a mask is says `twistedchat.chat.sanctions`.
    """

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    who: str
    masks: tuple[str, ...]
    until: int = 0
    why: str = ""


class Unbanned(Event, frozen=True, gc=False, tag="unbanned", omit_defaults=True):
    """The ban called `who` is lifted."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    who: str


class Muted(Event, frozen=True, gc=False, tag="muted", omit_defaults=True):
    """Whoever the `masks` hit may say nothing in a room, or with the stream "" on this server; as with `Banned`."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    who: str
    masks: tuple[str, ...]
    until: int = 0
    why: str = ""


class Unmuted(Event, frozen=True, gc=False, tag="unmuted", omit_defaults=True):
    """The mute called `who` is lifted."""

    kept: ClassVar[bool] = True
    audited: ClassVar[bool] = True
    who: str


class Killed(Event, frozen=True, gc=False, tag="killed", omit_defaults=True):
    """The connections of a person called `who` were ended."""

    audited: ClassVar[bool] = True
    who: str
    person: str
    why: str = ""


class Shouted(Event, frozen=True, gc=False, tag="shouted", omit_defaults=True):
    """Something was said to everybody who is here, in whatever room."""

    audited: ClassVar[bool] = True
    text: str


class MotdSet(Event, frozen=True, gc=False, tag="motd_set", omit_defaults=True):
    """Who comes in is told this from here on, "" for nothing."""

    audited: ClassVar[bool] = True
    text: str


class Reloaded(Event, frozen=True, gc=False, tag="reloaded", omit_defaults=True):
    """The settings of the server were read again; which are other, and what `guests` may from here on."""

    audited: ClassVar[bool] = True
    changed: tuple[str, ...]
    guests: str


class Registered(Event, frozen=True, gc=False, tag="registered", omit_defaults=True):
    """There is an account of the name `nick`; `hash` is that of its password. A server's `admin` keeps being one."""

    account: str
    hash: str
    admin: bool = False


class LoggedIn(Event, frozen=True, gc=False, tag="logged_in", omit_defaults=True):
    """A session that was a `guest`'s is an account's from here on, has its name, `to`, and brings its rooms along.

    A guest who is `admin` of the server brings that along, too.
    """

    session: str
    guest: str
    account: str
    to: str
    secret_hash: str = ""
    admin: bool = False

    @property
    def becomes(self) -> str:
        """The person whose the session is from here on."""
        return self.account


class LoggedOut(Event, frozen=True, gc=False, tag="logged_out", omit_defaults=True):
    """A session that was an account's is a guest's from here on, called `to`; its secret is void."""

    session: str
    guest: str
    to: str
    secret_hash: str = ""

    @property
    def becomes(self) -> str:
        """The person whose the session is from here on."""
        return self.guest


class PasswordSet(Event, frozen=True, gc=False, tag="password_set", omit_defaults=True):
    """An account has another password, and what its other sessions could come back with is void."""

    account: str
    session: str
    hash: str
    secret_hash: str = ""


class Claimed(Event, frozen=True, gc=False, tag="claimed", omit_defaults=True):
    """A person is admin of the server, by the one-time code that hashes to `code_hash`."""

    audited: ClassVar[bool] = True
    person: str
    code_hash: str


class Preferred(Event, frozen=True, gc=False, tag="preferred", omit_defaults=True):
    """An account wants to be told things in this manner from now on."""

    account: str
    prefs: Prefs


Kept: TypeAlias = (
    Said
    | Emoted
    | Direct
    | TopicSet
    | Edited
    | Deleted
    | Removed
    | RoomRenamed
    | RoomSet
    | Granted
    | Kicked
    | Banned
    | Unbanned
    | Muted
    | Unmuted
)
"""The kinds that a log can be asked for again."""
