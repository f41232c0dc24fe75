"""What follows from an event for people: their accounts, and the secrets that they can come back with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from twistedchat.chat.accounts import is_account
from twistedchat.chat.acts import Claimed, LoggedIn, LoggedOut, PasswordSet, Preferred, Registered
from twistedchat.chat.errors import BadLogin
from twistedchat.chat.events import Arrived, Away, Departed, Renamed
from twistedchat.chat.log import KnownAccount, KnownGuest
from twistedchat.chat.names import HOLD_SECONDS, claims
from twistedchat.chat.prefs import Prefs
from twistedchat.store.rows import json_of

if TYPE_CHECKING:
    import sqlite3

    from twistedchat.chat.events import Entry
    from twistedchat.store.memory import Memory
    from twistedchat.store.pen import Pen

HOUR = 3600 * 1000
GUEST_MS, MEMBER_MS = 48 * HOUR, 30 * 24 * HOUR
"""How long after they were seen last a guest and an account can come back with a secret."""

LEAP_MS = 2 * HOUR
"""Where nobody has come for so long, nobody can tell whether time went by or the clock was set."""

_prefs_of = msgspec.json.Decoder(Prefs).decode

_EXPIRE = """
    DELETE FROM secret WHERE here = '' AND seen < CASE substr(person, 1, 1) WHEN '@' THEN ? ELSE ? END
"""
_COME_WITH = """
    INSERT INTO secret (hash, person, nick, seen, here) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (hash) DO UPDATE SET nick = excluded.nick, seen = excluded.seen, here = excluded.here,
    person = CASE person WHEN excluded.person THEN person END
"""
"""A secret that is somebody else's breaks the constraint that it is somebody's."""
_HEARD = "INSERT OR REPLACE INTO heard (stream, person, seq) SELECT stream, ?, ? FROM room WHERE stream = ?"
"""Of rooms that are still there."""
_GUESTS = """
    SELECT person, nick, max(seen) FROM secret
    WHERE seen > ? AND nick <> '' AND substr(person, 1, 1) <> '@' GROUP BY person
