"""What follows from an event for a room: its name, its settings, who is what in it and who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from twistedchat.chat.accounts import is_account
from twistedchat.chat.acts import (
    Banned,
    Dropped,
    Granted,
    Invited,
    Kicked,
    LoggedIn,
    Opened,
    RoomRenamed,
    RoomSet,
)
from twistedchat.chat.errors import BadUsage, ChatError, NoRoom
from twistedchat.chat.events import Joined, Left, TopicSet
from twistedchat.chat.log import KnownRoom
from twistedchat.chat.settings import RoomSettings
from twistedchat.chat.text import likenesses
from twistedchat.store.memory import ROOM
from twistedchat.store.rows import json_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from twistedchat.chat.events import Entry
    from twistedchat.store.memory import Memory
    from twistedchat.store.pen import Pen

_settings_of = msgspec.json.Decoder(RoomSettings).decode

_ROLES_ALONG = """
    INSERT INTO role (stream, person, role) SELECT stream, ?, role FROM role WHERE person = ?
    ON CONFLICT (stream, person) DO UPDATE SET role = excluded.role
"""
_FORGET = """
    DELETE FROM role WHERE stream NOT IN (SELECT stream FROM room);
    DELETE FROM admitted WHERE stream NOT IN (SELECT stream FROM room);
    DELETE FROM heard WHERE stream NOT IN (SELECT stream FROM room);
    DELETE FROM sanction WHERE stream <> '' AND stream NOT IN (SELECT stream FROM room);
    DELETE FROM role WHERE substr(person, 1, 1) <> '@' AND person NOT IN (SELECT person FROM secret);
    DELETE FROM admitted WHERE substr(person, 1, 1) <> '@' AND person NOT IN (SELECT person FROM secret);
