from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.client.live import client, terminals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.live import Sits
    from tests.end_to_end.daemon import Daemon


@pytest.fixture
def sits(daemon: Daemon) -> Iterator[Sits]:
    """Somebody sits down at a terminal and starts the client."""
    with terminals(daemon.port) as sit:
        yield sit


class TerminalTests:
    def test_the_first_minute(self, daemon: Daemon, sits: Sits) -> None:
        client(daemon.port, "--nick", "bob", text=b"anyone here?\n")
        ann = sits(LOGNAME="ann")
        ann.shows("(plain, same computer).", "Nickname [ann]:")
        ann.types("alice", "Enter")
        ann.shows(
            "You are alice (guest) in #lobby, 1 person. Messages are kept.", "-- last 1 --", "bob: anyone here?"
        )
        ann.types("hi bob", "Enter")
        ann.ends_with("alice: hi bob\n[#lobby]")
        ann.types("/me waves", "Enter")
        ann.ends_with("* alice waves\n[#lobby]")
        ann.types("C-d")
        ann.ends_with("status 0")

    def test_what_arrives_never_touches_what_is_being_typed(self, daemon: Daemon, sits: Sits) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("half a sen")
        ann.ends_with("[#lobby] half a sen")
        client(daemon.port, "--nick", "bob", text=b"\n".join(b"%d" % n for n in range(50)))
        ann.shows("bob: 49", "bob left!")
        ann.ends_with("[#lobby] half a sen")
        ann.types("tence", "Enter")
        ann.ends_with("ann: half a sentence\n[#lobby]")

    def test_killing_the_server_costs_nothing(self, daemon: Daemon, sits: Sits) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("before", "Enter")
        ann.shows("ann: before")
        daemon.stop(signal.SIGKILL)
        ann.shows("Lost the server. Trying again in 1 s (Ctrl-C stops)...")
        ann.types("meanwhile", "Enter")
        ann.shows("(goes out when the server is back) meanwhile")
        ann.types("half ty")
        daemon.start()
        ann.shows("Back. Nothing was lost.", "ann: meanwhile")
        ann.ends_with("[#lobby] half ty")
        ann.types("ped", "Enter")
        ann.shows("ann: half typed")
        assert ann.screen().count("ann: before") == 1
        assert ann.screen().count("ann: meanwhile") == 1

    def test_a_server_whose_history_was_replaced_is_not_said_to_have_lost_nothing(
        self, daemon: Daemon, sits: Sits
    ) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("before", "Enter")
        ann.shows("ann: before")
        daemon.stop(signal.SIGKILL)
        for kept in daemon.data.glob("tcpchat.db*"):
            kept.unlink()
        daemon.start()
        ann.shows("Back, but the server's history is another one now")
        assert "Nothing was lost" not in ann.screen()

    def test_a_taken_name_is_asked_for_again(self, sits: Sits) -> None:
        sits("--nick", "alice").shows("[#lobby]")
        second = sits("--nick", "alice")
        second.shows("Another name [alice2]:")
        second.types("Enter")
        second.shows("You are alice2 (guest) in #lobby, 2 people.")

    def test_the_tab_key_knows_commands_and_people(self, sits: Sits) -> None:
        sits("--nick", "bob").shows("[#lobby]")
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("/ms", "Tab")
        ann.ends_with("[#lobby] /msg")
        ann.types("bo", "Tab")
        ann.ends_with("[#lobby] /msg bob")
        ann.types("psst", "Enter")
        ann.shows("you -> bob: psst")

    def test_ctrl_c_clears_the_line_and_then_leaves(self, sits: Sits) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("oops")
        ann.ends_with("[#lobby] oops")
        ann.types("C-c")
        ann.ends_with("[#lobby]")
        ann.types("C-c")
        ann.shows("Ctrl-D leaves; so does Ctrl-C once more.")
        ann.types("C-c")
        ann.ends_with("status 0")

    def test_quitting_with_a_reason_ends_it(self, sits: Sits) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("/quit lunch", "Enter")
        ann.ends_with("status 0")

    def test_rooms_and_the_way_between_them(self, sits: Sits) -> None:
        bob = sits("--nick", "bob", "--room", "#ops")
        bob.shows("You are bob (guest) in #ops, 1 person.", "[#ops]")
        bob.types("ship it", "Enter")
        bob.shows("bob: ship it")
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("/join ops", "Enter")
        ann.shows("-- You are in #ops (2 people: ann, bob).", "-- last 1 --", "bob: ship it", "-- now --\n[#ops]")
        ann.types("/j #l", "Tab")
        ann.ends_with("[#ops] /j #lobby")
        ann.types("Enter")
        ann.ends_with("-- What you type goes to #lobby now.\n[#lobby]")
        bob.types("/topic today", "Enter")
        ann.ends_with("#ops -- bob set the topic: today\n[#lobby]")
        ann.types("/part #ops lunch", "Enter")
        ann.ends_with("-- You have left #ops. What you type goes to #lobby now.\n[#lobby]")
        bob.ends_with("ann left! (lunch)\n[#ops]")
        assert "ann left" not in ann.screen()

    def test_killing_the_server_costs_a_guests_room_and_nothing_else(self, daemon: Daemon, sits: Sits) -> None:
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        ann.types("/join #ops", "Enter")
        ann.shows("You are in #ops")
        ann.types("for ops", "Enter")
        ann.shows("ann: for ops")
        daemon.stop(signal.SIGKILL)
        ann.shows("Lost the server.")
        ann.types("a secret", "Enter")
        ann.shows("(goes out when the server is back) a secret")
        ann.types("/j lobby", "Enter")
        ann.shows("What you type goes to #lobby now.")
        ann.types("hello", "Enter")
        ann.shows("(goes out when the server is back) hello")
        daemon.start()
        ann.shows("-- #ops is gone.", "-- (not sent) a secret", "Back. Nothing else was lost.", "ann: hello")
        ann.ends_with("[#lobby]")
        assert "Nothing was lost" not in ann.screen()
        assert "ann: a secret" not in ann.screen()

    @pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_no_color_is_honoured(self, sits: Sits, variables: dict[str, str], coloured: bool) -> None:  # noqa: FBT001
        ann = sits("--nick", "ann", **variables)
        ann.shows("[#lobby]")
        ann.types("hi", "Enter")
        ann.shows("ann: hi")
        assert ("\x1b[3" in ann.screen("-e")) is coloured
