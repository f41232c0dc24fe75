"""Who is put out of a room hears no more of it, and whom one ignores one hears nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.helpers import Clockwork, Person

NOW_IN_LOBBY = "-- What you type goes to #lobby now."


@pytest.fixture
def ops(clockwork: Clockwork) -> Person:
    """Give the owner of #ops, in which she is."""
    ann = clockwork.member("ann")
    ann.types("/join #ops")
    ann.sees()
    return ann


def joins(works: Clockwork, nick: str) -> Person:
    """Return somebody who is in the lobby and, actively, in #ops."""
    person = works.enter(nick)
    person.types("/join #ops")
    person.sees()
    return person


def at_once(works: Clockwork, *typed: tuple[Person, str]) -> None:
    """Have all of that committed as one batch."""
    for person, line in typed:
        person.protocol.dataReceived(f"{line}\n".encode())
    works.settle()


class KickedTests:
    """A person at netcat, and a program."""

    def test_it_is_told_with_the_reason_and_where_they_are(self, clockwork: Clockwork, ops: Person) -> None:
        """What they type goes to another room, and they hear that one as the active one."""
        bob = joins(clockwork, "bob")
        ops.types("/kick bob too loud", "still here")
        assert bob.sees() == ["-- ann kicked bob. (too loud)", NOW_IN_LOBBY]
        ops.types("/join #lobby", "hello")
        bob.types("hi")
        assert (bob.sees(), ops.sees()[-1]) == (["ann: hello"], "bob: hi")

    def test_in_the_middle_of_a_batch(self, clockwork: Clockwork, ops: Person) -> None:
        """What was said before it in one commit is told, and what was said after it is not."""
        bob, cid = joins(clockwork, "bob"), joins(clockwork, "cid")
        bob.sees()
        at_once(clockwork, (cid, "one"), (ops, "/kick bob"), (cid, "two"))
        assert bob.sees() == ["cid: one", "-- ann kicked bob.", NOW_IN_LOBBY]
        assert ops.sees()[-3:] == ["cid: one", "-- ann kicked bob.", "cid: two"]

    def test_a_program_in_the_middle_of_a_batch(self, clockwork: Clockwork, ops: Person) -> None:
        """Its own acknowledgements reach it all the same."""
        bot, cid = clockwork.program("bot"), joins(clockwork, "cid")
        bot.asks(op="join", room="#ops")
        bot.hears()
        bot.protocol.dataReceived(
            b'{"op":"say","text":"one","room":"#ops"}\n{"op":"dm","with":"cid","text":"psst"}\n'
        )
        at_once(clockwork, (ops, "/kick bot"), (cid, "two"))
        assert [(event["ev"], event.get("seq")) for event in bot.hears()] == [
            ("ack", 1),
            ("ack", 1),
            ("said", 1),
            ("kicked", 2),
            ("direct", 1),
        ]

    def test_a_room_that_is_not_the_active_one(self, clockwork: Clockwork, ops: Person) -> None:
        """The line carries the room, and what they type goes where it went."""
        bob = joins(clockwork, "bob")
        bob.types("/join #lobby")
        bob.sees()
        ops.types("/kick bob")
        assert bob.sees() == ["#ops -- ann kicked bob."]

    def test_all_connections_of_a_person(self, clockwork: Clockwork, ops: Person) -> None:
        """They are one person there."""
        bob = clockwork.member("bob")
        bob.types("/join #ops")
        phone = clockwork.program("bob", token="correct-horse")
        phone.asks(op="join", room="#ops")
        bob.sees(), phone.hears()
        ops.types("/kick bob", "secret")
        assert bob.sees() == ["-- ann kicked bob.", NOW_IN_LOBBY]
        assert [event["ev"] for event in phone.hears()] == ["kicked"]

    def test_who_is_still_reading_what_was(self, clockwork: Clockwork, ops: Person) -> None:
        """The rest of the past is not told to them; why is."""
        ops.types(*(f"n{number} {'x' * 500}" for number in range(400)))
        bot = clockwork.program("bob")
        bot.hears()
        bot.stops_reading()
        bot.asks(op="join", room="#ops", after=0)
        ops.types("/kick bob")
        for _ in range(5):
            bot.reads_again()
        heard = bot.hears()
        assert [event["ev"] for event in heard if event["ev"] != "said"] == ["ok", "kicked"]
        assert len(heard) < 200
        ops.types("secret")
        assert bot.hears() == []
        bot.asks(op="say", room="#ops", text="x")
        assert bot.hears()[0]["code"] == "not_in_room"

    def test_who_comes_in_at_that_moment(self, clockwork: Clockwork, ops: Person) -> None:
        """Who has joined and was banned in one batch is not in the room."""
        bob = clockwork.enter("bob")
        at_once(clockwork, (bob, "/join #ops"), (ops, "/ban bob"))
        assert bob.sees() == ["#ops -- ann banned bob.", "! You were put out of #ops at once."]
        ops.types("secret")
        assert bob.sees() == []

    def test_a_ban_is_told_as_a_kick_is(self, clockwork: Clockwork, ops: Person) -> None:
        """And keeps them out."""
        bob = joins(clockwork, "bob")
        ops.types("/ban bob 10m spam")
        first, *rest = bob.sees()
        assert first.startswith("-- ann banned bob for 10m")
        assert rest == [NOW_IN_LOBBY]
        bob.types("/join #ops")
        assert bob.sees()[0].startswith("! You are banned from #ops")

    def test_a_room_that_is_gone(self, clockwork: Clockwork, ops: Person) -> None:
        """All who are in it are told."""
        bob = joins(clockwork, "bob")
        ops.types("/drop", "/drop")
        assert bob.sees() == ["-- ann has dropped #ops.", NOW_IN_LOBBY]

    def test_who_parts_is_told_once(self, clockwork: Clockwork, ops: Person) -> None:  # noqa: ARG002 - it is her room
        """They asked for it."""
        bob = joins(clockwork, "bob")
        bob.types("/part")
        assert bob.sees() == ["-- You have left #ops. What you type goes to #lobby now."]

    def test_a_cursor_tells_nothing_of_a_private_room(self, clockwork: Clockwork, ops: Person) -> None:
        """Whether it is beyond the end or not, who may not come in is refused alike."""
        ops.types("/room set join invite", "one")
        bot = clockwork.program("bot")
        bot.hears()
        for after in (0, 1, 99):
            bot.asks(op="join", room="#ops", after=after)
        assert [event["code"] for event in bot.hears()] == ["not_allowed"] * 3


