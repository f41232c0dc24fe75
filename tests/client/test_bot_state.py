from __future__ import annotations

import json
import resource
import stat
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.client.bot import Bot, talk
from tests.client.helpers import outcome
from twistedchat.client import FatalError
from twistedchat.client.notebook import Mark, Notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.json"


def kept(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(path.read_text())
    return state


def resumes(path: Path, head: int, *replay: int, rid: str = "r1", **welcome: object) -> Bot:
    """A bot that is started again and reads the room, whose head that is, with what it is told there."""
    bot = Bot(path, **welcome)
    bot.reads(bot.chat.room("#ops"))
    bot.connection.lets_in(head, *talk(*replay), room="#ops", rid=rid)
    return bot


class CursorTests:
    def test_it_moves_when_the_next_one_is_asked_for(self, path: Path) -> None:
        """What a bot has at hand when it is killed it is given again; what it has finished it is not."""
        bot = Bot(path)
        bot.is_in(head=4)
        assert kept(path)["rooms"] == {"#ops": {"seq": 4, "rid": "r1"}}
        bot.hears(5, 6, 7)
        events = aiter(bot.chat.room("#ops"))
        places = [kept(path)["rooms"]["#ops"]["seq"] for _ in range(3) if outcome(bot.does(anext(events)))]
        assert places == [4, 5, 6]
        assert outcome(bot.does(anext(events))) is None
        assert kept(path)["rooms"]["#ops"]["seq"] == 7

    def test_a_bot_that_was_killed_goes_on_there(self, path: Path) -> None:
        bot = Bot(path)
        bot.is_in(head=4)
        bot.hears(5, 6, 7)
        bot.reads(bot.chat.room("#ops"), most=2)
        again = resumes(path, 8, 6, 7, 8)
        assert again.connection.last("hello")["session"] == "secret"
        join = again.connection.last("join")
        assert (join["rid"], join["after"]) == ("r1", 5)
        assert again.heard == ["6", "7", "8"]
        assert again.missed == []

    def test_it_is_kept_before_the_joining_is_told(self, path: Path) -> None:
        """What is said after that is not missed, whenever the bot is killed."""
        bot = Bot(path)
        joined = bot.does(bot.chat.join("#ops"))
        bot.connection.answers("join", ev="ok", room="#ops", rid="r1", head=3)
        assert outcome(joined) is not None
        assert resumes(path, 4, 4).heard == ["4"]

    def test_what_passes_and_what_nobody_asked_for_moves_it_along(self, path: Path) -> None:
        bot = Bot(path)
        bot.is_in()
        bot.connection.says({"ev": "topic", "room": "#ops", "seq": 1, "nick": "ann", "text": "beer"})
        bot.connection.says({"ev": "joined", "room": "#ops", "nick": "carl"})
        bot.hears(2)
        bot.reads(bot.chat.room("#ops").events())
        assert bot.heard == ["beer", "Joined", "2"]
        assert kept(path)["rooms"]["#ops"]["seq"] == 2

    def test_a_room_in_which_one_only_talks_is_not_kept(self, path: Path) -> None:
        bot = Bot(path)
        bot.chat.say("#ops", "hi")
        bot.connection.lets_in(9, room="#ops")
        assert kept(path)["rooms"] == {}

    def test_a_room_that_was_left_is_forgotten(self, path: Path) -> None:
        bot = Bot(path)
        bot.is_in()
        bot.hears(1)
        events = aiter(bot.chat.room("#ops"))
        assert outcome(bot.does(anext(events)))
        bot.does(bot.chat.room("#ops").part())
        bot.connection.answers("part", ev="ok")
        assert isinstance(outcome(bot.does(anext(events))), StopAsyncIteration)
        assert bot.notebook.state.rooms == {}

    def test_the_place_in_the_state_counts_more_than_the_one_given(self, path: Path) -> None:
        Bot(path).is_in(head=4)
        bot = Bot(path)
        bot.does(bot.chat.join("#ops", after=0))
        assert bot.connection.last("join")["after"] == 4

    def test_reading_may_begin_after_talking(self, path: Path) -> None:
        """A bot that says something first is told all the same what it has missed."""
        Bot(path).is_in(head=4)
        bot = Bot(path)
        bot.chat.say("#ops", "I am back")
        bot.connection.lets_in(6, *talk(1, 2, 3, 4, 5, 6), room="#ops")
        bot.reads(bot.chat.room("#ops"))
        assert bot.asked == [4]
        bot.hears(7)
        bot.pages(*talk(5, 6, 7))
        assert bot.heard == ["5", "6", "7"]

    def test_a_bot_that_is_through_is_done_with_what_it_has_at_hand(self, path: Path) -> None:
        bot = Bot(path)
        bot.is_in()
        bot.hears(1, 2)
        bot.reads(bot.chat.room("#ops"), most=1)
        assert kept(path)["rooms"]["#ops"]["seq"] == 0
        assert bot.does(bot.chat.settle(Clock())).called
        assert kept(path)["rooms"]["#ops"]["seq"] == 1


class FullDiskTests:
    def test_what_does_not_fit_is_not_kept_half(self, path: Path) -> None:
        """The file is the old one then, and the bot is told."""
        bot = Bot(path)
        before = path.read_text()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        try:
            kept = bot.notebook.keep()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert isinstance(outcome(kept), OSError)
        assert path.read_text() == before


class AnotherPlaceTests:
    @pytest.fixture(autouse=True)
    def has_been_there(self, path: Path) -> None:
        bot = Bot(path)
        bot.is_in(head=7)
        bot.hears(8)
        bot.reads(bot.chat.room("#ops"))

    def test_of_another_room_of_that_name_all_is_new(self, path: Path) -> None:
        bot = Bot(path)
        bot.reads(bot.chat.room("#ops"))
        bot.connection.answers("join", ev="error", code="epoch_changed")
        bot.connection.lets_in(2, *talk(1, 2), room="#ops", rid="r2")
        bot.pages(*talk(1, 2))
        bot.pages()
        bot.hears(3)
        assert bot.heard == ["1", "2", "3"]
        assert bot.missed == [("#ops", "displaced")]
        assert kept(path)["rooms"]["#ops"] == {"seq": 3, "rid": "r2"}

    def test_in_another_history_it_begins_at_the_end(self, path: Path) -> None:
        bot = resumes(path, 20, 19, 20, epoch="e2")
        assert "after" not in bot.connection.last("join")
        bot.hears(21)
        assert bot.heard == ["21"]
        assert bot.missed == [("#ops", "epoch_changed")]
        assert kept(path)["epoch"] == "e2"

    def test_a_place_that_is_ahead_of_the_server_is_none(self, path: Path) -> None:
        bot = Bot(path)
        bot.reads(bot.chat.room("#ops"))
        bot.connection.answers("join", ev="error", code="cursor_ahead")
        bot.connection.lets_in(3, *talk(2, 3), room="#ops")
        bot.hears(4)
        assert bot.heard == ["4"]
        assert bot.missed == [("#ops", "cursor_ahead")]

    def test_what_was_finished_in_another_room_moves_nothing_in_this_one(self, path: Path) -> None:
        bot = resumes(path, 12, 9, 10, 11, 12)
        bot.breaks()
        bot.hears(13)
        events = aiter(bot.chat.room("#ops"))
        bot.returns(epoch="e2")
        bot.connection.answers("join", ev="error", code="epoch_changed")
        bot.connection.lets_in(2, *talk(1, 2), room="#ops", rid="r2")
        assert kept(path)["rooms"]["#ops"] == {"seq": 2, "rid": "r2"}
        assert events is not None


class FileTests:
    def test_nobody_else_can_read_it(self, path: Path) -> None:
        Bot(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert kept(path)["session"] == "secret"
        assert [each.name for each in path.parent.iterdir()] == ["bot.json"]

    def test_without_one_nothing_is_written(self, tmp_path: Path) -> None:
        Bot().is_in()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("text", ["", "{", '{"rooms": 3}', '{"rooms": {"#ops": {}}}', "\ufffe"])
    def test_a_damaged_one_is_not_taken_for_an_empty_one(self, path: Path, text: str) -> None:
        path.write_text(text, "utf-16")
        with pytest.raises(FatalError, match="is not what a bot has kept"):
            Bot(path)
        assert path.read_text("utf-16") == text

    def test_nor_is_a_newer_one(self, path: Path) -> None:
        path.write_text('{"version": 2}')
        with pytest.raises(FatalError, match="newer"):
            Bot(path)

    def test_nor_is_one_that_cannot_be_read(self, path: Path) -> None:
        path.mkdir()
        with pytest.raises(FatalError, match="Cannot read"):
            Bot(path)

    def test_who_asks_for_the_next_is_told_that_the_last_could_not_be_kept(self, path: Path) -> None:
        """A bot that cannot keep what it has done does no more."""
        bot = Bot(path)
        bot.is_in()
        bot.hears(1, 2)
        path.unlink()
        path.with_name("bot.json.new").mkdir()
        assert isinstance(outcome(bot.reads(bot.chat.room("#ops"))), OSError)
        assert bot.heard == ["1"]

    def test_who_joins_is_told_so(self, path: Path) -> None:
        bot = Bot(path)
        path.with_name("bot.json.new").mkdir()
        joined = bot.does(bot.chat.join("#ops"))
        bot.connection.lets_in(room="#ops")
        assert isinstance(outcome(joined), OSError)

    def test_what_is_to_be_kept_while_it_is_written_is_written_at_once(self, path: Path) -> None:
        """Many readers do not wait one after the other: the next write is for all of them."""
        works: list[tuple[Callable[[], None], Deferred[None]]] = []

        def later(work: Callable[[], None]) -> Deferred[None]:
            works.append((work, Deferred()))
            return works[-1][1]

        notebook = Notebook(path, later)
        first, *others = [notebook.keep() for _ in range(4)]
        notebook.state.rooms["#ops"] = Mark(4)
        for _ in range(2):
            work, written = works.pop(0)
            work()
            written.callback(None)
            assert first.called
        assert all(other.called for other in others)
        assert works == []
        assert kept(path)["rooms"] == {"#ops": {"seq": 4}}
