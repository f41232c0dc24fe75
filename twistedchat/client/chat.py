"""A chat, as a bot uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec

from twisted.internet.defer import Deferred, succeed
from twisted.internet.defer import TimeoutError as Late
from twisted.logger import Logger

from twistedchat.client import events, wire
from twistedchat.client.errors import LeftError, UnansweredError
from twistedchat.client.exchange import RefusedError
from twistedchat.client.feed import Reader
from twistedchat.client.post import Post
from twistedchat.client.room import Room, acknowledged, done
from twistedchat.client.session import Session
from twistedchat.client.stay import Stay
from twistedchat.client.typed import room_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IReactorTime

    from twistedchat.client.exits import FatalError
    from twistedchat.client.notebook import Notebook

P = ParamSpec("P")

LAST_SECONDS = 30.0
"""How long a goodbye waits for what is unanswered."""
_log = Logger("tcpchat.bot")


class Chat:
    """A bot's place in the chat, from `twistedchat.client.connect`.

    It stays over everything that breaks; what it was asked to say is repeated until it is
    answered. When it cannot be had any more, whatever waits fails with `FatalError`.
    """

    def __init__(self, notebook: Notebook) -> None:
        self.on_lost: Callable[[], None] = lambda: _log.warn("Lost the server.")
        """Called when the connection broke; it is made again, whatever is done here."""
        self.on_back: Callable[[str], None] = lambda missing: _log.info("Back. {missing}", missing=missing)
        """Called when all is caught up and answered, with the code of why something may be missing, or ""."""
        self.on_missed: Callable[[str, str], None] = lambda where, code: _log.warn(
            "Something of {where} cannot be heard: {code}", where=where, code=code
        )
        """Called with a room or a nick, and a code: something that was said there is not there for us."""
        self.session = Session(self, remakes=True, bot=True)
        self.session.welcomed = self._welcomed
        self.session.gap = self._gap
        self._notebook = notebook
        self._stays: list[Stay] = []
        self._post = Post(self.session, notebook, self._missed)
        self._hello = wire.Hello(nick="")

    @property
    def nick(self) -> str:
        """Our name, as it is now."""
        return self._hello.nick if self.session.parked else self.session.nick

    @property
    def server(self) -> wire.Hello:
        """What the server said when it let us in last: its name, its limits, our role."""
        return self._hello

    def room(self, name: str) -> Room:
        """Return a room, without a word to the server: we are in it when something is done with it."""
        return Room(self.session, self._stay(room_named(name)))

    async def join(self, name: str, key: str = "", after: int | None = None) -> Room:
        """Be in a room; see `Room.join`."""
        return await self.room(name).join(key, after)

    def say(self, room: str, text: str, cid: str = "") -> Deferred[wire.Ack]:
        """Say something in a room; see `Room.say`."""
        return self.room(room).say(text, cid)

    def direct(self, nick: str, text: str, cid: str = "") -> Deferred[wire.Ack]:
        """Say something to one person only; like `Room.say`."""
        return self.session.sends.submit({"op": "dm", "with": nick, "text": text}, cid).addCallback(acknowledged)

    def command(self, line: str, cid: str = "") -> Deferred[wire.Ok | wire.Ack]:
        """Give a command as a person types it, in no room: ``/whois ann``; its answer is the ``text`` of an `Ok`."""
        return self.session.sends.submit({"op": "command", "line": line}, cid).addCallback(done)

    def private(self) -> Reader[wire.Direct]:
        """Iterate over what is said to us only, from now on, or from where the state file says."""
        self._post.listen()
        return Reader(self._post.feed, _direct, self._post.listen, lambda: succeed(None))

    # --- the end -------------------------------------------------------------------------------

    async def settle(self, clock: IReactorTime) -> None:
        """Be done with what was read last, and wait for the answers to all that was said.

        :raises UnansweredError: they do not come.
        """
        for feed in [self._post.feed, *(stay.feed for stay in self._stays)]:
            await feed.finish()
        if self.session.sends.over is not None:
            return
        try:
            await self.session.sends.idle().addTimeout(LAST_SECONDS, clock)
        except Late:
            raise UnansweredError(self.session.sends.waiting(), LAST_SECONDS) from None

    def close(self, why: FatalError | None = None) -> None:
        """Have everybody who waits for something know that it is over."""
        self.session.sends.abandon(why or LeftError())
        for stay in self._stays:
            stay.end(why)
        self._post.feed.end(why)

    # --- what the session tells ----------------------------------------------------------------

    def entered(self, room: wire.Ok) -> None:
        """Nothing to do: whoever asked to be there is told."""

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Hand it to whoever collects it."""
        del replayed
        if isinstance(event, wire.Direct):
            self._post.heard(event)
            return
        if isinstance(event, wire.Renamed):
            self._post.renamed(event.nick, event.to)
        stay = self._find(event.to if isinstance(event, events.RoomRenamed) else "") or self._find(event.room)
        if stay is not None:
            stay.heard(event)

    def live(self, room: str) -> None:
        """Take note of where we are."""
        stay = self._find(room)
        if stay is not None:
            stay.live()

    def displaced(self, room: str, *, anew: bool) -> None:
        """Hear the other room of that name."""
        stay = self._find(room)
        if stay is not None and anew:
            stay.displaced()

    def put_out(self, room: str) -> None:
        """Tell whoever reads there."""
        stay = self._find(room)
        if stay is not None:
            stay.put_out()

    def preferred(self, prefs: wire.Prefs) -> None:
        """Do as ever: a bot has no screen."""

    def refused(self, error: wire.Error) -> None:
        """Tell whoever reads in a room into which we may not return."""
        _log.warn("{text} ({code})", text=error.text, code=error.code)
        for stay in self._stays:
            if stay.lost():
                stay.put_out(RefusedError(error))

    def lost(self) -> None:
        """Pass it on."""
        _tell(self.on_lost)

    def retrying(self, delay: float) -> None:
        """Log it."""
        _log.info("Trying again in {delay:.0f} s.", delay=delay)

    def back(self, missing: str) -> None:
        """Pass it on."""
        _tell(self.on_back, missing)

    def ended(self, why: FatalError | None) -> None:
        """Take note that nothing will come any more."""
        self.close(why)

    def _welcomed(self, hello: wire.Hello) -> None:
        self._hello = hello
        if self._notebook.welcomed(hello):
            self._post.another_server()
            for stay in self._stays:
                stay.another_server()
        self._post.welcomed()
        self._notebook.keep().addErrback(lambda why: _log.error("The state cannot be kept: {why}", why=why.value))

    def _gap(self, gap: wire.Gap) -> None:
        self._missed(gap.room, gap.code)

    def _missed(self, where: str, code: str) -> None:
        _tell(self.on_missed, where, code)

    def _find(self, name: str) -> Stay | None:
        return next((stay for stay in self._stays if name and stay.goes_by(name)), None)

    def _stay(self, name: str) -> Stay:
        stay = self._find(name)
        if stay is None:
            stay = Stay(name, self.session, self._notebook, self._missed)
            self._stays.append(stay)
        return stay


def _tell(callback: Callable[P, None], *what: P.args, **how: P.kwargs) -> None:
    """Call what a bot has given us; what it raises is its own affair, and logged."""
    try:
        callback(*what, **how)
    except Exception:  # noqa: BLE001 - it is not known what a bot may do
        _log.failure("a bot's own callback")


def _direct(event: wire.News) -> wire.Direct | None:
    return event if isinstance(event, wire.Direct) else None
