"""Programs at the line door: JSON lines, acknowledgements, and coming back to where one was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.helpers import Clockwork
from twistedchat.doors.terms import Terms

if TYPE_CHECKING:
    from pathlib import Path

    from tests.helpers import Person


def seqs(events: list[dict[str, object]]) -> list[object]:
    return [event["seq"] for event in events if event["ev"] in {"said", "emoted"}]


@pytest.fixture
def bot(clockwork: Clockwork) -> Person:
    """Give a program that is in the lobby."""
    bot = clockwork.program("bot")
    bot.asks(op="join", room="#lobby")
    bot.hears()
    return bot


class HelloTests:
    """Who a program is."""

    def test_hello_says_all_that_a_program_needs(self, clockwork: Clockwork) -> None:
        """The answer repeats the ref, and holds the secret to come back with."""
        bot = clockwork.program("bot", ref=7)
        (hello,) = bot.hears()
        assert (hello["ev"], hello["ref"], hello["nick"], hello["role"]) == ("hello", 7, "bot", "guest")
        assert (hello["server"], hello["epoch"], hello["lobby"], hello["v"]) == ("bee", "e9", "#lobby", 1)
        assert hello["limits"] == {"line": 65536, "text": 4000, "burst": 0, "per_s": 0.0}
        assert isinstance(hello["session"], str)
        assert len(hello["session"]) >= 22
        assert hello["time"] == "2023-11-14T22:13:20.000Z"
        assert isinstance(hello["commands"], list)
        assert "/msg NICK TEXT..." in hello["commands"]

    def test_refused_name_can_be_tried_again(self, clockwork: Clockwork) -> None:
        """The refusal has a code, and a name that is free."""
        clockwork.enter("ann")
        bot = clockwork.program("ann", ref="a")
        (error,) = bot.hears()
        assert (error["ev"], error["ref"], error["code"], error["suggest"]) == ("error", "a", "nick_taken", "ann2")
        bot.asks(op="hello", nick="ann2")
        assert bot.hears()[0]["nick"] == "ann2"
        bot.asks(op="hello", nick="ann3")
        assert bot.hears()[0]["code"] == "need_hello"

    def test_who_says_that_it_is_a_bot_is_known_as_one(self, clockwork: Clockwork) -> None:
        """By people and by programs."""
        clockwork.program("deploy", bot=True).asks(op="join", room="#lobby")
        ann = clockwork.enter("ann")
        ann.types("/who")
        assert ann.sees()[-1] == "-- #lobby (2 people): ann, deploy (bot)"
        other = clockwork.program("other")
        other.asks(op="who", room="#lobby")
        who = other.hears()[-1]["who"]
        assert isinstance(who, list)
        assert who[1] == {"nick": "deploy", "role": "guest", "bot": True}

    def test_the_greeting_may_come_first(self, clockwork: Clockwork) -> None:
        """On a slow line the greeting is out before the first brace; it is a program all the same."""
        bot = clockwork.connect()
        clockwork.wait(0.5)
        bot.sees()
        bot.asks(op="hello", nick="bot")
        assert bot.hears()[0]["ev"] == "hello"

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (b'{"op":"say","text":"x","ref":1}', "need_hello"),
            (b'{"op":"dance","ref":1}', "unknown_op"),
            (b'{"op":"hello"', "bad_json"),
            (b'{"op":"say"}', "bad_json"),
            (b'{"op":"hello","nick":"bot","v":2}', "bad_json"),
            (b'{"op":"hello","nick":"x"}', "bad_nick"),
        ],
    )
    def test_wrong_line_is_an_error_with_a_code(self, clockwork: Clockwork, line: bytes, code: str) -> None:
        """And the connection stays."""
        bot = clockwork.connect()
        bot.sends(line + b"\n")
        assert [event["code"] for event in bot.hears()] == [code]
        bot.asks(op="ping", n=3, ref=2)
        assert bot.hears() == [{"ev": "pong", "ref": 2, "n": 3}]


class SayTests:
    """What is said, and what is known of it."""

    def test_ack_comes_before_the_message_itself(self, clockwork: Clockwork, bot: Person) -> None:
        """The sender hears its own message too, with the same seq."""
        ann = clockwork.enter("ann")
        bot.hears()
        bot.asks(op="say", room="#lobby", text="two\nlines", cid="c1", ref=3)
        ack, said = bot.hears()
        assert (ack["ev"], ack["ref"], ack["cid"], ack["room"], ack["seq"]) == ("ack", 3, "c1", "#lobby", 1)
        assert (said["ev"], said["seq"], said["nick"], said["text"]) == ("said", 1, "bot", "two\nlines")
        assert said["id"] == ack["id"]
        assert ann.sees() == ["bot: two", "  | lines"]

    def test_repeat_is_progress_and_not_shown_again(self, clockwork: Clockwork, bot: Person) -> None:
        """Whether it comes in the same batch or much later, and whatever it says."""
        ann = clockwork.enter("ann")
        for text in ("one", "two"):
            bot.protocol.dataReceived(b'{"op":"say","text":"%s","cid":"c","ref":1}\n' % text.encode())
        clockwork.settle()
        bot.asks(op="say", text="three", cid="c")
        acks = [event for event in bot.hears() if event["ev"] == "ack"]
        assert [ack["seq"] for ack in acks] == [1, 1, 1]
        assert [ack.get("dup", False) for ack in acks] == [False, True, True]
        assert ann.sees() == ["bot: one"]

    def test_another_guests_cid_is_another_message(self, clockwork: Clockwork, bot: Person) -> None:
        """A cid is unique for its sender only."""
        other = clockwork.program("other")
        other.asks(op="join", room="#lobby")
        bot.asks(op="say", text="mine", cid="c")
        other.asks(op="say", text="mine", cid="c")
        assert not [event for event in other.hears() if event.get("dup")]

    def test_a_refused_message_has_a_code(self, clockwork: Clockwork, bot: Person) -> None:
        """And is surely not stored."""
        bot.asks(op="say", text="   ", ref=1)
        bot.asks(op="say", text="x" * 4001, ref=2)
        bot.asks(op="say", text="\n".join("x" * 21), ref=3)
        bot.asks(op="say", room="#nowhere", text="x", ref=4)
        assert [(event["ref"], event["code"]) for event in bot.hears()] == [
            (1, "bad_text"),
            (2, "too_long"),
            (3, "too_long"),
            (4, "no_room"),
        ]
        assert clockwork.chat.lobby.head == 0

    def test_in_a_room_one_must_be(self, clockwork: Clockwork) -> None:
        """A program that has not joined cannot talk."""
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="say", room="#lobby", text="x")
        bot.asks(op="say", text="x")
        assert [event["code"] for event in bot.hears()] == ["not_in_room", "not_in_room"]

    def test_a_private_line_and_its_acknowledgement_are_one_send(
        self, bot: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever writes to themselves is sent both together, the acknowledgement first."""
        sends: list[bytes] = []
        monkeypatch.setattr(bot.transport, "write", sends.append)
        bot.asks(op="dm", **{"with": "bot"}, text="not to be forgotten", ref=2)
        (send,) = sends
        assert [json.loads(line)["ev"] for line in send.splitlines()] == ["ack", "direct"]

    def test_everything_else_that_can_be_said(self, clockwork: Clockwork, bot: Person) -> None:
        """Doing something, telling one person, and every command that a person has."""
        ann = clockwork.enter("ann")
        bot.hears()
        bot.asks(op="emote", text="waves", ref=1)
        bot.asks(op="dm", **{"with": "ann"}, text="psst", ref=2)
        bot.asks(op="command", line="/who", ref=3)
        bot.asks(op="command", line="/me bows", cid="c9", ref=4)
        bot.asks(op="command", line="/history 1", ref=5)
        bot.asks(op="command", line="/nick robot", ref=6)
        heard = bot.hears()
        assert [(event["ev"], event.get("ref")) for event in heard] == [
            ("ack", 1),
            ("emoted", None),
            ("ack", 2),
            ("direct", None),
            ("ok", 3),
            ("ack", 4),
            ("emoted", None),
            ("ok", 5),
            ("renamed", None),
            ("ok", 6),
        ]
        assert heard[4]["text"] == "#lobby (2 people): ann, bot"
        assert ann.sees() == ["* bot waves", "bot -> you: psst", "* bot bows", "-- bot is now robot."]

    def test_bye_waits_for_the_acks(self, clockwork: Clockwork, bot: Person) -> None:
        """Whoever leaves politely knows what became of everything."""
        bot.sends(b'{"op":"say","text":"last","ref":1}\n{"op":"bye"}\n')
        assert [event["ev"] for event in bot.hears()] == ["ack", "said", "bye"]
        assert bot.transport.disconnecting
        assert clockwork.chat.lobby.head == 1


