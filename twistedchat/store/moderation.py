"""What follows from an act of moderation: a sanction, and a line of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import structs

from twistedchat.chat.acts import (
    Banned,
    Claimed,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    MotdSet,
    Muted,
    Reloaded,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.events import Deleted, Entry
from twistedchat.chat.log import KnownSanction
from twistedchat.chat.sanctions import MASKS_MOST, Sanction
from twistedchat.store.rows import json_of

if TYPE_CHECKING:
    import sqlite3

    from twistedchat.store.pen import Pen

Audited: TypeAlias = (
    Deleted
    | Dropped
    | RoomRenamed
    | RoomSet
    | Granted
    | Kicked
    | Banned
    | Unbanned
    | Muted
    | Unmuted
    | Killed
    | Shouted
    | Claimed
    | Invited
    | MotdSet
    | Reloaded
)
"""The kinds that leave a line in the audit log."""

_audited_of = msgspec.json.Decoder(Audited).decode
_sanction_of = msgspec.json.Decoder(Sanction).decode


_BECOME = """
    UPDATE sanction SET sanction = json_insert(sanction, '$.masks[#]', ?2)
    WHERE EXISTS (SELECT 1 FROM json_each(sanction, '$.masks') WHERE value = ?1)
      AND NOT EXISTS (SELECT 1 FROM json_each(sanction, '$.masks') WHERE value = ?2)
      AND json_array_length(sanction, '$.masks') < ?3
"""


def recall_sanctions(db: sqlite3.Connection, at: int) -> tuple[KnownSanction, ...]:
    """Return the bans and mutes that hold at the time `at` (ms); the others are forgotten."""
    db.execute("DELETE FROM sanction WHERE until <> 0 AND until <= ?", (at,))
    rows = db.execute("SELECT stream, kind, sanction FROM sanction")
    return tuple(KnownSanction(stream, kind, _sanction_of(sanction)) for stream, kind, sanction in rows)


def last_audited(db: sqlite3.Connection, limit: int) -> list[Entry]:
    """Return the last acts of moderation, oldest first."""
    rows = db.execute("SELECT stream, at, by, event FROM audit ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
    return [Entry(_audited_of(event), stream, 0, 0, at, by) for stream, at, by, event in reversed(rows)]


class ModerationTables:
    """Sanctions and the audit log, as they follow from what happens."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def follow(self, entry: Entry) -> None:
        """Keep what follows from an event that is audited."""
        event = entry.event
        match event:
            case Banned():
                self._sanction("ban", event, entry)
            case Muted():
                self._sanction("mute", event, entry)
            case Unbanned(who=who):
                self._lift(entry.stream, "ban", who)
            case Unmuted(who=who):
                self._lift(entry.stream, "mute", who)
            case MotdSet(text=text):
                self._pen.write("INSERT OR REPLACE INTO meta VALUES ('motd', ?)", text)
            case Dropped(empty=True):
                return
            case RoomSet():  # neither the key nor who was in a private room is an admin's to read
                event = structs.replace(event, secret="", admits={})
        self._pen.write(
            "INSERT INTO audit (stream, at, by, event) VALUES (?, ?, ?, ?)",
            *(entry.stream, entry.at, entry.by, json_of(event)),
        )

    def become(self, old: str, new: str) -> None:
        """Have what hits the person `old` hit `new` as well, which is who they are now."""
        self._pen.write(_BECOME, old, new, MASKS_MOST)

    def _sanction(self, kind: str, event: Banned | Muted, entry: Entry) -> None:
        sanction = Sanction(event.who, event.masks, event.nick, entry.at, event.until, event.why)
        self._pen.write(
            "INSERT OR REPLACE INTO sanction (stream, kind, name, until, sanction) VALUES (?, ?, ?, ?, ?)",
            *(entry.stream, kind, event.who.casefold(), event.until, json_of(sanction)),
        )

    def _lift(self, stream: str, kind: str, who: str) -> None:
        self._pen.write(
            "DELETE FROM sanction WHERE stream = ? AND kind = ? AND name = ?", stream, kind, who.casefold()
        )
