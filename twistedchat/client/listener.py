"""What whoever uses a session is told."""

from typing import Protocol

from twistedchat.client import wire
from twistedchat.client.exits import FatalError


class Listener(Protocol):
    """A person's screen, a pipe, a bot: told what happens to a session."""

    def entered(self, room: wire.Ok) -> None:
        """Hear that a room was joined for the first time; its replay follows."""

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        """Hear what happens; what is kept comes once, in its room's order."""

    def live(self, room: str) -> None:
        """Hear that a room's replay is complete."""

    def displaced(self, room: str, *, anew: bool) -> None:
        """Hear that a room is gone; ``anew``: there is another one of its name, which has been joined."""

    def put_out(self, room: str) -> None:
        """Hear that we are in a room no more, for somebody has put us out of it, or it is gone."""

    def preferred(self, prefs: wire.Prefs) -> None:
        """Hear how this person wants to be told things from now on."""

    def refused(self, error: wire.Error) -> None:
        """Hear a refusal that answers none of the requests made here."""

    def lost(self) -> None:
        """Hear that the connection broke; the session tries to come back."""

    def retrying(self, delay: float) -> None:
        """Hear in how many seconds that will be."""

    def back(self, missing: str) -> None:
        """Hear that all is caught up and answered; ``missing``: the code of why not all of it, or empty."""

    def ended(self, why: FatalError | None) -> None:
        """Hear that nothing will come any more; None if there was a goodbye."""
