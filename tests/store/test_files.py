"""Opening a database: made, brought up to date, or refused and left as it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from twistedchat.store import files
from twistedchat.store.errors import InUse, NotWritable, StoreError
from twistedchat.store.files import APPLICATION_ID, DATABASE, Lock, connect, prepare, scripts

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where a database may be made."""
    return tmp_path / DATABASE


@pytest.fixture
def old(path: Path) -> Path:
    """Give a database with many pages of talk, closed."""
    prepare(path, "e1")
    with closing(sqlite3.connect(path)) as db, db:
        rows = [(n, n, n, "g1", f"c{n}", '{"ev":"said","nick":"ann","text":"' + "x" * 500 + '"}') for n in range(500)]
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
    return path


def value(path: Path, statement: str) -> object:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchone()[0]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes, but not those that SQLite makes anew and empty whenever it reads."""
    fleeting = {f"{DATABASE}-shm": None, f"{DATABASE}-wal": b""}
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    return {name: data for name, data in files.items() if fleeting.get(name, data + b"x") not in {None, data}}


def later_schema(monkeypatch: pytest.MonkeyPatch, *steps: str) -> None:
    known = [*scripts(), *steps]
    monkeypatch.setattr(files, "scripts", lambda: known)


class NewTests:
    """Where there is none yet."""

    def test_it_is_made(self, path: Path) -> None:
        """It is marked as ours, has the schema and its epoch, and is said to be new."""
        assert prepare(path, "e1")
        assert value(path, "PRAGMA application_id") == APPLICATION_ID
        assert value(path, "PRAGMA user_version") == len(scripts())
        assert value(path, "SELECT value FROM meta WHERE name = 'epoch'") == "e1"

    def test_it_is_new_once(self, path: Path) -> None:
        """The next start finds it as it was left, with the epoch it was made with."""
        prepare(path, "e1")
        assert not prepare(path, "e2")
        assert value(path, "SELECT value FROM meta WHERE name = 'epoch'") == "e1"

    def test_an_empty_file_is_none(self, path: Path) -> None:
        """Whoever touched the file first has no database yet."""
        path.touch()
        assert prepare(path, "e1")

    def test_a_first_start_cut_short_is_begun_anew(self, path: Path) -> None:
        """A file in which nothing but SQLite's own header stands is none yet either."""
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode=WAL")
        assert path.stat().st_size
        assert prepare(path, "e1")
        assert value(path, "SELECT value FROM meta WHERE name = 'epoch'") == "e1"

    def test_a_first_start_cut_short_while_it_wrote_is_begun_anew(self, path: Path, tmp_path: Path) -> None:
        """What it had half written is taken back; it waits in a journal, as the WAL is not in use yet."""
        copy = tmp_path / "copy" / DATABASE
        copy.parent.mkdir()
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript("PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (one); INSERT INTO half VALUES ('x')")
            db.execute("INSERT INTO half VALUES (zeroblob(100000))")
            for ending in ("", "-journal"):
                copy.with_name(copy.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
            db.execute("ROLLBACK")
        assert copy.stat().st_size
        assert prepare(copy, "e1")
        assert value(copy, "SELECT value FROM meta WHERE name = 'epoch'") == "e1"

    def test_there_is_no_such_folder(self, tmp_path: Path) -> None:
        """It cannot be written, and what to do is said."""
        with pytest.raises(NotWritable, match=r"cannot write tcpchat\.db in .*/nowhere: use --data DIR"):
            prepare(tmp_path / "nowhere" / DATABASE, "e1")


class ConnectionTests:
    """The connection that writes."""

    @pytest.mark.parametrize(("durability", "synchronous"), [("power", 2), ("process", 1)])
    def test_it_is_as_durable_as_was_asked(self, path: Path, durability: str, synchronous: int) -> None:
        """A power cut is survived by waiting for the disk at each commit, a crash without."""
        prepare(path, "e1")
        with closing(connect(path, durability, 0.1)) as db:
            assert db.execute("PRAGMA synchronous").fetchone() == (synchronous,)
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


class RefusedTests:
    """Databases that cannot be used: said so, and not a byte of them is changed."""

    def refuse(self, path: Path, words: str, status: int = 2) -> None:
        """Have it refused, twice, in these words."""
        before = contents(path.parent)
        for _ in range(2):
            with pytest.raises(StoreError, match=words) as refusal:
                prepare(path, "e2")
            assert (refusal.value.status, "\n" in str(refusal.value)) == (status, False)
        assert contents(path.parent) == before

    def test_a_newer_schema(self, old: Path) -> None:
        """It is for the program that wrote it."""
        with closing(sqlite3.connect(old)) as db:
            db.execute("PRAGMA user_version = 99")
        self.refuse(old, "was written by a newer tcpchat .schema 99, this one knows 4.: install that version again")

    def test_a_newer_schema_whose_daemon_was_killed(self, old: Path, tmp_path: Path) -> None:
        """What waits in its -wal stays there."""
        with closing(sqlite3.connect(old, isolation_level=None)) as db:
            db.execute("PRAGMA user_version = 99")
            copy = tmp_path / "copy"
            copy.mkdir()
            for file in (old, old.with_name(f"{old.name}-wal")):
                (copy / file.name).write_bytes(file.read_bytes())
        self.refuse(copy / old.name, "newer tcpchat")

    def test_somebody_elses(self, path: Path) -> None:
        """A database of another program's is no place for ours."""
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE theirs (one)")
        self.refuse(path, "is not a database of tcpchat's: use --data DIR")

    @pytest.mark.parametrize("mark", ["application_id", "user_version"])
    def test_somebody_elses_that_is_still_empty(self, path: Path, mark: str) -> None:
        """Nor is one that another program has only marked."""
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA {mark} = 7")
        self.refuse(path, "is not a database of tcpchat's")

    @pytest.mark.parametrize(
        "damage",
        [
            lambda _: b"not SQLite at all" * 500,
            lambda data: data[: len(data) // 2],
            lambda data: data[: PAGE * 3] + b"\xff" * PAGE + data[PAGE * 4 :],
            lambda data: data[: PAGE * 10] + bytes(PAGE * 10) + data[PAGE * 20 :],
            lambda data: data[:40],
            lambda data: data.replace(b"CREATE TABLE entry", b"CREATE T\xe1BLE entry", 1),
            lambda data: data.replace(b'"text":"xxx', b'"text":"x\xffx', 1),
            lambda data: data.replace(b'"ev":"said"', b'"ev":"sa:d"', 1),
            lambda data: data.replace(b"g1c2", b"\xe1\xe1c2", 1),
        ],
        ids=[
            *("garbage", "half", "a page overwritten", "pages of zeros", "the beginning"),
            *("the schema", "a text that is none", "an event that is none", "a sender that is none"),
        ],
    )
    def test_damaged(self, old: Path, damage: Callable[[bytes], bytes]) -> None:
        """It is never repaired by itself, nor is an empty one put in its place."""
        old.write_bytes(damage(old.read_bytes()))
        self.refuse(old, r"is damaged \(.+\): put a backup in its place, or move it and its -wal away")

    def test_read_only(self, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The right to write it is asked for, and not taken."""
        monkeypatch.setattr(os, "access", lambda path, _mode: path != old)
        self.refuse(old, "is read-only: give yourself the right to write it, or use --data DIR")

    def test_a_folder_in_its_place(self, path: Path) -> None:
        """That is no database, and stays."""
        path.mkdir()
        with pytest.raises(StoreError, match="cannot"):
            prepare(path, "e1")

    def test_held_by_somebody_else(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It cannot be brought up to date while another writes; what is the matter is said."""
        prepare(path, "e1")
        later_schema(monkeypatch, "CREATE TABLE more (one);\n")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"cannot use .*: database is locked"):
                prepare(path, "e2")


class MigrationTests:
    """Older databases."""

    def test_every_step_is_taken_in_order(self, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each builds on the one before, and afterwards the version is the last one's."""
        later_schema(monkeypatch, "CREATE TABLE more (one);\n", "INSERT INTO more VALUES (3);\n")
        assert not prepare(old, "e2")
        assert value(old, "SELECT one FROM more") == 3
        assert value(old, "PRAGMA user_version") == len(scripts()) + 2
        assert value(old, "SELECT value FROM meta WHERE name = 'epoch'") == "e1"
        assert value(old, "SELECT count(*) FROM entry") == 500

    def test_a_backup_is_made_before(self, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The older program can use it as it is."""
        later_schema(monkeypatch, "DROP TABLE entry;\n")
        prepare(old, "e2")
        backup = old.with_name(f"{old.name}.before-schema-{len(scripts()) + 1}")
        monkeypatch.undo()
        assert not prepare(backup, "e2")
        assert value(backup, "SELECT count(*) FROM entry") == 500

    def test_the_backup_is_on_the_disk_before_anything_is_changed(
        self, old: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SQLite leaves that to whoever wants it."""
        synced: list[Path] = []
        monkeypatch.setattr(os, "fsync", lambda number: synced.append(Path(f"/proc/self/fd/{number}").readlink()))
        later_schema(monkeypatch, "SELECT no_such_column FROM entry;")
        with pytest.raises(StoreError):
            prepare(old, "e2")
        assert synced == [old.with_name(f"{old.name}.before-schema-{len(scripts()) + 1}"), old.parent]

    def test_no_backup_is_made_of_nothing(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A new database has every step at once, and nothing to save."""
        later_schema(monkeypatch, "CREATE TABLE more (one);\n")
        prepare(path, "e1")
        assert sorted(contents(path.parent)) == [DATABASE]

    def test_a_step_that_fails_undoes_all(self, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The database stays on its old schema, whole; the next start tries again, and makes its backup again."""
        later_schema(monkeypatch, "CREATE TABLE more (one);\n", "INSERT INTO nowhere VALUES (1);\n")
        for _ in range(2):
            with pytest.raises(StoreError, match="no such table: nowhere"):
                prepare(old, "e2")
        assert value(old, "PRAGMA user_version") == len(scripts())
        assert value(old, "SELECT count(*) FROM sqlite_schema WHERE name = 'more'") == 0
        monkeypatch.undo()
        assert not prepare(old, "e2")

    def test_a_first_step_that_fails_leaves_none(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A first start that fails half-way, on a full disk perhaps, does not stand in the way of the next."""
        later_schema(monkeypatch, "INSERT INTO nowhere VALUES (1);\n")
        with pytest.raises(StoreError):
            prepare(path, "e1")
        monkeypatch.undo()
        assert prepare(path, "e1")


class LockTests:
    """One daemon on one database."""

    def test_a_second_is_refused(self, path: Path) -> None:
        """It learns whose fault it is, what to do, and the exit status that is for that only."""
        lock = Lock(path)
        with pytest.raises(
            InUse, match=r"tcpchat\.db is in use by another tcpchat: stop it, or use --data DIR"
        ) as no:
            Lock(path)
        assert no.value.status == 3
        lock.release()

    def test_it_is_free_afterwards(self, path: Path) -> None:
        """When the first has ended the next may start."""
        Lock(path).release()
        Lock(path).release()

    def test_it_is_beside_the_database(self, path: Path) -> None:
        """To hold it neither makes the database nor opens it."""
        lock = Lock(path)
        assert list(contents(path.parent)) == [f"{DATABASE}-lock"]
        lock.release()

    def test_another_folder_is_another_lock(self, path: Path, tmp_path: Path) -> None:
        """Two daemons on one computer need two folders, and nothing else."""
        (tmp_path / "other").mkdir()
        locks = [Lock(path), Lock(tmp_path / "other" / DATABASE)]
        for lock in locks:
            lock.release()

    def test_there_is_no_such_folder(self, tmp_path: Path) -> None:
        """It cannot be written, and what to do is said."""
        with pytest.raises(NotWritable, match="use --data DIR") as no:
            Lock(tmp_path / "nowhere" / DATABASE)
        assert no.value.status == 1
