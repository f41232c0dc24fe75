"""A bot whose server is ours: what it hears is said by the test, and what it does is seen there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred

from tests.client.helpers import FakeConnection, Json, outcome, said
from twistedchat.client.chat import Chat
from twistedchat.client.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine
    from pathlib import Path

T = TypeVar("T")


class Bot:
    """A bot that is in, over as many connections as the test wants; with a ``path`` it keeps its state there."""

    def __init__(self, path: Path | None = None, **welcome: object) -> None:
        self.write: Callable[[Callable[[], None]], Deferred[None]] = maybeDeferred
        self.notebook = Notebook(path, lambda work: self.write(work))  # noqa: PLW0108 - a test may change it
        self.notebook.load()
        self.chat = Chat(self.notebook)
        self.chat.on_missed = lambda where, code: self.missed.append((where, code))
        self.chat.on_lost = lambda: self.told.append("lost")
        self.chat.on_back = lambda missing: self.told.append(f"back {missing}".rstrip())
        self.missed: list[tuple[str, str]] = []
        self.told: list[str] = []
        self.heard: list[str] = []
        self.connection = self._connects()
        self.connection.answers("ping", ev="pong", n=0)
        self.chat.session.enter("bot", secret=self.notebook.state.session)
        self.connection.welcomes("bot", **welcome)

    def _connects(self) -> FakeConnection:
        connection = FakeConnection(self.chat.session)
        self.chat.session.connected(connection)
        return connection

    def breaks(self) -> None:
        """Have the connection break."""
        self.chat.session.disconnected(self.connection)

    def returns(self, **welcome: object) -> None:
        """Have it made again, and the bot welcomed."""
        self.connection = self._connects()
        self.connection.welcomes("bot", **welcome)

    def does(self, work: Coroutine[Deferred[object], object, T]) -> Deferred[T]:
        """Begin something that may wait."""
        return Deferred.fromCoroutine(work)

    def reads(self, events: AsyncIterable[object], most: int = 1 << 30) -> Deferred[None]:
        """Begin to read, and note the texts, or the kinds of what has none."""
        return self.does(self._read(events, most))

    async def _read(self, events: AsyncIterable[object], most: int) -> None:
        async for event in events:
            self.heard.append(str(getattr(event, "text", type(event).__name__)))
            most -= 1
            if not most:
                break

    def is_in(self, room: str = "#ops", head: int = 0, rid: str = "r1") -> None:
        """Have the bot join a room, whose head that is, and let it in."""
        joined = self.does(self.chat.join(room))
        self.connection.lets_in(head, room=room, rid=rid)
        assert outcome(joined).name == room

    def hears(self, *seqs: int, room: str = "#ops") -> None:
        """Have messages said in a room, each with its number as text."""
        self.connection.says(*(said(seq, str(seq), room=room) for seq in seqs))

    def pages(self, *entries: Json) -> None:
        """Answer the last question for what was said before."""
        self.connection.answers("history", ev="ok", entries=list(entries))

    @property
    def asked(self) -> list[int]:
        """After which numbers it has asked for what was said."""
        return [request["after"] for request in self.connection.asked("history")]


def direct(seq: int, text: str, nick: str = "bob", to: str = "bot", at: int = 0) -> Json:
    """Say something privately; its ``id`` is ``at``, or like its ``seq``."""
    return {"ev": "direct", "seq": seq, "id": at or seq, "nick": nick, "to": to, "text": text}


def talk(*seqs: int, room: str = "#ops") -> list[Json]:
    """Messages with their numbers as texts."""
    return [said(seq, str(seq), room=room) for seq in seqs]
