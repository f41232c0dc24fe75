"""What the chat asks of a log, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from twistedchat.chat.events import Entry, Proposal, Settled
from twistedchat.chat.prefs import Prefs
from twistedchat.chat.sanctions import Sanction  # noqa: TC001 - msgspec reads the annotations
from twistedchat.chat.settings import RoomSettings

OnBatch: TypeAlias = Callable[[Sequence[Settled]], None]


class KnownRoom(Struct, frozen=True):
    """A room as it was left: its id, its name, its stream's last `seq`, and what holds in it.

    `roles`, `admitted` and `heard` are by person; what the numbers say is told by `Room`.
    """

    id: str
    name: str
    head: int
    topic: str = ""
    settings: RoomSettings = RoomSettings()
    roles: dict[str, str] = {}
    admitted: dict[str, int] = {}
    opened: int = 0
    expired: int = 0
    heard: dict[str, int] = {}


class KnownGuest(Struct, frozen=True):
    """A guest who may come back: their id, their last nickname, and when they were `seen` last (ms)."""

    id: str
    nick: str
    seen: int


class KnownAccount(Struct, frozen=True):
    """An account: its id, its name, when it was `made` (ms), and the last `id` that its person was told of."""

    id: str
    name: str
    made: int
    admin: bool = False
    seen: int = 0
    prefs: Prefs = Prefs()


class KnownSanction(Struct, frozen=True):
    """A ban or a mute that holds in a room, or with the stream "" on the server."""

    stream: str
    kind: str
    sanction: Sanction


class Remembered(Struct, frozen=True):
    """What a log knows at the start, before anything is appended."""

    epoch: str
    rooms: tuple[KnownRoom, ...]
    guests: tuple[KnownGuest, ...]
    accounts: tuple[KnownAccount, ...] = ()
    sanctions: tuple[KnownSanction, ...] = ()
    last_id: int = 0
    motd: str = ""


class Search(Struct, frozen=True):
    """What is looked for, newest first.

    All of the `words` must be in it; it was said by somebody called `nick` then, unless
    that is "", and at a time (ms) with `after` <= at < `before`. `where` has the streams that may be
    looked into, and for each the `seq` from after which; `limit` entries at most.
    """

    words: tuple[str, ...]
    where: dict[str, int]
    nick: str = ""
    after: int = 0
    before: int = 1 << 62
    limit: int = 50


class Log(Protocol):
    """It decides the order of everything, and keeps what is kept.

    `append` never blocks and never raises. Each commit is reported once, in the
    order of the log, to the callback that `start` was given: for each proposal its
    `Entry`, the `Repeated` entry that its `cid` was stored as before, or the
    `ChatError` that refused it. Only then does `place` answer those who wait. An event
    in the stream "" has no `seq` and is not read again, whatever its kind; what
    follows from it, and a line of the audit log, is remembered all the same.
    """

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        """Begin to take proposals; raise `StoreError` where the store cannot be used."""
        ...

    def stop(self) -> Awaitable[None]:
        """Commit what was appended, then take no more."""
        ...

    def append(self, proposal: Proposal) -> None:
        """Queue `proposal` for the next commit; its outcome is reported there."""
        ...

    def place(self, proposal: Proposal) -> Awaitable[Entry]:
        """Append `proposal` and wait for its outcome; a refusal is raised."""
        ...

    def read(self, stream: str, after: int, upto: int, limit: int) -> Awaitable[Sequence[Entry]]:
        """Return what is kept of `stream` with `after` < seq <= `upto`, ascending, `limit` at most."""
        ...

    def head(self, stream: str) -> Awaitable[int]:
        """Return the last `seq` of `stream`, 0 where there is none."""
        ...

    def search(self, search: Search) -> Awaitable[Sequence[Entry]]:
        """Return the messages that are found; raise `ChatError` where it would take too long."""
        ...

    def conversations(self, person: str) -> Awaitable[Sequence[str]]:
        """Return the streams of the private conversations that somebody of that id has had."""
        ...

    def mail(self, person: str) -> Awaitable[Sequence[Entry]]:
        """Return the private messages to that account that it has not been told of, oldest first."""
        ...

    def audit(self, limit: int) -> Awaitable[Sequence[Entry]]:
        """Return the last acts of moderation, oldest first, `limit` at most."""
        ...

    def person(self, secret_hash: str) -> Awaitable[str]:
        """Return the id of the guest or account whose secret hashes to that, or "" for nobody."""
        ...

    def password(self, account: str) -> Awaitable[str]:
        """Return the hash of that account's password, or ""."""
        ...

    def prune(self, stream: str, before: int) -> Awaitable[int]:
        """Forget what was said in `stream` before the time `before` (ms); return the last `seq` that is forgotten."""
        ...

    def backup(self, at: int) -> Awaitable[str]:
        """Copy all that is kept at the time `at` (ms), while the chat goes on; return where the copy is."""
        ...

    @property
    def crowded(self) -> bool:
        """Whether so much waits for the next commits that senders should pause."""
        ...
