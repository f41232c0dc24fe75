"""What follows from an event for messages: they say something else, are removed, wait for somebody, are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from twistedchat.chat.accounts import is_account
from twistedchat.chat.conversations import persons_of
from twistedchat.chat.errors import NotFound
from twistedchat.chat.events import Deleted, Direct, Edited, Emoted, Removed, Said
from twistedchat.store.rows import SEQ_MOST, event_of, json_of, place_of
from twistedchat.store.words import indexed

if TYPE_CHECKING:
    from twistedchat.chat.acts import Kept
    from twistedchat.chat.events import Entry
    from twistedchat.store.pen import Pen

Message: TypeAlias = Said | Emoted | Direct

_ROW = "SELECT id, event FROM entry WHERE place = ?"
_LAST_EDIT = "SELECT event FROM entry WHERE place = (SELECT max(place) FROM edit WHERE original = ?)"
_INDEX = "INSERT INTO words (rowid, text, nick, room) VALUES (?, ?, ?, ?)"
_UNINDEX = "INSERT INTO words (words, rowid, text, nick, room) VALUES ('delete', ?, ?, ?, ?)"


def room_token(number: int) -> str:
    """Return the word in the index by which the messages of a stream are known."""
    return f"s{number}"


class Index:
    """What is found by its words: each message, with the text of its last edit."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def says(self, place: int, message: Message) -> str:
        """Return what the message at that place says by now."""
        row = self._pen.first(_LAST_EDIT, place)
        edited = event_of(row[0]) if row else message
        return edited.text if isinstance(edited, Edited) else message.text

    def put(self, number: int, id_: int, place: int, message: Message, text: str) -> None:
        """Have the message found by that text; `number` is that of its stream."""
        self._pen.write("INSERT INTO found (id, place) VALUES (?, ?)", id_, place)
        self._pen.write(_INDEX, id_, indexed(text), indexed(message.nick), room_token(number))

    def take(self, number: int, id_: int, place: int, event: Kept) -> bool:
        """Have the message found no more; return whether it was."""
        if not isinstance(event, Message) or not self._pen.write("DELETE FROM found WHERE id = ?", id_):
            return False
        text = self.says(place, event)
        self._pen.write(_UNINDEX, id_, indexed(text), indexed(event.nick), room_token(number))
        return True


class MessageTables:
    """What was said, as it is changed by what happens; and private messages that wait for their reader."""

    follows = frozenset({Deleted, Direct, Edited})

    def __init__(self, pen: Pen, index: Index) -> None:
        self._pen = pen
        self._index = index

    def refusal(self, event: Edited | Deleted, number: int) -> NotFound | None:
        """Return why a message cannot be edited or deleted, if so: it was never there, or is no more."""
        row = self._pen.first(_ROW, place_of(number, event.of)) if 0 < event.of <= SEQ_MOST else None
        if row and isinstance(event_of(row[1]), Message):
            return None
        return NotFound("That message is not there any more.")

    def follow(self, entry: Entry, number: int) -> None:
        """Keep what follows from the event; `number` is that of its stream."""
        match entry.event:
            case Direct():
                self._wait(entry, place_of(number, entry.seq))
            case Edited(of=of, text=text):
                self._edit(number, place_of(number, of), place_of(number, entry.seq), text)
            case Deleted(of=of):
                self._delete(number, place_of(number, of))

    def _wait(self, entry: Entry, place: int) -> None:
        """Have the message wait for the other of the two, where that is an account."""
        for person in persons_of(entry.stream):
            if person != entry.by and is_account(person):
                self._pen.write("INSERT OR REPLACE INTO mail VALUES (?, ?, ?)", person, entry.id, place)

    def _edit(self, number: int, original: int, place: int, text: str) -> None:
        row = self._pen.first(_ROW, original)
        if row:
            id_, event = row[0], event_of(row[1])
            if self._index.take(number, id_, original, event) and isinstance(event, Message):
                self._index.put(number, id_, original, event, text)
        self._pen.write("INSERT INTO edit VALUES (?, ?)", original, place)

    def _delete(self, number: int, original: int) -> None:
        """Put `Removed` in the place of the message and of all that it was edited to."""
        edits = self._pen.all("SELECT place FROM edit WHERE original = ?", original)
        row = self._pen.first(_ROW, original)
        if row:
            event = event_of(row[1])
            self._index.take(number, row[0], original, event)
            if isinstance(event, Direct):
                self._pen.write("DELETE FROM mail WHERE id = ?", row[0])
        for place in (original, *(edit[0] for edit in edits)):
            row = self._pen.first(_ROW, place)
            if row:
                removed = json_of(removed_of(event_of(row[1])))
                self._pen.write("UPDATE entry SET event = ? WHERE place = ?", removed, place)
        self._pen.write("DELETE FROM edit WHERE original = ?", original)


def removed_of(event: Kept) -> Removed:
    """Return what stands where that event stood."""
    return Removed(event.nick, edit=isinstance(event, Edited))
