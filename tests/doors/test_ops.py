"""What a program asks about: who is where, pages of the past, private conversations; and taking them up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.helpers import Clockwork, Person


def reply(program: Person, **request: object) -> dict[str, object]:
    """Return the one answer to a request."""
    program.asks(ref=7, **request)
    (answer,) = [line for line in program.hears() if line.get("ref") == 7]
    return answer


def texts(answer: dict[str, object]) -> list[object]:
    """Return what was said in the entries of an answer."""
    entries = answer["entries"]
    assert isinstance(entries, list)
    return [entry.get("text") for entry in entries]


@pytest.fixture
def bot(clockwork: Clockwork) -> Person:
    """Give a program that is in the lobby."""
    bot = clockwork.program("bot")
    bot.asks(op="join", room="#lobby")
    bot.hears()
    return bot


class AskingTests:
    def test_who(self, clockwork: Clockwork, bot: Person) -> None:
        """People come as values, with what they are there."""
        ann = clockwork.enter("ann")
        ann.types("/register ann-secret", "/join #ops", "/away lunch")
        bot.asks(op="join", room="#ops")
        answer = reply(bot, op="who", room="#ops")
        assert answer["room"] == "#ops"
        assert answer["who"] == [
            {"nick": "ann", "role": "owner", "account": "ann", "away": "lunch"},
            {"nick": "bot", "role": "guest"},
        ]
        assert reply(bot, op="who", room="#none")["code"] == "no_room"

    def test_rooms(self, clockwork: Clockwork, bot: Person) -> None:
        """All of them, or those that are meant; none that is private."""
        ann = clockwork.enter("ann")
        ann.types("/join #ops", "/topic all about it")
        ops = {"room": "#ops", "people": 1, "topic": "all about it"}
        assert reply(bot, op="rooms")["rooms"] == [{"room": "#lobby", "people": 2, "topic": ""}, ops]
        assert reply(bot, op="rooms", pattern="OP")["rooms"] == [ops]
        ann.types("/room set join invite")
        assert reply(bot, op="rooms", pattern="OP")["rooms"] == []

    def test_nick(self, clockwork: Clockwork, bot: Person) -> None:
        """Another one, or with its password a member's."""
        clockwork.enter("ann").types("/register ann-secret")
        assert reply(bot, op="nick", nick="robot")["nick"] == "robot"
        assert reply(bot, op="nick", nick="ann")["code"] == "nick_owned"
        assert reply(bot, op="nick", nick="ann", token="wrong-secret")["code"] == "bad_login"
        assert reply(bot, op="nick", nick="ann", token="ann-secret")["nick"] == "ann"

    def test_set_and_search(self, bot: Person) -> None:
        """As a person would type it."""
        assert reply(bot, op="set", name="quiet", value="all")["text"] == "quiet is all."
        assert reply(bot, op="search", text="beer")["code"] == "not_allowed"
        bot.asks(op="command", line="/register bot-secret")
        bot.asks(op="say", room="#lobby", text="a beer, please")
        assert texts(reply(bot, op="search", text="beer in:lobby")) == ["a beer, please"]


