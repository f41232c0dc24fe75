"""Nothing can be stored for a while, and people and programs go on talking."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.crash.harness import Harness, Plan, Trouble
from tests.end_to_end.faults.disk import fill, small_disk
from tests.end_to_end.streams import eventually

if TYPE_CHECKING:
    from tests.end_to_end.crash.book import Book
    from tests.end_to_end.daemon import Daemon

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
"""Holds the right to write into a database until nothing more can come on its standard input."""
LONG_SECONDS = 10


def is_told_and_over(book: Book, refused: int) -> None:
    """Wait until some were told that their messages are not stored."""
    eventually(lambda: book.traffic["refused"] > refused, "a refusal")


def locked(daemon: Daemon, book: Book, *, seconds: float = 0) -> None:
    """Have another process hold the database until somebody was told so, and for so long."""
    refused = book.traffic["refused"]
    command = [sys.executable, "-c", HOLD, str(daemon.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        time.sleep(seconds)
        is_told_and_over(book, refused)
        holder.communicate()


def full(daemon: Daemon, book: Book) -> None:
    """Have the disk full until somebody was told so."""
    refused = book.traffic["refused"]
    filler = Path(f"/proc/{daemon.pid}/root{daemon.data}/filler")
    fill(filler)
    is_told_and_over(book, refused)
    filler.unlink()


def bears(folder: Path, plan: Plan) -> None:
    """See that senders are told, that nothing is lost and nothing refused is seen, and that it goes on by itself."""
    book = Harness(folder, plan).run()
    assert not book.findings.found, f"{book.findings.counts} {book.findings.examples}"
    assert book.traffic["refused"]
    assert book.traffic["acked"]


class UnderLoadTests:
    """Everybody is told what became of their words, and that is so."""

    def test_somebody_else_holds_the_database(self, tmp_path: Path) -> None:
        """Longer than the daemon waits for them, and again."""
        bears(tmp_path, Plan(2, seed=1, trouble=locked))

    @pytest.mark.soak
    def test_somebody_else_holds_the_database_for_ten_seconds(self, tmp_path: Path) -> None:
        """Five times."""
        trouble: Trouble = lambda daemon, book: locked(daemon, book, seconds=LONG_SECONDS)  # noqa: E731
        bears(tmp_path, Plan(5, seed=5, trouble=trouble))

    def test_the_disk_is_full(self, tmp_path: Path) -> None:
        """And has room again, and is full again."""
        prefix = small_disk(tmp_path, megabytes=16)
        bears(tmp_path, Plan(4, seed=4, prefix=prefix, rooms=("#lobby",), trouble=full))
