"""From one schema to the next, with everything that was said."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from tests.store.helpers import Shelf, SqliteEngine, arrived, said, text_of
from twistedchat.chat.log import KnownGuest, KnownRoom
from twistedchat.store.files import APPLICATION_ID, DATABASE, prepare, scripts

if TYPE_CHECKING:
    from pathlib import Path

MANY = 3000


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Give a database of the first schema as its daemon left it: two rooms, talk, and guests."""
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(scripts()[0])
        db.executescript(
            f"""
            INSERT INTO meta VALUES ('epoch', 'e1'), ('id', '{MANY + 1}');
            INSERT INTO stream VALUES (1, 'r1', {MANY}, {NOON}), (2, 'r2', 0, 0), (3, 'direct:g1|g2', 1, {NOON});
            INSERT INTO room VALUES ('r1', '#lobby', 'all of it'), ('r2', '#ops', '');
            INSERT INTO guest VALUES ('g1', 'h1', 'ann', {NOON}, 1), ('g2', 'h2', 'bob', {NOON - 1000}, 0),
                ('g3', 'h3', '', {NOON - 2000}, 0);
            PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1;
            """
        )
        said = '{"ev":"said","nick":"ann","text":"line %d"}'
        rows = [(1 << 40 | n, n, NOON, "g1", f"c{n}", said % n) for n in range(1, MANY + 1)]
        db.execute("BEGIN")
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
        direct = '{"ev":"direct","nick":"ann","to":"bob","text":"hello"}'
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", (3 << 40 | 1, MANY + 1, NOON, "g1", None, direct))
        db.execute("COMMIT")
    return path


@pytest.fixture
def second(first: Path) -> Path:
    """Give the same as a daemon of the second schema left it: all of it is in that schema's index."""
    with closing(sqlite3.connect(first, isolation_level=None)) as db:
        db.executescript(f"{scripts()[1]} PRAGMA user_version=2;")
        db.executescript(
            f"""
            INSERT INTO words (rowid, text, nick, room)
                SELECT id, json_extract(event, '$.text'), json_extract(event, '$.nick'), 's' || (place >> 40)
                FROM entry;
            INSERT INTO found SELECT id, place FROM entry;
            INSERT INTO day SELECT {NOON} / 86400000, min(id), max(id) FROM entry;
            UPDATE stream SET indexed = head;
            """
        )
    return first


def version(path: Path) -> object:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def check(path: Path) -> None:
    """Hold that everything is there that was in the first schema."""
    shelf = Shelf(SqliteEngine(path.parent))
    known = shelf.remembered
    assert (known.epoch, known.last_id, known.accounts, known.sanctions) == ("e1", MANY + 1, (), ())
    assert sorted(known.rooms, key=lambda room: room.id) == [
        KnownRoom("r1", "#lobby", MANY, "all of it"),
        KnownRoom("r2", "#ops", 0),
    ]
    assert sorted(known.guests, key=lambda guest: guest.id) == [
        KnownGuest("g1", "ann", NOON),
        KnownGuest("g2", "bob", NOON - 1000),
    ]
    assert [shelf.person(each) for each in ("h1", "h2", "h3", "h4")] == ["g1", "g2", "g3", ""]
    assert [text_of(entry) for entry in shelf.read("r1")] == [f"line {n}" for n in range(1, MANY + 1)]
    assert [entry.id for entry in shelf.read("direct:g1|g2")] == [MANY + 1]
    shelf.tidy()
    assert len(shelf.found("line", limit=MANY + 1)) == MANY
    assert shelf.found("line", "77") == shelf.found("li*", "77") == ["line 77"]
    assert shelf.found("he*", where={"direct:g1|g2": 0}) == ["hello"]
    (again, entry) = shelf.append(said("line 5", cid="c5"), said("after"))
    assert getattr(again, "entry", None) is not None
    assert getattr(entry, "seq", 0) == MANY + 1
    shelf.store(arrived("ann", "g1", secret_hash="h1"))
    shelf.close()


class SecondSchemaTests:
    def test_everything_is_kept(self, first: Path) -> None:
        """Rooms, topics, talk, guests and their secrets; and what was said before is found."""
        assert not prepare(first, "e2")
        assert version(first) == len(scripts())
        check(first)

    def test_a_backup_is_made_before(self, first: Path) -> None:
        """The older program can use it as it is."""
        prepare(first, "e2")
        backup = first.with_name(f"{first.name}.before-schema-2")
        assert version(backup) == 1
        with closing(sqlite3.connect(backup)) as db:
            assert db.execute("SELECT count(*) FROM guest").fetchone() == (3,)
            assert db.execute("SELECT count(*) FROM entry").fetchone() == (MANY + 1,)

    @pytest.mark.parametrize("after", [0.0, 0.002, 0.005, 0.01, 0.02, 0.04])
    def test_killed_half_way(self, first: Path, after: float) -> None:
        """It is as it was, or it is done; the next start goes on from there."""
        program = (
            "import pathlib, sys; from twistedchat.store.files import prepare; "
            "print('go', flush=True); prepare(pathlib.Path(sys.argv[1]), 'e2')"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(first)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"go\n"
            time.sleep(after)
            child.send_signal(signal.SIGKILL)
        assert version(first) in {1, len(scripts())}
        prepare(first, "e3")
        check(first)

    def test_a_step_that_fails_leaves_it_as_it_was(self, first: Path) -> None:
        """It is one transaction; the older program can go on with it."""
        with closing(sqlite3.connect(first)) as db:
            db.execute("CREATE TABLE audit (one)")
        with pytest.raises(Exception, match="table audit already exists"):
            prepare(first, "e2")
        with closing(sqlite3.connect(first)) as db:
            assert db.execute("SELECT count(*) FROM guest").fetchone() == (3,)
            assert db.execute("PRAGMA table_info(room)").fetchall()[-1][1] == "topic"
            db.execute("DROP TABLE audit")
        prepare(first, "e2")
        check(first)


class ThirdSchemaTests:
    def test_everything_is_found(self, second: Path) -> None:
        """What was in the index is there again, once, and what was said to one person, too."""
        prepare(second, "e2")
        assert version(second) == len(scripts())
        assert version(second.with_name(f"{second.name}.before-schema-3")) == 2
        check(second)
        with closing(sqlite3.connect(second)) as db:
            assert db.execute("SELECT count(*), count(DISTINCT place) FROM found").fetchone() == (MANY + 1, MANY + 1)
            assert db.execute("SELECT count(*) FROM words WHERE words MATCH 'line OR hello'").fetchone() == (
                MANY + 1,
            )

    def test_found_before_that(self, second: Path) -> None:
        """What is not there again yet is read, like anything that has just been said."""
        prepare(second, "e2")
        shelf = Shelf(SqliteEngine(second.parent))
        assert shelf.found("line", "77") == ["line 77"]
        shelf.close()