class ResumeTests:
    """Coming back to where one was: no gap, nothing twice."""

    def test_join_without_a_cursor_replays_the_last_twenty(self, clockwork: Clockwork) -> None:
        """Then it is live."""
        clockwork.enter("ann").types(*(f"n{number}" for number in range(25)))
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="join", room="#lobby", ref=2)
        ok, *replayed, live = bot.hears()
        assert (ok["ev"], ok["ref"], ok["head"], ok["people"]) == ("ok", 2, 25, ["ann", "bot"])
        assert seqs(replayed) == list(range(6, 26))
        assert (live["ev"], live["seq"]) == ("live", 25)

    def test_join_with_a_cursor_replays_what_was_missed(self, clockwork: Clockwork) -> None:
        """In pages, from memory and from the disk alike."""
        ann = clockwork.enter("ann")
        for lot in range(9):
            ann.types(*(f"{lot} {number}" for number in range(60)))
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="join", room="#lobby", after=3)
        assert seqs(bot.hears()) == list(range(4, 541))

    def test_what_is_said_meanwhile_is_neither_lost_nor_doubled(self, tmp_path: Path) -> None:
        """A slow reader catches up while the room goes on talking."""
        works = Clockwork(tmp_path, Terms("bee", backlog_bytes=0))
        ann = works.enter("ann")
        ann.types(*(f"n{number}" for number in range(500)))
        bot = works.program("bot")
        events = bot.hears()
        bot.stops_reading()
        bot.asks(op="join", room="#lobby", after=0)
        for number in range(20):
            ann.types(f"live {number}")
            bot.reads_again()
            bot.stops_reading()
        bot.reads_again()
        ann.types("end")
        events += bot.hears()
        assert seqs(events) == list(range(1, 522))
        works.stop()

    def test_long_messages_come_in_smaller_pages(self, clockwork: Clockwork) -> None:
        """Whoever does not read costs no more for them than for short ones."""
        ann = clockwork.enter("ann")
        ann.types(*("x" * 4000 for _ in range(60)))
        bot = clockwork.program("bot")
        bot.hears()
        bot.stops_reading()
        bot.asks(op="join", room="#lobby", after=0)
        assert bot.protocol.voice.outbox.owed < 80_000
        bot.reads_again()
        assert seqs(bot.hears()) == list(range(1, 61))

    def test_cursors_that_lead_nowhere_are_errors(self, bot: Person) -> None:
        """Another room's id, or more than there is: never a silent gap."""
        bot.asks(op="join", room="#lobby", after=1)
        bot.asks(op="join", room="#lobby", rid="r99", after=0)
        bot.asks(op="join", room="#nowhere", rid="r99", after=3)
        bot.asks(op="join", room="#no where")
        bot.asks(op="join", room="#new", after=3)
        assert [event["code"] for event in bot.hears()] == [
            "cursor_ahead",
            "epoch_changed",
            "epoch_changed",
            "bad_room",
            "cursor_ahead",
        ]

    def test_secret_brings_back_the_same_guest(self, clockwork: Clockwork) -> None:
        """Its name has waited, and its cids are still its own."""
        bot = clockwork.program("bot")
        secret = bot.hears()[0]["session"]
        bot.asks(op="join", room="#lobby")
        bot.asks(op="say", text="once", cid="c1")
        bot.breaks()
        thief = clockwork.program("bot")
        assert thief.hears()[0]["code"] == "nick_taken"
        again = clockwork.program("bot", session=secret)
        assert again.hears()[0]["session"] == secret
        again.asks(op="join", room="#lobby", after=1)
        again.hears()
        again.asks(op="say", text="once", cid="c1", ref=1)
        assert [(event["ev"], event["dup"]) for event in again.hears()] == [("ack", True)]

    def test_name_waits_five_minutes(self, clockwork: Clockwork) -> None:
        """Then it is anybody's."""
        bot = clockwork.program("bot")
        bot.breaks()
        clockwork.wait(299, step=10)
        assert clockwork.program("bot").hears()[0]["ev"] == "error"
        clockwork.wait(2)
        assert clockwork.program("bot").hears()[0]["ev"] == "hello"

    def test_coming_back_ends_the_earlier_connection(self, clockwork: Clockwork) -> None:
        """The half-open one is told, if it can still hear, and its name goes over at once."""
        bot = clockwork.program("bot")
        secret = bot.hears()[0]["session"]
        bot.asks(op="join", room="#lobby")
        ann = clockwork.enter("ann")
        bot.hears()
        again = clockwork.program("bot", session=secret)
        assert again.hears()[0]["nick"] == "bot"
        assert [event["code"] for event in bot.hears()] == ["replaced"]
        again.asks(op="join", room="#lobby")
        assert ann.sees() == ["bot left!", "bot joined!"]

    def test_nothing_is_forgotten_over_a_restart(self, tmp_path: Path) -> None:
        """Cursor, cid and name are good for the next daemon as well."""
        works = Clockwork(tmp_path)
        bot = works.program("bot")
        secret = bot.hears()[0]["session"]
        bot.asks(op="join", room="#lobby")
        bot.asks(op="say", text="one", cid="c1")
        bot.asks(op="say", text="two", cid="c2")
        works.log.stop()
        later = Clockwork(tmp_path)
        assert later.program("bot").hears()[0]["code"] == "nick_taken"
        again = later.program("bot", session=secret)
        assert again.hears()[0]["epoch"] == "e9"
        again.asks(op="join", room="#lobby", after=1)
        assert seqs(again.hears()) == [2]
        again.asks(op="say", text="two", cid="c2")
        assert [event.get("dup") for event in again.hears()] == [True]
        later.stop()
        bot.breaks()


