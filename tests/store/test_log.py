"""The contract of the log, held against every engine."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred

from tests.helpers import NOON
from tests.store.helpers import arrived, departed, joined, opened, said, value_of
from twistedchat.chat.errors import ChatError, NickTaken, NotStored
from twistedchat.chat.events import Departed, Direct, Emoted, Entry, Proposal, Renamed, Repeated, Said
from twistedchat.chat.log import KnownGuest, KnownRoom
from twistedchat.chat.names import HOLD_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.logger import LogEvent

    from tests.store.helpers import Shelf
    from twistedchat.chat.events import Outcome

HOUR = 3600 * 1000


def is_refused(outcome: Outcome) -> bool:
    return isinstance(outcome, ChatError)


def seqs(outcomes: Sequence[Outcome]) -> list[int]:
    return [outcome.seq for outcome in outcomes if isinstance(outcome, Entry)]


class PlaceTests:
    """What place an event is given."""

    def test_every_stream_counts_for_itself(self, shelf: Shelf) -> None:
        """The seq of a stream has no gaps, whatever else is committed between."""
        streams = ["r1", "r2", "r1", "r1", "r2", "r3"]
        assert seqs(shelf.store(*(said(stream=stream) for stream in streams))) == [1, 1, 2, 3, 2, 1]
        assert seqs(shelf.store(said(stream="r2"), said(stream="r1"))) == [3, 4]

    def test_the_id_grows_over_all_streams(self, shelf: Shelf) -> None:
        """Whoever sorts by id has the order in which everything happened."""
        ids = [entry.id for n in range(20) for entry in shelf.store(said(stream=f"r{n % 3}"), said(stream="r0"))]
        assert ids == sorted(set(ids))

    def test_it_counts_on_after_a_restart(self, shelf: Shelf) -> None:
        """Neither a seq nor an id is ever given twice."""
        (last,) = shelf.store(said())
        shelf.reopen()
        (first,) = shelf.store(said())
        assert (first.seq, first.id > last.id) == (last.seq + 1, True)

    def test_what_is_not_kept_takes_no_place(self, shelf: Shelf) -> None:
        """Who joins goes through the log for the order's sake, and leaves no gap."""
        outcomes = shelf.store(said(), joined("ann", "g1"), said())
        assert [(entry.seq, bool(entry.id)) for entry in outcomes] == [(1, True), (0, False), (2, True)]

    def test_time_does_not_run_backwards(self, shelf: Shelf) -> None:
        """Within a stream the time shown stands still while the clock goes back, in a batch and after it."""
        shown = [entry.at for entry in shelf.store(*(said(at=at) for at in (500, 300, 900, 0)))]
        assert shown == [500, 500, 900, 900]
        assert [entry.at for entry in shelf.store(said(at=100))] == [900]

    def test_time_does_not_run_backwards_over_a_restart(self, shelf: Shelf) -> None:
        """A machine that comes up in 1970 does not show it."""
        shelf.store(said(at=900))
        shelf.reopen(at=0)
        assert [entry.at for entry in shelf.store(said(at=0), said(at=901), said(at=5))] == [900, 901, 901]

    def test_streams_do_not_share_their_time(self, shelf: Shelf) -> None:
        """What was said elsewhere an hour ahead of the clock is no reason to be ahead here."""
        assert [entry.at for entry in shelf.store(said(at=900), said(stream="r2", at=5))] == [900, 5]

    def test_the_epoch_stays(self, shelf: Shelf) -> None:
        """Cursors into this log are good for as long as it lives."""
        epoch = shelf.remembered.epoch
        assert epoch
        assert shelf.reopen().epoch == epoch

    @pytest.mark.parametrize(
        "text", ["hello", "zwölf Boxkämpfer\nüber den Deich", "\U0001f9d1\u200d\U0001f680", "\x00'\""]
    )
    def test_what_is_kept_comes_back_as_it_was(self, shelf: Shelf, text: str) -> None:
        """Every kind is read again just as it was told."""
        events = (Said("ann", text), Emoted("ann", text), Direct("ann", "bob", text))
        told = shelf.store(*(Proposal(event, "r1", "g1", NOON, f"c{n}") for n, event in enumerate(events)))
        shelf.reopen()
        assert shelf.read("r1") == told
        assert [entry.event for entry in told] == list(events)


