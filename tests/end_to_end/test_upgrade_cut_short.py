"""An upgrade of the database is killed half-way: the next start does it, or finds it done."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.daemon import DATABASE, Daemon, intact, run
from tests.end_to_end.faults.starts import starts_badly
from tests.end_to_end.talkers import history
from twistedchat.store.files import APPLICATION_ID, scripts
from twistedchat.store.rows import SEQ_BITS

UPGRADING = (sys.executable, str(Path(__file__).with_name("upgrading.py")))
FIRST, LATER = 1, len(scripts()) + 1
"""The oldest schema, and that of a version which is yet to come."""
TEXTS = [f"message {number} {'x' * (number % 200)}" for number in range(1, 1001)]
CALLS = ("pwrite64", "fdatasync", "unlink", "ftruncate")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database of the first schema with a thousand messages, and a -wal in which some of them are."""
    folder, crashed = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("crashed")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(scripts()[0])
        db.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FIRST}")
        db.execute("INSERT INTO meta VALUES ('epoch', 'e1'), ('id', ?)", (str(len(TEXTS)),))
        db.execute("INSERT INTO stream VALUES (1, 'r1', ?, 0)", (len(TEXTS),))
        db.execute("INSERT INTO room (stream, name) VALUES ('r1', '#lobby')")
        rows = [
            (
                1 << SEQ_BITS | number,
                number,
                number,
                "g1",
                None,
                json.dumps({"ev": "said", "nick": "ann", "text": text}),
            )
            for number, text in enumerate(TEXTS, 1)
        ]
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.commit()
        for ending in ("", "-wal"):
            shutil.copyfile(folder / (DATABASE + ending), crashed / (DATABASE + ending))
    return crashed


def version(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
        return found


def is_cut_short(old: Path, folder: Path, call: str, when: int) -> None:
    """Kill an upgrade at a call, then see that both the old version and the new one do what they should."""
    shutil.copytree(old, folder / "data", dirs_exist_ok=True)
    status = starts_badly(folder, call, "signal=KILL", when, UPGRADING)
    assert status in {None, -signal.SIGKILL}
    data = folder / "data"
    shutil.copytree(data, folder / "copy", dirs_exist_ok=True)
    reached = version(folder / "copy" / DATABASE)
    assert reached in {FIRST, LATER}, "it is done wholly or not at all"
    if reached == LATER:
        refused = run("--port", "0", "--data", str(data), folder=folder)
        assert refused.returncode == 2
        assert "was written by a newer tcpchat" in refused.stderr
    with closing(Daemon(folder, prefix=UPGRADING)) as daemon:
        daemon.start()
        assert [event["text"] for event in history(daemon.port)] == TEXTS
        daemon.stop()
    assert version(data / DATABASE) == LATER
    assert has_a_backup(data)


def has_a_backup(data: Path) -> bool:
    """Tell whether the copy from before is whole, and as it was."""
    backup = data / f"{DATABASE}.before-schema-{FIRST + 1}"
    with closing(sqlite3.connect(backup)) as db:
        (count,) = db.execute("SELECT count(*) FROM entry").fetchone()
    return intact(backup) and version(backup) == FIRST and count == len(TEXTS)


class UpgradeTests:
    """SIGKILL in the middle of an upgrade."""

    @pytest.mark.parametrize(("call", "when"), [("pwrite64", 20), ("pwrite64", 150), ("fdatasync", 2), ("unlink", 1)])
    def test_killed_half_way(self, old: Path, tmp_path: Path, call: str, when: int) -> None:
        """It is done wholly or not at all, the copy from before is whole in the end, and nothing is lost."""
        is_cut_short(old, tmp_path, call, when)

    @pytest.mark.soak
    @pytest.mark.parametrize("when", [*range(1, 20), *range(20, 400, 20)])
    @pytest.mark.parametrize("call", CALLS)
    def test_killed_anywhere(self, old: Path, tmp_path: Path, call: str, when: int) -> None:
        """Wherever it was."""
        is_cut_short(old, tmp_path, call, when)
