"""Searching: what is found, and what is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import NOON
from tests.store.helpers import EVERYTHING, Shelf, opened, said, text_of
from twistedchat.chat.errors import ChatError, SlowDown, TooLong
from twistedchat.chat.events import Deleted, Direct, Edited, Emoted, Event, Proposal, Said, TopicSet
from twistedchat.store import search
from twistedchat.store.words import any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DAY = 86_400_000
HALFWAY = 3


def act(event: Event, stream: str = "r1", at: int = NOON) -> Proposal:
    return Proposal(event, stream, "g1", at)


def says(nick: str, text: str, at: int = NOON) -> Proposal:
    return act(Said(nick, text), at=at)


@pytest.fixture(params=["indexed", "not indexed", "half indexed", "indexed and restarted"])
def told(request: pytest.FixtureRequest, shelf: Shelf) -> Callable[..., None]:
    """Give a way to store things which are in the index afterwards, or are not, or half of which are."""

    def store(*proposals: Proposal) -> None:
        half = len(proposals) // 2
        shelf.store(*proposals[:half])
        if request.param != "not indexed":
            shelf.tidy()
        shelf.store(*proposals[half:])
        if request.param.startswith("indexed"):
            shelf.tidy()
        if request.param.endswith("restarted"):
            shelf.reopen()

    return store


class FoundTests:
    """It does not matter what is in the index by now."""

    def test_all_of_the_words(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """Newest first, in whatever order and case, without their accents, and whole."""
        told(said("The Zwölf boxers"), said("twelve"), said("zwolf of the others"), said("zwölfter"))
        assert shelf.found("the", "ZWÖLF") == ["zwolf of the others", "The Zwölf boxers"]
        assert [entry.seq for entry in shelf.search("zwolf")] == [3, 1]

    def test_the_entry_is_the_one_that_was_told(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """With its place, its time and its sender."""
        told(said("one"), said("two", cid="c1", by="g7", at=NOON + 5))
        assert shelf.search("two") == shelf.read("r1", 1)

    def test_beginnings(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """Only a star at the end says that a word goes on."""
        told(said("boxer"), said("box"), said("the boxes"), said("fox"))
        assert shelf.found("box") == ["box"]
        assert shelf.found("box*") == ["the boxes", "box", "boxer"]

    @pytest.mark.parametrize("word", ["世界", "你好世界", "好世", "안녕", "らが", "ﾊﾞﾅ", "\U00020bb7", "ナー"])
    def test_east_asian_words(self, shelf: Shelf, told: Callable[..., None], word: str) -> None:
        """They are found inside running text, however short or long."""
        text = "所以hello你好世界!안녕하세요ひらがなバナー\U00020bb7野家"
        told(said("世 好界안 らか", by="g2"), said(text), said("something else"), said("界世"))
        assert shelf.found(word) == [text]
        assert len(shelf.found("界")) == 3

    def test_words_of_signs(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """What the index does not know is looked for in the text."""
        told(said("well \U0001f600 done"), said("well done"), said("\U0001f600"), said("a -> b"))
        assert shelf.found("\U0001f600") == ["\U0001f600", "well \U0001f600 done"]
        assert shelf.found("well", "\U0001f600") == ["well \U0001f600 done"]
        assert shelf.found("->") == ["a -> b"]

    def test_who_said_it(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """They were called exactly that, whatever the case."""
        told(
            says("bob-2", "one fine day"), says("bob", "two fine days"), says("Bob-2", "three"), says("bob-22", "one")
        )
        assert shelf.found(nick="bob-2") == ["three", "one fine day"]
        assert shelf.found("one", nick="BOB-2") == ["one fine day"]
        assert shelf.found(nick="nobody") == []
        assert shelf.found("bob") == []

    def test_when_it_was_said(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """From the one time on, and before the other."""
        told(*(said(f"day {n}", at=NOON + n * DAY) for n in range(8)))
        assert shelf.found("day", after=NOON + 2 * DAY, before=NOON + 4 * DAY) == ["day 3", "day 2"]
        assert shelf.found(after=NOON + 6 * DAY + 1) == ["day 7"]
        assert shelf.found(before=NOON + 1) == ["day 0"]
        assert shelf.found(before=NOON) == []
        assert shelf.found(before=0, after=1 << 61) == []

    def test_a_clock_that_went_back(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """What was said before is found by its time, wherever the clock was since."""
        told(*(Proposal(Said("ann", f"said {at}"), f"r{at}", "g1", NOON + at * DAY) for at in (5, 1, 9, 3)))
        where = {f"r{at}": 0 for at in (5, 1, 9, 3)}
        assert shelf.found("said", where=where, after=NOON + 2 * DAY, before=NOON + 6 * DAY) == ["said 3", "said 5"]

    def test_no_more_than_asked_for(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """The newest."""
        told(*(said(f"line {n}", stream=f"r{n % 3}") for n in range(30)))
        where = {"r0": 0, "r1": 0, "r2": 0}
        assert shelf.found("line", where=where, limit=3) == ["line 29", "line 28", "line 27"]
        assert len(shelf.found("line", where=where, limit=100)) == 30
        assert shelf.found("line", where=where, limit=0) == []

    def test_of_every_kind_of_message(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """What people say and do, to all or to one; not what a room is about, nor who did what in it."""
        told(
            said("word"), act(Emoted("ann", "word!")), act(TopicSet("ann", "word")), act(Direct("a", "b", "a word")),
            opened("#word", "r2"),
        )  # fmt: skip
        assert shelf.found("word") == ["a word", "word!", "word"]


class RevisedTests:
    def test_an_edited_message(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """It is found by what it says now, in its own place, and not by what it said."""
        told(said("one"), act(Edited("ann", 1, "uno")), said("two"), act(Edited("ann", 1, "un peu")))
        assert shelf.found("one") == shelf.found("uno") == []
        (found,) = shelf.search("un")
        assert (found.seq, text_of(found)) == (1, "un peu")
        assert shelf.found() == ["two", "un peu"]

    def test_a_deleted_message(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """It is not found, by nothing that it ever said."""
        told(said("one"), act(Edited("ann", 1, "uno")), said("two"), act(Deleted("op", 1, "ann")))
        assert shelf.found("one") == shelf.found("uno") == shelf.found("removed") == []
        assert shelf.found() == shelf.found(nick="ann") == ["two"]

    def test_a_pruned_message(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """Nor is what is forgotten."""
        told(
            *(said(f"word {n}", at=NOON + n) for n in range(6)),
            act(
                Edited(
                    "ann",
                    6,
                    "word six",
                ),
                at=NOON + 9,
            ),
        )
        assert shelf.prune("r1", NOON + 5) == 5
        assert shelf.found("word") == ["word six"]
        shelf.tidy()
        assert shelf.found("word") == ["word six"]

    def test_it_leaves_nothing_in_the_index(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """When everything is gone the index is empty."""
        told(
            said("世界 one", at=1),
            act(Edited("ann", 1, "un"), at=1),
            said("two", at=1),
            act(Deleted("a", 3, "a"), at=1),
        )
        shelf.tidy()
        assert shelf.prune("r1", NOON) == 4
        rows = shelf.log._db.execute("SELECT count(*) FROM words WHERE words MATCH 'one OR un OR two OR s1 OR ann'")  # type: ignore[attr-defined]
        assert rows.fetchone() == (0,)
        assert shelf.log._db.execute("SELECT count(*) FROM found").fetchone() == (0,)  # type: ignore[attr-defined]


class ReadableTests:
    """What is never shown."""

    def test_other_streams(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """Only those are looked into that are named; a room's token is no word."""
        told(said("word", stream="r2"), said("word one"), said("word s2", stream="r3"), said("word two"))
        assert shelf.found("word") == ["word two", "word one"]
        assert shelf.found("word", where={"r2": 0, "nowhere": 0}) == ["word"]
        assert shelf.found("word", where={}) == []
        assert shelf.found("s2", where={"r2": 0}) == []
        assert shelf.found("room:s2") == shelf.found('" OR room:s2 OR "') == []

    def test_private_conversations(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """They are streams like others: found where they are named, among what was said in rooms, and forgotten."""
        ours, theirs = "direct:@ann|@bob", "direct:@ann|@cat"
        told(
            *(act(Direct("ann", "bob", f"word {n}"), ours) for n in range(3)),
            said("word 3"),
            *(act(Direct("cat", "ann", f"word {n}"), theirs) for n in range(4, 6)),
        )
        assert shelf.found("word", where={ours: 0, "r1": 0}) == ["word 3", "word 2", "word 1", "word 0"]
        assert [entry.seq for entry in shelf.search("word", where={ours: 1})] == [3, 2]
        assert shelf.found("wo*", where={theirs: 0}, nick="cat") == ["word 5", "word 4"]
        assert shelf.prune(ours, NOON + 1) == 3
        assert shelf.found("word", where={ours: 0, theirs: 0}) == ["word 5", "word 4"]

    def test_up_to_the_floor(self, shelf: Shelf, told: Callable[..., None]) -> None:
        """Of each stream only what comes after it."""
        told(*(said(f"word {n}", stream=f"r{n % 2}") for n in range(8)))
        assert shelf.found("word", where={"r0": 2, "r1": 3}) == ["word 7", "word 6", "word 4"]
        assert shelf.found("word", where={"r0": 4, "r1": EVERYTHING}) == []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        words=st.lists(
            st.text(max_size=12) | st.sampled_from(['"', "NEAR(", "a*", "*", "^a", "text:", "-a", "OR", "{"])
        ),
        nick=st.text(max_size=8),
        where=st.dictionaries(st.sampled_from(["r1", "r2", "x"]), st.integers(0, 3)),
    )
    def test_whatever_is_typed(self, shelf: Shelf, words: list[str], nick: str, where: dict[str, int]) -> None:
        """It is no error of the index's, and shows nothing beyond what may be read."""
        if not shelf.read("r1"):
            shelf.store(*(said('a NEAR( text: " OR -a', stream=f"r{n % 3}") for n in range(9)))
            shelf.tidy()
            shelf.store(*(said("a * ^ OR", stream=f"r{n % 3}") for n in range(3)))
        try:
            found = shelf.search(*words, where=where, nick=nick)
        except (TooLong, SlowDown):
            return
        assert all(entry.seq > where[entry.stream] for entry in found)

    @pytest.mark.parametrize("text", ["a\x00b word", "\U0010ffff word", "word " * 700, "word\n" * 20])
    def test_whatever_is_said(self, shelf: Shelf, told: Callable[..., None], text: str) -> None:
        """It can be put into the index, found, and taken out."""
        told(said(text), said("other"))
        assert shelf.found("word") == [text]
        assert shelf.prune("r1", NOON + 1) == 2
        assert shelf.found("word") == []