class RepeatTests:
    """The same cid again."""

    def test_within_one_batch(self, shelf: Shelf) -> None:
        """The second has the first's entry, takes no place, and its neighbours stay in order."""
        first, again, after = shelf.append(said("one", cid="c1"), said("one", cid="c1"), said("two"))
        assert again == Repeated(first)  # type: ignore[arg-type]
        assert seqs([first, after]) == [1, 2]

    def test_in_a_later_batch(self, shelf: Shelf) -> None:
        """What was stored before is answered by its first entry, though its text be another."""
        (first,) = shelf.store(said("one", cid="c1"))
        assert shelf.append(said("other", cid="c1", stream="r2"), said("two")) == [
            Repeated(first),
            shelf.read("r1")[1],
        ]

    def test_after_a_restart(self, shelf: Shelf) -> None:
        """A sender who never saw the acknowledgement gets it from the next daemon."""
        (first,) = shelf.store(said("one", cid="c1"))
        shelf.reopen()
        assert shelf.append(said("one", cid="c1")) == [Repeated(first)]
        assert shelf.read("r1") == [first]

    def test_it_is_the_senders_own(self, shelf: Shelf) -> None:
        """Two senders may use the same cid."""
        assert seqs(shelf.store(said(by="g1", cid="c1"), said(by="g2", cid="c1"))) == [1, 2]

    def test_none_is_no_repeat(self, shelf: Shelf) -> None:
        """Who gives no cid may say the same thing twice."""
        assert seqs(shelf.store(said(), said())) == [1, 2]

    def test_all_of_a_batch(self, shelf: Shelf) -> None:
        """A client that sends everything again gets everything again, each its own."""
        batch = [said(f"line {n}", cid=f"c{n}") for n in range(50)]
        first = shelf.store(*batch)
        assert shelf.append(*batch) == [Repeated(entry) for entry in first]


class ClaimTests:
    """Names that are one person's at a time."""

    def test_a_claim_that_is_taken_refuses_one_event_only(self, shelf: Shelf) -> None:
        """The neighbours of the one refused are stored, in order and without a gap."""
        shelf.store(arrived("ann", "g1"))
        outcomes = shelf.append(said("one"), arrived("ann", "g2"), said("two"))
        assert [type(outcome) for outcome in outcomes] == [Entry, NickTaken, Entry]
        assert seqs([outcomes[0], outcomes[2]]) == [1, 2]

    def test_the_first_in_the_log_has_it(self, shelf: Shelf) -> None:
        """Of two that want a name in one batch the earlier gets it."""
        assert [is_refused(each) for each in shelf.append(arrived("ann", "g1"), arrived("ann", "g2"))] == [
            False,
            True,
        ]

    def test_a_release_counts_from_its_place_on(self, shelf: Shelf) -> None:
        """Before somebody has left their name is theirs, after it is free, in the same batch too."""
        shelf.store(arrived("ann", "g1"))
        outcomes = shelf.append(arrived("ann", "g2"), departed("ann", "g1"), arrived("ann", "g3"))
        assert [is_refused(outcome) for outcome in outcomes] == [True, False, False]

    def test_ones_own_claim_may_be_made_again(self, shelf: Shelf) -> None:
        """A guest who comes back by another connection keeps the name."""
        shelf.store(arrived("ann", "g1"), arrived("ann", "g1"))
        assert is_refused(shelf.append(arrived("ann", "g2"))[0])

    def test_nobody_releases_anothers_claim(self, shelf: Shelf) -> None:
        """A departure that comes late does not free a name that is somebody else's by then."""
        shelf.store(arrived("ann", "g1"), departed("ann", "g1"), arrived("ann", "g2"), departed("ann", "g1"))
        assert is_refused(shelf.append(arrived("ann", "g3"))[0])

    def test_a_refused_event_claims_nothing(self, shelf: Shelf) -> None:
        """Of several claims either all are granted or none."""
        shelf.store(arrived("ann", "g1"))
        assert is_refused(shelf.append(arrived("bob", "g2", claims=("nick:bob", "nick:ann")))[0])
        shelf.store(arrived("bob", "g3"))

    def test_nobody_is_here_after_a_restart(self, shelf: Shelf) -> None:
        """Claims end with the daemon."""
        shelf.store(arrived("ann", "g1"))
        shelf.reopen()
        shelf.store(arrived("ann", "g2"))


