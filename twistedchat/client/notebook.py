"""The file in which a bot keeps who it is and how far it has come."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from twisted.internet.defer import Deferred, succeed

from twistedchat.client.exits import NOT_STORED, FatalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twisted.python.failure import Failure

    from twistedchat.client import wire

    Run = Callable[[Callable[[], None]], Deferred[None]]

_VERSION = 1
_PARTNERS = 500
"""With so many people it is known how far one has read."""


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far something was read: its last ``seq``, and which room it was, or the ``id`` of a private message."""

    seq: int
    rid: str = ""
    id: int = 0


class State(msgspec.Struct):
    """What stands in the file; ``session`` is a secret."""

    version: int = _VERSION
    session: str = ""
    epoch: str = ""
    rooms: dict[str, Mark] = msgspec.field(default_factory=dict)
    private: dict[str, Mark] = msgspec.field(default_factory=dict)


class Notebook:
    """What a bot knows over its restarts; without a path it forgets it when it ends.

    ``run`` does the writing, which waits for the disk, where nobody else has to wait for it.
    """

    def __init__(self, path: Path | None, run: Run) -> None:
        self.state = State()
        self.forgotten: set[str] = set()
        """The rooms of which it is not known any more how far they were read."""
        self._path = path
        self._run = run
        self._waiting: list[Deferred[None]] = []
        self._writing = False

    def load(self) -> None:
        """Read what is in the file, if there is one.

        :raises FatalError: it cannot be read, or is not such a file.
        """
        if self._path is None or not self._path.exists():
            return
        try:
            self.state = msgspec.json.decode(self._path.read_bytes(), type=State)
        except OSError as why:
            raise FatalError(NOT_STORED, f"Cannot read {self._path}: {why.strerror}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            words = f"{self._path} is not what a bot has kept ({why}). Move it away to begin anew."
            raise FatalError(NOT_STORED, words) from None
        if self.state.version != _VERSION:
            raise FatalError(
                NOT_STORED, f"{self._path} is of version {self.state.version}, which is newer than this."
            )

    def welcomed(self, hello: wire.Hello) -> bool:
        """Take note of who we are; True if the server's messages are not those that we knew: then none is known."""
        before = self.state
        another = bool(before.epoch) and before.epoch != hello.epoch
        if another:
            self.forgotten.update(before.rooms)
            before.rooms.clear()
            before.private.clear()
        self.state.session, self.state.epoch = hello.session or before.session, hello.epoch
        return another

    def note_partner(self, nick: str, mark: Mark) -> None:
        """Take note of how far the conversation with somebody was read."""
        private = self.state.private
        private.pop(nick, None)
        private[nick] = mark
        while len(private) > _PARTNERS:
            del private[next(iter(private))]

    def keep(self) -> Deferred[None]:
        """Have all that is known now written; fires when it is on the disk, fails with `OSError`.

        What is asked for while one write is under way is done by the next, in one go.
        """
        if self._path is None:
            return succeed(None)
        kept: Deferred[None] = Deferred()
        self._waiting.append(kept)
        if not self._writing:
            self._write(self._path)
        return kept

    def _write(self, path: Path) -> None:
        self._writing = True
        self._waiting, waiting = [], self._waiting
        written = self._run(partial(replace_file, path, msgspec.json.encode(self.state)))
        written.addBoth(self._written, path, waiting)

    def _written(self, outcome: Failure | None, path: Path, waiting: list[Deferred[None]]) -> None:
        self._writing = False
        for kept in waiting:
            kept.callback(outcome)
        if self._waiting and not self._writing:
            self._write(path)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that after a power cut it is the old one or the new one, and only its owner can read it."""
    new = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)  # all of it, where `os.write` may stop at the end of the disk
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
