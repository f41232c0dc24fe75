"""What the log remembers of rooms: their names, settings, roles, and who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from tests.store.helpers import Shelf, arrived, departed, joined, said
from twistedchat.chat.acts import (
    Banned,
    Dropped,
    Granted,
    Invited,
    Kicked,
    LoggedIn,
    Opened,
    Registered,
    RoomRenamed,
    RoomSet,
)
from twistedchat.chat.errors import BadUsage, NickTaken, NoRoom, NotAllowed
from twistedchat.chat.events import Departed, Entry, Left, Proposal, TopicSet
from twistedchat.chat.log import KnownRoom
from twistedchat.chat.room import room_claims
from twistedchat.chat.settings import RoomSettings

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

PRIVATE = RoomSet("ann", "join", "invite")
OPEN = RoomSet("ann", "join", "open")


def act(event: Event, stream: str = "r1", by: str = "@a") -> Proposal:
    return Proposal(event, stream, by, NOON)


def opens(name: str, stream: str = "r1", owner: str = "@a", *, temporary: bool = False) -> Proposal:
    event = Opened("ann", name, owner, temporary=temporary)
    return Proposal(event, stream, owner, NOON, claims=room_claims(name))


def drops(name: str, stream: str = "r1", by: str = "@a", *, empty: bool = False) -> Proposal:
    return Proposal(Dropped("ann", empty=empty), stream, by, NOON, releases=room_claims(name))


def renames(was: str, to: str, stream: str = "r1") -> Proposal:
    kept = set(room_claims(to))
    released = tuple(claim for claim in room_claims(was) if claim not in kept)
    event = RoomRenamed("ann", was, to)
    return Proposal(event, stream, "@a", NOON, claims=room_claims(to), releases=released)


def left(by: str, *, stays: bool = False) -> Proposal:
    return act(Left("bob", f"s-{by}", stays=stays), by=by)


def known(shelf: Shelf, stream: str = "r1") -> KnownRoom:
    """Return what is remembered of a room after a restart."""
    (room,) = (room for room in shelf.reopen().rooms if room.id == stream)
    return room


def admitted(shelf: Shelf) -> dict[str, int]:
    return known(shelf).admitted


class OpenedTests:
    def test_it_is_its_owners(self, shelf: Shelf) -> None:
        """Whoever makes a room is its owner, also after a restart."""
        shelf.store(opens("#ops"), said(), act(TopicSet("ann", "all of it")))
        assert known(shelf) == KnownRoom("r1", "#ops", 2, "all of it", roles={"@a": "owner"})

    def test_one_of_nobody_stays(self, shelf: Shelf) -> None:
        """The lobby is nobody's, and is there for good."""
        shelf.store(opens("#lobby", owner=""))
        assert known(shelf) == KnownRoom("r1", "#lobby", 0)

    def test_a_temporary_one_is_gone_at_the_next_start(self, shelf: Shelf) -> None:
        """With it go its roles, admissions and sanctions, and its name is free."""
        shelf.store(
            opens("#ops", owner="g1", temporary=True),
            act(Granted("ann", "bea", "@b", "op")),
            act(PRIVATE),
            act(Invited("ann", "bea", "@b")),
            act(Banned("ann", "eve", ("g9",))),
        )
        remembered = shelf.reopen()
        assert (remembered.rooms, remembered.sanctions) == ((), ())
        shelf.store(opens("#ops", "r1", owner=""))
        assert known(shelf) == KnownRoom("r1", "#ops", 3)

    def test_a_name_that_looks_like_anothers_is_refused(self, shelf: Shelf) -> None:
        """Of two rooms that want one name in one batch the earlier has it, and the other is told whose it is."""
        first, second = shelf.append(opens("#ops"), opens("#0PS", "r2"))
        assert isinstance(first, Entry)
        assert (type(second), str(second)) == (NoRoom, "#0PS exists already.")
        shelf.reopen()
        assert isinstance(shelf.append(opens("#Ops", "r3"))[0], NoRoom)

    def test_rooms_and_people_do_not_share_their_names(self, shelf: Shelf) -> None:
        """Somebody may be called as a room is."""
        shelf.store(opens("#ops"), arrived("ops", "g1"))
        assert isinstance(shelf.append(arrived("ops", "g2"))[0], NickTaken)

    def test_guests_who_cannot_come_back_are_nothing_in_it(self, shelf: Shelf) -> None:
        """What was a guest's is forgotten with the guest; who has a secret keeps it."""
        shelf.store(opens("#ops", owner="g1"), act(PRIVATE), arrived("bob", "g2", secret_hash="h2"))
        shelf.store(act(Invited("ann", "bob", "g2")), act(Invited("ann", "eve", "g3")))
        assert (known(shelf).roles, known(shelf).admitted) == ({}, {"g2": 1})


