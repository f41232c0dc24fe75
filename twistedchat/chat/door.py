"""What the chat asks of a way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from twistedchat.chat.chat import News
    from twistedchat.chat.session import Session


class Door(Protocol):
    """It tells its own people what is new."""

    def broadcast(self, news: News) -> None:
        """Tell the people of this door; never raises, never blocks, never calls the chat."""
        ...

    def dismiss(self, session: Session) -> None:
        """End this visit if it is one of this door's: its owner has come back elsewhere."""
        ...
