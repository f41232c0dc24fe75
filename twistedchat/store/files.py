"""Opening a database: whose it is, whether it is sound, and bringing it up to date."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from twistedchat.store.errors import InUse, NotWritable, StoreError
from twistedchat.store.rows import decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APPLICATION_ID = 0x74637063  # "tcpc": what `file` and SQLite know our databases by
DATABASE = "tcpchat.db"
PRIVATE = 0o077
"""What nobody but the owner may do with our files: private messages are in them."""
SYNCHRONOUS = {"power": "FULL", "process": "NORMAL"}
CHECKPOINT_PAGES = 2000
"""Pages of the WAL (8 MB) after which a commit brings them into the database; with half as many it costs twice."""
CHECKED_WHOLE = 256 * 1024 * 1024
"""Bytes up to which a database is checked page by page at the start: about a second."""

_CONTENT = """
    SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
    FROM pragma_application_id, pragma_user_version
"""


class Lock:
    """The right to be the only daemon on a database, for as long as the object lives.

    It is a lock on a file of its own: to open and close the database itself a
    second time in one process would drop the locks that SQLite holds on it.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + "-lock")
        os.umask(PRIVATE)
        try:
            self._file = path.open("a")
        except OSError as error:
            raise NotWritable(f"cannot write {database.name} in {database.parent}: use --data DIR") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise InUse(f"{database} is in use by another tcpchat: stop it, or use --data DIR") from None

    def release(self) -> None:
        """Let another daemon have it."""
        self._file.close()


def scripts() -> Sequence[str]:
    """Return the schema's steps, first to last; the number of steps is its version."""
    folder = resources.files("twistedchat.store") / "schema"
    return [step.read_text() for step in sorted(folder.iterdir(), key=lambda step: step.name)]


def connect(path: Path, durability: str, patience: float) -> sqlite3.Connection:
    """Return the connection that writes; `patience` is for how many seconds it waits for another's lock."""
    db = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={SYNCHRONOUS[durability]}")
    db.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    db.execute("PRAGMA secure_delete=FAST")  # what was taken back is not to be found in the file
    return db


def prepare(path: Path, epoch: str) -> bool:
    """Make the database ready and return whether it is new; raise `StoreError` where that cannot be.

    Nothing is changed where it is damaged, newer than this program or not ours.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path} is read-only: give yourself the right to write it, or use --data DIR")
    new = not path.exists() or path.stat().st_size == 0
    try:
        if not new:
            new = _check(path)
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as db:
            _migrate(db, path, epoch)
        if new:
            _sync(path.parent)
    except sqlite3.OperationalError as error:
        raise _unusable(path, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error
    except UnicodeDecodeError as error:  # SQLite quotes what it cannot read, and Python cannot read the quotation
        raise _damaged(path, "malformed database schema") from error
    except OSError as error:
        raise StoreError(f"cannot use {path}: {error.strerror}") from error
    path.chmod(0o600)
    return new


def _check(path: Path) -> bool:
    """Raise `StoreError` where it cannot be used; return whether nothing is in it, as after a first start cut short.

    A connection that only reads leaves what waits in the -wal where it is. But it cannot
    take back what a first start had half written when it was cut short.
    """
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, timeout=1, isolation_level=None, uri=True)) as db:
        application, version, tables = db.execute(_CONTENT).fetchone()
        if not (application or version or tables):
            return True
        if application != APPLICATION_ID:
            raise StoreError(f"{path} is not a database of tcpchat's: use --data DIR")
        if version > len(scripts()):
            raise StoreError(
                f"{path} was written by a newer tcpchat (schema {version}, this one knows {len(scripts())}): "
                "install that version again"
            )
        if path.stat().st_size <= CHECKED_WHOLE:
            verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok" or (verdict := _unreadable(db)):
                raise _damaged(path, verdict)
    return False


def _unreadable(db: sqlite3.Connection) -> str:
    """Return which message is the first that cannot be read, or ""; SQLite looks at what is around them only."""
    db.text_factory = bytes
    for _, number, _, by, cid, event in db.execute("SELECT place, id, at, by, cid, event FROM entry"):
        try:
            by.decode()
            (cid or b"").decode()
            decode(event)
        except (ValueError, TypeError, AttributeError, msgspec.DecodeError):
            return f"message {number} cannot be read"
    return ""


def _migrate(db: sqlite3.Connection, path: Path, epoch: str) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    steps = scripts()[version:]
    if not steps:
        return
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    if version:
        backup = path.with_name(f"{path.name}.before-schema-{version + 1}")
        backup.unlink(missing_ok=True)
        db.execute("VACUUM INTO ?", (str(backup),))
        _sync(backup)  # which SQLite does not
        _sync(path.parent)
    try:
        db.executescript(
            f"BEGIN IMMEDIATE; {' '.join(steps)} PRAGMA application_id={APPLICATION_ID};"
            f"PRAGMA user_version={version + len(steps)};"
        )
        db.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?), ('id', '0')", (epoch,))
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _damaged(path: Path, verdict: str) -> StoreError:
    first = verdict.removeprefix("*** in database main ***\n").partition("\n")[0]
    return StoreError(
        f"{path} is damaged ({first}): put a backup in its place, or move it and its -wal away; nothing was changed"
    )


def _unusable(path: Path, error: sqlite3.OperationalError) -> StoreError:
    if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
        return NotWritable(f"cannot write {path.name} in {path.parent}: use --data DIR")
    return StoreError(f"cannot use {path}: {error}")


def sync(file: Path) -> None:
    """Make a new file survive a power cut, and its name."""
    _sync(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    """Make a file, or the names of new files in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
