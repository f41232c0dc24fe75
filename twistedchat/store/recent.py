"""What was said last, at hand in memory."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec import structs

from twistedchat.chat.events import Deleted, Edited, Entry
from twistedchat.store.messages import Message, removed_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Outcome

STREAMS = 1000
"""For how many streams; beyond that they are forgotten, and read from the disk when they are asked for again."""
RECENT = 256
"""How many of a stream's last entries are at hand, for those who come and those who catch up."""


class Recent:
    """The last entries of the streams that somebody has read, as the database has them."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[Entry]] = {}

    def page(self, stream: str, after: int, upto: int, limit: int) -> Sequence[Entry] | None:
        """Return what the log would read, or None where it is not at hand."""
        recent = self._entries.get(stream)
        if recent is None:
            while len(self._entries) >= STREAMS:
                del self._entries[next(iter(self._entries))]
            recent = self._entries[stream] = deque(maxlen=RECENT)
        if not recent or recent[0].seq > after + 1:
            return None
        last = min(upto, after + limit)
        return [entry for entry in recent if after < entry.seq <= last]

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Have at hand what was just committed."""
        for entry in outcomes:
            if type(entry) is Entry and entry.seq and (recent := self._entries.get(entry.stream)) is not None:
                recent.append(entry)
                if type(entry.event) is Deleted:
                    _remove(recent, entry.event.of)

    def forget(self, last: int, stream: str) -> int:
        """Have nothing at hand of what is forgotten of a stream, up to the seq `last`, and return that."""
        recent = self._entries.get(stream, ())
        while recent and recent[0].seq <= last:
            recent.popleft()
        return last


def _remove(recent: deque[Entry], of: int) -> None:
    """Have `Removed` in the place of a message, and of all that it was edited to."""
    for index, entry in enumerate(recent):
        event = entry.event
        if (entry.seq == of and isinstance(event, Message)) or (type(event) is Edited and event.of == of):
            recent[index] = structs.replace(entry, event=removed_of(event))
