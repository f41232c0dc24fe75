"""Rooms at the line door: several at once, one of them the active one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.helpers import Clockwork

if TYPE_CHECKING:
    from pathlib import Path

IN_OPS = "What you type goes here; lines from elsewhere carry their room."


class NumbersTests:
    def test_an_op_takes_away_the_message_that_they_point_at(self, clockwork: Clockwork) -> None:
        """By its number, which they are shown when they want to be, in what is said and in what was."""
        ann, troll = clockwork.member("ann"), clockwork.enter("troll")
        ann.types("/join #ops")
        troll.types("/join #ops", "spam", "fine", "well")
        ann.types("/set numbers on", "/history")
        assert [line.partition("] ")[2] for line in ann.sees() if "^" in line] == [
            *("^1 troll: spam", "^2 troll: fine", "^3 troll: well"),
        ]
        troll.types("bye")
        ann.types("/del ^1", "/history")
        seen = ann.sees()
        assert seen[0] == "^4 troll: bye"
        assert any("-- troll's message was deleted." in line for line in seen)
        assert not any("spam" in line for line in seen)


class SeveralRoomsTests:
    """People on netcat who are in more than one room."""

    def test_what_is_typed_goes_to_the_active_room(self, clockwork: Clockwork) -> None:
        """Lines from another room carry its name, of the active one they do not."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/join #ops", "in ops")
        assert ann.sees() == ["bob joined!", f"-- You are in #ops (1 person: ~ann). {IN_OPS}"]
        bob.types("in the lobby", "two\nlines")
        assert ann.sees() == ["#lobby bob: in the lobby", "#lobby bob: two", "#lobby bob: lines"]
        assert bob.sees() == []
        bob.types("/join ops", "hi ops")
        assert bob.sees() == [
            f"-- You are in #ops (2 people: ~ann, bob). {IN_OPS}",
            "-- last 1 of 1 --",
            "[Tue 22:13] ann: in ops",
            "-- now --",
        ]
        assert ann.sees() == ["bob joined!", "bob: hi ops"]

    def test_going_back_to_a_room_replays_nothing(self, clockwork: Clockwork) -> None:
        """Whoever is in it has heard everything; only what they type goes elsewhere."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/join #ops", "/join #lobby", "hello lobby")
        assert ann.sees()[-1] == "-- What you type goes to #lobby now."
        assert bob.sees() == ["ann: hello lobby"]
        bob.types("/join #ops", "/join #lobby", "/join #ops", "hi")
        assert ann.sees()[-1] == "#ops bob: hi"

    def test_leaving_a_room_is_told_there(self, clockwork: Clockwork) -> None:
        """And what is typed goes to the lobby again, or nowhere at last."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/join #ops")
        bob.types("/join #ops")
        ann.sees(), bob.sees()
        bob.types("/part #ops lunch", "hi")
        assert bob.sees() == ["-- You have left #ops. What you type goes to #lobby now."]
        assert ann.sees() == ["bob left! (lunch)", "#lobby bob: hi"]
        bob.types("/part", "hi", "/part")
        assert bob.sees() == [
            "-- You have left #lobby. You are in no room: /join one.",
            "! You are in no room.",
            "! You are in no room.",
        ]

    def test_quitting_is_told_in_every_room(self, clockwork: Clockwork) -> None:
        """Each line says which room it is about."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        for person in (ann, bob):
            person.types("/join #ops")
        ann.sees()
        bob.types("/quit")
        assert sorted(ann.sees()) == ["#lobby bob left!", "bob left!"]

    def test_topic_is_seen_by_all_who_come(self, clockwork: Clockwork) -> None:
        """Its owner sets it; in the lobby nobody does."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/topic hello", "/topic", "/join #ops", "/topic ship it", "/topic")
        assert [line for line in ann.sees() if "opic" in line or "ship" in line] == [
            "! A guest may not set the topic here; an op may.",
            "-- #lobby has no topic.",
            "-- ann set the topic: ship it",
            "-- #ops: ship it",
        ]
        bob.types("/join #ops", "/topic mine", "/rooms")
        seen = bob.sees()
        assert seen[1] == "-- Topic: ship it"
        assert seen[-3:] == [
            "! A guest may not set the topic here; an op may.",
            "-- #lobby (2)",
            "-- #ops (2)  ship it",
        ]

    def test_a_guests_room_is_gone_when_it_is_empty(self, clockwork: Clockwork) -> None:
        """One that is made again under its name shares nothing with it."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/join #ops", "secret", "/join #two")
        assert ann.sees()[-1].endswith("yours is still there: /register, and you can have more.")
        ann.types("/part #ops", "/join #two")
        assert ann.sees()[-1] == f"-- You are in #two (1 person: ~ann). {IN_OPS}"
        bob.types("/rooms o", "/join #ops", "/history")
        assert bob.sees() == [
            "-- #lobby (2)",
            "-- #two (1)",
            f"-- You are in #ops (1 person: ~bob). {IN_OPS}",
            "-- Nothing has been said in #ops yet.",
        ]
        bob.breaks()
        assert [room.name for room in clockwork.chat.rooms] == ["#lobby", "#two"]
        assert [room.name for room in clockwork.factory.audiences._by_room] == ["#lobby", "#two"]

    def test_names_of_rooms(self, clockwork: Clockwork) -> None:
        """Case does not matter, and what looks like another's name is refused."""
        ann = clockwork.enter("ann")
        ann.types("/join #Ops", "/join #oPS", "/join #0ps", "/join a b c", "/join #x", "/join #lobby2")
        assert ann.sees()[1:] == [
            "-- What you type goes to #Ops now.",
            "! #0ps is too much like #Ops, which exists.",
            "! Like this: /join #ROOM [KEY]",
            "! A room's name has 2 to 24 characters; that one has 1.",
            "! A guest can make one room at a time, and yours is still there: /register, and you can have more.",
        ]

    def test_other_rooms_can_be_asked_about(self, clockwork: Clockwork) -> None:
        """Who is there and what was said, from elsewhere."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/join #ops", "one", "two")
        bob.types("/who #ops", "/history #ops 1", "/who #none")
        seen = bob.sees()
        assert seen[0] == "-- #ops (1 person): ~ann"
        assert seen[1].endswith("ann: two")
        assert seen[3] == "! There is no room #none."

    def test_guests_rooms_are_gone_after_a_restart(self, tmp_path: Path) -> None:
        """Nobody is there any more; the lobby stays what it was."""
        works = Clockwork(tmp_path)
        works.enter("ann").types("hello", "/join #ops", "secret")
        works.stop()
        later = Clockwork(tmp_path)
        assert [(room.name, room.head) for room in later.chat.rooms] == [("#lobby", 1)]
        later.stop()


class RenamingTests:
    """A room that has another name from here on."""

    def test_everybody_in_it_stays_in_it(self, clockwork: Clockwork) -> None:
        """What comes before that in the same batch carries the old name, and what follows the new one."""
        ann, bob, bot = clockwork.member("ann"), clockwork.enter("bob"), clockwork.program("bot")
        ann.types("/join #ops", "/rename deploy")
        bob.types("/join #ops", "/join #lobby")
        bot.asks(op="join", room="#ops")
        bob.sees(), bot.hears()
        for person, line in ((ann, b"one"), (ann, b"/rename deploy"), (ann, b"two")):
            person.protocol.dataReceived(line + b"\n")
        clockwork.settle()
        assert bob.sees() == ["#ops ann: one", "#ops -- ann renamed #ops to #deploy.", "#deploy ann: two"]
        assert [(event["ev"], event["room"]) for event in bot.hears()] == [
            ("said", "#ops"),
            ("room_renamed", "#ops"),
            ("said", "#deploy"),
        ]
        bob.types("/join deploy", "hi")
        assert bob.sees() == ["-- What you type goes to #deploy now."]
        assert bot.hears()[-1]["room"] == "#deploy"
        assert len(clockwork.factory.audiences._by_room[clockwork.chat.rooms.named("#deploy")]) == 2

    def test_while_somebody_is_told_what_was(self, clockwork: Clockwork) -> None:
        """The past is told under the name under which it was asked for, up to the entry that says the other one."""
        ann, bot = clockwork.member("ann"), clockwork.program("bot")
        ann.types("/join #ops", *(f"n{number} {'x' * 500}" for number in range(400)), "/rename deploy")
        bot.hears()
        bot.stops_reading()
        bot.asks(op="join", room="#ops", after=0)
        ann.types("/rename deploy", "after it")
        for _ in range(10):
            bot.reads_again()
        *past, renamed, said, live = bot.hears()
        assert {event["room"] for event in (*past, renamed)} == {"#ops"}
        assert (renamed["ev"], said["room"], said["text"], live["room"]) == (
            "room_renamed",
            "#deploy",
            "after it",
            "#deploy",
        )


class PreferenceTests:
    """How one person is told things."""

    def test_echo_and_time(self, clockwork: Clockwork) -> None:
        """They change what this person is shown, in every room, and nobody else."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/set echo on", "/set time on", "hi", "/msg bob psst")
        time = ann.sees()[-1][:8]
        bob.types("hello")
        assert ann.sees() == [f"{time}bob: hello"]
        assert bob.sees() == ["ann: hi", "ann -> you: psst"]
        ann.types("/set time off", "/set echo off", "bye", "/join #ops", "/set time on")
        ann.sees()
        bob.types("still here")
        assert ann.sees() == [f"{time}#lobby bob: still here"]


class ProgramsInRoomsTests:
    """Programs say which room they mean."""

    def test_room_is_made_joined_and_left(self, clockwork: Clockwork) -> None:
        """Each line says its room; a topic is a message with a seq of its own."""
        bot, ann = clockwork.program("bot"), clockwork.enter("ann")
        bot.hears()
        bot.asks(op="join", room="#ops", ref=1)
        ok, live = bot.hears()
        assert (ok["room"], ok["role"], ok["topic"], ok["people"], live["seq"]) == ("#ops", "owner", "", ["bot"], 0)
        ann.types("/join #ops")
        bot.asks(op="command", line="/topic now", room="#ops", ref=2)
        bot.asks(op="say", room="#ops", text="hi", ref=3)
        bot.asks(op="part", room="#ops", why="done", ref=4)
        heard = bot.hears()
        assert [(event["ev"], event.get("seq")) for event in heard] == [
            ("joined", None),
            ("topic", 1),
            ("ok", None),
            ("ack", 2),
            ("said", 2),
            ("left", None),
            ("ok", None),
        ]
        assert ann.sees()[-3:] == ["-- bot set the topic: now", "bot: hi", "bot left! (done)"]
