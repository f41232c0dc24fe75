"""The real daemon as a child process, in a folder of its own, on a port that was free."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.end_to_end.streams import DEADLINE, PAUSE

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).parents[2]
MODULE = (sys.executable, "-m", "twistedchat")
TWISTD = (str(Path(sys.executable).with_name("twistd")), "-n", "tcpchat")
COVERED = (sys.executable, str(Path(__file__).with_name("covered.py")))
DATABASE = "tcpchat.db"

_PORT = re.compile(r"(?:nc localhost |-connect localhost:)(\d+)\n")
_READY = "  kept in  "


def environment() -> dict[str, str]:
    """Where a child finds the package, wherever it is started."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def program() -> tuple[str, ...]:
    """How the daemon is started; where the variable COVERAGE is set, its coverage is saved as well."""
    return COVERED if os.environ.get("COVERAGE") else MODULE


def run(*words: str, folder: Path, command: Sequence[str] = MODULE) -> subprocess.CompletedProcess[str]:
    """Run a daemon that is expected to end by itself."""
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def intact(database: Path) -> bool:
    """Whether SQLite finds nothing wrong with it."""
    try:
        with closing(sqlite3.connect(database)) as db:
            return bool(db.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


class Start(Protocol):
    """The fixture that starts a daemon."""

    def __call__(self, *options: str, prefix: Sequence[str] = ()) -> Daemon: ...


class Daemon:
    """One daemon and its folder; it can be stopped in any manner and started again where it was.

    `prefix` is what the daemon is started under, and must become it (as ``unshare``
    and ``strace -D`` do).
    """

    def __init__(self, folder: Path, *options: str, prefix: Sequence[str] = ()) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(exist_ok=True)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.statuses: list[int] = []
        self._options = options
        self._prefix = prefix

    @property
    def database(self) -> Path:
        return self.data / DATABASE

    @property
    def out(self) -> str:
        """Everything on its standard output, over all starts."""
        return self._text("out")

    @property
    def err(self) -> str:
        return self._text("err")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start, for the first time on any free port and then on the same, and wait for the banner."""
        before = len(self.out)
        self.launch()
        until = time.monotonic() + DEADLINE
        while _READY not in self.out[before:]:
            assert not self.has_ended, f"it ended with {self.ended()}: {self.err}"
            assert time.monotonic() < until, f"no banner within {DEADLINE:g} s: {self.out} {self.err}"
            time.sleep(PAUSE)
        found = _PORT.search(self.out, before)
        assert found is not None
        self.port = int(found[1])

    def launch(self) -> None:
        """Start, and wait for nothing."""
        words = [*self._prefix, *program(), "--port", str(self.port), "--data", str(self.data), *self._options]
        with (self.folder / "out").open("ab") as out, (self.folder / "err").open("ab") as err:
            self.process = subprocess.Popen(
                words, cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end; return the exit status."""
        assert self.process is not None
        status = self.process.wait(DEADLINE)
        self.statuses.append(status)
        self.process = None
        return status

    def kill(self) -> None:
        """End it without a chance to do anything."""
        assert self.stop(signal.SIGKILL) == -signal.SIGKILL

    def destroy(self) -> None:
        """End it if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        """End it if it runs, and see that nothing went wrong that nobody looked at."""
        self.destroy()
        for text in (self.out, self.err):
            assert "Traceback" not in text, text
            assert "Unhandled" not in text, text

    def sound(self) -> bool:
        """Whether a copy of the database, made while nobody has it open, is without damage."""
        assert self.process is None
        copy = self.folder / "copy"
        copy.mkdir(exist_ok=True)
        for ending in ("", "-wal"):
            (copy / (DATABASE + ending)).unlink(missing_ok=True)
            if (file := self.data / (DATABASE + ending)).exists():
                shutil.copyfile(file, copy / (DATABASE + ending))
        return intact(copy / DATABASE)

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""
