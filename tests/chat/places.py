"""Rooms as the plan has them: what was said in each, and who could have heard it when it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from twistedchat.chat import events

if TYPE_CHECKING:
    from twistedchat.chat.acts import RoomSet
    from twistedchat.chat.events import Entry

KEEPS = {"off": -1, "forever": 0, "30s": 30_000, "5m": 300_000}


class Ban(NamedTuple):
    """Whom a ban hits, from when and until when."""

    masks: tuple[str, ...]
    at: int
    until: int


class Line:
    """One entry of a room: what it says now, what is found of it, and who could have heard it.

    `everybody` could while the room was open, and else those who were let in at the time, the `readers`.
    """

    def __init__(self, entry: Entry, readers: set[str], *, everybody: bool) -> None:
        self.seq, self.id, self.at, self.by = entry.seq, entry.id, entry.at, entry.by
        self.said = isinstance(entry.event, events.Said | events.Emoted)
        self.edits = entry.event.of if isinstance(entry.event, events.Edited) else 0
        self.text: str = getattr(entry.event, "text", "")
        self.found = self.text if self.said else ""
        self.readers = readers
        self.everybody = everybody

    def take_back(self) -> None:
        self.text = self.found = ""


class Place:
    """A room: who is inside by which sessions, who is let in since which opening, and what was said."""

    def __init__(self, name: str, owner: str = "") -> None:
        self.name = name
        self.join, self.key, self.guests, self.keep = "open", "", "default", 0
        self.roles = {owner: "owner"} if owner else {}
        self.inside: set[str] = set()
        self.let_in: dict[str, int] = {}
        self.openings = 0
        self.bans: dict[str, Ban] = {}
        self.lines: list[Line] = []

    @property
    def private(self) -> bool:
        return self.join != "open"

    def hear(self, entry: Entry) -> None:
        """Have one more entry."""
        self.lines.append(Line(entry, set(self.let_in), everybody=not self.private))

    def admit(self, person: str) -> None:
        self.let_in.setdefault(person, self.openings)

    def lose(self, person: str) -> None:
        """Have the person let in no more, and able to read nothing of what was private."""
        self.let_in.pop(person, None)
        for line in self.lines:
            line.readers.discard(person)

    def close(self, staying: set[str]) -> None:
        """Be private from now on, for those who are inside or something here."""
        for person, opening in list(self.let_in.items()):
            if opening < self.openings and person not in staying:
                self.lose(person)
        for line in self.lines:
            if line.everybody:
                line.readers |= staying
                line.everybody = False
        for person in staying:
            self.admit(person)

    def become(self, guest: str, account: str) -> None:
        """Have what is a guest's be the account's."""
        if guest in self.roles:
            self.roles[account] = self.roles.pop(guest)
        if guest in self.let_in and account not in self.let_in:
            self.let_in[account] = self.let_in[guest]
            for line in self.lines:
                line.readers |= {account} if guest in line.readers else set()
        self.lose(guest)

    def correct(self, event: events.Edited, by: str) -> None:
        """Have a message found by its new words, which only its author may give it."""
        for line in self.lines:
            if line.seq == event.of:
                assert line.said, "something else than a message was edited"
                assert line.by == by, "somebody edited another's words"
                line.found = event.text if line.text else ""

    def take_back(self, of: int) -> None:
        for line in self.lines:
            if of in {line.seq, line.edits}:
                line.take_back()

    def change(self, event: RoomSet, staying: set[str]) -> None:
        """Have a setting be another; those of `staying` are inside, or are something here."""
        before = self.private
        match event.name:
            case "key":
                self.join, self.key = "key", event.secret
            case "join":
                self.join = event.value
            case "guests":
                self.guests = event.value
            case "keep":
                if self.keep < 0 <= KEEPS[event.value]:
                    self.lines.clear()
                self.keep = KEEPS[event.value]
        if self.private and not before:
            self.close(staying)
        if before and not self.private:
            self.openings += 1

    def retain(self, at: int) -> None:
        """Forget what is kept no longer at that time."""
        if self.keep:
            self.lines = [line for line in self.lines if line.at >= at - max(self.keep, 0)]
