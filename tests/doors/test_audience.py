"""Who hears a room: the same bytes for all, and a cut of their own for whoever has an exception."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import NOON
from twistedchat.chat.acts import Kicked, Opened
from twistedchat.chat.events import Entry, Joined, Proposal, Said
from twistedchat.chat.prefs import Prefs
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person, Session
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.wire import View
from twistedchat.doors.audience import Audience, Audiences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Event, Placed
    from twistedchat.dialects.wire import Dialect

PEOPLE = ("ann", "bob", "cid", "dee")
EVERYBODY = {name: Session(f"s-{name}", Person(f"g-{name}")) for name in (*PEOPLE, "eve")}


class Ear(list[bytes]):
    """All that somebody is told, a chunk a send."""

    def put(self, chunk: bytes) -> None:
        self.append(chunk)


class Ears:
    """What each of those who hear a room is sent, a chunk a send."""

    def __init__(self, dialect: Dialect, *names: str) -> None:
        self.audience = Audience(Room("r1", "#lobby"), dialect, View("#lobby"))
        self.sent = {name: Ear() for name in names}
        for name in names:
            self.audience.add(EVERYBODY[name], self.sent[name])

    def picky(self, name: str, *ignored: str) -> None:
        """Have somebody hear it who ignores those people."""
        session = Session(f"s-{name}", Person(f"g-{name}"))
        session.person.prefs = Prefs(ignoring={f"g-{each}": each for each in ignored})
        self.sent[name] = Ear()
        self.audience.add(session, self.sent[name])

    def tell(self, *news: Placed, **acks: bytes) -> list[Session]:
        return self.audience.tell(news, {EVERYBODY[name]: [ack] for name, ack in acks.items()}, {})

    def tell_out(self, *news: Placed, **out: int) -> None:
        """Tell news in which those are taken out of the room, after so many entries."""
        self.audience.tell(news, {}, {EVERYBODY[name]: heard for name, heard in out.items()})

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
        sent = [Ear() for _ in wanted]
        for heard, session, (dialect, view) in zip(sent, EVERYBODY.values(), wanted, strict=False):
            audiences.join(room, dialect, view, session, heard)
        audiences.tell({room: conversation("eve")}, {}, {})
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


class IgnoringTests:
    """What somebody says whom one of them ignores."""

    def test_people_see_nothing_of_it(self) -> None:
        """Their words are left out of one person's chunk, and nobody else's bytes are touched."""
        ears = Ears(LineDialect(), "ann", "bob")
        ears.picky("cid", "eve")
        ears.tell(*conversation("eve", "dee", "eve"))
        assert ears.sent["cid"] == [b"dee: line 2\r\n"]
        assert ears.sent["ann"] == ears.sent["bob"] == [b"eve: line 1\r\ndee: line 2\r\neve: line 3\r\n"]
        assert ears.sent["ann"][0] is ears.sent["bob"][0]

    def test_programs_are_told_that_something_is_there(self) -> None:
        """Their `seq`s have no gaps, whomever they ignore."""
        ears = Ears(JsonDialect())
        ears.picky("cid", "eve")
        ears.tell(*conversation("eve", "dee"))
        hidden, said = map(json.loads, ears.heard("cid").splitlines())
        assert (hidden["ev"], hidden["seq"], "text" in hidden, "nick" in hidden) == ("hidden", 1, False, False)
        assert (said["ev"], said["seq"]) == ("said", 2)

    def test_what_they_do_is_told(self) -> None:
        """Who comes, goes and keeps order is everybody's matter."""
        ears = Ears(LineDialect())
        ears.picky("cid", "eve")
        ears.tell(placed(Joined("eve", "s-eve"), "eve"), placed(Kicked("eve", "dee", "g-dee"), "eve"))
        assert ears.heard("cid") == b"eve joined!\r\n-- eve kicked dee.\r\n"

    def test_it_costs_nothing_where_nobody_is_concerned(self) -> None:
        """Whoever ignores somebody who is silent is sent the very same object as the others."""
        ears = Ears(LineDialect(), "ann")
        ears.picky("cid", "eve")
        ears.tell(*conversation("dee"))
        assert ears.sent["cid"][0] is ears.sent["ann"][0]

    def test_who_has_left_is_forgotten(self) -> None:
        """And can come back without ignoring anybody."""
        ears = Ears(LineDialect())
        ears.picky("cid", "eve")
        (session,) = ears.audience._members
        ears.audience.remove(session)
        assert not ears.audience._ignoring