class RoomTests:
    """Rooms, as the log remembers them."""

    def test_it_is_remembered_with_its_head(self, shelf: Shelf) -> None:
        """A restart finds the rooms, and how far each has come."""
        shelf.store(opened("#lobby", "r1"), said(), said(), opened("#ops", "r2"))
        rooms = shelf.reopen().rooms
        assert sorted(rooms, key=lambda room: room.id) == [KnownRoom("r1", "#lobby", 2), KnownRoom("r2", "#ops", 0)]

    def test_a_second_room_of_the_same_name_is_refused_by_itself(self, shelf: Shelf) -> None:
        """A constraint that one event breaks costs that event only: the order stays, and no seq is lost."""
        outcomes = shelf.append(
            said("one"), opened("#ops", "r2"), said("two"), opened("#ops", "r3"), said("three"), said(stream="r3")
        )
        assert [is_refused(outcome) for outcome in outcomes] == [False, False, False, True, False, False]
        assert [(entry.seq, entry.event.text) for entry in shelf.read("r1")] == [(1, "one"), (2, "two"), (3, "three")]  # type: ignore[attr-defined]
        assert shelf.reopen().rooms == (KnownRoom("r2", "#ops", 0),)

    def test_what_was_claimed_beside_a_refused_event_is_kept(self, shelf: Shelf) -> None:
        """The claims of its neighbours hold, and its own do not."""
        shelf.store(opened("#ops", "r2"))
        refused = Proposal(opened("#ops", "r3").event, "r3", "g9", NOON, claims=("nick:bob",))
        assert [is_refused(each) for each in shelf.append(arrived("ann", "g1"), refused)] == [False, True]
        assert [is_refused(each) for each in shelf.append(arrived("ann", "g2"), arrived("bob", "g2"))] == [
            True,
            False,
        ]


class ReadingTests:
    """What is kept, asked for again."""

    @pytest.fixture(params=["from disk", "from memory"], autouse=True)
    def _told(self, request: pytest.FixtureRequest, shelf: Shelf) -> None:
        if request.param == "from memory":
            shelf.read("r1")
        shelf.store(*(said(f"line {n}") for n in range(1, 11)), said("elsewhere", stream="r2"))

    @pytest.mark.parametrize(
        ("after", "upto", "limit", "expected"),
        [
            (0, 10, 100, range(1, 11)),
            (3, 7, 100, range(4, 8)),
            (3, 7, 2, range(4, 6)),
            (0, 1, 1, range(1, 2)),
            (9, 10, 5, range(10, 11)),
            (10, 10, 5, ()),
            (5, 5, 5, ()),
            (7, 3, 5, ()),
            (0, 10, 0, ()),
        ],
    )
    def test_ranges(self, shelf: Shelf, after: int, upto: int, limit: int, expected: Sequence[int]) -> None:
        """It is what follows `after`, up to `upto`, ascending, and no more than asked for."""
        assert [entry.seq for entry in shelf.read("r1", after, upto, limit)] == list(expected)

    def test_it_does_not_go_beyond_its_stream(self, shelf: Shelf) -> None:
        """However much is asked for, what stands in the next stream is none of it."""
        assert [entry.seq for entry in shelf.read("r1", 0, 1 << 80, 100)] == list(range(1, 11))
        assert shelf.read("r1", 1 << 40, 1 << 80, 100) == []

    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            ("@b", ["@a|@b", "@b|@c", "@b|b"]),
            ("@a", ["@a|@a", "@a|@b"]),
            ("b", ["@b|b"]),
            ("@c", ["@b|@c"]),
            ("@", []),
        ],
    )
    def test_the_conversations_of_a_person(self, shelf: Shelf, person: str, expected: list[str]) -> None:
        """Those with every other one, and no room."""
        pairs = ("@a|@a", "@a|@b", "@b|@c", "@b|b", "@bb|@cb")
        shelf.store(*(said(stream=stream) for stream in ("@b", "b", *(f"direct:{pair}" for pair in pairs))))
        assert shelf.conversations(person) == [f"direct:{pair}" for pair in expected]

    def test_a_stream_that_nobody_made(self, shelf: Shelf) -> None:
        """Nothing is kept of it."""
        assert shelf.read("nowhere") == []


class WaitingTests:
    """Those who wait for one outcome."""

    def test_they_are_answered_after_the_batch_is_told(self, shelf: Shelf) -> None:
        """Whoever goes on after `place` finds the state changed already."""
        order: list[str] = []
        placed = shelf.log.place(said("one"))
        shelf.log.append(said("two"))

        async def wait() -> None:
            entry = await placed
            order.append(f"placed {entry.seq}, told {len(shelf.batches[-1])}")

        Deferred.fromCoroutine(wait())
        shelf.clock.settle()
        assert order == ["placed 1, told 2"]

    def test_a_refusal_is_raised(self, shelf: Shelf) -> None:
        """Who cannot have a name learns it at their own call."""
        shelf.store(arrived("ann", "g1"))
        with pytest.raises(NickTaken):
            shelf.place(arrived("ann", "g2"))

    def test_a_repeat_is_its_first_entry(self, shelf: Shelf) -> None:
        """Who waits for what is stored already gets it."""
        assert shelf.place(said(cid="c1")) == shelf.place(said(cid="c1"))


class FaultTests:
    """A fault in whoever is told."""

    def test_it_stops_nothing(self, shelf: Shelf, logged_errors: list[LogEvent]) -> None:
        """What is committed is committed: who waits is answered, and the next batch is told."""
        shelf.faulty = True
        assert shelf.place(said("one")).seq == 1
        shelf.faulty = False
        assert seqs(shelf.store(said("two"))) == [2]
        assert len(logged_errors) == 1


