from __future__ import annotations

import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.client.live import CLIENT, client, environment, terminals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.live import Sits, Tmux
    from tests.end_to_end.daemon import Daemon

PASSWORD, ANOTHER = "sesame-12", "simsim-34"


@pytest.fixture
def sits(daemon: Daemon) -> Iterator[Sits]:
    """Somebody sits down at a terminal and starts the client."""
    with terminals(daemon.port) as sit:
        yield sit


def sits_in(sits: Sits, nick: str, *more: str) -> Tmux:
    """Somebody who is in the lobby, or elsewhere."""
    seat = sits("--nick", nick, *more)
    seat.shows(f"You are {nick} (guest)", "]")
    return seat


def registers(seat: Tmux) -> None:
    """Have somebody become a member."""
    seat.types("/register", "Enter")
    seat.shows("A password, of 8 characters at least:")
    seat.types(PASSWORD, "Enter")
    seat.shows("The same once more:")
    seat.types(PASSWORD, "Enter")
    seat.shows("a member")


class PasswordTests:
    def test_a_name_of_ones_own(self, sits: Sits) -> None:
        ann = sits_in(sits, "ann")
        registers(ann)
        ann.types("C-d")
        ann.ends_with("status 0")
        again = sits("--nick", "ann")
        again.shows("Password of ann (Enter: another name):")
        again.types("wrong-one", "Enter")
        again.shows("do not belong together. Password of ann")
        again.types(PASSWORD, "Enter")
        again.shows("You are ann (member) in #lobby")
        again.types("/passwd", "Enter")
        for question, answer in (("have:", PASSWORD), ("new one", ANOTHER), ("once more:", ANOTHER)):
            again.shows(question)
            again.types(answer, "Enter")
        again.shows("-- Your password is changed.")
        again.types("/logout", "Enter")
        again.shows("-- You are ann2, a guest.")
        again.types("/login ann", "Enter")
        again.shows("Password of ann:")
        again.types(ANOTHER, "Enter")
        again.shows("-- You are ann, a member.")
        for seat in (ann, again):
            assert not [each for each in (PASSWORD, ANOTHER, "wrong-one") if each in seat.screen("-S", "-")]

    def test_a_pipe_has_it_from_the_environment(self, daemon: Daemon, sits: Sits) -> None:
        registers(sits_in(sits, "ci"))
        without = client(daemon.port, "--nick", "ci", text=b"done\n")
        assert without.returncode == 1
        assert b"Give the password in TCPCHAT_TOKEN, or choose another name with --nick" in without.stderr
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "ci"]
        for token, status in (("wrong-one", 1), (PASSWORD, 0)):
            how = environment(TCPCHAT_TOKEN=token)
            sent = subprocess.run(command, input=b"done\n", env=how, capture_output=True, timeout=30, check=False)
            assert sent.returncode == status, sent.stderr
            assert token.encode() not in sent.stdout + sent.stderr


class ModerationTests:
    def test_whoever_is_put_out_stays_out_over_a_restart(self, daemon: Daemon, sits: Sits) -> None:
        ann, bob = sits_in(sits, "ann", "--room", "#ops"), sits_in(sits, "bob", "--room", "#ops")
        registers(ann)
        ann.types("/kick bob enough", "Enter")
        bob.shows("-- ann kicked bob. (enough)", "-- You are not in #ops any more.", "-- You are in #lobby")
        bob.ends_with("[#lobby]")
        daemon.stop(signal.SIGTERM)
        bob.shows("Lost the server.")
        daemon.start()
        bob.shows("Back. Nothing was lost.")
        bob.types("hello?", "Enter")
        bob.ends_with("bob: hello?\n[#lobby]")
        ann.types("/ban bob 2h spam", "Enter")
        ann.shows("-- ann banned bob for 2h. (spam)")
        bob.types("/join #ops", "Enter")
        bob.shows("! You are banned from #ops for ")
        bob.ends_with("[#lobby]")

    def test_whoever_is_banned_from_the_server_is_told_why_and_tries_no_more(
        self, daemon: Daemon, sits: Sits
    ) -> None:
        ann, bob = sits_in(sits, "ann"), sits_in(sits, "bob")
        code = re.search(r"/claim (\S+)", daemon.out)
        assert code is not None, daemon.out
        ann.types(f"/claim {code[1]}", "Enter")
        ann.shows("You are admin of this server")
        assert code[1] not in ann.screen()
        ann.types("/ban -s bob 2h spam", "Enter")
        bob.shows("You are banned from this server for 2h more: spam", "status 6")

    def test_a_room_that_is_renamed_or_dropped(self, sits: Sits) -> None:
        ann, bob = sits_in(sits, "ann", "--room", "#ops"), sits_in(sits, "bob", "--room", "#ops")
        registers(ann)
        for _ in range(2):
            ann.types("/rename #ops deploy", "Enter")
        for seat in (ann, bob):
            seat.shows("-- ann renamed #ops to #deploy.")
            seat.ends_with("[#deploy]")
        bob.types("still here", "Enter")
        ann.shows("bob: still here")
        for _ in range(2):
            ann.types("/drop #deploy", "Enter")
        bob.shows("-- ann has dropped #deploy.", "-- You are not in #deploy any more.", "-- You are in #lobby")
        bob.ends_with("[#lobby]")

    def test_a_key_opens_a_room(self, sits: Sits) -> None:
        ann, bob = sits_in(sits, "ann", "--room", "#ops"), sits_in(sits, "bob")
        ann.types("/room set key sesame", "Enter")
        ann.shows("-- ann set this room: key")
        bob.types("/join #ops", "Enter")
        bob.shows("! #ops wants the right key")
        bob.types("/join #ops sesame", "Enter")
        bob.ends_with("[#ops]")
        assert "sesame" not in bob.screen()


class WordsTests:
    def test_what_was_said_can_be_corrected_and_found(self, sits: Sits) -> None:
        ann, bob = sits_in(sits, "ann"), sits_in(sits, "bob")
        registers(ann)
        ann.types("teh beer is cold", "Enter")
        bob.shows("ann: teh beer is cold")
        ann.types("s/teh/the/", "Enter")
        bob.shows("-- ann edited: the beer is cold")
        ann.types("/search beer", "Enter")
        ann.shows("] #lobby ann: the beer is cold")
        ann.types("/del", "Enter")
        bob.shows("-- ann deleted a message.")

    def test_preferences_are_kept_for_members(self, sits: Sits) -> None:
        ann = sits_in(sits, "ann")
        registers(ann)
        ann.types("/set time on", "Enter")
        ann.shows("-- time is on.")
        ann.types("now", "Enter")
        ann.shows("] ann: now")
        ann.types("C-d")
        ann.ends_with("status 0")
        again = sits("--nick", "ann")
        again.shows("Password of ann")
        again.types(PASSWORD, "Enter")
        again.shows("You are ann (member)", "[#lobby]")
        again.types("later", "Enter")
        again.shows("] ann: later")

    def test_whoever_is_ignored_is_not_seen_and_costs_nothing(self, sits: Sits) -> None:
        ann, bob = sits_in(sits, "ann"), sits_in(sits, "bob")
        ann.types("/ignore bob", "Enter")
        ann.shows("-- ", "bob")
        bob.types("can you hear me?", "Enter")
        bob.shows("bob: can you hear me?")
        ann.types("nobody here", "Enter")
        bob.types("/me waves", "Enter")
        bob.shows("* bob waves")
        ann.types("at all", "Enter")
        ann.ends_with("ann: nobody here\nann: at all\n[#lobby]")
