"""Runs the daemon as a later version of it, whose schema has one step more, which changes every row.

What it is given is the command that it stands in for and its options.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from twistedchat.__main__ import main
from twistedchat.store import files

STEP = """
CREATE TABLE later (place INTEGER PRIMARY KEY, id INTEGER NOT NULL, size INTEGER NOT NULL);
INSERT INTO later SELECT place, id, length(event) FROM entry;
CREATE INDEX later_size ON later (size);
UPDATE entry SET at = at + 1;
"""
known = [*files.scripts(), STEP]

sys.argv[:] = ["tcpchat", *sys.argv[sys.argv.index("--port") :]]
with patch.object(files, "scripts", lambda: known):
    main()
