"""A person at a terminal: what they type is said, and what happens scrolls above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred  # noqa: TC002 - read by whoever asks for our types

from twistedchat.client import render, wire
from twistedchat.client.complete import possible_words
from twistedchat.client.exchange import RefusedError
from twistedchat.client.exits import DONE, NOT_STORED, FatalError, InterruptError
from twistedchat.client.options import Options, default_nick
from twistedchat.client.screen import NO_TLS, connected_to
from twistedchat.client.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twisted.python.failure import Failure

    from twistedchat.client.link import Link
    from twistedchat.client.render import Line
    from twistedchat.client.screen import Screen


_HINTS = "Messages are kept. Tab completes, /help helps, Ctrl-D leaves."
_WAITING_LINES = 256
_LEAVE = frozenset({"/quit", "/exit", ":q"})


class Terminal:
    """One person's conversation with a server; `run` returns the exit status.

    ``report`` is told, in the end, what belongs on standard error.
    """

    def __init__(self, options: Options, report: Callable[[str], None]) -> None:
        self.session = Session(self)
        self._options = options
        self._screen: Screen
        self._report = report
        self._room = options.room
        self._people: set[str] = set()
        self._replay: list[Line] | None = None
        self._replayed = 0
        self._away = False
        self._leaving = False
        self._goodbye = ""
        self._reading: Deferred[str] | None = None
        self._why: FatalError | None = None

    async def run(self, screen: Screen, link: Link) -> int:
        """Connect, ask what must be asked, and talk until somebody ends it."""
        self._screen = screen
        try:
            link.start()
            await self.session.contact
            if not await self._agreed(link):
                return DONE
            await self._take_name()
            await self._talk()
            await link.leave(self._goodbye)
        except FatalError as why:
            self._why = why
        except (EOFError, InterruptError):
            await link.leave()
        return self._farewell()

    def words(self, before: str, word: str) -> Iterable[str]:
        """Return what a word may be completed to."""
        usages = self.session.hello.commands if self.session.hello is not None else ()
        return possible_words(before, word, usages, self._people, self.session.rooms)

    # before talking

    async def _agreed(self, link: Link) -> bool:
        """Say where we are; ask whether to go on if others can read what is typed."""
        self._tell([[("", connected_to(self._options.place, private=link.private))]])
        if link.private or self._options.insecure:
            return True
        return (await self._ask(NO_TLS)).lower() in {"y", "yes"}

    async def _take_name(self) -> None:
        nick, own = self._options.nick, default_nick()
        while not nick:
            nick = await self._ask(f"Nickname [{own}]: " if own else "Nickname: ", own)
        while True:
            if self._room and self._room not in self.session.rooms:
                self.session.join(self._room).addErrback(self._not_in_room)
            try:
                hello = await self.session.enter(nick)
            except RefusedError as refused:
                nick = await self._another_name(refused)
            else:
                self._room = self._room or hello.lobby
                return

    def _ask(self, question: str, default: str = "") -> Deferred[str]:
        self._reading = self._screen.ask(question, default)
        return self._reading

    async def _another_name(self, refused: RefusedError) -> str:
        suggest = render.safe(refused.suggest or "")
        words = render.safe(refused.words)
        while True:
            nick = await self._ask(f"{words} Another name{f' [{suggest}]' * bool(suggest)}: ", suggest)
            if nick:
                return nick

    # talking

    async def _talk(self) -> None:
        warned = False
        while not (self._leaving or self.session.ended):
            self._reading = self._screen.read(lambda: f"[{render.safe(self._room)}] ")
            try:
                line = await self._reading
            except InterruptError:
                if self._away or warned:
                    return
                warned = True
                self._tell(render.notice("Ctrl-D leaves; so does Ctrl-C once more."))
                continue
            warned = False
            self._typed(line)

    def _typed(self, line: str) -> None:
        text = line.rstrip()
        if not text.strip():
            return
        first, _, rest = text.partition(" ")
        if first in _LEAVE:
            self._goodbye = " ".join(rest.split())
            self._stop_reading()
            return
        if len(self.session.sends.unanswered) >= _WAITING_LINES:
            self._give_back("Too much is waiting for the server already.", text)
            return
        if text.startswith("/") and not text.startswith("//"):
            answer = self.session.command(self._room, text)
        else:
            answer = self.session.say(self._room, text.removeprefix("/"))
        answer.addCallbacks(self._answered, self._refused, errbackArgs=(text,))
        if self._away:
            self._tell(render.notice(f"(goes out when the server is back) {text}"))

    def _answered(self, reply: wire.Reply) -> None:
        if not isinstance(reply, wire.Ok):
            return
        for entry in reply.entries:
            event = wire.decode(entry)
            if isinstance(event, wire.Said | wire.Emoted | wire.Direct):
                self._tell(render.news(event, self.session.nick, self._room, dated=True))
        if reply.text:
            self._tell(render.notice(reply.text))

    def _refused(self, why: Failure, text: str) -> None:
        why.trap(RefusedError)
        self._give_back(why.getErrorMessage(), text)

    def _give_back(self, reason: str, text: str) -> None:
        """Say why something was not said, and show it: nothing that was typed disappears."""
        self._tell(render.refusal(reason) + render.notice(f"(not sent) {text}"))

    def _not_in_room(self, why: Failure) -> None:
        why.trap(RefusedError)
        self._tell(render.refusal(why.getErrorMessage()))
        if self.session.hello is not None:
            self._room = self.session.hello.lobby
            self.session.join(self._room).addErrback(lambda _: None)

    # what the session tells

    def entered(self, room: wire.Ok) -> None:
        """Say where we are, and gather the last lines."""
        self._away = False
        self._room = room.room
        self._people |= set(room.people)
        self._replay, self._replayed = [], 0
        count = len(room.people)
        there = f"{count} {'person' if count == 1 else 'people'}" if count else "nobody else"
        hello = self.session.hello
        role = hello.role if hello is not None else "guest"
        words = f"You are {self.session.nick} ({role}) in {room.room}, {there}. {_HINTS}"
        self._tell([[("", render.safe(words))]])
        if room.topic:
            self._tell(render.notice(f"topic: {room.topic}"))

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Show what happens, with its time if it is not happening now."""
        self._know(event)
        lines = render.news(event, self.session.nick, self._room, dated=replayed)
        if self._replay is not None and replayed:
            self._replay += lines
            self._replayed += 1
        else:
            self._tell(lines)

    def live(self, room: str) -> None:
        """Show the last lines, all of which are there now."""
        del room
        gathered, self._replay = self._replay, None
        if gathered:
            self._tell([[("class:dim", f"-- last {self._replayed} --")], *gathered])

    def refused(self, error: wire.Error) -> None:
        """Show why something was not done."""
        self._tell(render.refusal(error.text or error.code))

    def lost(self) -> None:
        """Nothing to show: `retrying` shows it."""

    def retrying(self, delay: float) -> None:
        """Say, once, that we are alone."""
        if not self._away:
            self._away = True
            words = f"Lost the server. Trying again in {max(1, round(delay))} s (Ctrl-C stops)..."
            self._tell([[("class:error", words)]])

    def back(self, missing: str) -> None:
        """Say that we are not, and whether it cost anything."""
        self._away = False
        self._tell([[("", render.MISSING[missing])]])

    def ended(self, why: FatalError | None) -> None:
        """Stop talking."""
        self._why = self._why or why
        self._stop_reading()

    def _tell(self, lines: list[Line]) -> None:
        self._screen.show(lines)

    def _know(self, event: wire.News) -> None:
        if isinstance(event, wire.Renamed):
            self._people.discard(event.nick)
            self._people.add(event.to)
        elif isinstance(event, wire.Left):
            self._people.discard(event.nick)
        else:
            self._people.add(event.nick)

    # the end

    def _stop_reading(self) -> None:
        self._leaving = True
        if self._reading is not None and not self._reading.called:
            self._reading.cancel()

    def _farewell(self) -> int:
        """Say on standard error why it ended and what is not stored; return the exit status."""
        unsaid = len(self.session.sends.unanswered)
        self._screen.flush()
        if self._why is not None:
            self._report(self._why.words)
        if unsaid:
            self._report(f"Not known to be stored: the last {unsaid} of what you typed.")
        if self._why is not None:
            return self._why.status
        return NOT_STORED if unsaid else DONE