class SiftedTests:
    """Rooms that hold much of everything are not asked of the index: what it finds elsewhere is left out later."""

    @pytest.mark.parametrize("worth", [0, 4, EVERYTHING])
    def test_it_is_the_same(
        self, shelf: Shelf, told: Callable[..., None], monkeypatch: pytest.MonkeyPatch, worth: int
    ) -> None:
        """Either way the same is found, from the same place on, and as much of it."""
        monkeypatch.setattr(search, "WORTH", worth)
        told(*(said(f"word {n}", stream=f"r{n % 5}") for n in range(40)), opened("#late", "r9"))
        assert shelf.found("word", where={"r1": 6, "r3": 7}) == ["word 38", "word 36", "word 31"]
        assert shelf.found("word", where={"r2": 0, "r9": 0, "r4": 0}, limit=3) == ["word 39", "word 37", "word 34"]
        assert shelf.found(where={"r0": 7}) == shelf.found(nick="ann", where={"r0": 7}) == ["word 35"]

    @pytest.mark.parametrize(
        ("rooms", "words", "asks"),
        [
            (["r1"], ["word"], True),
            (["r1", "r2"], ["word"], True),
            (["r1", "r2", "r3"], ["word"], False),
            (["r1", "r2", "r3"], [], True),
            ([*(f"one{n}" for n in range(20))], ["word"], True),
            ([*(f"one{n}" for n in range(20)), "r1"], ["word"], False),
        ],
    )
    def test_which_way(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, rooms: list[str], words: list[str], *, asks: bool
    ) -> None:
        """They are asked of it where that leaves out enough, and where it is asked for nothing else."""
        shelf.store(*(said("word", stream=f"r{n % 10}") for n in range(100)))
        shelf.store(*(said("word", stream=f"one{n}") for n in range(20)))
        shelf.tidy()
        asked: list[Iterable[str]] = []

        def noting(column: str, tokens: Iterable[str]) -> str:
            asked.append(tokens)
            return any_of(column, tokens)

        monkeypatch.setattr(search, "any_of", noting)
        found = shelf.search(*words, where=dict.fromkeys(rooms, 0), limit=EVERYTHING)
        assert len(found) == sum(10 if room.startswith("r") else 1 for room in rooms)
        assert len(asked) == asks


