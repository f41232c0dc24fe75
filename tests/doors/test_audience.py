"""Who hears a room: the same bytes for all, and a cut of their own for whoever has an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import NOON
from twistedchat.chat.events import Entry, Joined, Opened, Proposal, Said
from twistedchat.chat.room import Room
from twistedchat.chat.session import Session
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.wire import View
from twistedchat.doors.audience import Audience, Audiences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Event, Placed
    from twistedchat.dialects.wire import Dialect

PEOPLE = ("ann", "bob", "cid", "dee")
EVERYBODY = {name: Session(f"s-{name}", f"g-{name}") for name in (*PEOPLE, "eve")}


class Ears:
    """What each of those who hear a room is sent, a chunk a send."""

    def __init__(self, dialect: Dialect, *names: str) -> None:
        self.audience = Audience(dialect, View("#lobby"))
        self.sent: dict[str, list[bytes]] = {name: [] for name in names}
        for name in names:
            self.audience.add(EVERYBODY[name], self.sent[name].append)

    def tell(self, *news: Placed, **acks: bytes) -> list[Session]:
        return self.audience.tell(news, {EVERYBODY[name]: [ack] for name, ack in acks.items()})

    def heard(self, name: str) -> bytes:
        return b"".join(self.sent[name])


def placed(event: Event, by: str, seq: int = 1) -> Placed:
    proposal = Proposal(event, "r1", f"g-{by}", NOON, asker=EVERYBODY.get(by))
    return proposal, Entry(event, "r1", seq, seq, NOON, f"g-{by}")


def said(by: str, text: str, seq: int = 1) -> Placed:
    return placed(Said(by, text), by, seq)


def conversation(*authors: str) -> list[Placed]:
    return [said(author, f"line {seq}", seq) for seq, author in enumerate(authors, 1)]


class SharedTests:
    """What everybody is told."""

    def test_all_are_given_the_same_object(self) -> None:
        """However many hear it, a batch is put into bytes once."""
        ears = Ears(LineDialect(), *PEOPLE)
        ears.tell(*conversation("eve", "eve"))
        chunks = [chunk for sent in ears.sent.values() for chunk in sent]
        assert len(chunks) == len(PEOPLE)
        assert {id(chunk) for chunk in chunks} == {id(chunks[0])}
        assert chunks[0] == b"eve: line 1\r\neve: line 2\r\n"

    def test_programs_share_even_what_they_said_themselves(self) -> None:
        """They are told their own words like anybody's, so nobody's bytes differ."""
        ears = Ears(JsonDialect(), *PEOPLE)
        ears.tell(*conversation("ann", "bob"))
        assert len({id(chunk) for sent in ears.sent.values() for chunk in sent}) == 1

    def test_what_shows_nothing_is_not_sent(self) -> None:
        """There are events that a dialect has no words for."""
        ears = Ears(LineDialect(), "ann")
        assert ears.tell(placed(Opened("eve", "#lobby"), "eve"), ann=b"ack\n") == []
        assert ears.sent["ann"] == []

    def test_equal_dialects_make_one_audience(self) -> None:
        """Who prefers the same hears the same bytes; who prefers otherwise, or looks from elsewhere, does not."""
        audiences, room = Audiences(), Room("r1", "#lobby")
        wanted: list[tuple[Dialect, View]] = [
            (LineDialect(), View("#lobby")),
            (LineDialect(), View("#lobby")),
            (LineDialect(), View("#lobby", active=False)),
            (JsonDialect(), View("#lobby")),
        ]
        sent: list[list[bytes]] = [[] for _ in wanted]
        for heard, session, (dialect, view) in zip(sent, EVERYBODY.values(), wanted, strict=False):
            audiences.join(room, dialect, view, session, heard.append)
        audiences.tell({room: conversation("eve")}, {})
        first, second, third, fourth = (heard[0] for heard in sent)
        assert first is second
        assert (first, third) == (b"eve: line 1\r\n", b"#lobby eve: line 1\r\n")
        assert fourth.startswith(b"{")


class ExceptionTests:
    """What one of them is told otherwise than the others."""

    def test_nobody_is_told_their_own_words(self) -> None:
        """They stand on the sender's screen already; the others hear everything, in one send each."""
        ears = Ears(LineDialect(), "ann", "bob", "cid")
        ears.tell(*conversation("ann", "bob", "ann"))
        assert ears.sent["ann"] == [b"bob: line 2\r\n"]
        assert ears.sent["bob"] == [b"ann: line 1\r\nann: line 3\r\n"]
        assert ears.sent["cid"] == [b"ann: line 1\r\nbob: line 2\r\nann: line 3\r\n"]

    def test_whoever_talks_alone_is_sent_nothing(self) -> None:
        """Not even an empty send."""
        ears = Ears(LineDialect(), "ann")
        ears.tell(*conversation("ann", "ann"))
        assert ears.sent["ann"] == []

    def test_a_joiner_is_not_told_of_it(self) -> None:
        """What they did themselves is not told to them, whatever it is."""
        ears = Ears(LineDialect(), "ann", "bob")
        ears.tell(placed(Joined("ann", "s-ann"), "ann"), said("bob", "hi ann"))
        assert ears.sent["ann"] == [b"bob: hi ann\r\n"]
        assert ears.sent["bob"] == [b"ann joined!\r\n"]

    @pytest.mark.parametrize("dialect", [LineDialect(), JsonDialect()])
    def test_acknowledgements_come_first_and_in_the_same_send(self, dialect: Dialect) -> None:
        """Whoever is acknowledged knows it before anything that follows."""
        ears = Ears(dialect, "ann", "bob")
        assert ears.tell(*conversation("ann", "eve"), ann=b"ack\n") == [EVERYBODY["ann"]]
        (bobs,) = ears.sent["bob"]
        (anns,) = ears.sent["ann"]
        assert anns == b"ack\n" + (bobs if dialect.echo else b"eve: line 2\r\n")

    def test_acknowledgements_of_strangers_are_left(self) -> None:
        """Who is not in the room gets theirs some other way."""
        ears = Ears(JsonDialect(), "ann")
        assert ears.tell(*conversation("eve"), eve=b"ack\n") == []
        assert b"ack" not in ears.heard("ann")

    @given(st.lists(st.sampled_from((*PEOPLE, "nobody")), max_size=30), st.sets(st.sampled_from(PEOPLE)))
    def test_every_batch_is_cut_as_if_line_by_line(self, authors: list[str], acknowledged: set[str]) -> None:
        """Each hears the acks, then what the others said, in its order, whoever said how much in turns."""
        ears = Ears(LineDialect(), *PEOPLE)
        ears.tell(*conversation(*authors), **dict.fromkeys(acknowledged, b"ack\n"))
        lines = [(author, f"{author}: line {seq}\r\n".encode()) for seq, author in enumerate(authors, 1)]
        for name in PEOPLE:
            ack = b"ack\n" if authors and name in acknowledged else b""
            assert ears.heard(name) == ack + b"".join(line for author, line in lines if author != name)
            assert len(ears.sent[name]) <= 1


