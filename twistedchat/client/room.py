"""A room, as a bot uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from twistedchat.client import wire
from twistedchat.client.feed import Reader

if TYPE_CHECKING:
    from twistedchat.client.session import Session
    from twistedchat.client.stay import Stay

Message = wire.Said | wire.Emoted


class Room:
    """A room: ``async for message in room`` is what is said there, `say` says something.

    Whatever is done with it, we are in the room then, also after the server was away. Only
    where somebody has put us out of it, it has to be joined again: till then all fails
    with `PutOutError`.
    """

    def __init__(self, session: Session, stay: Stay) -> None:
        self._session = session
        self._stay = stay

    @property
    def name(self) -> str:
        """Its name, which may change."""
        return self._stay.name

    async def join(self, key: str = "", after: int | None = None) -> Room:
        """Be in the room, which ``key`` may open; what is said from here on is kept for the reader.

        From where the state file says, if that knows the room; else from the message after
        the ``seq`` ``after`` (0: all); else from now on.

        :raises RefusedError: we may not be there.
        """
        self._stay.come_again()
        self._stay.listen(after)
        await self._stay.be_in(key)
        return self

    def __aiter__(self) -> Reader[Message]:
        return aiter(Reader(self._stay.feed, _message, self._stay.listen, self._stay.be_in))

    def events(self) -> Reader[wire.News]:
        """Iterate over all that happens in the room: also over topics, edits, kicks, who comes and who goes.

        It is the same stream that the room itself iterates over, and has one reader at a time.
        """
        return Reader(self._stay.feed, _anything, self._stay.listen, self._stay.be_in)

    def say(self, text: str, cid: str = "") -> Deferred[wire.Ack]:
        """Say something, awaited or not; fires once it is stored.

        It is repeated until it is answered, and stored once. With a ``cid`` of 64 bytes at
        most it is stored once whoever repeats it, also after a restart: the `Ack` is ``dup`` then.
        Fails with `RefusedError`: it is not stored; with `GivenUpError`: the room is gone.
        """
        return self._speak("say", text, cid)

    def emote(self, text: str, cid: str = "") -> Deferred[wire.Ack]:
        """Do something (``/me``); like `say`."""
        return self._speak("emote", text, cid)

    def command(self, line: str, cid: str = "") -> Deferred[wire.Ok | wire.Ack]:
        """Give a command in this room, as a person types it: ``/topic NEW``; like `say`; fires with its answer."""
        return Deferred.fromCoroutine(self._command(line, cid))

    async def part(self, why: str = "") -> None:
        """Be in it no more; who iterates over it comes to the end.

        :raises RefusedError: we are still there.
        """
        await self._stay.part(why)

    def _speak(self, op: str, text: str, cid: str) -> Deferred[wire.Ack]:
        return Deferred.fromCoroutine(self._spoken(op, text, cid))

    async def _spoken(self, op: str, text: str, cid: str) -> wire.Ack:
        await self._stay.be_in()
        reply = await self._session.sends.submit({"op": op, "room": self.name, "text": text}, cid)
        return acknowledged(reply)

    async def _command(self, line: str, cid: str) -> wire.Ok | wire.Ack:
        await self._stay.be_in()
        return done(await self._session.sends.submit({"op": "command", "room": self.name, "line": line}, cid))


def acknowledged(reply: wire.Reply) -> wire.Ack:
    """Return an answer that can only be an acknowledgement."""
    if not isinstance(reply, wire.Ack):
        raise TypeError(f"The server acknowledges with {reply}.")
    return reply


def done(reply: wire.Reply) -> wire.Ok | wire.Ack:
    """Return an answer that can only be that something was done."""
    if not isinstance(reply, wire.Ok | wire.Ack):
        raise TypeError(f"The server answers a command with {reply}.")
    return reply


def _message(event: wire.News) -> Message | None:
    return event if isinstance(event, wire.Said | wire.Emoted) else None


def _anything(event: wire.News) -> wire.News | None:
    return event
