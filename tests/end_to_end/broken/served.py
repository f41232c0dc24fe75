"""How a broken server is run: the real daemon with another log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from unittest.mock import patch

from twistedchat import service
from twistedchat.__main__ import main

if TYPE_CHECKING:
    from twistedchat.store.sqlite import SqliteLog


def serve(log: type[SqliteLog]) -> None:
    """Run the daemon with that log; what stands before its options is the command that it stands in for."""
    sys.argv[:] = ["tcpchat", *sys.argv[sys.argv.index("--port") :]]
    with patch.object(service, "SqliteLog", log):
        main()
