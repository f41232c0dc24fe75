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
    from twistedchat.doors.line import ChatProtocol

SHOWS = " (it shows on your screen): "
"""What netcat's people are told: only their terminal could hide it, and nobody can tell it to."""
READABLE = (
    "Passwords are not taken here: what you type can be read on the way."
    " Use TLS (openssl s_client) or tcpchat-client."
)
NOT_FROM_HERE = "This client cannot be asked for a password: use nc, telnet or tcpchat-client."


def check_asking(connection: ChatProtocol) -> None:
    """Raise `NotAllowed` where a person cannot be asked: whose line is not confidential is asked for nothing."""
    if connection.reception.peer is Peer.TUTORIAL:
        raise NotAllowed(NOT_FROM_HERE)
    if not connection.confidential:
        raise NotAllowed(READABLE)


def ask(connection: ChatProtocol, prompt: str, then: Callable[[str], None], ref: Ref | None = None) -> None:
    """Ask, and call `then` with what is typed, "" for nothing; raise `NotAllowed` where that cannot be.

    A program is told that it has to ask its user.
    """
    if connection.reception.peer is Peer.PROGRAM:
        connection.voice.answer(Prompt(prompt), ref)
        return
    check_asking(connection)
    connection.question = Question(connection, then)
    connection.question.put(prompt)


class Question:
    """The question that one peer has yet to answer: while there is one, the next line is the answer.

    The answer is no command, is shown to nobody and is not logged. A telnet is made
    to hide it on its own screen as well.
    """

    __slots__ = ("_connection", "_hidden", "_then")

    def __init__(self, connection: ChatProtocol, then: Callable[[str], None]) -> None:
        self._connection = connection
        self._then = then
        self._hidden = connection.reception.is_telnet

    def put(self, prompt: str) -> None:
        """Put it to the peer."""
        voice, reception = self._connection.voice, self._connection.reception
        if self._hidden:
            voice.put(reception.hide() + voice.dialect.answer(Prompt(prompt), None))
        else:
            voice.answer(Prompt(prompt.rstrip(": ") + SHOWS))

    def take(self, line: bytes) -> None:
        """Take the line that is the answer."""
        connection = self._connection
        connection.question = None
        if self._hidden:
            connection.voice.put(connection.reception.show())
        try:
            answer = typed(line).strip()
        except ChatError as error:
            connection.voice.answer(error)
            answer = ""
        self._then(answer)