class IgnoringTests:
    """Somebody whose words are not shown."""

    def test_live_private_and_replayed(self, clockwork: Clockwork) -> None:
        """Nothing they say is seen anywhere; what they do is."""
        ann, bob, cid = (clockwork.enter(nick) for nick in ("ann", "bob", "cid"))
        ann.types("/ignore bob")
        ann.sees(), cid.sees()
        bob.types("hi", "/me waves", "/msg ann psst", "/join #bobs", "/invite ann", "/join #lobby", "again")
        assert ann.sees() == []
        assert [line for line in cid.sees() if "hi" in line or "again" in line] == ["bob: hi", "bob: again"]
        ann.types("/history")
        assert ann.sees() == ["-- Nothing has been said in #lobby yet."]
        ann.types("/part", "/join #lobby")
        assert not any("hi" in line or "again" in line for line in ann.sees())
        ann.types("/unignore bob")
        ann.sees()
        bob.types("hello", "/quit")
        assert ann.sees() == ["bob: hello", "bob left!"]

    def test_programs_are_told_the_places(self, clockwork: Clockwork) -> None:
        """Live, replayed and private: each `seq` is there."""
        bob, bot = clockwork.enter("bob"), clockwork.program("bot")
        bob.types("one")
        bot.asks(op="command", line="/ignore bob")
        bot.hears()
        bot.asks(op="join", room="#lobby", after=0)
        bob.types("two", "/msg bot three")
        assert [(event["ev"], event.get("seq")) for event in bot.hears()] == [
            ("ok", None),
            ("hidden", 1),
            ("live", 1),
            ("hidden", 2),
            ("hidden", 1),
        ]