class LeavingTests:
    """Who comes and goes while the others are told."""

    def test_who_has_left_hears_nothing_more(self) -> None:
        """From the moment at which they are taken out."""
        ears = Ears(LineDialect(), "ann", "bob")
        ears.audience.remove(EVERYBODY["ann"])
        ears.audience.remove(EVERYBODY["ann"])
        ears.tell(*conversation("eve"))
        assert (ears.heard("ann"), ears.heard("bob")) == (b"", b"eve: line 1\r\n")

    def test_somebody_may_leave_while_they_are_told(self) -> None:
        """A send that fails can end a connection at once; everybody else is told all the same."""
        ears = Ears(LineDialect(), *PEOPLE)

        def leave(_chunk: bytes) -> None:
            ears.audience.remove(EVERYBODY["ann"])
            ears.audience.remove(EVERYBODY["dee"])

        ears.audience.add(EVERYBODY["ann"], leave)
        ears.tell(*conversation("eve"))
        ears.tell(*conversation("cid"))
        assert [len(ears.sent[name]) for name in PEOPLE] == [0, 2, 1, 1]

    def test_an_audience_that_is_empty_is_kept_no_longer(self) -> None:
        """Rooms that come and go leave nothing behind."""
        audiences, room = Audiences(), Room("r1", "#lobby")
        audience = audiences.join(room, LineDialect(), View("#lobby"), EVERYBODY["ann"], list[bytes]().append)
        audiences.leave(room, audience, EVERYBODY["ann"])
        assert audiences._by_room == {}


class OrderTests:
    """Several rooms at once."""

    def test_rooms_are_told_in_the_order_of_the_batch(self) -> None:
        """Whoever hears two rooms gets one send each, and their acks once, with the first."""
        audiences, sent = Audiences(), list[bytes]()
        rooms: Sequence[Room] = [Room("r1", "#lobby"), Room("r2", "#ops")]
        ann = EVERYBODY["ann"]
        for room in rooms:
            audiences.join(room, JsonDialect(), View(room.name), ann, sent.append)
        acks = {ann: [b"ack\n"], EVERYBODY["eve"]: [b"ack\n"]}
        audiences.tell({rooms[1]: conversation("bob"), rooms[0]: conversation("cid")}, acks)
        assert [chunk.count(b"ack\n") for chunk in sent] == [1, 0]
        assert [b"#ops" in chunk for chunk in sent] == [True, False]
        assert list(acks) == [EVERYBODY["eve"]]