class PutOutTests:
    """Who is taken out of the room in the middle of a batch."""

    @pytest.mark.parametrize("dialect", [LineDialect(), JsonDialect()])
    def test_they_hear_nothing_after_it(self, dialect: Dialect) -> None:
        """Not even what was committed together with it; the others hear all."""
        ears = Ears(dialect, "ann", "bob")
        news = [said("eve", "one"), placed(Kicked("eve", "bob", "g-bob"), "eve", 2), said("eve", "secret", 3)]
        ears.tell_out(*news, bob=2)
        assert b"one" in ears.heard("bob")
        assert b"kicked" in ears.heard("bob")
        assert b"secret" not in ears.heard("bob")
        assert b"secret" in ears.heard("ann")
        assert len(ears.sent["bob"]) == 1

    def test_their_own_words_are_left_out_all_the_same(self) -> None:
        """They stand on their screen already."""
        ears = Ears(LineDialect(), "bob")
        ears.tell_out(said("bob", "bad word"), placed(Kicked("eve", "bob", "g-bob"), "eve", 2), bob=2)
        assert ears.sent["bob"] == [b"-- eve kicked bob.\r\n"]

    def test_who_is_gone_before_the_first_hears_nothing(self) -> None:
        """As with one of several connections, which leaves without anybody being told."""
        ears = Ears(LineDialect(), "bob", "cid")
        ears.tell_out(*conversation("eve"), bob=0, ann=1)
        assert ears.sent["bob"] == []
        assert ears.heard("cid") == b"eve: line 1\r\n"


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

        class Leaver(Ear):
            def put(self, _chunk: bytes) -> None:
                ears.audience.remove(EVERYBODY["ann"])
                ears.audience.remove(EVERYBODY["dee"])

        ears.audience.add(EVERYBODY["ann"], Leaver())
        ears.tell(*conversation("eve"))
        ears.tell(*conversation("cid"))
        assert [len(ears.sent[name]) for name in PEOPLE] == [0, 2, 1, 1]

    def test_an_audience_that_is_empty_is_kept_no_longer(self) -> None:
        """Rooms that come and go leave nothing behind."""
        audiences, room = Audiences(), Room("r1", "#lobby")
        audience = audiences.join(room, LineDialect(), View("#lobby"), EVERYBODY["ann"], Ear())
        audiences.leave(audience, EVERYBODY["ann"])
        assert audiences._by_room == {}


class OrderTests:
    """Several rooms at once."""

    def test_rooms_are_told_in_the_order_of_the_batch(self) -> None:
        """Whoever hears two rooms gets one send each, and their acks once, with the first."""
        audiences, sent = Audiences(), Ear()
        rooms: Sequence[Room] = [Room("r1", "#lobby"), Room("r2", "#ops")]
        ann = EVERYBODY["ann"]
        for room in rooms:
            audiences.join(room, JsonDialect(), View(room.name), ann, sent)
        acks = {ann: [b"ack\n"], EVERYBODY["eve"]: [b"ack\n"]}
        audiences.tell({rooms[1]: conversation("bob"), rooms[0]: conversation("cid")}, acks, {})
        assert [chunk.count(b"ack\n") for chunk in sent] == [1, 0]
        assert [b"#ops" in chunk for chunk in sent] == [True, False]
        assert list(acks) == [EVERYBODY["eve"]]