class DroppedTests:
    def test_it_is_gone(self, shelf: Shelf) -> None:
        """Nothing of it is remembered, and its name is free at once."""
        shelf.store(opens("#ops"), act(PRIVATE), act(Banned("ann", "eve", ("g9",))), drops("#ops"))
        shelf.store(opens("#0ps", "r2"))
        remembered = shelf.reopen()
        assert [room.id for room in remembered.rooms] == ["r2"]
        assert remembered.sanctions == ()

    def test_its_name_is_free_whatever_was_released(self, shelf: Shelf) -> None:
        """A room that is gone stands in nobody's way."""
        shelf.store(opens("#ops"), act(Dropped("ann")), opens("#ops", "r2"))

    def test_one_that_is_not_empty_any_more_stays(self, shelf: Shelf) -> None:
        """Who came in before anybody could know keeps the room; the next try is good."""
        shelf.store(opens("#ops", owner="g1", temporary=True))
        came, refused = shelf.append(joined("bob", "g2"), drops("#ops", empty=True))
        assert (type(came), type(refused)) == (Entry, NotAllowed)
        assert isinstance(shelf.append(opens("#ops", "r2"))[0], NoRoom)
        shelf.store(left("g2"), drops("#ops", empty=True), opens("#ops", "r2"))

    def test_who_came_into_another_room_keeps_none(self, shelf: Shelf) -> None:
        """It is who comes into the room itself that counts."""
        shelf.store(opens("#ops", owner="g1", temporary=True), opens("#help", "r2"))
        shelf.store(joined("bob", "g2", "r2"), drops("#ops", empty=True))

    def test_joining_after_it_changes_nothing(self, shelf: Shelf) -> None:
        """A room that was dropped while somebody was on the way in is gone."""
        shelf.store(opens("#ops", owner="g1", temporary=True))
        assert all(isinstance(each, Entry) for each in shelf.append(drops("#ops", empty=True), joined("bob", "g2")))
        shelf.store(opens("#ops", "r2"))


class RenamedTests:
    def test_it_is_remembered(self, shelf: Shelf) -> None:
        """The old name is free, the new one is taken."""
        shelf.store(opens("#ops"), renames("#ops", "#help"), opens("#ops", "r2"))
        assert isinstance(shelf.append(opens("#HELP", "r3"))[0], NoRoom)
        assert (known(shelf).name, known(shelf, "r2").name) == ("#help", "#ops")
        assert isinstance(shelf.append(opens("#HELP", "r3"))[0], NoRoom)

    def test_it_may_be_like_its_own(self, shelf: Shelf) -> None:
        """A room may be called by another form of its name."""
        shelf.store(opens("#ops"), renames("#ops", "#OPS"))
        assert known(shelf).name == "#OPS"

    def test_a_name_that_is_taken_is_refused(self, shelf: Shelf) -> None:
        """Then it is called as before, and neither name is free."""
        shelf.store(opens("#ops"), opens("#help", "r2"))
        (refused,) = shelf.append(renames("#ops", "#help"))
        assert (type(refused), str(refused)) == (NoRoom, "#help exists already.")
        assert isinstance(shelf.append(opens("#ops", "r3"))[0], NoRoom)
        assert known(shelf).name == "#ops"


