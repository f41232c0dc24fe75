from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import CancelledError, Deferred

from tests.client.bot import Bot
from tests.client.helpers import outcome
from twistedchat.client import Ack, FatalError, GivenUpError, LeftError, Ok, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class SayingTests:
    def test_it_is_told_when_it_is_stored(self) -> None:
        bot = Bot()
        bot.is_in()
        answer = bot.chat.say("#ops", "hello")
        say = bot.connection.last("say")
        assert (say["room"], say["text"]) == ("#ops", "hello")
        bot.connection.says({"ev": "ack", "ref": say["ref"], "room": "#ops", "seq": 4, "id": 9})
        assert isinstance(outcome(answer), Ack)
        assert (outcome(answer).seq, outcome(answer).id) == (4, 9)

    def test_nobody_has_to_wait_for_it_and_it_keeps_its_order(self) -> None:
        bot = Bot()
        room = bot.chat.room("#ops")
        for number in range(3):
            room.say(str(number))
        assert bot.connection.asked("say") == []
        bot.connection.lets_in(room="#ops")
        room.say("3")
        assert [say["text"] for say in bot.connection.asked("say")] == ["0", "1", "2", "3"]
        assert len(bot.connection.asked("join")) == 1

    def test_its_order_holds_while_the_joining_is_kept(self, tmp_path: Path) -> None:
        """What is said in the moment in which the state is written comes after what waited for it."""
        bot = Bot(tmp_path / "bot.json")
        disk: list[Deferred[None]] = []

        def write(_work: Callable[[], None]) -> Deferred[None]:
            disk.append(Deferred())
            return disk[-1]

        bot.write = write
        room = bot.chat.room("#ops")
        bot.reads(room)
        room.say("0")
        bot.connection.lets_in(room="#ops")
        for number in range(1, 3):
            room.say(str(number))
        assert bot.connection.asked("say") == []
        disk[-1].callback(None)
        room.say("3")
        assert [say["text"] for say in bot.connection.asked("say")] == ["0", "1", "2", "3"]
        assert len(bot.connection.asked("join")) == 1

    def test_who_is_not_let_in_cannot_say_anything(self) -> None:
        bot = Bot()
        answer = bot.chat.say("#ops", "hello")
        bot.connection.answers("join", ev="error", code="banned")
        assert outcome(answer).code == "banned"

    def test_it_does_things_and_speaks_to_one_person_only(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.chat.room("#ops").emote("waves")
        bot.chat.direct("bob", "psst")
        assert bot.connection.last("emote")["text"] == "waves"
        assert (bot.connection.last("dm")["with"], bot.connection.last("dm")["text"]) == ("bob", "psst")
        bot.connection.acks(bot.connection.last("dm"))

    def test_a_refusal_has_a_code(self) -> None:
        bot = Bot()
        answer = bot.chat.direct("bob", "psst")
        bot.connection.answers("dm", ev="error", code="no_nick", text="Nobody here is called bob.")
        assert isinstance(outcome(answer), RefusedError)
        assert (outcome(answer).code, str(outcome(answer))) == ("no_nick", "Nobody here is called bob.")

    def test_what_was_not_answered_is_said_again_under_the_same_cid(self) -> None:
        bot = Bot()
        bot.is_in()
        answer = bot.chat.say("#ops", "hello")
        first = bot.connection.last("say")
        bot.breaks()
        later = bot.chat.say("#ops", "later")
        bot.returns()
        bot.connection.lets_in(room="#ops")
        assert bot.connection.asked("say")[0]["cid"] == first["cid"]
        bot.connection.acks(*bot.connection.asked("say"))
        assert outcome(answer) is not None
        assert outcome(later) is not None

    def test_a_server_that_answers_strangely_is_no_riddle(self) -> None:
        bot = Bot()
        answer = bot.chat.direct("bob", "psst")
        bot.connection.answers("dm", ev="ok")
        assert isinstance(outcome(answer), TypeError)
        answer_to_command = bot.chat.command("/who")
        bot.connection.answers("command", ev="pong")
        assert isinstance(outcome(answer_to_command), TypeError)


class CidTests:
    def test_a_cid_of_ones_own_is_used(self) -> None:
        bot = Bot()
        bot.is_in()
        answer = bot.chat.say("#ops", "812 failed", cid="ci-812")
        assert bot.connection.last("say")["cid"] == "ci-812"
        bot.connection.answers("say", ev="ack", seq=4, dup=True)
        assert outcome(answer).dup

    def test_one_that_is_too_long_is_a_mistake(self) -> None:
        bot = Bot()
        bot.is_in()
        assert isinstance(outcome(bot.chat.say("#ops", "x", cid="é" * 33)), ValueError)
        bot.chat.say("#ops", "x", cid="é" * 32)
        assert len(bot.connection.asked("say")) == 1

    def test_so_is_one_that_is_on_its_way(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.chat.say("#ops", "x", cid="c")
        assert isinstance(outcome(bot.chat.say("#ops", "x", cid="c")), ValueError)

    def test_who_has_stopped_waiting_may_ask_again(self) -> None:
        """To cancel is to wait no more: it may be stored all the same."""
        bot = Bot()
        bot.is_in()
        answer = bot.chat.say("#ops", "x", cid="c")
        answer.cancel()
        assert isinstance(outcome(answer), CancelledError)
        again = bot.chat.say("#ops", "x", cid="c")
        bot.connection.acks(bot.connection.last("say"))
        assert outcome(again).seq == 1
        assert len(bot.connection.asked("say")) == 1


class CommandTests:
    def test_it_is_answered(self) -> None:
        bot = Bot()
        answer = bot.chat.command("/whois bob")
        assert "room" not in bot.connection.last("command")
        bot.connection.answers("command", ev="ok", text="bob is a guest")
        assert isinstance(outcome(answer), Ok)
        assert outcome(answer).text == "bob is a guest"

    def test_it_is_done_in_a_room(self) -> None:
        bot = Bot()
        bot.is_in()
        answer = bot.chat.room("#ops").command("/topic beer")
        assert (bot.connection.last("command")["room"], bot.connection.last("command")["line"]) == (
            "#ops",
            "/topic beer",
        )
        bot.connection.answers("command", ev="error", code="not_allowed")
        assert outcome(answer).code == "not_allowed"

    def test_it_is_sent_once(self) -> None:
        """Nobody is kicked twice because the line broke."""
        bot = Bot()
        bot.is_in()
        answer = bot.chat.room("#ops").command("/kick bob")
        bot.breaks()
        assert isinstance(outcome(answer), GivenUpError)
        assert outcome(answer).sent


class EndingTests:
    def test_whoever_waits_is_told_why_nothing_comes(self) -> None:
        bot = Bot()
        bot.is_in()
        answer = bot.chat.say("#ops", "hello")
        room, private = bot.reads(bot.chat.room("#ops")), bot.reads(bot.chat.private())
        joined = bot.does(bot.chat.join("#dev"))
        bot.connection.says({"ev": "bye", "code": "banned", "text": "Not until Monday."})
        for waiting in (answer, room, private, joined, bot.chat.say("#ops", "x"), bot.chat.direct("bob", "x")):
            assert isinstance(outcome(waiting), FatalError)
            assert str(outcome(waiting)) == "Not until Monday."

    def test_also_who_asks_for_something_afterwards(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.chat.close()
        assert isinstance(outcome(bot.chat.say("#ops", "x")), LeftError)
        assert isinstance(outcome(bot.chat.command("/who")), LeftError)
        assert isinstance(outcome(bot.does(bot.chat.join("#dev"))), LeftError)
        assert isinstance(outcome(bot.reads(bot.chat.room("#new"))), LeftError)

    def test_after_a_goodbye_there_is_nothing_more_to_read(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.hears(1, 2)
        bot.chat.close()
        assert outcome(bot.reads(bot.chat.room("#ops"))) is None
        assert bot.heard == []

    def test_two_bots_with_one_session_do_not_chase_each_other(self) -> None:
        bot = Bot()
        bot.is_in()
        reading = bot.reads(bot.chat.room("#ops"))
        bot.connection.says({"ev": "bye", "code": "replaced"})
        assert "in use twice" in str(outcome(reading))
        assert bot.chat.session.parked

    @pytest.mark.parametrize("code", ["too_many", "restarting", "internal"])
    def test_what_passes_is_waited_for(self, code: str) -> None:
        bot = Bot()
        bot.is_in()
        bot.connection.says({"ev": "bye", "code": code})
        assert not bot.chat.session.ended
        assert (bot.chat.session.retry_hint > 0) is (code == "too_many")
