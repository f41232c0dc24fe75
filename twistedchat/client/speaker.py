"""What a person types, done with a session; what comes of it is shown, and nothing that was typed disappears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, succeed

from twistedchat.client import render, wire
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.passwords import discreet
from twistedchat.client.typed import Join, Part, Say

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from twistedchat.client.complete import Known
    from twistedchat.client.render import Line
    from twistedchat.client.session import Session

NOWHERE = "You are in no room: /join one."
_WAITING_LINES = 256
_TOO_MUCH = "Too much is waiting for the server already."


class Speaker:
    """Does what was typed, in the order in which it was typed.

    What is typed after a ``/join`` goes to that room even before the server has
    answered, and so does what is typed after a ``/part``: it goes elsewhere.
    """

    def __init__(self, session: Session, known: Known, tell: Callable[[list[Line]], None]) -> None:
        self._session = session
        self._rooms = session.rooms
        self._known = known
        self._tell = tell

    def do(self, typed: Say | Join | Part, text: str) -> None:
        """Do what was ``typed`` as ``text``."""
        match typed:
            case Join(room=room, key=key):
                self._join(room, key, text)
            case Part(room=room, why=why):
                self._part(room or self._rooms.active, why, text)
            case Say() if not self._rooms.active:
                self._give_back(NOWHERE, text)
            case Say() if self._too_much:
                self._give_back(_TOO_MUCH, text)
            case Say(text=words):
                answer = self._session.say(self._rooms.active, words)
                answer.addCallbacks(self._answered, self._refused, errbackArgs=(text,))
                self._waits(text)

    def command(self, line: str, wants: Callable[[RefusedError], bool]) -> Deferred[None]:
        """Do a command, and fire when that is done or not; a password in it is shown to nobody.

        ``wants`` tells whether it was refused only for want of a password, and is seen to.
        """
        text = discreet(line)
        if self._too_much:
            self._give_back(_TOO_MUCH, text)
            return succeed(None)
        answer = self._session.command(self._rooms.active, line)
        done = answer.addCallbacks(self._answered, self._not_done, errbackArgs=(wants, text))
        self._waits(text)
        return done

    def where(self) -> str:
        """Say where what is typed goes."""
        return f"What you type goes to {self._rooms.active} now." if self._rooms.active else NOWHERE

    @property
    def _too_much(self) -> bool:
        return len(self._session.sends.unanswered) >= _WAITING_LINES

    def _join(self, room: str, key: str, text: str) -> None:
        here = self._rooms.find(room)
        if not room:
            self._give_back("Like this: /join #ROOM [KEY]", text)
        elif here:
            self._rooms.active = here
            self._tell(render.notice(self.where()))
        else:
            before, self._rooms.active = self._rooms.active, room
            self._session.join(room, key).addErrback(self._not_joined, room, before, text)
            self._waits(text)

    def _not_joined(self, why: Failure, room: str, before: str, text: str) -> None:
        if self._rooms.active == room and before in self._rooms:
            self._rooms.active = before
        self._refused(why, text)

    def _part(self, room: str, why: str, text: str) -> None:
        here = self._rooms.find(room)
        if not here:
            self._give_back(f"You are not in {room}." if room else NOWHERE, text)
            return
        parted = self._session.part(here, why)
        parted.addCallbacks(self._parted, self._refused, callbackArgs=(here,), errbackArgs=(text,))

    def _parted(self, _: None, room: str) -> None:
        self._known.left(room)
        self._tell(render.notice(f"You have left {room}. {self.where()}"))

    def _waits(self, text: str) -> None:
        if self._session.away:
            self._tell(render.notice(f"(goes out when the server is back) {text}"))

    def _answered(self, reply: wire.Reply) -> None:
        if not isinstance(reply, wire.Ok):
            return
        if reply.text:
            self._known.listed(reply.text)
            self._tell(render.notice(reply.text))
        if reply.entries is not None:
            self._show_entries(reply)

    def _show_entries(self, reply: wire.Ok) -> None:
        """Show what was looked up: in one room, or wherever it was."""
        happened = [wire.decode(entry) for entry in reply.entries or ()]
        events = [event for event in happened if isinstance(event, wire.News)]
        here = self._rooms.active if reply.room else None
        for event in events:
            self._tell(render.news(event, self._session.nick, here, dated=True))
        if not (events or reply.text):
            nothing = f"Nothing has been said in {reply.room} yet." if reply.room else "Nothing has been found."
            self._tell(render.notice(nothing))

    def _not_done(self, why: Failure, wants: Callable[[RefusedError], bool], text: str) -> None:
        match why.value:
            case GivenUpError(sent=True):
                self._tell(render.notice(f"Not known whether this was done: {text}"))
            case RefusedError(code=wire.BAD_ANSWER, words=words):
                self._tell(render.refusal(words) + render.notice(f"Not known whether this was done: {text}"))
            case RefusedError() as refused if wants(refused):
                pass
            case _:
                self._refused(why, text)

    def _refused(self, why: Failure, text: str) -> None:
        why.trap(RefusedError, GivenUpError)
        if isinstance(why.value, GivenUpError):
            self._tell(render.notice(f"({'not known to be stored' if why.value.sent else 'not sent'}) {text}"))
        elif isinstance(why.value, RefusedError) and why.value.code == wire.BAD_ANSWER:
            self._tell(render.refusal(why.getErrorMessage()) + render.notice(f"(not known to be stored) {text}"))
        else:
            self._give_back(why.getErrorMessage(), text)

    def _give_back(self, reason: str, text: str) -> None:
        """Say why something was not said, and show it."""
        self._tell(render.refusal(reason) + render.notice(f"(not sent) {text}"))