class SettingTests:
    def test_each_is_remembered(self, shelf: Shelf) -> None:
        """What was set last holds."""
        shelf.store(
            opens("#ops"),
            act(RoomSet("ann", "guests", "read")),
            act(RoomSet("ann", "slow", "10s")),
            act(RoomSet("ann", "keep", "7d")),
            act(RoomSet("ann", "slow", "off")),
        )
        assert known(shelf).settings == RoomSettings(guests="read", keep=7 * 86_400_000)

    def test_what_is_secret_is_what_it_is_set_to(self, shelf: Shelf) -> None:
        """A key is told as "set", and kept as it is."""
        shelf.store(opens("#ops"), act(RoomSet("ann", "key", "set", "s3cret")))
        assert known(shelf).settings == RoomSettings(join="key", key="s3cret")

    @pytest.mark.parametrize(
        ("event", "stream", "error"),
        [(RoomSet("ann", "guests", "fly"), "r1", BadUsage), (RoomSet("ann", "guests", "read"), "r7", NoRoom)],
    )
    def test_what_cannot_be_is_refused_by_itself(
        self, shelf: Shelf, event: RoomSet, stream: str, error: type[Exception]
    ) -> None:
        """It takes no place, and its neighbours are stored."""
        shelf.store(opens("#ops"))
        one, refused, two = shelf.append(said("one"), act(event, stream), said("two"))
        assert isinstance(refused, error)
        assert isinstance(one, Entry)
        assert isinstance(two, Entry)
        assert (one.seq, two.seq) == (1, 2)

    def test_it_says_since_when_it_is_open_again(self, shelf: Shelf) -> None:
        """What was said up to there, that setting included, is not for those who come later."""
        shelf.store(opens("#ops"), said(), act(PRIVATE), said())
        assert known(shelf).opened == 0
        shelf.store(act(OPEN), said())
        assert (known(shelf).opened, known(shelf).head) == (4, 5)

    def test_another_way_of_being_private_opens_nothing(self, shelf: Shelf) -> None:
        """From a key to invitations it was never open; nor is what was open opened."""
        shelf.store(opens("#ops"), act(OPEN), act(RoomSet("ann", "key", "set", "k")), act(PRIVATE))
        assert known(shelf).opened == 0

    def test_who_is_admitted_with_it(self, shelf: Shelf) -> None:
        """The event says who, and from after which seq they may read; nobody may read less than before."""
        shelf.store(opens("#ops"), said(), act(Invited("ann", "bob", "@b")))
        shelf.store(act(RoomSet("ann", "join", "invite", admits={"@a": 0, "@b": 0, "@c": 1})))
        assert admitted(shelf) == {"@a": 0, "@b": 0, "@c": 1}


class AdmissionTests:
    def test_invited(self, shelf: Shelf) -> None:
        """They may read what is said from then on; a second invitation changes nothing."""
        shelf.store(opens("#ops"), act(PRIVATE), said(), act(Invited("ann", "bob", "@b")), said())
        shelf.store(act(Invited("ann", "bob", "@b")))
        assert admitted(shelf) == {"@b": 2}

    def test_joined_with_a_key(self, shelf: Shelf) -> None:
        """Who comes into a private room is admitted as of then, also where it became private in the same batch."""
        shelf.store(opens("#ops"), act(RoomSet("ann", "key", "set", "k")), said(), joined("bob", "@b"), said())
        assert admitted(shelf) == {"@b": 2}
        shelf.store(joined("bob", "@b"), joined("cat", "@c"))
        assert admitted(shelf) == {"@b": 2, "@c": 3}

    def test_joined_an_open_room(self, shelf: Shelf) -> None:
        """Nobody need be admitted there, before it was private or after."""
        shelf.store(opens("#ops"), joined("bob", "@b"), act(PRIVATE), act(OPEN), joined("cat", "@c"))
        assert admitted(shelf) == {}

    def test_left(self, shelf: Shelf) -> None:
        """Who goes must be let in again, but not who is something there, or is still there otherwise."""
        shelf.store(opens("#ops"), act(PRIVATE), *(act(Invited("ann", who, who)) for who in ("@a", "@b", "@c")))
        shelf.store(left("@a"), left("@b"), left("@c", stays=True))
        assert admitted(shelf) == {"@a": 1, "@c": 1}

    def test_a_lost_line(self, shelf: Shelf) -> None:
        """Who is only away is let in again."""
        shelf.store(opens("#ops"), act(PRIVATE), act(Invited("ann", "bob", "@b")), departed("bob", "@b"))
        assert admitted(shelf) == {"@b": 1}

    @pytest.mark.parametrize(
        "event",
        [Kicked("ann", "bob", "@b"), Banned("ann", "bob", ("@b", "~198.51.100.7/32"))],
        ids=["kicked", "banned"],
    )
    def test_put_out(self, shelf: Shelf, event: Event) -> None:
        """Whatever they are there, they must be let in again."""
        shelf.store(opens("#ops"), act(Granted("ann", "bob", "@b", "op")), act(PRIVATE))
        shelf.store(act(Invited("ann", "bob", "@b")), act(Invited("ann", "cat", "@c")), act(event))
        assert admitted(shelf) == {"@c": 2}


class RoleTests:
    def test_they_are_remembered_in_their_order(self, shelf: Shelf) -> None:
        """The oldest op can be told; who is given another role is the youngest in it."""
        shelf.store(opens("#ops"))
        for who, role in (("@c", "op"), ("@b", "op"), ("@d", "voice"), ("@c", "voice"), ("@c", "op")):
            shelf.store(act(Granted("ann", who, who, role)))
        assert list(known(shelf).roles.items()) == [("@a", "owner"), ("@b", "op"), ("@d", "voice"), ("@c", "op")]

    def test_one_that_is_taken_away(self, shelf: Shelf) -> None:
        """Then they are nothing there."""
        shelf.store(opens("#ops"), act(Granted("ann", "bob", "@b", "op")), act(Granted("ann", "bob", "@b", "")))
        assert known(shelf).roles == {"@a": "owner"}

    def test_in_one_room_only(self, shelf: Shelf) -> None:
        """Another room's ops are others."""
        shelf.store(opens("#ops"), opens("#help", "r2", owner=""), act(Granted("ann", "bob", "@b", "op"), "r2"))
        assert (known(shelf).roles, known(shelf, "r2").roles) == ({"@a": "owner"}, {"@b": "op"})


