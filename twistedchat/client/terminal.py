"""A person at a terminal: what they type is said, and what happens scrolls above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, fail

from twistedchat.client import render, wire
from twistedchat.client.complete import Known, possible_words
from twistedchat.client.exchange import RefusedError
from twistedchat.client.exits import DONE, NOT_STORED, FatalError, InterruptError
from twistedchat.client.naming import Naming
from twistedchat.client.passwords import Passwords
from twistedchat.client.replays import Replays
from twistedchat.client.screen import NO_TLS, UNKNOWN_CERTIFICATE, connected_to
from twistedchat.client.session import Session
from twistedchat.client.speaker import NOWHERE, Speaker
from twistedchat.client.typed import Command, Quit, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

    from twisted.python.failure import Failure

    from twistedchat.client.link import Link
    from twistedchat.client.options import Options
    from twistedchat.client.render import Line
    from twistedchat.client.screen import Screen


_HINTS = "Messages are kept. Tab completes, /help helps, Ctrl-D leaves."


class Terminal:
    """One person's conversation with a server; `run` returns the exit status.

    ``report`` is told, in the end, what belongs on standard error.
    """

    def __init__(self, options: Options, report: Callable[[str], None]) -> None:
        self.session = Session(self)
        self._options = options
        self._screen: Screen
        self._report = report
        self._known = Known()
        self._replays = Replays()
        self._speaker = Speaker(self.session, self._known, self._tell)
        self._passwords = Passwords(
            self._ask_secretly, self._speaker.command, self._tell, self._listen_no_more, lambda: self.session.away
        )
        self._prefs = wire.Prefs()
        self._greeted = False
        self._away = False
        self._leaving = False
        self._goodbye = ""
        self._reading: Deferred[str] | None = None
        self._listening: Deferred[str] | None = None
        self._why: FatalError | None = None

    async def run(self, screen: Screen, link: Link) -> int:
        """Connect, ask what must be asked, and talk until somebody ends it."""
        self._screen = screen
        try:
            link.start()
            await self.session.contact
            if not await self._agreed(link):
                return DONE
            self._passwords.private = link.private
            self._ask_for_room()
            await Naming(self.session, self._ask, self._ask_secretly).take(self._options.nick)
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
        rooms = {*self._known.rooms, self.session.rooms.lobby}
        return possible_words(before, word, usages, self._known.people, rooms)

    # before talking

    async def _agreed(self, link: Link) -> bool:
        """Say where we are; ask whether to go on if others can read what is typed."""
        place, way = self._options.place, link.way
        self._tell([[("", connected_to(place, way))]])
        if way.private or self._options.insecure:
            return True
        question = UNKNOWN_CERTIFICATE.format(place=place, fingerprint=way.unknown) if way.unknown else NO_TLS
        if (await self._ask(question)).lower() not in {"y", "yes"}:
            return False
        if way.unknown and (problem := link.trust()):
            self._tell(render.refusal(problem))
        return True

    def _ask_for_room(self) -> None:
        if self._options.room:
            self.session.rooms.active = self._options.room
            self.session.join(self._options.room).addErrback(self._not_in_room)

    def _ask(self, question: str, default: str = "") -> Deferred[str]:
        self._reading = self._screen.ask(question, default)
        return self._reading

    def _ask_secretly(self, question: str) -> Deferred[str]:
        if self._leaving:
            return fail(EOFError())
        self._reading = self._screen.ask_secretly(question)
        return self._reading

    # talking

    async def _talk(self) -> None:
        warned = False
        while not (self._leaving or self.session.ended):
            if self._passwords.asked:
                await self._passwords.complete()
                continue
            if self._passwords.ahead:
                await self._typed(self._passwords.ahead.popleft())
                continue
            self._reading = self._listening = self._screen.read(self._prompt)
            try:
                line = await self._reading
            except EOFError:
                if not self._passwords.asked:
                    raise
                continue
            except InterruptError:
                if self._away or warned:
                    return
                warned = True
                self._tell(render.notice("Ctrl-D leaves; so does Ctrl-C once more."))
                continue
            warned = False
            await self._typed(line)

    def _prompt(self) -> str:
        return f"[{render.safe(self.session.rooms.active or 'no room')}] "

    async def _typed(self, line: str) -> None:
        match meaning(line):
            case None:
                pass
            case Quit(why=why):
                self._goodbye = why
                self._stop_reading()
            case Command(line=command):
                await self._passwords.do(command)
            case typed:
                self._speaker.do(typed, line.rstrip())

    def _listen_no_more(self) -> None:
        """Make room for a question; what is half typed will stand there again."""
        if self._listening is not None and not self._listening.called:
            self._listening.cancel()

    def _not_in_room(self, why: Failure) -> None:
        why.trap(RefusedError)
        self._tell(render.refusal(why.getErrorMessage()))
        self._go_to_the_lobby()

    def _go_to_the_lobby(self) -> None:
        rooms = self.session.rooms
        if rooms.lobby and not rooms:
            rooms.active = rooms.lobby
            self.session.join(rooms.lobby).addErrback(self._not_in_lobby)

    def _not_in_lobby(self, why: Failure) -> None:
        why.trap(RefusedError)
        self._tell(render.refusal(why.getErrorMessage()) + render.notice(NOWHERE))

    # what the session tells

    def entered(self, room: wire.Ok) -> None:
        """Say where we are; the last lines are gathered."""
        self._away = False
        self._known.entered(room)
        self._replays.begin(room.room)
        self._tell(self._in_another(room) if self._greeted else self._greeting(room))
        self._greeted = True
        if room.topic:
            self._tell(render.notice(f"Topic: {room.topic}"))

    def _greeting(self, room: wire.Ok) -> list[Line]:
        hello = self.session.hello
        role = hello.role if hello is not None else "guest"
        there = _how_many(room.people) if room.people else "nobody else"
        words = f"You are {self.session.nick} ({role}) in {room.room}, {there}. {_HINTS}"
        motd = render.notice(hello.motd) if hello is not None and hello.motd else []
        return [[("", render.safe(words))], *motd]

    def _in_another(self, room: wire.Ok) -> list[Line]:
        there = f" ({_how_many(room.people)}: {', '.join(room.people)})" if room.people else ""
        here = room.room == self.session.rooms.active
        elsewhere = " What you type goes here; lines from elsewhere carry their room." if here else ""
        return render.notice(f"You are in {room.room}{there}.{elsewhere}")

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Show what happens, with its time if it is not happening now, or if that is preferred."""
        self._known.heard(event)
        if isinstance(event, wire.Joined | wire.Left) and self._prefs.hushes(minor=event.minor):
            return
        if self._prefs.bell and isinstance(event, wire.Direct) and event.nick != self.session.nick:
            self._screen.ring()
        active, timed = self.session.rooms.active, self._prefs.time
        lines = render.news(event, self.session.nick, active, dated=replayed, timed=timed)
        if not (replayed and self._replays.take(getattr(event, "room", ""), lines)):
            self._tell(lines)

    def live(self, room: str) -> None:
        """Show the last lines, all of which are there now."""
        self._tell(self._replays.end(room))

    def displaced(self, room: str, *, anew: bool) -> None:
        """Say that a room is not there any more; the lobby always is."""
        if anew:
            self._tell(render.notice(render.ANEW.format(room=room)))
            return
        self._gone(f"{room} is gone.", room, elsewhere=bool(self.session.rooms))

    def _gone(self, words: str, room: str, *, elsewhere: bool) -> None:
        """Say why we are in a room no more; go to the lobby, unless what is typed goes ``elsewhere``."""
        self._known.left(room)
        self._tell(render.notice(f"{words} {self._speaker.where()}" if elsewhere else words))
        if not elsewhere:
            self._go_to_the_lobby()

    def put_out(self, room: str) -> None:
        """Say where what is typed goes now; the lobby is there, unless it was that."""
        elsewhere = bool(self.session.rooms) or room == self.session.rooms.lobby
        self._gone(f"You are not in {room} any more.", room, elsewhere=elsewhere)

    def preferred(self, prefs: wire.Prefs) -> None:
        """Show things in this manner from now on."""
        self._prefs = prefs

    def refused(self, error: wire.Error) -> None:
        """Show why something was not done."""
        self._tell(render.refusal(error.text or error.code))

    def lost(self) -> None:
        """Nothing to show: `retrying` shows it; but nothing is to be waited for any more."""
        self._passwords.release()

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


def _how_many(people: Sized) -> str:
    count = len(people)
    return f"{count} {'person' if count == 1 else 'people'}"
