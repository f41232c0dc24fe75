"""A person who goes on in JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.helpers import Clockwork


class JsonLaterTests:
    def test_from_the_next_line_on(self, clockwork: Clockwork) -> None:
        """They are welcomed as a program is, and hear and say the same as before in another manner."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sees()
        ann.types("/json")
        (hello,) = ann.hears()
        assert (hello["ev"], hello["nick"], hello["session"]) == ("hello", "ann", "")
        bob.types("hi")
        ann.asks(op="say", text="hello", cid="c1", ref=1)
        said, ack, own = ann.hears()
        assert (said["ev"], said["room"], said["text"]) == ("said", "#lobby", "hi")
        assert (ack["ev"], ack["ref"], ack["cid"]) == ("ack", 1, "c1")
        assert own["text"] == "hello"
        assert bob.sees()[-1] == "ann: hello"
        ann.types("no json")
        assert ann.hears()[0]["code"] == "bad_json"

    def test_lines_may_be_long_then(self, clockwork: Clockwork) -> None:
        """As those of every program."""
        ann = clockwork.enter("ann")
        ann.types("/json")
        ann.hears()
        ann.asks(op="say", text="x" * 4000, cid="y" * 60)
        assert [line["ev"] for line in ann.hears()] == ["ack", "said"]

    def test_from_the_very_line_on(self, clockwork: Clockwork) -> None:
        """What follows in the same piece is JSON already."""
        ann = clockwork.enter("ann")
        ann.sends(b'/json\n{"op":"ping","n":3}\n')
        assert [line["ev"] for line in ann.hears()] == ["hello", "pong"]

    def test_who_speaks_it_already(self, clockwork: Clockwork) -> None:
        """Is told so, and nothing changes."""
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="command", line="/json", ref=1)
        assert bot.hears() == [{"ev": "ok", "ref": 1, "text": "You speak JSON lines already."}]


class MotdTests:
    def test_who_comes_in_is_told(self, clockwork: Clockwork) -> None:
        """People and programs, also after a restart."""
        ann = clockwork.admin("ann")
        ann.types("/motd Beer at six.")
        assert ann.sees() == ["-- Beer at six."]
        bob = clockwork.connect()
        bob.types("bob")
        assert "-- Beer at six." in bob.sees()
        assert clockwork.program("bot").hears()[0]["motd"] == "Beer at six."
        bob.types("/motd off", "/motd")
        assert bob.sees()[-2:] == [
            "! A guest may not administer the server; an admin may.",
            "-- Beer at six.",
        ]
        ann.types("/motd off")
        assert ann.sees()[-1] == "-- There is nothing to say today."

    def test_a_backup_can_be_opened(self, clockwork: Clockwork) -> None:
        """All that is kept is in it."""
        ann = clockwork.admin("ann")
        ann.types("/motd Beer at six.")
        ann.sees()
        ann.types("/backup")
        (told,) = ann.sees()
        assert told.startswith(f"-- Copied to {clockwork.folder}/tcpchat-")
        ann.types("/backup")
        assert ann.sees()[0].startswith("! no backup was made")
