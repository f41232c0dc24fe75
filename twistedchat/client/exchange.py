"""Requests and their answers, on whichever connection stands."""

from collections.abc import Callable
from typing import Protocol as Shape

from twistedchat.client import wire


class RefusedError(Exception):
    """The server refused one request; surely nothing of it was stored, unless ``code`` is `wire.BAD_ANSWER`."""

    def __init__(self, error: wire.Error) -> None:
        super().__init__(error.text or error.code)
        self.code = error.code
        self.words = error.text or error.code
        self.suggest = error.suggest


class GivenUpError(Exception):
    """A request is not repeated any more: its room is not there, or it is nothing that may be done twice.

    ``sent``: it has been sent without an answer, so that it may have been stored or done.
    """

    def __init__(self, words: str = "its room is gone.", *, sent: bool) -> None:
        super().__init__(f"not known to be stored: {words}" if sent else words)
        self.sent = sent


class Connection(Shape):
    """What a session needs of a connection."""

    def send(self, request: wire.Request) -> None:
        """Write one request."""

    def drop(self) -> None:
        """Close at once; nothing that still comes is heard."""


Answered = Callable[[wire.Reply], None]


class Exchange:
    """Gives each request a ``ref`` and each reply to whoever asked.

    What is unanswered when a connection breaks is forgotten here: whoever needs
    an answer asks again.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._asked: dict[int, Answered] = {}
        self._ref = 0

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def attach(self, connection: Connection) -> None:
        """Use this connection from now on."""
        self._connection = connection
        self._asked.clear()

    def detach(self, connection: Connection) -> bool:
        """Use no connection, unless another one than this is in use: then False."""
        if connection is not self._connection:
            return False
        self._connection = None
        self._asked.clear()
        return True

    def tell(self, request: wire.Request) -> None:
        """Send what needs no answer, if there is a connection."""
        if self._connection is not None:
            self._connection.send(request)

    def ask(self, request: wire.Request, answered: Answered) -> None:
        """Send a request, if there is a connection; its one reply goes to ``answered``."""
        if self._connection is None:
            return
        self._ref += 1
        self._asked[self._ref] = answered
        self._connection.send({**request, "ref": self._ref})

    def answer(self, reply: wire.Reply) -> bool:
        """Hand a reply to whoever asked; False if nobody did."""
        answered = self._asked.pop(reply.ref, None) if reply.ref is not None else None
        if answered is None:
            return False
        answered(reply)
        return True

    def drop(self) -> None:
        """Close the connection at once, if there is one."""
        if self._connection is not None:
            self._connection.drop()
