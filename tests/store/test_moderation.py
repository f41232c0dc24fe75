"""What the log remembers of moderation: what holds, and who did it."""

from __future__ import annotations

import pytest

from tests.helpers import NOON
from tests.store.helpers import Shelf, opened, said
from twistedchat.chat.acts import (
    Banned,
    Claimed,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    MotdSet,
    Muted,
    Reloaded,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.events import Deleted, Entry, Event, Proposal, TopicSet
from twistedchat.chat.log import KnownSanction
from twistedchat.chat.sanctions import Sanction

BAN = Banned("ann", "Bob", ("g2", "~198.51.100.7/32"), NOON + 1000, "spam")
MUTE = Muted("ann", "Bob", ("g2",))


def act(event: Event, stream: str = "r1", at: int = NOON) -> Proposal:
    return Proposal(event, stream, "@a", at)


class SanctionTests:
    @pytest.fixture(params=["r1", ""], ids=["room", "server"], autouse=True)
    def _where(self, request: pytest.FixtureRequest, shelf: Shelf) -> None:
        self.stream = request.param
        shelf.store(opened("#ops", "r1"), opened("#help", "r2"))

    def test_they_are_remembered(self, shelf: Shelf) -> None:
        """Whom they hit, until when, who said so, and why."""
        shelf.store(act(BAN, self.stream), act(MUTE, self.stream, NOON + 5))
        assert shelf.reopen().sanctions == (
            KnownSanction(
                self.stream,
                "ban",
                Sanction("Bob", ("g2", "~198.51.100.7/32"), "ann", NOON, NOON + 1000, "spam"),
            ),
            KnownSanction(self.stream, "mute", Sanction("Bob", ("g2",), "ann", NOON + 5)),
        )

    def test_they_are_lifted_by_their_name(self, shelf: Shelf) -> None:
        """Whatever its case; the ban and the mute of one name are two, and so are those of two rooms."""
        shelf.store(act(BAN, self.stream), act(MUTE, self.stream), act(BAN, "r2"))
        shelf.store(act(Unbanned("ann", "BOB"), self.stream))
        assert {(each.stream, each.kind) for each in shelf.reopen().sanctions} == {
            (self.stream, "mute"),
            ("r2", "ban"),
        }
        shelf.store(act(Unmuted("ann", "bob"), self.stream))
        assert {(each.stream, each.kind) for each in shelf.reopen().sanctions} == {("r2", "ban")}

    def test_the_last_of_one_name_holds(self, shelf: Shelf) -> None:
        """It takes the place of the one before."""
        shelf.store(act(BAN, self.stream), act(Banned("cat", "bob", ("g3",)), self.stream))
        assert [each.sanction for each in shelf.reopen().sanctions] == [Sanction("bob", ("g3",), "cat", NOON)]

    def test_they_end(self, shelf: Shelf) -> None:
        """What has run out is forgotten; what is for ever stays."""
        shelf.store(act(BAN, self.stream), act(MUTE, self.stream))
        assert len(shelf.reopen(NOON + 999).sanctions) == 2
        assert [each.kind for each in shelf.reopen(NOON + 1000).sanctions] == ["mute"]
        assert [each.kind for each in shelf.reopen(NOON).sanctions] == ["mute"]


class ServerTests:
    def test_an_event_of_the_server_has_no_place(self, shelf: Shelf) -> None:
        """It is answered with no seq and no id, and is not read again."""
        entries = shelf.store(act(BAN, ""), said(), act(Unbanned("ann", "bob"), ""))
        assert [(entry.seq, entry.id) for entry in entries] == [(0, 0), (1, 1), (0, 0)]
        assert shelf.read("") == []


class AuditTests:
    KINDS: tuple[Event, ...] = (
        RoomRenamed("ann", "#ops", "#help"),
        RoomSet("ann", "guests", "read"),
        Granted("ann", "bob", "@b", "op"),
        Kicked("ann", "bob", "@b", "why"),
        BAN,
        Unbanned("ann", "bob"),
        MUTE,
        Unmuted("ann", "bob"),
        Deleted("ann", 1, "bob"),
        Invited("ann", "bob", "@b"),
        Dropped("ann"),
    )

    def test_every_act_leaves_a_line(self, shelf: Shelf) -> None:
        """Who did what to whom, where and when; of each kind, whether it is kept or not."""
        shelf.store(opened("#ops", "r1"), said())
        done = shelf.store(*(act(event, at=NOON + n) for n, event in enumerate(self.KINDS)))
        done += shelf.store(act(BAN, ""), act(Killed("ann", "bob", "@b"), ""), act(Shouted("ann", "hello"), ""))
        shelf.reopen()
        audited = shelf.audit()
        assert [entry.event for entry in audited] == [entry.event for entry in done]
        assert [(entry.stream, entry.at, entry.by) for entry in audited] == [
            (entry.stream, entry.at, "@a") for entry in done
        ]

    def test_all_kinds_are_known(self) -> None:
        """A new kind of act says here that it is audited."""
        kinds = {kind for kind in _all_kinds(Event) if kind.audited}
        assert kinds == {type(event) for event in self.KINDS} | {Killed, Shouted, Claimed, MotdSet, Reloaded}

    def test_the_last_are_told(self, shelf: Shelf) -> None:
        """As many as are asked for, oldest first."""
        shelf.store(*(act(Shouted("ann", str(n)), "") for n in range(9)))
        assert [entry.event for entry in shelf.audit(2)] == [Shouted("ann", "7"), Shouted("ann", "8")]

    def test_settings_that_were_read_again(self, shelf: Shelf) -> None:
        """What has changed is in the line."""
        event = Reloaded("ann", ("limits.burst",), "talk")
        shelf.store(act(event, ""))
        shelf.reopen()
        assert [entry.event for entry in shelf.audit()] == [event]

    def test_what_is_no_act_of_moderation_leaves_none(self, shelf: Shelf) -> None:
        """Nor does an empty room that is gone, or an act that was refused."""
        shelf.store(opened("#ops", "r1"), said(), act(TopicSet("ann", "t")))
        shelf.append(act(RoomSet("ann", "guests", "fly")))
        shelf.store(act(Dropped("", empty=True)))
        assert shelf.audit() == []

    def test_it_keeps_secrets(self, shelf: Shelf) -> None:
        """Neither a room's key nor who is in a private room is told to whoever may read it."""
        secretive = RoomSet("ann", "key", "set", "s3cret", {"g1": 4})
        (entry,) = shelf.store(opened("#ops", "r1"), act(secretive))[1:]
        assert isinstance(entry, Entry)
        assert [each.event for each in shelf.audit()] == [RoomSet("ann", "key", "set")]


def _all_kinds(kind: type[Event]) -> set[type[Event]]:
    return {kind}.union(*(_all_kinds(each) for each in kind.__subclasses__()))


class MotdTests:
    def test_it_is_remembered(self, shelf: Shelf) -> None:
        """The last one, or none."""
        assert shelf.reopen().motd == ""
        shelf.store(act(MotdSet("ann", "hello"), ""), act(MotdSet("ann", "Beer at six."), ""))
        assert shelf.reopen().motd == "Beer at six."
        shelf.store(act(MotdSet("ann", ""), ""))
        assert shelf.reopen().motd == ""
