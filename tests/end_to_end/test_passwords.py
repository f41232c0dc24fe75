"""Passwords typed at real terminals: telnet hides them, and netcat says that it cannot."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.client.live import Tmux
from tests.end_to_end.daemon import run
from tests.end_to_end.streams import DEADLINE
from tests.helpers import PASSWORD, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.end_to_end.daemon import Daemon

    Sits = Callable[..., Tmux]


@pytest.fixture
def sits() -> Iterator[Sits]:
    """Somebody sits down at a terminal and types a command."""
    terminals: list[Tmux] = []

    def sit(*command: str) -> Tmux:
        terminals.append(Tmux(shlex.join(command)))
        return terminals[-1]

    yield sit
    for terminal in terminals:
        terminal.close()


def pipe(daemon: Daemon, *lines: str) -> list[str]:
    """Return what a pipe through netcat is shown."""
    done = subprocess.run(
        [tool("nc"), "-N", "127.0.0.1", str(daemon.port)],
        input="".join(f"{line}\n" for line in lines).encode(),
        capture_output=True,
        timeout=DEADLINE,
        check=True,
    )
    return done.stdout.decode().splitlines()


class TerminalTests:
    """People who see what they type."""

    def test_telnet_hides_what_is_typed(self, daemon: Daemon, sits: Sits) -> None:
        """While the password is typed nothing appears; before and after everything does."""
        ann = sits(tool("telnet"), "127.0.0.1", str(daemon.port))
        ann.shows("NICK>")
        ann.types("ann", "Enter")
        ann.shows("You are ann, a guest")
        ann.types("/register", "Enter")
        ann.shows("/register", "A password, of 8 characters at least:")
        ann.types(PASSWORD, "Enter")
        ann.shows("-- You are ann, a member.")
        ann.types("hello there", "Enter", "/whoami", "Enter")
        ann.shows("hello there", "-- You are ann, a member in #lobby.")
        ann.types("/quit", "Enter")
        ann.shows("Goodbye.")
        again = sits(tool("telnet"), "127.0.0.1", str(daemon.port))
        again.shows("NICK>")
        again.types("ann", "Enter")
        again.shows("Password:")
        again.types("wrong-horse", "Enter")
        again.shows("! That name and that password do not belong together.")
        again.types(PASSWORD, "Enter")
        again.shows("You are ann, a member", "ann: hello there", "-- now --")
        for terminal in (ann, again):
            assert "horse" not in terminal.screen("-S", "-")
        again.types("C-c")
        again.types("shown again", "Enter")
        again.shows("shown again")

    def test_netcat_says_that_it_shows(self, daemon: Daemon, sits: Sits) -> None:
        """It is a terminal's own matter to show what is typed, and nobody can tell it not to."""
        ann = sits(tool("nc"), "127.0.0.1", str(daemon.port))
        ann.shows("NICK>")
        ann.types("ann", "Enter")
        ann.shows("You are ann, a guest")
        ann.types("/register", "Enter")
        ann.shows("(it shows on your screen):")
        ann.types(PASSWORD, "Enter")
        ann.shows("-- You are ann, a member.")

    def test_a_pipe(self, daemon: Daemon) -> None:
        """The password stands after the name."""
        assert "-- You are ann, a member." in pipe(daemon, "ann", f"/register {PASSWORD}")[-1]
        assert pipe(daemon, "ann") == ["! ann is a member's name."]
        assert "You are ann, a member" in pipe(daemon, f"ann {PASSWORD}", "hi")[0]
        assert PASSWORD not in daemon.out + daemon.err


class AdminTests:
    """The first admin."""

    def test_a_new_code_while_the_daemon_runs(self, daemon: Daemon) -> None:
        """It stands in the place of the one in the banner, and makes whoever types it first admin."""
        (first,) = re.findall(r"/claim (\S+)", daemon.out)
        done = run("--admin-code", "--data", str(daemon.data), folder=daemon.folder)
        (code,) = re.findall(r"/claim (\S+)", done.stdout)
        assert (done.returncode, done.stderr) == (0, "")
        assert pipe(daemon, "ann", f"/claim {first}")[-1].startswith("! ")
        assert "admin" in pipe(daemon, "ann", f"/claim {code}")[-1]
        assert pipe(daemon, "bob", f"/claim {code}")[-1].startswith("! ")