class PageTests:
    def test_of_a_room(self, bot: Person) -> None:
        """The last ones, those before a place, those after one; not more than asked for, and never all."""
        for number in range(1, 301):
            bot.asks(op="say", room="#lobby", text=f"{number}")
        bot.hears()
        assert texts(reply(bot, op="history", room="#lobby", limit=2)) == ["299", "300"]
        assert texts(reply(bot, op="history", limit=2)) == ["299", "300"]
        assert texts(reply(bot, op="history", room="#lobby", before=299, limit=3)) == ["296", "297", "298"]
        assert texts(reply(bot, op="history", room="#lobby", after=2, limit=2)) == ["3", "4"]
        assert texts(reply(bot, op="history", room="#lobby", after=1, before=4)) == ["2", "3"]
        assert len(texts(reply(bot, op="history", room="#lobby", after=0, limit=1000))) == 200
        assert texts(reply(bot, op="history", room="#lobby", after=1000)) == []
        assert texts(reply(bot, op="history", room="#lobby", before=1)) == []

    def test_of_a_room_that_one_may_not_read(self, clockwork: Clockwork, bot: Person) -> None:
        """It is refused."""
        ann = clockwork.enter("ann")
        ann.types("/join #ops", "/room set join invite", "secret")
        assert reply(bot, op="history", room="#ops")["code"] == "not_in_room"

    def test_of_a_conversation(self, clockwork: Clockwork, bot: Person) -> None:
        """What one has said to one another, and nobody else's."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/msg bot one", "/msg bob no")
        bot.asks(op="dm", text="two", **{"with": "ann"})
        bob.types("/msg bot three")
        bot.hears()
        assert texts(reply(bot, op="history", **{"with": "ann"})) == ["one", "two"]
        assert texts(reply(bot, op="history", after=1, **{"with": "ann"})) == ["two"]
        assert texts(reply(bot, op="history", limit=1, **{"with": "ann"})) == ["two"]
        assert texts(reply(bot, op="history", before=2, **{"with": "ann"})) == ["one"]
        assert reply(bot, op="history", **{"with": "nobody"})["code"] == "no_nick"


class ResumeTests:
    def test_a_conversation(self, clockwork: Clockwork, bot: Person) -> None:
        """What has not been heard of it comes once, in order, then what is said now."""
        ann = clockwork.enter("ann")
        ann.types(*(f"/msg bot {number}" for number in range(1, 6)))
        bot.hears()
        bot.asks(op="join", after=2, ref=1, **{"with": "ANN"})
        ok, *heard, live = bot.hears()
        assert (ok["ev"], ok["with"], ok["ref"]) == ("ok", "ann", 1)
        assert [event["seq"] for event in heard] == [3, 4, 5]
        assert (live["ev"], live["with"], live["seq"]) == ("live", "ann", 5)
        ann.types("/msg bot 6")
        assert [event["text"] for event in bot.hears()] == ["6"]

    def test_what_is_said_while_one_catches_up(self, clockwork: Clockwork, bot: Person) -> None:
        """It is told once, after what was before it; what others say meanwhile is not lost."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types(*(f"/msg bot {'x' * 3000} {number}" for number in range(1, 41)))
        bot.hears()
        bot.stops_reading()
        bot.asks(op="join", after=0, **{"with": "ann"})
        ann.types("/msg bot 41")
        bob.types("/msg bot hello")
        bot.reads_again()
        clockwork.settle()
        _, *heard = bot.hears()
        assert [event["seq"] for event in heard if event.get("nick") == "ann"] == list(range(1, 42))
        assert [event["text"] for event in heard if event.get("nick") == "bob"] == ["hello"]

    def test_a_room_that_has_another_name_by_now(self, clockwork: Clockwork, bot: Person) -> None:
        """It is known by its id."""
        ann = clockwork.enter("ann")
        ann.types("/join #ops", "one")
        rid = reply(bot, op="join", room="#ops")["rid"]
        bot.asks(op="part", room="#ops")
        ann.types("/rename #dev", "/rename #dev", "two")
        bot.hears()
        bot.asks(op="join", room="#ops", rid=rid, after=1, ref=2)
        ok, *heard = bot.hears()
        assert ok["room"] == "#dev"
        assert [event["ev"] for event in heard] == ["room_renamed", "said", "live"]

    def test_what_may_not_be_read_is_a_gap(self, clockwork: Clockwork, bot: Person) -> None:
        """It is said so, and from where on there is none."""
        ann = clockwork.enter("ann")
        ann.types("/join #ops", "one", "/room set join invite", "two", "three", "/invite bot", "four")
        bot.hears()
        bot.asks(op="join", room="#ops", after=0)
        _, gap, *heard = bot.hears()
        assert gap == {"ev": "gap", "room": "#ops", "code": "gap_expired", "after": 0, "upto": 4}
        assert [event.get("text") for event in heard] == ["four", None]