class SilenceTests:
    """Programs can be asked whether they are there."""

    def test_silent_program_is_asked_and_then_let_go(self, clockwork: Clockwork, bot: Person) -> None:
        """After 60 s it is asked once, after 150 s it is gone."""
        for _ in range(13):
            clockwork.wait(5, step=5)
            clockwork.factory.connections.tick(clockwork.clock.seconds())
        assert [event["ev"] for event in bot.hears()] == ["ping"]
        bot.asks(op="pong", n=60)
        for _ in range(29):
            clockwork.wait(5, step=5)
            clockwork.factory.connections.tick(clockwork.clock.seconds())
        assert [event["ev"] for event in bot.hears()] == ["ping"]
        assert not bot.transport.aborted
        for _ in range(2):
            clockwork.wait(5, step=5)
            clockwork.factory.connections.tick(clockwork.clock.seconds())
        assert bot.transport.aborted

    def test_people_may_be_silent_for_ever(self, clockwork: Clockwork) -> None:
        """They cannot answer a ping."""
        ann = clockwork.enter("ann")
        clockwork.wait(100_000, step=5000)
        clockwork.factory.connections.tick(clockwork.clock.seconds())
        assert not ann.transport.aborted


class StoreTroubleTests:
    """What peers see of a store that cannot."""

    def test_refused_commit_is_told_and_nobody_saw_it(self, clockwork: Clockwork, bot: Person) -> None:
        """The chat goes on, and the next message gets the next seq."""
        ann = clockwork.enter("ann")
        bot.hears()
        pages = clockwork.log._db.execute("PRAGMA page_count").fetchone()[0]
        clockwork.log._db.execute(f"PRAGMA max_page_count = {pages}")
        for number in range(30):
            ann.types(f"{number} " + "x" * 1000)
        refused = ann.sees()
        assert refused[-1] == "! not stored: the disk is full"
        heard = seqs(bot.hears())
        assert len(heard) + len(refused) == 30
        bot.asks(op="say", text="x" * 4000, ref=1)
        assert [event["code"] for event in bot.hears()] == ["not_stored"]
        clockwork.log._db.execute("PRAGMA max_page_count = 100000")
        ann.types("again")
        assert seqs(bot.hears()) == [len(heard) + 1]

    def test_unknown_outcome_closes_the_connection(
        self, clockwork: Clockwork, bot: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither an ack nor a refusal; and the daemon takes nothing more."""
        ann = clockwork.enter("ann")
        bot.hears()
        from twistedchat.chat.errors import OutcomeUnknown  # noqa: PLC0415

        monkeypatch.setattr(
            clockwork.log._writer,
            "commit",
            lambda batch, _overtaken: [OutcomeUnknown("Not known whether this was stored")] * len(batch),
        )
        ann.types("hm")
        assert ann.sees() == ["! Not known whether this was stored"]
        assert ann.transport.disconnecting
        assert clockwork.broken
        assert bot.hears() == []


class PoliteTests:
    """How one leaves decides about the name."""

    def test_name_is_free_after_a_goodbye(self, clockwork: Clockwork) -> None:
        """A script that runs twice is called the same twice, over a restart as well; its secret stays good."""
        first = clockwork.program("ci")
        secret = first.hears()[0]["session"]
        first.asks(op="bye")
        first.notice_the_end()
        second = clockwork.program("ci")
        assert second.hears()[0]["nick"] == "ci"
        second.asks(op="bye")
        clockwork.log.stop()
        later = Clockwork(clockwork.folder)
        assert later.program("ci").hears()[0]["nick"] == "ci"
        assert later.program("ci2", session=secret).hears()[0]["session"] == secret
        later.stop()

    def test_error_names_its_request(self, clockwork: Clockwork) -> None:
        """Whoever asked for something that does not exist does not wait for ever."""
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="fly", ref=5)
        bot.asks(op="say", ref="six")
        assert [(event["ref"], event["code"]) for event in bot.hears()] == [(5, "unknown_op"), ("six", "bad_json")]

    def test_two_connections_of_one_guest_at_once(self, clockwork: Clockwork) -> None:
        """The later one stays, though neither had come in yet when both said hello."""
        bot = clockwork.program("bot")
        secret = bot.hears()[0]["session"]
        bot.asks(op="bye")
        bot.notice_the_end()
        both = [clockwork.connect(), clockwork.connect()]
        for peer in both:
            peer.protocol.dataReceived(b'{"op":"hello","nick":"bot","session":"%s"}\n' % str(secret).encode())
        clockwork.settle()
        assert [event["ev"] for event in both[0].hears()] == ["bye"]
        assert [event["ev"] for event in both[1].hears()] == ["hello"]
        assert [session.gone for session in clockwork.chat.people.sessions.values()] == [False]
