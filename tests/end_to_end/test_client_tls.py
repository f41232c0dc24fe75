"""The client and a server with TLS, on this computer, and as if it were on another."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.client.certificates import Authority
from tests.client.live import CLIENT, PATIENCE, environment, terminals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.live import Sits
    from tests.end_to_end.daemon import Daemon, Start

FAR = [sys.executable, str(Path(__file__).with_name("elsewhere.py"))]
BOT = """
import sys
from twisted.internet.task import react
from twistedchat.client import FatalError, connect, ways

ways.is_near = lambda here, there: False

async def main(reactor):
    try:
        async with connect(reactor, "localhost", int(sys.argv[1]), nick="bot", fingerprint=sys.argv[2]) as chat:
            await chat.say("#lobby", "here I am")
    except FatalError as why:
        print(why)
        sys.exit(why.status)

react(main)
"""


class Someone:
    """Runs clients with a file of known servers of their own."""

    def __init__(self, folder: Path) -> None:
        self.known = folder / "state" / "tcpchat" / "known_servers"
        self.variables = {"XDG_STATE_HOME": str(folder / "state")}

    def runs(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env=environment(**self.variables, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    def far(self, daemon: Daemon, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.runs(*FAR, "localhost", str(daemon.port), "--nick", "ci", *words, **more)


@pytest.fixture
def someone(tmp_path: Path) -> Someone:
    return Someone(tmp_path)


@pytest.fixture
def secure(start: Start) -> Daemon:
    """A daemon whose certificate is of its own making."""
    return start("--tls", "auto")


@pytest.fixture
def sits(secure: Daemon) -> Iterator[Sits]:
    """Somebody sits down at a terminal far from it."""
    with terminals(secure.port, FAR) as sit:
        yield sit


def fingerprint(daemon: Daemon) -> str:
    """What it showed at its last start."""
    shown: list[str] = re.findall(r"  TLS      SHA-256 ([0-9A-F:]{95})\n", daemon.out)
    return shown[-1]


def another_certificate(daemon: Daemon) -> None:
    """Have it make another one, and come back with that."""
    daemon.stop(signal.SIGKILL)
    shutil.rmtree(daemon.data / "tls")
    daemon.start()


class HereTests:
    def test_a_pipe_and_a_person_come_by_tls_by_themselves(self, secure: Daemon, someone: Someone) -> None:
        said = someone.runs(*CLIENT, "localhost", str(secure.port), "--nick", "ci", "--say", "hi")
        assert (said.returncode, said.stderr) == (0, "")
        with terminals(secure.port) as sit:
            ann = sit("--nick", "ann", **someone.variables)
            ann.shows("(TLS, same computer).", "ci: hi", "[#lobby]")
            secure.stop(signal.SIGKILL)
            ann.shows("Lost the server.")
            secure.start()
            ann.shows("Back. Nothing was lost.")
        assert not someone.known.exists()

    def test_a_certificate_that_is_asked_for_has_to_be_shown(self, start: Start, someone: Someone) -> None:
        secure = start("--tls", "auto")
        words = [*CLIENT, "localhost", str(secure.port), "--nick", "ci", "--say", "hi", "--fingerprint"]
        assert someone.runs(*words, fingerprint(secure)).returncode == 0
        other = someone.runs(*words, "ab" * 32)
        assert (other.returncode, "another certificate than the one asked for" in other.stderr) == (5, True)


class FarTests:
    @pytest.mark.parametrize("how", [["--say", "hi"], ["--tail", "lobby"], []])
    def test_nobody_trusts_a_certificate_unasked(self, secure: Daemon, someone: Someone, how: list[str]) -> None:
        """What it is is told as the server told it; nothing was sent."""
        refused = someone.far(secure, *how, TCPCHAT_TOKEN="sesame-12")
        assert refused.returncode == 5
        assert f"whose SHA-256 is {fingerprint(secure)}. If the server shows the same" in refused.stderr
        assert "joined" not in secure.out
        assert not someone.known.exists()

    def test_unless_it_is_told_which(self, secure: Daemon, someone: Someone) -> None:
        shown = fingerprint(secure)
        for written in (shown, shown.replace(":", "").lower()):
            said = someone.far(secure, "--say", "hi", "--fingerprint", written)
            assert (said.returncode, said.stderr) == (0, "")
        another_certificate(secure)
        assert someone.far(secure, "--say", "hi", "--fingerprint", shown).returncode == 5

    def test_a_server_without_tls_wants_a_word(self, daemon: Daemon, someone: Someone) -> None:
        refused = someone.far(daemon, "--say", "hi")
        assert (refused.returncode, "has no TLS" in refused.stderr) == (5, True)
        assert "joined" not in daemon.out
        assert someone.far(daemon, "--say", "hi", "--insecure").returncode == 0

    def test_a_person_is_asked_once_and_never_again(self, secure: Daemon, someone: Someone, sits: Sits) -> None:
        """Then scripts of the same account are let in, too, until it changes; also in the middle of a talk."""
        shown = fingerprint(secure)
        ann = sits("--nick", "ann", **someone.variables)
        ann.shows("(TLS, certificate unknown).", shown, "Continue? [y/N]")
        assert "joined" not in secure.out
        ann.types("y", "Enter")
        ann.shows("You are ann (guest) in #lobby", "[#lobby]")
        assert someone.known.read_text() == f"localhost:{secure.port} {shown}\n"
        again = sits("--nick", "bob", **someone.variables)
        again.shows("(TLS, certificate known).", "You are bob (guest)")
        assert someone.far(secure, "--say", "from a script").returncode == 0
        ann.shows("ci: from a script")
        secure.stop(signal.SIGKILL)
        secure.start()
        ann.shows("Back. Nothing was lost.")
        another_certificate(secure)
        ann.shows("another certificate than before", "status 5")
        again.shows("another certificate than before", "status 5")
        refused = someone.far(secure, "--say", "hi", "--insecure")
        assert (refused.returncode, f"remove line 1 of {someone.known}" in refused.stderr) == (5, True)

    @pytest.mark.parametrize("key", ["n", "C-d", "C-c"])
    def test_a_person_may_say_no(self, secure: Daemon, someone: Someone, sits: Sits, key: str) -> None:
        ann = sits("--nick", "ann", **someone.variables)
        ann.shows("Continue? [y/N]")
        ann.types(*([key, "Enter"] if key == "n" else [key]))
        ann.ends_with("status 0")
        assert not someone.known.exists()
        assert "joined" not in secure.out

    def test_no_tls_is_asked_about(self, daemon: Daemon, someone: Someone) -> None:
        with terminals(daemon.port, FAR) as sit:
            ann = sit("--nick", "ann", **someone.variables)
            ann.shows("(plain, over the network).", "This server has no TLS: what you type can be read on the way.")
            ann.types("y", "Enter")
            ann.shows("You are ann (guest) in #lobby", "[#lobby]")
            daemon.stop(signal.SIGKILL)
            daemon.start()
            ann.shows("Back. Nothing was lost.")

    def test_a_server_that_is_known_may_not_do_without(self, secure: Daemon, start: Start, someone: Someone) -> None:
        someone.known.parent.mkdir(parents=True)
        someone.known.write_text(f"localhost:{secure.port} {fingerprint(secure)}\n")
        assert someone.far(secure, "--say", "hi").returncode == 0
        secure.stop(signal.SIGTERM)
        plain = start()
        someone.known.write_text(f"localhost:{plain.port} {fingerprint(secure)}\n")
        refused = someone.far(plain, "--say", "hi", "--insecure")
        assert (refused.returncode, "had TLS before, and has none now" in refused.stderr) == (5, True)

    def test_what_the_systems_roots_vouch_for_is_fine_without_a_word(
        self, start: Start, someone: Someone, tmp_path: Path
    ) -> None:
        """Renewed or not, and whatever was known of it before."""
        authority = Authority()
        (tmp_path / "root.pem").write_bytes(authority.pem)
        someone.variables["SSL_CERT_FILE"] = str(tmp_path / "root.pem")
        authority.certifies(tmp_path / "certificate", "localhost")
        daemon = start("--tls", str(tmp_path / "certificate"))
        someone.known.parent.mkdir(parents=True)
        someone.known.write_text(f"localhost:{daemon.port} {':'.join(['AB'] * 32)}\n")
        with terminals(daemon.port, FAR) as sit:
            ann = sit("--nick", "ann", **someone.variables)
            ann.shows("(TLS, certificate vouched for).", "[#lobby]")
            daemon.stop(signal.SIGKILL)
            authority.certifies(tmp_path / "certificate", "localhost")
            daemon.start()
            ann.shows("Back. Nothing was lost.")
            said = someone.far(daemon, "--say", "hi")
            assert (said.returncode, said.stderr) == (0, "")
            daemon.stop(signal.SIGKILL)
            authority.certifies(tmp_path / "certificate", "another.example.org")
            daemon.start()
            ann.shows("another certificate than before", "status 5")

    def test_killing_the_server_under_a_pipe_loses_and_doubles_nothing(
        self, secure: Daemon, someone: Someone
    ) -> None:
        command = [
            *FAR,
            "localhost",
            str(secure.port),
            "--nick",
            "ci",
            "--json",
            "--fingerprint",
            fingerprint(secure),
        ]
        env = environment(**someone.variables)
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as piping:
            assert piping.stdin is not None
            assert piping.stdout is not None
            for n in range(8):
                piping.stdin.write(f"{n}\n".encode())
                piping.stdin.flush()
                if n in {2, 5}:
                    assert piping.stdout.readline()
                    secure.stop(signal.SIGKILL)
                    secure.start()
            piping.stdin.close()
            piping.stdout.read()
            assert piping.wait(60) == 0
        command = [*CLIENT, "localhost", str(secure.port), "--tail", "lobby", "--since", "all"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as tailing:
            assert tailing.stdout is not None
            assert [tailing.stdout.readline().split()[-1] for _ in range(8)] == [str(n) for n in range(8)]
            tailing.terminate()

    def test_a_bot_asks_nobody(self, secure: Daemon, someone: Someone) -> None:
        def bot(wanted: str) -> subprocess.CompletedProcess[str]:
            return someone.runs(sys.executable, "-c", BOT, str(secure.port), wanted)

        assert bot("").returncode == 5
        assert bot("ab" * 32).returncode == 5
        assert "bot joined" not in secure.out
        assert bot(fingerprint(secure)).returncode == 0
        assert "bot joined" in secure.out