class EndTests:
    """Stopping."""

    def test_what_was_appended_is_committed(self, shelf: Shelf) -> None:
        """Nothing that was read from a peer is left behind."""
        for n in range(3):
            shelf.log.append(said(f"line {n}"))
        placed = shelf.log.place(said("last"))
        shelf.reopen()
        assert value_of(placed).seq == 4
        assert [entry.seq for entry in shelf.read("r1")] == [1, 2, 3, 4]

    def test_what_comes_later_goes_nowhere(self, shelf: Shelf) -> None:
        """After the end an event is not taken, and who waits for one is refused."""
        shelf.close()
        shelf.log.append(said("late"))
        with pytest.raises(NotStored):
            value_of(shelf.log.place(said("late")))
        shelf.open(NOON)
        assert shelf.read("r1") == []


class GuestTests:
    """Those who can come back."""

    def test_a_secret_tells_who_it_is(self, shelf: Shelf) -> None:
        """The hash of a secret finds its guest, now and after a restart; another finds nobody."""
        shelf.store(arrived("ann", "g1", secret_hash="h1"))
        assert (shelf.person("h1"), shelf.person("h2")) == ("g1", "")
        shelf.reopen()
        assert shelf.person("h1") == "g1"

    def test_who_gave_no_secret_is_forgotten(self, shelf: Shelf) -> None:
        """Nobody is found by having none."""
        shelf.store(arrived("ann", "g1"))
        assert shelf.person("") == ""

    def test_a_name_is_held(self, shelf: Shelf) -> None:
        """Who left a moment ago, to come back, is remembered with their last name."""
        renamed = Proposal(Renamed("ann", "s-g1", "anna"), "", "g1", NOON, claims=("nick:anna",))
        shelf.store(arrived("ann", "g1", secret_hash="h1"), renamed, departed("anna", "g1", held=True, at=NOON + 7))
        assert shelf.reopen(NOON + 1000).guests == (KnownGuest("g1", "anna", NOON + 7),)

    def test_a_name_is_not_held_for_ever(self, shelf: Shelf) -> None:
        """After the time that names are held it is anybody's, though the secret is still good."""
        shelf.store(arrived("ann", "g1", secret_hash="h1"), departed("ann", "g1", held=True))
        assert shelf.reopen(NOON + HOLD_SECONDS * 1000).guests == ()
        assert shelf.person("h1") == "g1"

    def test_who_said_goodbye_leaves_the_name(self, shelf: Shelf) -> None:
        """Nobody's name is held who will not be back in a moment, though their secret is still good."""
        goodbye = Proposal(Departed("ann", "s-g1", "g1", returns=True), "", "g1", NOON, releases=("nick:ann",))
        shelf.store(arrived("ann", "g1", secret_hash="h1"), goodbye)
        assert shelf.reopen(NOON + 1).guests == ()
        assert shelf.person("h1") == "g1"

    def test_who_was_here_when_it_ended_left_then(self, shelf: Shelf) -> None:
        """A daemon that comes back after a night holds the names of those it threw out."""
        shelf.store(arrived("ann", "g1", secret_hash="h1"))
        assert shelf.reopen(NOON + 9 * HOUR).guests == (KnownGuest("g1", "ann", NOON + 9 * HOUR),)

    def test_they_are_forgotten_after_two_days(self, shelf: Shelf) -> None:
        """A secret is good for 48 hours after its guest was seen last, and no longer."""
        shelf.store(arrived("ann", "g1", secret_hash="h1"), departed("ann", "g1", held=True))
        shelf.reopen(NOON + 48 * HOUR)
        assert shelf.person("h1") == "g1"
        shelf.reopen(NOON + 48 * HOUR + 1)
        assert shelf.person("h1") == ""

    def test_who_comes_back_begins_the_two_days_anew(self, shelf: Shelf) -> None:
        """It is the last visit that counts, and the last name."""
        later = NOON + 40 * HOUR
        shelf.store(arrived("ann", "g1", secret_hash="h1"), departed("ann", "g1", held=True))
        shelf.store(arrived("bea", "g1", secret_hash="h1", at=later), departed("bea", "g1", held=True, at=later))
        assert shelf.reopen(later + 1).guests == (KnownGuest("g1", "bea", later),)


class ManyTests:
    """Much at once."""

    def test_everything_in_one_turn(self, shelf: Shelf) -> None:
        """However it is cut into batches, one order comes of it, and every one is answered once."""
        number = count(1)
        outcomes = shelf.store(*(said(f"line {next(number)}") for _ in range(10_000)))
        assert seqs(outcomes) == list(range(1, 10_001))
        assert shelf.read("r1", 9_990) == outcomes[9_990:]
