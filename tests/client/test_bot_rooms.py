from __future__ import annotations

import pytest

from tests.client.bot import Bot, talk
from tests.client.helpers import act, outcome, said
from twistedchat.client import PutOutError, RefusedError


class HearingTests:
    def test_a_bot_is_in_no_room_that_it_has_not_asked_for(self) -> None:
        bot = Bot()
        assert bot.connection.ops() == ["ping", "hello"]
        assert bot.chat.nick == "bot"
        assert bot.chat.server.lobby == "#lobby"

    def test_what_is_said_after_the_joining_is_heard_and_nothing_before(self) -> None:
        bot = Bot()
        joined = bot.does(bot.chat.join("ops"))
        bot.connection.lets_in(2, *talk(1, 2), room="#ops")
        assert outcome(joined).name == "#ops"
        bot.hears(3, 4)
        bot.reads(bot.chat.room("#ops"))
        bot.hears(5)
        assert bot.heard == ["3", "4", "5"]

    def test_what_was_said_while_it_came_in_is_heard(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.room("#ops"))
        bot.connection.answers("join", ev="ok", room="#ops", rid="r1", head=2)
        bot.hears(1, 2, 3)
        bot.connection.says({"ev": "live", "room": "#ops", "seq": 3})
        assert bot.heard == ["3"]

    @pytest.mark.parametrize(("after", "heard"), [(0, ["1", "2", "3"]), (2, ["3"])])
    def test_it_may_begin_where_it_likes(self, after: int, heard: list[str]) -> None:
        bot = Bot()
        joined = bot.does(bot.chat.join("#ops", after=after))
        assert bot.connection.last("join") == {"op": "join", "room": "#ops", "after": after, "ref": 2}
        bot.connection.lets_in(3, *talk(*range(after + 1, 4)), room="#ops")
        bot.reads(outcome(joined))
        assert bot.heard == heard
        assert bot.asked == []

    def test_iterating_joins(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.room("#ops"))
        bot.connection.lets_in(room="#ops")
        bot.hears(1)
        assert bot.heard == ["1"]

    def test_who_is_not_let_in_is_told_why(self) -> None:
        bot = Bot()
        reading = bot.reads(bot.chat.room("#ops"))
        joined = bot.does(bot.chat.join("#ops", "sesame"))
        bot.connection.answers("join", ev="error", code="not_allowed", text="It wants a key.")
        assert isinstance(outcome(reading), RefusedError)
        assert outcome(joined).code == "not_allowed"
        assert len(bot.connection.asked("join")) == 1

    def test_a_key_opens_it(self) -> None:
        bot = Bot()
        bot.does(bot.chat.join("#ops", "sesame"))
        assert bot.connection.last("join")["key"] == "sesame"

    def test_only_messages_are_heard_where_nothing_else_is_asked_for(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.room("#ops"))
        bot.connection.says(
            said(1, "hi", room="#ops"),
            act("joined", room="#ops", nick="carl"),
            act("topic", 2, "#ops", text="beer"),
            act("emoted", 3, "#ops", text="waves"),
            act("said", 4, "#ops", nick="bot", text="my own"),
        )
        assert bot.heard == ["hi", "waves", "my own"]

    def test_all_that_happens_can_be_heard(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.room("#ops").events())
        bot.connection.says(
            said(1, "hi", room="#ops"),
            act("joined", room="#ops", nick="carl"),
            act("kicked", 2, "#ops", who="carl"),
            act("left", room="#ops", nick="carl"),
            act("joined", room="#lobby", nick="carl"),
        )
        assert bot.heard == ["hi", "Joined", "Kicked", "Left"]

    def test_each_room_has_its_own_reader(self) -> None:
        bot = Bot()
        bot.is_in("#ops")
        bot.is_in("#dev", rid="r2")
        bot.hears(1, room="#dev")
        bot.hears(1, 2, room="#ops")
        bot.reads(bot.chat.room("#ops"))
        assert bot.heard == ["1", "2"]
        bot.reads(bot.chat.room("#dev"))
        assert bot.heard == ["1", "2", "1"]

    def test_one_reads_where_the_last_one_stopped(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.hears(1, 2, 3)
        bot.reads(bot.chat.room("#ops"), most=2)
        bot.reads(bot.chat.room("#OPS"))
        assert bot.heard == ["1", "2", "3"]

    def test_there_is_one_reader_at_a_time(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.room("#ops"))
        assert isinstance(outcome(bot.reads(bot.chat.room("#ops").events())), RuntimeError)
        bot.hears(1)
        assert bot.heard == ["1"]

    def test_whoever_stops_waiting_misses_nothing(self) -> None:
        bot = Bot()
        bot.is_in()
        reading = bot.reads(bot.chat.room("#ops"))
        reading.cancel()
        assert outcome(reading) is not None
        bot.hears(1)
        bot.reads(bot.chat.room("#ops"))
        assert bot.heard == ["1"]

    def test_where_nobody_reads_nothing_is_collected(self) -> None:
        bot = Bot()
        bot.chat.say("#ops", "hi")
        bot.connection.lets_in(room="#ops")
        bot.hears(1, 2, 3)
        bot.reads(bot.chat.room("#ops"))
        bot.hears(4)
        assert bot.heard == ["4"]
        assert bot.asked == []


class ReturningTests:
    def test_after_a_break_it_goes_on_where_it_was(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.room("#ops"))
        bot.hears(1, 2)
        bot.breaks()
        bot.returns()
        assert (bot.connection.last("join")["rid"], bot.connection.last("join")["after"]) == ("r1", 2)
        bot.connection.lets_in(4, *talk(3, 4), room="#ops")
        bot.hears(4, 5)
        assert bot.heard == ["1", "2", "3", "4", "5"]
        assert bot.told == ["lost", "back"]
        assert bot.missed == []

    def test_of_a_room_that_is_there_anew_all_is_heard(self) -> None:
        bot = Bot()
        bot.is_in(head=7)
        bot.reads(bot.chat.room("#ops"))
        bot.hears(8)
        bot.breaks()
        bot.returns()
        bot.connection.answers("join", ev="error", code="epoch_changed")
        bot.connection.lets_in(23, *talk(22, 23), room="#ops", rid="r9")
        assert bot.missed == [("#ops", "displaced")]
        assert bot.asked == [0]
        bot.pages(*talk(*range(1, 22)))
        bot.pages(*talk(22, 23))
        bot.pages()
        bot.hears(24)
        assert bot.heard == ["8", *map(str, range(1, 25))]

    def test_another_history_is_heard_from_its_end_on(self) -> None:
        bot = Bot(epoch="e1")
        bot.is_in(head=7)
        bot.reads(bot.chat.room("#ops"))
        bot.breaks()
        bot.returns(epoch="e2")
        bot.connection.answers("join", ev="error", code="epoch_changed")
        bot.connection.lets_in(3, *talk(1, 2, 3), room="#ops", rid="r9")
        bot.hears(4)
        assert bot.heard == ["4"]
        assert bot.missed == [("#ops", "epoch_changed")]

    def test_so_it_is_in_the_lobby_though_it_has_no_other_id(self) -> None:
        bot = Bot(epoch="e1")
        bot.is_in("#lobby", head=7)
        bot.reads(bot.chat.room("#lobby"))
        bot.breaks()
        bot.returns(epoch="e2")
        assert "after" not in bot.connection.last("join")
        bot.connection.lets_in(30, *talk(29, 30, room="#lobby"))
        bot.hears(31, room="#lobby")
        assert bot.heard == ["31"]
        assert bot.missed == [("#lobby", "epoch_changed")]

    def test_a_gap_that_the_server_tells_of_is_told(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.breaks()
        bot.returns()
        bot.connection.answers("join", ev="ok", room="#ops", rid="r1", head=9)
        bot.connection.says({"ev": "gap", "room": "#ops", "code": "gap_expired", "after": 0, "upto": 7})
        bot.hears(8, 9)
        bot.reads(bot.chat.room("#ops"))
        assert bot.heard == ["8", "9"]
        assert bot.missed == [("#ops", "gap_expired")]

    def test_what_a_bots_own_callback_raises_is_logged_and_harms_nobody(self, logged_errors: list[object]) -> None:
        bot = Bot()
        bot.is_in()

        def fails() -> None:
            raise ZeroDivisionError

        bot.chat.on_lost = fails
        bot.breaks()
        bot.returns()
        bot.connection.lets_in(1, *talk(1), room="#ops")
        bot.reads(bot.chat.room("#ops"))
        assert bot.heard == ["1"]
        assert len(logged_errors) == 1


class LeavingTests:
    def test_parting_is_the_end_of_the_iteration(self) -> None:
        bot = Bot()
        bot.is_in()
        reading = bot.reads(bot.chat.room("#ops"))
        parted = bot.does(bot.chat.room("#ops").part("lunch"))
        assert bot.connection.last("part")["why"] == "lunch"
        bot.connection.answers("part", ev="ok")
        assert parted.called
        assert reading.called
        bot.reads(bot.chat.room("#ops"))
        bot.connection.lets_in(5, room="#ops")
        bot.hears(6)
        assert bot.heard == ["6"]

    def test_who_was_not_there_has_left(self) -> None:
        bot = Bot()
        assert bot.does(bot.chat.room("#ops").part()).called
        assert bot.connection.asked("part") == []

    @pytest.mark.parametrize("event", [act("kicked", 2, "#ops", who="bot"), act("dropped", 0, "#ops")])
    def test_who_is_put_out_hears_what_was_said_before_and_then_that(self, event: dict[str, object]) -> None:
        bot = Bot()
        bot.is_in()
        events = aiter(bot.chat.room("#ops"))
        bot.hears(1)
        bot.connection.says(event)
        assert outcome(bot.does(anext(events))).text == "1"
        assert isinstance(outcome(bot.does(anext(events))), PutOutError)

    def test_who_is_put_out_comes_again_only_on_purpose(self) -> None:
        bot = Bot()
        bot.is_in()
        ops = bot.chat.room("#ops")
        reading = bot.reads(ops)
        bot.connection.says(said(1, "1", room="#ops"), act("kicked", 2, "#ops", who="bot"))
        why = outcome(reading)
        assert isinstance(why, PutOutError)
        assert why.room == "#ops"
        assert bot.heard == ["1"]
        assert isinstance(outcome(ops.say("but")), PutOutError)
        assert isinstance(outcome(bot.reads(ops)), PutOutError)
        assert len(bot.connection.asked("join")) == 1
        bot.does(ops.join())
        assert bot.connection.last("join")["after"] == 1
        bot.connection.lets_in(4, *talk(2, 3, 4), room="#ops")
        bot.reads(ops)
        bot.hears(5)
        assert bot.heard == ["1", "2", "3", "4", "5"]

    def test_who_may_not_come_back_is_told_why(self) -> None:
        bot = Bot()
        bot.is_in()
        reading = bot.reads(bot.chat.room("#ops"))
        bot.is_in("#dev", rid="r2")
        bot.breaks()
        bot.returns()
        first = next(join for join in bot.connection.asked("join") if join["room"] == "#ops")
        bot.connection.says({"ev": "error", "ref": first["ref"], "code": "banned", "text": "Not until Monday."})
        assert outcome(reading).code == "banned"
        assert outcome(bot.chat.say("#ops", "x")).code == "banned"
        bot.reads(bot.chat.room("#dev"))
        bot.connection.lets_in(1, *talk(1, room="#dev"), room="#dev", rid="r2")
        assert bot.heard == ["1"]


class RenamingTests:
    def test_a_room_is_the_same_under_another_name(self) -> None:
        bot = Bot()
        bot.is_in()
        ops = bot.chat.room("#ops")
        bot.reads(ops)
        for seq, was, to in ((1, "#ops", "#dev"), (2, "#dev", "#pub")):
            bot.connection.says(act("room_renamed", seq, was, was=was, to=to))
            assert ops.name == to
        bot.hears(3, room="#pub")
        assert bot.heard == ["3"]
        ops.say("hi")
        assert bot.connection.last("say")["room"] == "#pub"
        assert bot.chat.room("#pub").name == "#pub"
        assert len(bot.connection.asked("join")) == 1

    def test_also_if_it_was_renamed_while_we_were_away(self) -> None:
        bot = Bot()
        bot.is_in()
        ops = bot.chat.room("#ops")
        bot.reads(ops)
        bot.breaks()
        bot.returns()
        renamed = act("room_renamed", 1, "#ops", was="#ops", to="#dev")
        bot.connection.says(
            {"ev": "ok", "ref": bot.connection.last("join")["ref"], "room": "#dev", "rid": "r1", "head": 2}
        )
        bot.connection.says(renamed, said(2, "2", room="#dev"), {"ev": "live", "room": "#dev", "seq": 2})
        assert bot.heard == ["2"]
        assert ops.name == "#dev"
