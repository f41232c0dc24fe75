from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.client.bot import Bot, direct
from tests.client.helpers import outcome
from twistedchat.client import post
from twistedchat.client.feed import LIMIT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.json"


def partners(bot: Bot) -> list[tuple[str, int]]:
    """Whom it has asked about, and after which message."""
    return [(request["with"], request["after"]) for request in bot.connection.asked("history")]


def answers(bot: Bot, nick: str, *entries: dict[str, object]) -> None:
    """Answer the last question for what was said with somebody."""
    asked = [request for request in bot.connection.asked("history") if request["with"] == nick]
    bot.connection.says({"ev": "ok", "ref": asked[-1]["ref"], "entries": list(entries)})


class HearingTests:
    def test_what_others_say_is_heard_and_not_what_it_says_itself(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "psst"), direct(2, "what?", "bot", "bob"), direct(3, "nothing"))
        assert bot.heard == ["psst", "nothing"]
        assert bot.asked == []

    def test_what_came_before_it_read_is_there(self) -> None:
        """A member's mail comes with the welcome."""
        bot = Bot()
        bot.connection.says(direct(7, "while you were away"), direct(8, "and this"))
        bot.reads(bot.chat.private())
        assert bot.heard == ["while you were away", "and this"]

    def test_nothing_is_heard_twice(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "once"), direct(1, "once"), direct(1, "twice", "carl", at=2))
        assert bot.heard == ["once", "twice"]

    def test_rooms_have_their_own_readers(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.room("#ops"))
        bot.connection.says(direct(1, "psst"))
        assert bot.heard == []

    def test_somebody_else_may_have_had_the_name_before(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a", at=1), direct(2, "b", at=2), direct(1, "c", at=3), direct(2, "d", at=4))
        assert bot.heard == ["a", "b", "c", "d"]

    def test_who_has_another_name_is_the_same(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a"), {"ev": "renamed", "room": "#ops", "nick": "bob", "to": "rob"})
        bot.connection.says(direct(2, "b", "rob"))
        assert bot.heard == ["a", "b"]
        assert partners(bot) == []
        assert bot.notebook.state.private == {"rob": bot.notebook.state.private["rob"]}

    def test_of_a_great_many_people_the_first_are_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(post, "_KNOWN", 10)
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(*(direct(1, "hi", f"nick{at}", at=at) for at in range(1, 50)))
        assert len(bot.heard) == 49
        assert len(bot.chat._post._taps) == 10

    def test_what_is_not_read_stays_at_the_server(self) -> None:
        bot = Bot()
        bot.connection.says(*(direct(seq, str(seq)) for seq in range(1, 2 * LIMIT)))
        assert partners(bot) == []
        bot.reads(bot.chat.private())
        while partners(bot)[-1][1] < 2 * LIMIT - 1:
            after = partners(bot)[-1][1]
            answers(bot, "bob", *(direct(seq, str(seq)) for seq in range(after + 1, min(after + 51, 2 * LIMIT))))
        answers(bot, "bob")
        assert bot.heard == [str(seq) for seq in range(1, 2 * LIMIT)]


class ReturningTests:
    def test_everybody_is_asked_about(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a"), direct(5, "b", "carl", at=2))
        bot.breaks()
        bot.returns()
        assert partners(bot) == [("bob", 1), ("carl", 5)]
        bot.connection.says(direct(4, "e", at=9))
        answers(bot, "carl", direct(6, "c", "carl", at=7))
        answers(bot, "bob", direct(2, "mine", "bot", "bob", at=5), direct(3, "d", at=8))
        answers(bot, "bob", direct(4, "e", at=9))
        answers(bot, "bob")
        answers(bot, "carl")
        assert bot.heard == ["a", "b", "c", "d", "e"]

    def test_a_hole_is_asked_for(self) -> None:
        """Something was said while the line was breaking, to somebody who is not expected back."""
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a"), direct(3, "c"))
        assert partners(bot) == [("bob", 1)]
        answers(bot, "bob", direct(2, "b"), direct(3, "c"))
        bot.connection.says(direct(4, "d"))
        assert bot.heard == ["a", "b", "c", "d"]

    def test_of_somebody_who_is_gone_what_was_heard_is_heard(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a"), direct(3, "c"))
        bot.connection.answers("history", ev="error", code="no_nick")
        assert bot.heard == ["a", "c"]
        assert bot.missed == [("bob", "gap_expired")]

    def test_somebody_who_is_gone_and_of_whom_nothing_is_missing_is_no_matter(self) -> None:
        bot = Bot()
        bot.reads(bot.chat.private())
        bot.connection.says(direct(1, "a"))
        bot.breaks()
        bot.returns()
        bot.connection.answers("history", ev="error", code="no_nick")
        bot.connection.says(direct(2, "b"))
        assert bot.heard == ["a", "b"]
        assert bot.missed == []

    def test_in_another_history_nobody_is_known(self) -> None:
        bot = Bot(epoch="e1")
        bot.reads(bot.chat.private())
        bot.connection.says(direct(5, "a", at=50))
        bot.breaks()
        bot.returns(epoch="e2")
        assert partners(bot) == []
        bot.connection.says(direct(1, "b", at=3))
        assert bot.heard == ["a", "b"]


class StateTests:
    def test_a_bot_that_was_killed_is_given_again_what_it_had_at_hand(self, path: Path) -> None:
        bot = Bot(path)
        bot.connection.says(direct(1, "a", at=11), direct(2, "b", at=12), direct(3, "c", at=13))
        bot.reads(bot.chat.private(), most=2)
        assert json.loads(path.read_text())["private"] == {"bob": {"seq": 1, "id": 11}}
        again = Bot(path)
        again.connection.says(direct(3, "c", at=13))
        again.reads(again.chat.private())
        assert partners(again) == [("bob", 1)]
        answers(again, "bob", direct(2, "b", at=12), direct(3, "c", at=13))
        answers(again, "bob")
        assert again.heard == ["b", "c"]

    def test_so_it_is_with_somebody_s_first_word(self, path: Path) -> None:
        bot = Bot(path)
        bot.connection.says(direct(2, "hello", at=11))
        bot.reads(bot.chat.private(), most=1)
        assert json.loads(path.read_text())["private"] == {"bob": {"seq": 1}}

    def test_also_if_the_bot_was_the_first_to_speak(self, path: Path) -> None:
        bot = Bot(path)
        bot.reads(bot.chat.private(), most=1)
        bot.connection.says(direct(1, "hello", "bot", "bob"), direct(2, "yes?"))
        assert bot.heard == ["yes?"]
        assert json.loads(path.read_text())["private"] == {"bob": {"seq": 1}}

    def test_who_does_not_listen_remembers_nobody(self, path: Path) -> None:
        bot = Bot(path)
        bot.connection.says(direct(1, "a"))
        bot.is_in()
        assert json.loads(path.read_text())["private"] == {}

    def test_a_great_many_people_do_not_make_it_grow_for_ever(self, path: Path) -> None:
        bot = Bot(path)
        bot.reads(bot.chat.private())
        bot.connection.says(*(direct(1, "hi", f"nick{at}", at=at) for at in range(1, 600)))
        assert len(bot.notebook.state.private) == 500
        assert "nick599" in bot.notebook.state.private
        assert outcome(bot.notebook.keep()) is None
