"""Asking one person for a password: the next line is it, whatever stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.errors import ChatError, NotAllowed
from twistedchat.dialects.line import typed
from twistedchat.dialects.wire import Prompt
from twistedchat.doors.arrival import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.chat.events import Ref
    from twistedchat.doors.reception import Reception
    from twistedchat.doors.voice import Voice

SHOWS = " (it shows on your screen): "
"""What netcat's people are told: only their terminal could hide it, and nobody can tell it to."""
READABLE = (
    "Passwords are not taken here: what you type can be read on the way."
    " Use TLS (openssl s_client) or tcpchat-client."
)
NOT_FROM_HERE = "This client cannot be asked for a password: use nc, telnet or tcpchat-client."


class Asking:
    """The question that one peer has yet to answer, if there is one: while it `waits`, the next line is the answer.

    The answer is no command, is shown to nobody and is not logged. A telnet is made
    to hide it on its own screen as well. A program is told that it has to ask
    its user. Whose line is not `confidential` is asked for nothing.
    """

    __slots__ = ("_hidden", "_reception", "_then", "_voice", "confidential", "waits")

    def __init__(self, voice: Voice, reception: Reception, *, confidential: bool) -> None:
        self._voice = voice
        self._reception = reception
        self.confidential = confidential
        self._then: Callable[[str], None] = _forget
        self._hidden = False
        self.waits = False

    def check(self) -> None:
        """Raise `NotAllowed` where a person cannot be asked."""
        if self._reception.peer is Peer.TUTORIAL:
            raise NotAllowed(NOT_FROM_HERE)
        if not self.confidential:
            raise NotAllowed(READABLE)

    def begin(self, prompt: str, then: Callable[[str], None], ref: Ref | None = None) -> None:
        """Ask, and call `then` with what is typed, "" for nothing; raise `NotAllowed` where that cannot be."""
        if self._reception.peer is Peer.PROGRAM:
            self._voice.answer(Prompt(prompt), ref)
            return
        self.check()
        self._then, self.waits = then, True
        self._hidden = self._reception.is_telnet
        if self._hidden:
            self._voice.put(self._reception.hide() + self._voice.dialect.answer(Prompt(prompt), None))
        else:
            self._voice.answer(Prompt(prompt.rstrip(": ") + SHOWS))

    def take(self, line: bytes) -> None:
        """Take the line that is the answer."""
        then, self._then, self.waits = self._then, _forget, False
        if self._hidden:
            self._voice.put(self._reception.show())
        try:
            answer = typed(line).strip()
        except ChatError as error:
            self._voice.answer(error)
            answer = ""
        then(answer)


def _forget(_answer: str) -> None:
    """Do nothing with what nobody has asked for."""
