"""What is seen where ``twistd -n`` runs: our own lines as they are, and whatever goes wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from twisted.logger import ILogObserver, LogLevel, eventAsText, formatEvent
from zope.interface import implementer

if TYPE_CHECKING:
    from typing import TextIO

    from twisted.logger import LogEvent


@implementer(ILogObserver)
class Plain:
    """Writes our own events to one stream, and warnings and faults of whatever origin to another."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err

    def __call__(self, event: LogEvent) -> None:
        """Write one event, if it is worth a line."""
        if event.get("log_level", LogLevel.info) >= LogLevel.warn:
            self._err.write(eventAsText(event, includeSystem=False) + "\n")
            self._err.flush()
        elif str(event.get("log_namespace", "")).startswith("tcpchat"):
            self._out.write(formatEvent(event) + "\n")
            self._out.flush()


def observer() -> Plain:
    """Return the observer; twistd calls this by its dotted name, and has put its log in place of sys.stdout."""
    return Plain(sys.__stdout__ or sys.stdout, sys.__stderr__ or sys.stderr)
