"""The one-time code by which somebody becomes a server's first admin."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from twistedchat.chat.claim import claim_hash
from twistedchat.store.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters, 5 bits each, of which no two are taken for each other: no 0 and O, no 1 and I."""
LENGTH, GROUP = 8, 4
GOOD_MS = 24 * 3600 * 1000
PATIENCE_SECONDS = 5.0


def new_claim(path: Path, at: int) -> str:
    """Make a code that is good for a day from the time `at` (ms), in place of any earlier one, and return it.

    A daemon may be running on the database; raises `StoreError` where it cannot be written.
    """
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    value = f"{claim_hash(code)} {at + GOOD_MS}"
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, timeout=PATIENCE_SECONDS, isolation_level=None, uri=True)) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('claim', ?)", (value,))
    except sqlite3.Error as error:
        raise StoreError(f"cannot use {path}: {error}") from error
    return f"{code[:GROUP]}-{code[GROUP:]}"