class LoggedInTests:
    """A guest's rooms go with them."""

    def login(self, account: str = "@a") -> Proposal:
        return Proposal(LoggedIn("ann", "s-g1", "g1", account, "ann"), "", "g1", NOON)

    def test_a_temporary_room_is_their_own_for_good(self, shelf: Shelf) -> None:
        """It is there after a restart, and theirs."""
        shelf.store(opens("#ops", owner="g1", temporary=True), opens("#help", "r2", owner="g2", temporary=True))
        shelf.store(Proposal(Registered("ann", "@a", "x"), "", "g1", NOON), self.login())
        assert known(shelf) == KnownRoom("r1", "#ops", 0, roles={"@a": "owner"})
        assert [room.id for room in shelf.remembered.rooms] == ["r1"]

    def test_they_come_after_those_who_were_there(self, shelf: Shelf) -> None:
        """The youngest in their role is the account; one that was something there is as old as before."""
        shelf.store(
            opens("#ops", owner="g1", temporary=True), act(Granted("ann", "bob", "@b", "owner")), self.login()
        )
        assert list(known(shelf).roles) == ["@b", "@a"]
        shelf.store(opens("#help", "r2", owner="g1", temporary=True), act(Granted("ann", "ann", "@a", "op"), "r2"))
        shelf.store(act(Granted("ann", "bob", "@b", "op"), "r2"), self.login())
        assert list(known(shelf, "r2").roles.items()) == [("@a", "owner"), ("@b", "op")]

    def test_a_room_that_is_theirs_is_not_of_somebody_elses_name(self, shelf: Shelf) -> None:
        """Its name is taken after a restart as well."""
        shelf.store(opens("#ops", owner="g1", temporary=True), self.login())
        shelf.reopen()
        assert isinstance(shelf.append(opens("#ops", "r2"))[0], NoRoom)

    def test_what_the_account_was_admitted_to_stays(self, shelf: Shelf) -> None:
        """Where both were let in the account's own holds; elsewhere it has what the guest had."""
        shelf.store(opens("#ops"), opens("#help", "r2"))
        shelf.store(act(RoomSet("ann", "join", "invite")), act(RoomSet("ann", "join", "invite"), "r2"))
        shelf.store(act(Invited("ann", "ann", "@b")), said())
        shelf.store(act(Invited("ann", "g", "g1")), act(Invited("ann", "g", "g1"), "r2"), self.login("@b"))
        assert (admitted(shelf), known(shelf, "r2").admitted) == ({"@b": 1}, {"@b": 1})


def gone(person: str, **heard: int) -> Proposal:
    return act(Departed("bob", "s1", person, heard=heard), "", person)


class HeardTests:
    """What members have heard of rooms that they were in when they went."""

    def test_it_is_remembered(self, shelf: Shelf) -> None:
        """The last time counts; of a room that is gone, or was never there, nothing is."""
        shelf.store(opens("#ops"), opens("#dev", "r2"), gone("@b", r1=3, r2=4, r3=5), gone("@a", r1=7))
        assert known(shelf).heard == {"@b": 3, "@a": 7}
        shelf.store(gone("@b", r1=6), drops("#dev", "r2"), gone("@b", r2=1), opens("#dev", "r2"))
        assert known(shelf).heard == {"@b": 6, "@a": 7}
        assert known(shelf, "r2").heard == {}

    @pytest.mark.parametrize(
        ("event", "forgotten"),
        [
            (Left("bob", "s1"), True),
            (Left("bob", "s1", stays=True), False),
            (Left("", ""), False),
            (Kicked("ann", "bob", "@b"), True),
            (Banned("ann", "bob", ("@b", "g1")), True),
        ],
    )
    def test_who_leaves_or_is_put_out(self, shelf: Shelf, event: Event, *, forgotten: bool) -> None:
        """It is not theirs any more, unless they are there by another connection, or it is a note of the chat."""
        shelf.store(opens("#ops"), gone("@b", r1=3), gone("@a", r1=3), act(event, by="@b"))
        assert known(shelf).heard == ({"@a": 3} if forgotten else {"@a": 3, "@b": 3})
