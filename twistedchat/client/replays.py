"""What was said before, gathered until all of it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twistedchat.client.render import Line


class Replays:
    """The last lines of rooms that have just been joined, each room's together between two marks."""

    def __init__(self) -> None:
        self._gathered: dict[str, list[list[Line]]] = {}

    def begin(self, room: str) -> None:
        """Gather what was said in a room."""
        self._gathered[room] = []

    def take(self, room: str, message: list[Line]) -> bool:
        """Keep a message, of one line or more, if the room's are gathered."""
        gathered = self._gathered.get(room)
        if gathered is None:
            return False
        gathered.append(message)
        return True

    def end(self, room: str) -> list[Line]:
        """Return what was gathered, with a mark before and after it if there is anything."""
        messages = self._gathered.pop(room, [])
        if not messages:
            return []
        lines = [line for message in messages for line in message]
        return [[("class:dim", f"-- last {len(messages)} --")], *lines, [("class:dim", "-- now --")]]
