"""The line door, with people on connections that are only strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.helpers import Clockwork

WELCOME = "Connected to server! You are {}, a guest, in #lobby. Messages here are kept.  /help  /quit"


class TextPeopleTests:
    """People on netcat."""

    def test_silent_peer_is_greeted_in_three_pieces(self, clockwork: Clockwork) -> None:
        """The four bytes NICK go out alone, for the tutorial's client compares them whole."""
        ann = clockwork.connect()
        clockwork.wait(0.35)
        assert ann.sees() == ["tcpchat on bee. Type a nickname and press Enter (2-24 letters)."]
        clockwork.wait(0.15)
        assert ann.sees() == ["NICK"]
        clockwork.wait(0.3)
        assert ann.sees() == ["> "]

    def test_people_talk(self, clockwork: Clockwork) -> None:
        """Everybody hears what is said, but those who said it see it on their own screen already."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        assert ann.sees() == ["bob joined!"]
        ann.types("hello", "how are you?")
        assert bob.sees() == ["ann: hello", "ann: how are you?"]
        assert ann.sees() == []

    def test_newcomer_sees_the_last_messages(self, clockwork: Clockwork) -> None:
        """What was said before stands between its marks, with its time."""
        ann = clockwork.enter("ann")
        ann.types("one", "/me waves")
        bob = clockwork.connect()
        bob.types("bob")
        seen = bob.sees()
        assert seen[0] == WELCOME.format("bob")
        assert seen[1] == "-- last 2 of 2 --"
        assert [line.partition("] ")[2] for line in seen[2:4]] == ["ann: one", "* ann waves"]
        assert seen[4:] == ["-- now --"]
