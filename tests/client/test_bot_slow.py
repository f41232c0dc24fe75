from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.client.bot import Bot, talk
from tests.client.helpers import outcome
from tests.properties import calm
from twistedchat.client.feed import LIMIT
from twistedchat.client.tap import PAGE

if TYPE_CHECKING:
    from twistedchat.client.feed import Reader
    from twistedchat.client.room import Message, Room

__all__ = ["calm"]

MANY = 3 * LIMIT


def waiting(bot: Bot) -> int:
    """How many events are kept for the reader of the bot's only room."""
    return len(bot.chat._stays[0].feed._items)


def serves(bot: Bot, head: int) -> None:
    """Answer what the bot asks for, until it asks no more, as a server does whose head that is."""
    answered = 0
    while len(bot.asked) > answered:
        answered = len(bot.asked)
        after = bot.asked[-1]
        bot.pages(*talk(*range(after + 1, min(after + PAGE, head) + 1)))


class SlowReaderTests:
    def test_what_is_not_read_stays_at_the_server(self) -> None:
        """However much is said, only so much is kept here; all of it is read in the end."""
        bot = Bot()
        bot.is_in()
        bot.hears(*range(1, MANY + 1))
        assert waiting(bot) == LIMIT
        assert bot.asked == []
        reading = bot.reads(bot.chat.room("#ops"), most=LIMIT // 2)
        assert reading.called
        assert bot.asked == [LIMIT]
        bot.reads(bot.chat.room("#ops"))
        serves(bot, MANY)
        bot.hears(MANY + 1)
        assert bot.heard == [str(seq) for seq in range(1, MANY + 2)]
        assert bot.missed == []

    def test_who_waits_for_an_answer_in_the_middle_gets_it(self) -> None:
        """Answers come through, though there is no more room for events."""
        bot = Bot()
        bot.is_in()
        bot.hears(*range(1, MANY + 1))
        answer = bot.chat.say("#ops", "slowly")
        bot.connection.acks(bot.connection.last("say"))
        assert outcome(answer).seq == 1

    def test_other_rooms_are_heard_meanwhile(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.is_in("#dev", rid="r2")
        bot.hears(*range(1, MANY + 1))
        bot.reads(bot.chat.room("#dev"))
        bot.hears(1, room="#dev")
        assert bot.heard == ["1"]

    def test_a_page_that_is_lost_with_its_connection_is_asked_for_again(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.hears(*range(1, LIMIT + 3))
        bot.reads(bot.chat.room("#ops"))
        assert bot.asked == [LIMIT]
        bot.breaks()
        bot.returns()
        bot.connection.lets_in(LIMIT + 2, room="#ops")
        serves(bot, LIMIT + 2)
        assert bot.heard == [str(seq) for seq in range(1, LIMIT + 3)]

    def test_what_came_before_the_page_that_does_not_have_it_is_asked_for(self) -> None:
        bot = self._behind()
        bot.hears(LIMIT + 2)
        bot.pages(*talk(LIMIT + 1))
        assert bot.asked == [LIMIT, LIMIT + 1]
        bot.pages(*talk(LIMIT + 2))
        bot.hears(LIMIT + 3)
        assert bot.heard[-3:] == [str(LIMIT + 1), str(LIMIT + 2), str(LIMIT + 3)]

    def test_a_page_that_is_empty_may_only_be_old(self) -> None:
        """Something was said between the question and its answer, and was told before that."""
        bot = self._behind()
        bot.hears(LIMIT + 2)
        bot.pages()
        assert bot.asked == [LIMIT, LIMIT]
        bot.pages(*talk(LIMIT + 1, LIMIT + 2))
        assert bot.heard[-1] == str(LIMIT + 2)
        assert bot.missed == []

    def test_what_the_server_has_no_more_is_told_to_be_missed(self) -> None:
        bot = self._behind()
        bot.pages()
        assert bot.missed == [("#ops", "gap_expired")]
        bot.hears(LIMIT + 2)
        assert bot.heard[-1] == str(LIMIT + 2)

    def test_so_is_what_is_missing_in_a_page(self) -> None:
        bot = self._behind()
        bot.hears(LIMIT + 2)
        bot.pages(*talk(LIMIT + 2))
        assert bot.missed == [("#ops", "gap_expired")]
        assert bot.heard[-1] == str(LIMIT + 2)

    def test_a_refusal_leaves_what_was_heard_anyway(self) -> None:
        bot = self._behind()
        bot.connection.answers("history", ev="error", code="not_allowed")
        bot.hears(LIMIT + 2)
        assert bot.heard[-2:] == [str(LIMIT + 1), str(LIMIT + 2)]

    def test_a_goodbye_in_the_middle_is_the_end(self) -> None:
        bot = self._behind()
        bot.chat.close()
        assert bot.asked == [LIMIT]
        assert bot.missed == []

    def test_events_without_a_meaning_have_their_place(self) -> None:
        bot = self._behind()
        hidden = {"ev": "hidden", "room": "#ops", "seq": LIMIT + 1}
        bot.pages(hidden, {}, *talk(LIMIT + 2))
        assert bot.heard[-1] == str(LIMIT + 2)
        assert bot.missed == []

    def test_who_comes_and_goes_is_not_heard_of_while_one_is_behind(self) -> None:
        bot = Bot()
        bot.is_in()
        bot.hears(*range(1, LIMIT + 2))
        bot.connection.says({"ev": "joined", "room": "#ops", "nick": "carl"})
        bot.reads(bot.chat.room("#ops").events())
        bot.connection.says({"ev": "joined", "room": "#ops", "nick": "dora"})
        assert "Joined" not in bot.heard

    def _behind(self) -> Bot:
        """A bot that has read all but one message, which it has asked for."""
        bot = Bot()
        bot.is_in()
        bot.hears(*range(1, LIMIT + 2))
        bot.reads(bot.chat.room("#ops"))
        assert bot.asked == [LIMIT]
        assert bot.heard[-1] == str(LIMIT)
        return bot


class Random:
    """A room, its reader and the connection between them, in any order that can be."""

    def __init__(self) -> None:
        self.bot = Bot()
        self.head = 0
        self.answered = 0
        self.bot.is_in()
        room: Room = self.bot.chat.room("#ops")
        self.reader: Reader[Message] = aiter(room)
        self.reading = False

    def step(self, what: int) -> None:
        match what % 4:
            case 0 | 1:
                self.bot.hears(*range(self.head + 1, self.head + what + 1))
                self.head += what
            case 2:
                self.read(what)
            case 3:
                self.answer()

    def read(self, count: int) -> None:
        for _ in range(count):
            if not self.reading:
                self.reading = True
                self.bot.does(anext(self.reader)).addCallback(self._heard)

    def answer(self) -> None:
        if len(self.bot.asked) > self.answered:
            self.answered = len(self.bot.asked)
            after = self.bot.asked[-1]
            self.bot.pages(*talk(*range(after + 1, min(after + PAGE, self.head) + 1)))

    def reconnect(self) -> None:
        after = self.head
        self.bot.breaks()
        self.bot.returns()
        self.bot.connection.lets_in(after, room="#ops")
        self.answered = 0

    def _heard(self, message: Message) -> None:
        self.reading = False
        self.bot.heard.append(message.text)


class AnyOrderTests:
    @given(st.lists(st.one_of(st.integers(0, 2 * LIMIT), st.none()), max_size=12))
    def test_all_is_heard_once_and_in_order(self, steps: list[int | None]) -> None:
        """Whatever is said, read, answered and broken in which order, nothing is missing and nothing comes twice."""
        room = Random()
        for step in steps:
            if step is None:
                room.reconnect()
            else:
                room.step(step)
        while len(room.bot.heard) < room.head:
            before = len(room.bot.heard)
            room.read(LIMIT)
            room.answer()
            assert len(room.bot.heard) > before
        assert room.bot.heard == [str(seq) for seq in range(1, room.head + 1)]
        assert waiting(room.bot) == 0
        assert room.bot.missed == []
