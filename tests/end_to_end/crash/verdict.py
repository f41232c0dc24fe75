"""What was told is held against the history that is there in the end."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from tests.end_to_end.crash.book import Witness, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.end_to_end.crash.book import Book, Event, Listener, Message, Place

    History: TypeAlias = Mapping[str, Sequence[Event]]


class Verdict:
    """Adds to the book's findings whatever does not agree with the history, which is what a cold reader was told."""

    def __init__(self, book: Book, history: History) -> None:
        self._book = book
        self._add = book.findings.add
        self._history = history
        self._by_seq = {event.place[:2]: event for events in history.values() for event in events}
        self._places: dict[str, Place] = {}

    def find(self) -> None:
        for events in self._history.values():
            for event in events:
                self._find_stored(event)
            self._find_running_backwards(events)
        for message in self._book.sent.values():
            self._find_told(message)
        for event in (*self._book.shown.values(), *self._book.otherwise):
            self._find_shown(event)
        self._find_unfair()
        self._find_holes()
        for listener in self._book.listeners:
            self._find_heard(listener)
        for witness in self._book.witnesses:
            head = self._history[witness.room][-1].place.seq if self._history[witness.room] else 0
            if missed := witness.misses(head):
                holes = sorted(witness.holes)[:5]
                self._add("missed", f"{witness.who} in {witness.room}, of {head}: {holes}", missed)

    def _find_stored(self, event: Event) -> None:
        token = token_of(event.text)
        message = self._book.sent.get(token)
        if message is None or (message.room, message.text) != (event.place.room, event.text):
            self._add("altered", f"stored, and not so sent: {event}")
        elif event.nick not in self._book.nicks[message.writer]:
            self._add("altered", f"stored under another name than {message.writer}'s: {event}")
        if token in self._places:
            self._add("duplicated", f"{token} at {self._places[token]} and {event.place}")
        self._places.setdefault(token, event.place)

    def _find_running_backwards(self, events: Sequence[Event]) -> None:
        for earlier, later in pairwise(event.place for event in events):
            if later.id <= earlier.id or later.at < earlier.at:
                self._add("disorder", f"the history has {later} after {earlier}")

    def _find_told(self, message: Message) -> None:
        place = self._places.get(message.token)
        if message.ack is not None and place is None:
            self._add("lost", f"{message.token}, acknowledged at {message.ack}")
        elif message.ack is not None and place != message.ack:
            self._add("altered", f"{message.token} was acknowledged at {message.ack} and stands at {place}")
        elif message.refused and place is not None:
            self._add("phantom", f"{message.token} was refused and stands at {place}")

    def _find_shown(self, event: Event) -> None:
        stored = self._by_seq.get(event.place[:2])
        place = self._places.get(token_of(event.text))
        if stored == event:
            return
        if place is None:
            self._add("phantom", f"shown: {event}")
        elif stored is None or token_of(stored.text) != token_of(event.text):
            self._add("disorder", f"shown at {event.place}, and stands at {place}")
        else:
            self._add("altered", f"shown otherwise than it is stored: {event}")

    def _find_unfair(self) -> None:
        stored: dict[str, list[int]] = defaultdict(list)
        for message in self._book.sent.values():
            if message.token in self._places:
                stored[message.writer].append(self._places[message.token].id)
        for writer, ids in stored.items():
            for earlier, later in pairwise(ids):
                if later < earlier:
                    self._add("unfair", f"{writer}'s {later} was sent after {earlier}")

    def _find_holes(self) -> None:
        """Find what a person typed that is not there though what they typed later is, and nothing was refused."""
        lines: dict[str, list[bool]] = defaultdict(list)
        for message in self._book.sent.values():
            if message.line and not (message.line in self._book.deaf and self._book.traffic["refused"]):
                lines[message.line].append(message.token in self._places)
        for line, stored in lines.items():
            while stored and not stored[-1]:
                stored.pop()
            holes = stored.count(False) - self._book.refusals[line]
            if holes > 0:
                self._add("lost", f"{holes} of what {line} typed", holes)

    def _find_heard(self, listener: Listener) -> None:
        """Find what one person saw twice, not at all, or in another order than that of the history."""
        rooms: dict[str, Witness] = {}
        for message in listener.heard:
            place = self._places.get(message.token)
            if place is None:
                self._add("phantom", f"{listener.nick} saw {message.token}")
                continue
            if place.room not in rooms:
                rooms[place.room] = Witness(listener.nick, place.room, self._book.findings, place.seq - 1)
            rooms[place.room].sees(place.seq)
        for witness in rooms.values():
            missed = [seq for seq in witness.holes if not self._is_own(listener, witness.room, seq)]
            if missed:
                self._add("missed", f"{listener.nick} did not see {witness.room} {missed[:5]}", len(missed))

    def _is_own(self, listener: Listener, room: str, seq: int) -> bool:
        """Tell whether a person typed it on this connection, which is why they are not told."""
        event = self._by_seq.get((room, seq))
        message = event and self._book.sent.get(token_of(event.text))
        return bool(message and message.line == listener.nick)
