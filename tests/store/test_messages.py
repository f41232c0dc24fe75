"""Messages that say something else, and messages that are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from tests.store.helpers import Shelf, opened, said, text_of
from twistedchat.chat.errors import NotFound
from twistedchat.chat.events import (
    Deleted,
    Direct,
    Edited,
    Emoted,
    Entry,
    Event,
    Proposal,
    Removed,
    Repeated,
    TopicSet,
)

if TYPE_CHECKING:
    from twistedchat.chat.events import Outcome


def act(event: Event, stream: str = "r1", by: str = "g1", cid: str = "") -> Proposal:
    return Proposal(event, stream, by, NOON, cid)


def edits(of: int, text: str, stream: str = "r1") -> Proposal:
    return act(Edited("ann", of, text), stream)


def deletes(of: int, stream: str = "r1") -> Proposal:
    return act(Deleted("op", of, "ann"), stream, "@op")


def is_gone(outcome: Outcome) -> bool:
    return isinstance(outcome, NotFound)


@pytest.fixture(params=["from disk", "from memory"])
def talk(request: pytest.FixtureRequest, shelf: Shelf) -> Shelf:
    """Give a log in whose room r1 three things have been said; it is read from memory, or from the disk."""
    shelf.store(opened("#ops", "r1"))
    if request.param == "from memory":
        shelf.read("r1")
    shelf.store(said("one"), act(Emoted("ann", "two")), said("three"))
    return shelf


def events(shelf: Shelf, stream: str = "r1") -> list[Event]:
    return [entry.event for entry in shelf.read(stream)]


class EditedTests:
    def test_it_has_its_own_place(self, talk: Shelf) -> None:
        """What was said before stays as it was said."""
        (entry,) = talk.store(edits(1, "uno"))
        assert (entry.seq, [text_of(each) for each in talk.read("r1")]) == (4, ["one", "two", "three", "uno"])

    @pytest.mark.parametrize("of", [0, 4, 5, 9, -1, 1 << 40 | 1, 1 << 80])
    def test_what_is_no_message_is_refused_by_itself(self, talk: Shelf, of: int) -> None:
        """A message that was never there, a topic, an edit: its neighbours are stored, without a gap."""
        talk.store(act(TopicSet("ann", "topic")), edits(1, "uno"))
        outcomes = talk.append(said("four"), edits(of, "x"), deletes(of), said("five"))
        assert [is_gone(each) for each in outcomes] == [False, True, True, False]
        assert [entry.seq for entry in talk.read("r1")] == list(range(1, 8))

    def test_another_room_is_another(self, talk: Shelf) -> None:
        """The same seq elsewhere is none of its business; a stream that nobody made has nothing."""
        talk.store(said("elsewhere", stream="r2"), deletes(1, "r2"))
        assert is_gone(talk.append(deletes(1, "r3"))[0])
        assert is_gone(talk.append(deletes(1, ""))[0])
        assert events(talk)[:1] == [talk.read("r1")[0].event]
        assert text_of(talk.read("r1")[0]) == "one"


class DeletedTests:
    def test_the_message_is_no_longer_there(self, talk: Shelf) -> None:
        """In its place stands whose it was; place, id, time and sender stay."""
        before = talk.read("r1")
        (deleted,) = talk.store(deletes(2))
        after = talk.read("r1")
        assert [entry.event for entry in after] == [before[0].event, Removed("ann"), before[2].event, deleted.event]
        assert [(each.seq, each.id, each.at, each.by) for each in after[:3]] == [
            (each.seq, each.id, each.at, each.by) for each in before
        ]
        talk.reopen()
        assert talk.read("r1") == after

    def test_nor_is_what_it_was_edited_to(self, talk: Shelf) -> None:
        """All that it ever said is gone, whether it was said in the same batch or long ago."""
        talk.store(edits(1, "uno"), edits(3, "drei"))
        talk.store(edits(1, "un"), deletes(1), said("four"))
        assert [text_of(entry) for entry in talk.read("r1")] == ["", "two", "three", "", "drei", "", "", "four"]
        assert [events(talk)[seq - 1] for seq in (1, 4, 6)] == [Removed("ann"), *[Removed("ann", edit=True)] * 2]
        talk.reopen()
        assert [text_of(entry) for entry in talk.read("r1")] == ["", "two", "three", "", "drei", "", "", "four"]

    def test_it_cannot_be_edited_or_deleted_again(self, talk: Shelf) -> None:
        """Who was quicker to type than to read is told so, and nothing of it comes back."""
        outcomes = talk.append(deletes(1), edits(1, "uno"), deletes(1))
        assert [is_gone(each) for each in outcomes] == [False, True, True]
        assert len(talk.audit()) == 1

    def test_what_was_said_in_the_same_batch(self, talk: Shelf) -> None:
        """It is gone before anybody could read it."""
        talk.store(said("four"), deletes(4), said("five"))
        assert [text_of(entry) for entry in talk.read("r1")] == ["one", "two", "three", "", "", "five"]

    def test_a_repeat_is_what_stands_there_now(self, talk: Shelf) -> None:
        """Who sends a deleted message again has it acknowledged, and does not bring it back."""
        (sent,) = talk.store(said("four", cid="c1"))
        talk.store(deletes(sent.seq))
        (again,) = talk.append(said("four", cid="c1"))
        assert isinstance(again, Repeated)
        assert (again.entry.seq, again.entry.event) == (4, Removed("ann"))

    def test_a_repeat_of_an_edit(self, talk: Shelf) -> None:
        """An edit that was stored is acknowledged again, though its message is gone."""
        edit = act(Edited("ann", 1, "uno"), cid="c1")
        talk.store(edit, deletes(1))
        (again,) = talk.append(edit)
        assert isinstance(again, Repeated)

    def test_private_messages_that_wait(self, talk: Shelf) -> None:
        """Who has not been told of it is not told any more."""
        stream = "direct:@b|g1"
        (sent,) = talk.store(act(Direct("ann", "bob", "secret"), stream))
        talk.store(deletes(sent.seq, stream))
        assert (talk.mail("@b"), events(talk, stream)[0]) == ([], Removed("ann"))

    def test_it_is_undone_with_its_neighbours(self, talk: Shelf) -> None:
        """A batch with one that the database refuses is placed one by one, and comes out the same."""
        talk.store(said("x", cid="c1"))
        doubled = talk.append(edits(1, "uno"), said("x", cid="c1"), deletes(1), deletes(3))
        assert [type(each) for each in doubled] == [Entry, Repeated, Entry, Entry]
        assert [text_of(entry) for entry in talk.read("r1")] == ["", "two", "", "x", "", "", ""]