"""


def recall_guests(db: sqlite3.Connection, at: int) -> tuple[KnownGuest, ...]:
    """Return whose names are held at the start; who was here when it ended left now, and the old are forgotten."""
    db.execute("UPDATE secret SET seen = ?, here = '' WHERE here <> ''", (at,))
    db.execute(_EXPIRE, (at - MEMBER_MS, at - GUEST_MS))
    return tuple(KnownGuest(*row) for row in db.execute(_GUESTS, (at - HOLD_SECONDS * 1000,)))


def recall_accounts(db: sqlite3.Connection) -> tuple[KnownAccount, ...]:
    """Return all accounts."""
    rows = db.execute("SELECT id, name, made, admin, seen, prefs FROM account ORDER BY made")
    return tuple(
        KnownAccount(id_, name, made, bool(admin), seen, _prefs_of(prefs))
        for id_, name, made, admin, seen, prefs in rows
    )


def know_accounts(pen: Pen, memory: Memory) -> None:
    """Have the memory know the names of accounts."""
    for id_, name in pen.all("SELECT id, name FROM account"):
        memory.give(claims(name), id_)


class AccountTables:
    """Accounts and secrets, as they follow from what happens."""

    follows = frozenset(
        {Arrived, Away, Claimed, Departed, LoggedIn, LoggedOut, PasswordSet, Preferred, Registered, Renamed}
    )

    def __init__(self, pen: Pen, memory: Memory) -> None:
        self._pen = pen
        self._memory = memory

    def refusal(self, event: Claimed, at: int) -> BadLogin | None:
        """Return why a one-time code is not good, if so."""
        row = self._pen.first("SELECT value FROM meta WHERE name = 'claim'")
        code_hash, _, until = row[0].partition(" ") if row else ("", "", "0")
        if not event.code_hash or code_hash != event.code_hash or at >= int(until):
            return BadLogin("That code is not right, or was used or is too old.")
        return None

    def follow(self, entry: Entry, last_id: int) -> None:  # noqa: C901 - a table
        """Keep what follows from the event; `last_id` is what has been given out by then."""
        match entry.event:
            case Arrived() as event:
                self._arrive(event, entry.at)
            case Departed() as event:
                self._depart(event, entry.at)
            case Renamed(to=nick) if is_account(entry.by):
                self._pen.write("UPDATE account SET name = ? WHERE id = ?", nick, entry.by)
            case Renamed(to=nick):
                self._pen.write("UPDATE secret SET nick = ? WHERE person = ?", nick, entry.by)
            case Registered() as event:
                self._pen.write(
                    "INSERT INTO account (id, name, hash, made, admin, seen) VALUES (?, ?, ?, ?, ?, ?)",
                    *(event.account, event.nick, event.hash, entry.at, event.admin, last_id),
                )
            case LoggedIn() as event:
                self._logged_in(event, entry.at)
            case LoggedOut(secret_hash=secret_hash):
                self._pen.write("DELETE FROM secret WHERE hash = ?", secret_hash)
                self._has_seen(entry.by, last_id)
            case PasswordSet() as event:
                self._pen.write("UPDATE account SET hash = ? WHERE id = ?", event.hash, event.account)
                self._pen.write("DELETE FROM secret WHERE person = ? AND hash <> ?", event.account, event.secret_hash)
            case Claimed(person=person):
                self._pen.write("DELETE FROM meta WHERE name = 'claim'")
                self._pen.write("UPDATE account SET admin = 1 WHERE id = ?", person)
            case Preferred() as event:
                self._prefer(event.account, event.prefs)
            case Away(why=why) if is_account(entry.by):
                self._be_away(entry.by, why)

    def _logged_in(self, event: LoggedIn, at: int) -> None:
        if event.admin:
            self._pen.write("UPDATE account SET admin = 1 WHERE id = ?", event.account)
        if event.secret_hash:
            self._pen.write(
                "INSERT OR REPLACE INTO secret (hash, person, nick, seen, here) VALUES (?, ?, ?, ?, ?)",
                *(event.secret_hash, event.account, event.to, at, event.session),
            )

    def _arrive(self, event: Arrived, at: int) -> None:
        if event.secret_hash:
            self._pen.write(_COME_WITH, event.secret_hash, event.person, event.nick, at, event.session)
            self._expire(at)

    def _expire(self, at: int) -> None:
        """Forget old secrets once an hour; an hour later where the clock may have leapt: all can come back."""
        memory, since = self._memory, at - self._memory.expired_at
        if since > HOUR:
            memory.expired_at, memory.leapt = at, since > LEAP_MS and not memory.leapt
            if not memory.leapt:
                self._pen.write(_EXPIRE, at - MEMBER_MS, at - GUEST_MS)

    def _depart(self, event: Departed, at: int) -> None:
        if is_account(event.person):
            self._has_seen(event.person, event.seen)
        for stream, seq in event.heard.items():
            self._pen.write(_HEARD, event.person, seq, stream)
        if event.returns or event.held:
            self._pen.write(
                "UPDATE secret SET seen = ?, here = '', nick = CASE WHEN ? THEN nick ELSE '' END"
                " WHERE person = ? AND here = ?",
                *(at, event.held, event.person, event.session),
            )

    def _has_seen(self, account: str, last: int) -> None:
        """Know that they have been told of everything up to that id."""
        self._pen.write("UPDATE account SET seen = ?1 WHERE id = ?2 AND seen < ?1", last, account)
        self._pen.write("DELETE FROM mail WHERE person = ? AND id <= ?", account, last)

    def _prefer(self, account: str, prefs: Prefs) -> None:
        self._pen.write("UPDATE account SET prefs = ? WHERE id = ?", json_of(prefs), account)

    def _be_away(self, account: str, why: str) -> None:
        row = self._pen.first("SELECT prefs FROM account WHERE id = ?", account)
        if row:
            self._prefer(account, structs.replace(_prefs_of(row[0]), away=why))
