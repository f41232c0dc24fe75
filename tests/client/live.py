"""Real clients for the end-to-end tests: in a pipe, and in a terminal with hands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
CLIENT = [sys.executable, "-m", "twistedchat.client"]


def eventually(look: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until something is so; fail with what is seen instead."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TMUX"}}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **more}


def client(port: int, *arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the client with a pipe on either side."""
    command = [*CLIENT, "localhost", str(port), *arguments]
    return subprocess.run(
        command, input=text, env=environment(), capture_output=True, timeout=2 * PATIENCE, check=False
    )


class Tmux:
    """A terminal of 120 columns, and hands to type in it."""

    def __init__(self, command: str, **variables: str) -> None:
        self._base = [tool("tmux"), "-L", f"tcpchat-{uuid.uuid4().hex[:8]}", "-f", "/dev/null"]
        subprocess.run(
            [*self._base, "new-session", "-d", "-x", "120", "-y", "40", f"{command}; echo status $?; exec sleep 600"],
            env=environment(TERM="xterm-256color", **variables),
            check=True,
        )

    def types(self, *keys: str) -> None:
        subprocess.run([*self._base, "send-keys", *keys], check=True)

    def screen(self, *how: str) -> str:
        shown = subprocess.run([*self._base, "capture-pane", "-p", *how], check=True, capture_output=True)
        return "\n".join(line.rstrip() for line in shown.stdout.decode().splitlines() if line.strip())

    def shows(self, *texts: str) -> None:
        eventually(lambda: all(text in self.screen() for text in texts), lambda: f"{texts}\n{self.screen()}")

    def ends_with(self, text: str) -> None:
        eventually(lambda: self.screen().endswith(text), lambda: f"{text}\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], check=False, capture_output=True)


class Sits(Protocol):
    """Has somebody sit down at a terminal and start the client."""

    def __call__(self, *arguments: str, **variables: str) -> Tmux: ...


@contextmanager
def terminals(port: int, program: list[str] = CLIENT) -> Iterator[Sits]:
    """Give a room full of terminals, all of which are closed in the end."""
    opened: list[Tmux] = []

    def sit(*arguments: str, **variables: str) -> Tmux:
        command = shlex.join([*program, "localhost", str(port), *arguments])
        opened.append(Tmux(command, **variables))
        return opened[-1]

    try:
        yield sit
    finally:
        for terminal in opened:
            terminal.close()
