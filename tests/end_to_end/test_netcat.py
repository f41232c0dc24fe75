"""What somebody with netcat types and sees."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.peers import Netcat, Peer, welcome
from tests.end_to_end.streams import DEADLINE
from tests.helpers import tool

if TYPE_CHECKING:
    from tests.end_to_end.daemon import Daemon, Start
    from tests.end_to_end.peers import Meet

KIB = 1024


class DialogueTests:
    """A person at a keyboard."""

    def test_silent_person_is_greeted_and_asked(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever waits is told where they are, asked for a name, and then let in."""
        ann = meet(Netcat(daemon.port))
        ann.shows("Type a nickname and press Enter (2-24 letters).\r\nNICK> ")
        ann.enters("ann")

    def test_two_people_talk(self, daemon: Daemon, meet: Meet) -> None:
        """They hear each other come, talk and go; their own words they see only as they type them."""
        ann, bob = meet(Netcat(daemon.port)), meet(Netcat(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.sees("bob joined!")
        ann.types("hello bob")
        bob.types("hello ann")
        bob.sees("ann: hello bob")
        ann.sees("bob: hello ann")
        bob.types("/quit")
        ann.sees("bob left!")
        bob.sees("-- Goodbye.")
        bob.types_no_more()
        assert bob.exits() == 0
        assert "bob: hello ann" not in bob.lines
        assert "ann: hello bob" not in ann.lines

    @pytest.mark.parametrize(
        ("nick", "refusal"),
        [
            ("ann", "ann is here already"),
            ("ANN", "ANN is too much like ann, who is here"),
            ("x", "A nickname has 2 to 24 characters"),
            ("two words", "A nickname is one word"),
            ("admin", "admin is reserved"),
            ("_ann", "A nickname begins with a letter or a digit"),
        ],
    )
    def test_name_that_cannot_be_had_is_asked_for_again(
        self, daemon: Daemon, meet: Meet, nick: str, refusal: str
    ) -> None:
        """The refusal says why, the prompt comes again, and the next name is as good as a first one."""
        ann, other = meet(Peer(daemon.port)), meet(Netcat(daemon.port))
        ann.enters("ann")
        other.shows("NICK> ")
        other.types(nick)
        other.shows(f"! {refusal}")
        other.shows("\r\nNICK> ")
        other.enters("bob")
        ann.sees("bob joined!")

    def test_unknown_command_is_never_said(self, daemon: Daemon, meet: Meet) -> None:
        """A mistyped command is refused with the one that was meant, and nobody hears of it."""
        ann, bob = meet(Peer(daemon.port)), meet(Netcat(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.types("/hlep", "done")
        bob.sees("! No command /hlep. Did you mean /help?")
        assert ann.sees("bob: done") == ["bob joined!"]


class PipeTests:
    """A shell script at the other end."""

    @pytest.mark.parametrize("option", ["-N", "-q1"])
    def test_pipe_that_ends_gets_its_answers(self, daemon: Daemon, meet: Meet, option: str) -> None:
        """``printf 'bot\\nhello\\n/who\\n' | nc`` says its line, is answered, and everybody hears it."""
        ann = meet(Peer(daemon.port))
        ann.enters("ann")
        done = subprocess.run(
            [tool("nc"), option, "127.0.0.1", str(daemon.port)],
            input=b"bot\nhello\n/who\n",
            capture_output=True,
            timeout=DEADLINE,
            check=True,
        )
        lines = done.stdout.decode().splitlines()
        assert lines == [welcome("bot"), "-- #lobby (2 people): ann, bot"]
        ann.sees("bot joined!", "bot: hello", "bot left!")

    def test_pipe_whose_name_is_refused_says_nothing(self, daemon: Daemon, meet: Meet) -> None:
        """It is told why and let go: its next line is no nickname, and nobody hears it."""
        ann, pipe = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        pipe.types("ann", "secret")
        assert pipe.ends() == b"! ann is here already.\r\n"
        ann.types("/who")
        assert ann.sees("-- #lobby (1 person): ann") == []

    def test_long_pipe_is_stored_whole(self, daemon: Daemon, meet: Meet) -> None:
        """Two thousand lines and an end of input: all of them are said before the pipe leaves."""
        said = [f"line {number}" for number in range(2000)]
        ann, pipe = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        pipe.types("pipe", *said)
        pipe.sends_no_more()
        assert ann.sees("pipe left!") == ["pipe joined!", *(f"pipe: {line}" for line in said)]
        assert pipe.ends().decode().splitlines() == [welcome("pipe")]


class BadInputTests:
    """What is no line, and who is no person."""

    def test_line_over_the_limit_is_refused(self, daemon: Daemon, meet: Meet) -> None:
        """It is told how long a line may be, and the next line is said."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.types("x" * 5000, "short")
        bob.sees("! A line has at most 4096 bytes; that one has 5000.")
        assert ann.sees("bob: short") == ["bob joined!"]

    def test_invalid_utf8_is_refused(self, daemon: Daemon, meet: Meet) -> None:
        """Nobody sees a line that is not UTF-8, its sender is told, and the next line is said."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.sends(b"caf\xe9\ncaf\xc3\xa9\n")
        bob.shows("! That line is not UTF-8")
        assert ann.sees("bob: café") == ["bob joined!"]

    @pytest.mark.parametrize("named", [True, False])
    def test_input_without_an_end_is_aborted(self, daemon: Daemon, meet: Meet, *, named: bool) -> None:
        """After 64 KiB without a line end the connection is over, and the others never notice."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        if named:
            bob.enters("bob")
            ann.sees("bob joined!")
        for _ in range(70):
            bob.sends(b"x" * KIB)
        bob.ends()
        if named:
            ann.sees("bob left!")
        ann.types("/who")
        assert ann.sees("-- #lobby (1 person): ann") == []

    @pytest.mark.parametrize(
        "first",
        [
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST /say HTTP/1.1\r\nContent-Length: 3\r\n\r\nhey",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
        ],
        ids=["GET", "POST", "TLS"],
    )
    def test_another_protocol_is_closed_without_a_word(self, daemon: Daemon, meet: Meet, first: bytes) -> None:
        """No browser can be made to chat: not a byte is answered, and nobody has joined."""
        ann, browser = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        browser.sends(first)
        assert browser.ends() == b""
        ann.types("/who")
        assert ann.sees("-- #lobby (1 person): ann") == []


class LeavingTests:
    """However a connection ends, it is news once."""

    def test_clean_end(self, daemon: Daemon, meet: Meet) -> None:
        """A client that closes its connection has left once."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.close()
        assert self._between_leaving_and_now(ann) == []

    def test_reset(self, daemon: Daemon, meet: Meet) -> None:
        """A connection that is reset has left once."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.resets()
        assert self._between_leaving_and_now(ann) == []

    def test_killed_client(self, daemon: Daemon, meet: Meet) -> None:
        """A client that is killed has left once."""
        ann, bob = meet(Peer(daemon.port)), meet(Netcat(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.killed()
        assert self._between_leaving_and_now(ann) == []

    def test_quit_and_reset(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever quits and is then cut off has left once."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        bob.types("/quit")
        bob.resets()
        assert self._between_leaving_and_now(ann) == []

    def test_somebody_without_a_name_goes_unnoticed(self, daemon: Daemon, meet: Meet) -> None:
        """Who never said a name has neither joined nor left."""
        ann = meet(Peer(daemon.port))
        ann.enters("ann")
        with_prompt, at_once = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        with_prompt.shows("NICK> ")
        with_prompt.resets()
        at_once.close()
        ann.types("/who")
        assert ann.sees("-- #lobby (1 person): ann") == []

    def _between_leaving_and_now(self, ann: Peer) -> list[str]:
        ann.sees("bob joined!", "bob left!")
        ann.types("/who")
        return ann.sees("-- #lobby (1 person): ann")


class SilenceTests:
    """Those who do nothing."""

    def test_silent_client_blocks_nobody(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever neither names themselves nor types keeps nobody else from talking."""
        meet(Peer(daemon.port))
        named_but_silent = meet(Peer(daemon.port))
        named_but_silent.enters("sloth")
        half = meet(Peer(daemon.port))
        half.enters("half")
        half.sends(b"a line that is never end")
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        said = [f"line {number}" for number in range(100)]
        ann.types(*said)
        bob.sees(*(f"ann: {line}" for line in said))

    def test_whoever_says_no_name_is_let_go(self, start: Start, meet: Meet) -> None:
        """Somebody who is asked and does not answer is told so and let go after the time that is set."""
        daemon = start("--set", "limits.nick_seconds=1")
        ann, silent = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        assert silent.ends().endswith(b"! No name in 1 s: goodbye.\r\n")
        ann.types("/who")
        ann.sees("-- #lobby (1 person): ann")

    def test_whoever_reads_nothing_is_let_go(self, start: Start, meet: Meet) -> None:
        """A reader that stands still is let go; all others hear everything, in order."""
        daemon = start("--set", "limits.backlog_bytes=65536", "--set", "limits.stalled_seconds=0")
        sloth, ann, bob = meet(Peer(daemon.port, buffer=4 * KIB)), meet(Peer(daemon.port)), meet(Peer(daemon.port))
        sloth.enters("sloth")
        ann.enters("ann")
        bob.enters("bob")
        said: list[str] = []
        heard: list[str] = []
        while "sloth left!" not in heard:
            assert len(said) < 1000, "nobody was let go"
            more = [f"{len(said) + number} {'x' * 3000}" for number in range(10)]
            ann.types(*more, "/who")
            ann.shows("-- #lobby (")
            heard += [*bob.sees(f"ann: {more[-1]}"), f"ann: {more[-1]}"]
            said += more
        assert [line for line in heard if not line.startswith("sloth")] == [f"ann: {line}" for line in said]
