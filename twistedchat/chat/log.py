"""What the chat asks of a log, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from twistedchat.chat.events import Entry, Proposal, Settled

OnBatch: TypeAlias = Callable[[Sequence[Settled]], None]


class KnownRoom(Struct, frozen=True):
    """A room as it was left: its id, its name, its stream's last `seq`, its topic."""

    id: str
    name: str
    head: int
    topic: str = ""


class KnownGuest(Struct, frozen=True):
    """A guest who may come back: their id, their last nickname, and when they were `seen` last (ms)."""

    id: str
    nick: str
    seen: int


class Remembered(Struct, frozen=True):
    """What a log knows at the start, before anything is appended."""

    epoch: str
    rooms: tuple[KnownRoom, ...]
    guests: tuple[KnownGuest, ...]


class Log(Protocol):
    """It decides the order of everything, and keeps what is kept.

    `append` never blocks and never raises. Each commit is reported once, in the
    order of the log, to the callback that `start` was given: for each proposal its
    `Entry`, the `Repeated` entry that its `cid` was stored as before, or the
    `ChatError` that refused it. Only then does `place` answer those who wait.
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

    def guest(self, secret_hash: str) -> Awaitable[str]:
        """Return the id of the guest whose secret hashes to that, or "" for nobody."""
        ...

    @property
    def crowded(self) -> bool:
        """Whether so much waits for the next commits that senders should pause."""
        ...