"""
"""Nobody is found in a room that is gone, nor a guest who cannot come back."""


_NO_LATER = "UPDATE admitted SET since = min(since, ?) WHERE stream = ? AND person = ?"


def recall_rooms(db: sqlite3.Connection) -> tuple[KnownRoom, ...]:
    """Return the rooms as they were left, without those that were to go, which are forgotten."""
    db.execute("DELETE FROM room WHERE temporary")
    for statement in _FORGET.split(";"):
        db.execute(statement)
    roles: dict[str, dict[str, str]] = {}
    for stream, person, role in db.execute("SELECT stream, person, role FROM role ORDER BY number"):
        roles.setdefault(stream, {})[person] = role
    admitted: dict[str, dict[str, int]] = {}
    for stream, person, since in db.execute("SELECT stream, person, since FROM admitted"):
        admitted.setdefault(stream, {})[person] = since
    heard: dict[str, dict[str, int]] = {}
    for stream, person, seq in db.execute("SELECT stream, person, seq FROM heard"):
        heard.setdefault(stream, {})[person] = seq
    rooms = db.execute(
        "SELECT r.stream, r.name, s.head, r.topic, r.settings, r.opened, r.expired"
        " FROM room r JOIN stream s ON s.name = r.stream"
    )
    return tuple(
        KnownRoom(
            stream,
            name,
            head,
            topic,
            _settings_of(settings),
            roles.get(stream, {}),
            admitted.get(stream, {}),
            opened,
            expired,
            heard.get(stream, {}),
        )
        for stream, name, head, topic, settings, opened, expired in rooms
    )


def room_claims(name: str) -> Iterable[str]:
    """Return under which claims a room of that name is known."""
    return [ROOM + form for form in likenesses(name)]


def know_rooms(pen: Pen, memory: Memory) -> None:
    """Have the memory know the names of rooms that will be there, and which of them are private."""
    for stream, name, settings in pen.all("SELECT stream, name, settings FROM room WHERE NOT temporary"):
        memory.give(room_claims(name), stream)
        memory.know_private(stream, _how_private(_settings_of(settings)))
    for (stream,) in pen.all("SELECT DISTINCT stream FROM admitted"):
        memory.know_admission(stream)


class RoomTables:
    """Rooms, roles and admissions, as they follow from what happens; `head_of` tells a stream's last `seq`."""

    follows = frozenset(
        {Banned, Dropped, Granted, Invited, Joined, Kicked, Left, LoggedIn, Opened, RoomRenamed, RoomSet, TopicSet}
    )

    def __init__(self, pen: Pen, memory: Memory, head_of: Callable[[str], int]) -> None:
        self._pen = pen
        self._memory = memory
        self._head_of = head_of

    def refusal(self, event: RoomSet, stream: str) -> ChatError | None:
        """Return why a setting cannot be that, if so."""
        try:
            self._changed(event, stream)
        except (BadUsage, NoRoom) as error:
            return error
        return None

    def follow(self, entry: Entry) -> None:  # noqa: C901 - a table
        """Keep what follows from the event."""
        stream = entry.stream
        match entry.event:
            case TopicSet(text=topic):
                self._pen.write("UPDATE room SET topic = ? WHERE stream = ?", topic, stream)
            case Joined() if stream in self._memory.private:
                self._admit(stream, entry.by, self._head_of(stream))
            case Left(session=session, stays=False):
                self._leave(stream, entry.by, parts=bool(session))
            case Opened() as event:
                self._open(event, stream)
            case Dropped():
                self._drop(stream)
            case RoomRenamed(to=name):
                self._pen.write("UPDATE room SET name = ? WHERE stream = ?", name, stream)
            case RoomSet() as event:
                self._set(event, stream, entry.seq)
            case Invited(person=person) if stream in self._memory.private:
                self._admit(stream, person, self._head_of(stream))
            case Granted() as event:
                self._grant(stream, event.account, event.role)
            case Kicked(person=person):
                self._put_out(stream, (person,))
            case Banned(masks=masks):
                self._put_out(stream, masks)
            case LoggedIn(guest=guest, account=account):
                self._bring_along(guest, account)

    def _open(self, event: Opened, stream: str) -> None:
        self._pen.write(
            "INSERT INTO room (stream, name, temporary) VALUES (?, ?, ?)", stream, event.name, event.temporary
        )
        if event.owner:
            self._grant(stream, event.owner, "owner")

    def _drop(self, stream: str) -> None:
        named = self._pen.first("SELECT name FROM room WHERE stream = ?", stream)
        for table in ("room", "role", "admitted", "heard", "sanction"):
            self._pen.write(f"DELETE FROM {table} WHERE stream = ?", stream)  # noqa: S608 - one of these five
        if named:
            self._memory.take(room_claims(named[0]), stream)
        self._memory.know_private(stream, "")

    def _changed(self, event: RoomSet, stream: str) -> tuple[RoomSettings, RoomSettings]:
        """Return the room's settings as they are, and as they will be; raise `BadUsage` or `NoRoom`."""
        row = self._pen.first("SELECT settings FROM room WHERE stream = ?", stream)
        if not row:
            raise NoRoom("That room is gone.")
        before = _settings_of(row[0])
        return before, before.changed(event.name, event.secret or event.value)

    def _set(self, event: RoomSet, stream: str, seq: int) -> None:
        before, after = self._changed(event, stream)
        self._pen.write("UPDATE room SET settings = ? WHERE stream = ?", json_of(after), stream)
        self._memory.know_private(stream, _how_private(after))
        for person, since in event.admits.items() if not before.private else ():
            self._admit(stream, person, since)
            self._pen.write(_NO_LATER, since, stream, person)
        if before.private and not after.private:
            self._pen.write("UPDATE room SET opened = ? WHERE stream = ?", seq, stream)
        if before.keep < 0 <= after.keep:
            self._pen.write("UPDATE room SET expired = ? WHERE stream = ?", seq, stream)

    def _admit(self, stream: str, person: str, since: int) -> None:
        self._pen.write("INSERT OR IGNORE INTO admitted VALUES (?, ?, ?)", stream, person, since)
        self._memory.know_admission(stream)

    def _leave(self, stream: str, person: str, *, parts: bool) -> None:
        """Let them in no more, unless they are something in the room; it is not theirs any more if they part."""
        if parts and is_account(person):
            self._pen.write("DELETE FROM heard WHERE stream = ? AND person = ?", stream, person)
        if stream not in self._memory.admitting:
            return
        self._pen.write(
            "DELETE FROM admitted WHERE stream = ?1 AND person = ?2"
            " AND NOT EXISTS (SELECT 1 FROM role WHERE stream = ?1 AND person = ?2)",
            stream,
            person,
        )

    def _put_out(self, stream: str, persons: Iterable[str]) -> None:
        for person in persons:
            self._pen.write("DELETE FROM admitted WHERE stream = ? AND person = ?", stream, person)
            self._pen.write("DELETE FROM heard WHERE stream = ? AND person = ?", stream, person)

    def _grant(self, stream: str, person: str, role: str) -> None:
        self._pen.write("DELETE FROM role WHERE stream = ? AND person = ?", stream, person)
        if role:
            self._pen.write("INSERT INTO role (stream, person, role) VALUES (?, ?, ?)", stream, person, role)

    def _bring_along(self, guest: str, account: str) -> None:
        """Have a guest's rooms be the account's, for good; what it has itself in one of them stays."""
        self._pen.write(
            "UPDATE room SET temporary = 0 WHERE temporary AND stream IN (SELECT stream FROM role WHERE person = ?)",
            guest,
        )
        self._pen.write(_ROLES_ALONG, account, guest)
        self._pen.write("DELETE FROM role WHERE person = ?", guest)
        self._pen.write("UPDATE OR IGNORE admitted SET person = ? WHERE person = ?", account, guest)
        self._pen.write("DELETE FROM admitted WHERE person = ?", guest)


def _how_private(settings: RoomSettings) -> str:
    return settings.join if settings.private else ""
