"""The one-time code for a server's first admin."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from twistedchat.chat.claim import claim_hash
from twistedchat.store import claim
from twistedchat.store.claim import ALPHABET, LENGTH, new_claim
from twistedchat.store.errors import StoreError
from twistedchat.store.files import DATABASE, connect, prepare

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database."""
    prepare(tmp_path / DATABASE, "e1")
    return tmp_path / DATABASE


class NewClaimTests:
    def test_what_it_looks_like(self, path: Path) -> None:
        """Two groups of four, of characters that cannot be taken for each other; 40 bits of chance."""
        codes = {new_claim(path, NOON) for _ in range(20)}
        assert len(codes) == 20
        assert all(re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code) for code in codes)
        assert len(set(ALPHABET)) ** LENGTH == 1 << 40
        assert set("01IO").isdisjoint(ALPHABET)

    def test_only_its_hash_is_kept(self, path: Path) -> None:
        """With when it ends; a new one takes the place of the last."""
        new_claim(path, NOON)
        code = new_claim(path, NOON + 5)
        with closing(sqlite3.connect(path)) as db:
            rows = db.execute("SELECT value FROM meta WHERE name = 'claim'").fetchall()
        assert rows == [(f"{claim_hash(code)} {NOON + 5 + 24 * 3600 * 1000}",)]

    def test_a_daemon_may_be_running(self, path: Path) -> None:
        """It is written beside whoever has the database open."""
        with closing(connect(path, "process", 1)) as db:
            db.execute("INSERT INTO meta VALUES ('x', 'y')")
            new_claim(path, NOON)
            assert db.execute("SELECT count(*) FROM meta WHERE name = 'claim'").fetchone() == (1,)

    def test_where_there_is_no_database(self, tmp_path: Path) -> None:
        """None is made."""
        with pytest.raises(StoreError, match="cannot use"):
            new_claim(tmp_path / DATABASE, NOON)
        assert list(tmp_path.iterdir()) == []

    def test_where_it_is_locked(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """After some patience that is said."""
        monkeypatch.setattr(claim, "PATIENCE_SECONDS", 0.01)
        with closing(connect(path, "process", 1)) as db:
            db.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="database is locked"):
                new_claim(path, NOON)


class ClaimHashTests:
    @pytest.mark.parametrize("typed", ["7F3K-Q2MD", "7f3k-q2md", "7f3kq2md", " 7F3K Q2MD ", "7F3K\u2013Q2MD"])
    def test_however_it_is_typed(self, typed: str) -> None:
        """Case, blanks and the dash do not matter."""
        assert claim_hash(typed) == claim_hash("7F3K-Q2MD")

    def test_another_is_another(self) -> None:
        """Anything may be typed."""
        assert len({claim_hash(each) for each in ("7F3K-Q2MD", "7F3K-Q2ME", "", "\ud800", "世界")}) == 4