class LimitTests:
    def test_too_many_words(self, shelf: Shelf) -> None:
        """That is refused before anything is looked for."""
        with pytest.raises(TooLong):
            shelf.search(*["x"] * 9)

    def test_too_long(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        """A search that would take too long is ended, and the next one is as good as any."""
        shelf.store(*(said(f"word {n}") for n in range(3000)))
        shelf.tidy()
        with monkeypatch.context() as patch:
            patch.setattr(search, "SECONDS_MOST", 0)
            patch.setattr(search, "INSTRUCTIONS", 10)
            with pytest.raises(SlowDown, match="That is found too often: add a word, from: or in:"):
                shelf.search("word", limit=EVERYTHING)
        assert len(shelf.search("word")) == 50

    def test_an_index_that_is_far_behind(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is passed over in silence."""
        monkeypatch.setattr(search, "TAIL_MOST", HALFWAY)
        shelf.store(*(said(f"word {n}") for n in range(4)), said("word", stream="r2"))
        with pytest.raises(ChatError, match="The search index is still being made"):
            shelf.search("word")
        assert shelf.found("word", where={"r1": 1}) == ["word 3", "word 2", "word 1"]
        assert shelf.found("word", where={"r2": 0}) == ["word"]
        shelf.tidy()
        assert len(shelf.search("word")) == 4
