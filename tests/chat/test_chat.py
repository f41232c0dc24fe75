"""The chat itself: what is asked for is proposed, and what has settled becomes the state."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from tests.helpers import NOON
from twistedchat.chat.errors import (
    BadNick,
    BadText,
    ChatError,
    NickTaken,
    NoRoom,
    NoSuchNick,
    NotAllowed,
    NotInRoom,
    NotStored,
)
from twistedchat.chat.events import Departed, Direct, Emoted, Entry, Joined, Proposal, Renamed, Repeated, Said
from twistedchat.chat.log import KnownGuest, KnownRoom, Remembered
from twistedchat.chat.names import HOLD_SECONDS
from twistedchat.chat.room import Room

HOLD = HOLD_SECONDS * 1000


class StartTests:
    def test_first_start_makes_the_lobby(self, world: World) -> None:
        """Where there is no lobby yet, it is made, through the log like everything else."""
        assert world.lobby.name == "#lobby"
        assert world.lobby.head == 0
        assert world.chat.epoch == "e1"

    def test_later_start_takes_up_where_the_log_was_left(self) -> None:
        """A lobby that is known is not made again, and its numbers go on."""
        world = World(remembered=Remembered("e2", (KnownRoom("r1", "#lobby", 41), KnownRoom("r2", "#ops", 7)), ()))
        assert (world.lobby.id, world.lobby.head) == ("r1", 41)
        assert world.chat.rooms.named("#ops").head == 7
        assert world.ear.news == []

    def test_room_that_does_not_exist_is_refused(self, world: World) -> None:
        """A name that no room has is an error that names it."""
        with pytest.raises(NoRoom, match="There is no room #nowhere"):
            world.chat.rooms.named("#nowhere")

    def test_name_is_kept_over_a_restart(self) -> None:
        """A guest who was here shortly before the restart finds their name free, and nobody else gets it."""
        remembered = Remembered("e1", (), (KnownGuest("g1", "ann", NOON - 1000),))
        world = World(remembered=remembered)
        with pytest.raises(NickTaken, match="away for a moment"):
            world.enter("Ann")
        assert world.enter("ann", "g1").nick == "ann"

    def test_kept_name_becomes_free(self) -> None:
        """Whoever does not come back in time has lost the name."""
        world = World(remembered=Remembered("e1", (), (KnownGuest("g1", "ann", NOON - HOLD + 1000),)))
        world.at += 1001
        world.chat.tick(world.at)
        assert world.enter("ann").guest != "g1"

    def test_of_two_remembered_names_alike_the_first_is_kept(self) -> None:
        """Two guests who had one name after another do not keep the chat from starting."""
        world = World(remembered=Remembered("e1", (), (KnownGuest("g1", "ann", NOON), KnownGuest("g2", "ANN", NOON))))
        assert world.enter("ann", "g1").nick == "ann"


class ComingTests:
    def test_arrival_is_settled_by_the_log(self, world: World) -> None:
        """Nobody is here before the log has placed their arrival."""
        ann = world.chat.people.visitor()
        coming = world.begin(world.chat.people.arrive(ann, "ann", world.at))
        assert not coming.done
        with pytest.raises(NoSuchNick):
            world.chat.people.named("ann")
        world.settle()
        assert coming.done
        assert world.chat.people.named("ANN") is ann

    @pytest.mark.parametrize("wanted", ["", "a", "two words", "admin"])
    def test_bad_nickname_is_refused(self, world: World, wanted: str) -> None:
        """What cannot be a nickname is refused before anything is proposed."""
        with pytest.raises(BadNick):
            world.enter(wanted)
        assert world.log.waiting == []

    def test_name_is_taken_as_soon_as_it_is_asked_for(self, world: World) -> None:
        """Of two who ask at once the first has it, and the second learns that at once, with another to take."""
        first = world.begin(world.chat.people.arrive(world.chat.people.visitor(), "ann", world.at))
        second = world.begin(world.chat.people.arrive(world.chat.people.visitor(), "Ann", world.at))
        assert isinstance(second.refusal, NickTaken)
        assert second.refusal.suggest == "Ann2"
        assert not first.done

    def test_name_that_the_log_refuses_is_free_again(self, world: World) -> None:
        """Who is refused by the log is not here, and has taken nothing."""
        world.log.refusal = NotStored("not stored: the disk is full")
        with pytest.raises(NotStored):
            world.enter("ann")
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_name_claimed_elsewhere_is_refused_by_the_log(self, world: World) -> None:
        """What this chat does not know of, the log does."""
        world.log.claims["nick:ann"] = "somebody elsewhere"
        with pytest.raises(NickTaken, match="another node"):
            world.enter("ann")
        with pytest.raises(NoSuchNick):
            world.chat.people.named("ann")

    def test_who_hangs_up_while_coming_in_leaves_no_name_behind(self, world: World) -> None:
        """A visit that ends before its arrival has settled gives back all that it claimed."""
        hasty = world.chat.people.visitor()
        world.begin(world.chat.people.arrive(hasty, "ann", world.at))
        world.chat.people.depart(hasty, world.at)
        world.settle()
        assert world.log.claims == {}
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_who_hangs_up_while_being_refused_leaves_nothing_behind(self, world: World) -> None:
        """A refusal that nobody waits for any more frees the name as well."""
        hasty = world.chat.people.visitor()
        coming = world.begin(world.chat.people.arrive(hasty, "ann", world.at))
        world.chat.people.depart(hasty, world.at)
        world.log.refusal = NotStored("not stored")
        world.settle()
        assert isinstance(coming.refusal, NotStored)
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_two_visits_of_one_guest_come_in_at_once(self, world: World) -> None:
        """The later one stays, whichever of them the log settles first."""
        first, second = (world.chat.people.visitor("g1", returns=True) for _ in range(2))
        for visit in (first, second):
            world.begin(world.chat.people.arrive(visit, "bot", world.at))
        world.settle()
        assert (first.gone, second.gone) == (True, False)
        assert world.chat.people.named("bot") is second

    def test_joining_is_told_in_the_room(self, world: World) -> None:
        """Everybody in the room hears of a newcomer, who is then where their words go."""
        ann = world.enter("ann")
        bob = world.chat.people.visitor()
        world.do(world.chat.people.arrive(bob, "bob", world.at))
        assert world.heard() == []
        world.do(world.chat.join(bob, world.lobby, world.at))
        assert world.heard() == [Joined("bob", bob.id)]
        assert world.lobby.people() == ["ann", "bob"]
        assert ann.active is bob.active is world.lobby

    def test_joining_twice_is_news_once(self, world: World) -> None:
        """To be in a room already is no error, and nobody is told."""
        ann = world.enter("ann")
        world.do(world.chat.join(ann, world.lobby, world.at))
        assert world.heard() == []

    def test_invented_name_is_free(self, world: World) -> None:
        """A peer that cannot be asked again gets a name near the one it wanted."""
        world.enter("ann")
        assert world.chat.people.invent_nick("ann") == "ann2"


class GoingTests:
    def test_departure_is_told_in_each_room(self, world: World) -> None:
        """Those who stay hear who left and why; then the name is free."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.leave(bob, "bedtime")
        assert world.heard() == [Departed("bob", bob.id, bob.guest, why="bedtime")]
        assert world.lobby.people() == ["ann"]
        assert ann.rooms == {world.lobby.id: world.lobby}
        assert world.log.claims.keys() == {"nick:ann"}
        world.enter("bob")

    def test_leaving_twice_is_news_once(self, world: World) -> None:
        """However often a visit is ended, it ends once."""
        bob = world.enter("bob")
        world.chat.people.depart(bob, world.at)
        world.chat.people.depart(bob, world.at)
        assert len(world.heard()) == 1

    def test_who_never_came_in_leaves_without_a_word(self, world: World) -> None:
        """A visit that never had a name is nobody's news."""
        world.leave(world.chat.people.visitor())
        assert world.heard() == []
        assert world.log.entries == []

    def test_name_waits_for_whoever_can_return(self, world: World) -> None:
        """A guest with a secret finds their name for five minutes."""
        ann = world.enter("ann", returns=True)
        world.leave(ann)
        with pytest.raises(NickTaken, match="away for a moment"):
            world.enter("ann")
        assert world.enter("ann", ann.guest, returns=True).guest == ann.guest

    def test_name_does_not_wait_for_ever(self, world: World) -> None:
        """After five minutes the name is anybody's."""
        world.leave(world.enter("ann", returns=True))
        world.at += HOLD - 1
        with pytest.raises(NickTaken):
            world.enter("ann")
        world.at += 1
        world.enter("ann")

    def test_name_does_not_wait_after_a_goodbye(self, world: World) -> None:
        """Who says that they leave gives their name back at once, though they could return."""
        ann = world.enter("ann", returns=True)
        world.chat.people.depart(ann, world.at, goodbye=True)
        [departed] = world.heard()
        assert departed == Departed("ann", ann.id, ann.guest, returns=True, held=False)
        assert world.enter("ann").guest != ann.guest

    def test_who_comes_back_ends_their_earlier_visit(self, world: World) -> None:
        """One guest is here once: the door of the earlier visit is asked to end it, and the name goes over."""
        ghost = world.enter("ann", returns=True)
        again = world.chat.people.visitor(ghost.guest, returns=True)
        world.do(world.chat.people.arrive(again, "ann", world.at))
        assert world.ear.dismissed == [ghost]
        assert world.chat.people.named("ann") is again
        assert list(world.chat.people.sessions) == [again.id]
        world.leave(again)
        assert world.chat.people.sessions == {}

    def test_who_comes_back_under_another_name_frees_the_first(self, world: World) -> None:
        """The name of the earlier visit is not held for somebody who has another one now."""
        ghost = world.enter("ann", returns=True)
        again = world.chat.people.visitor(ghost.guest, returns=True)
        world.do(world.chat.people.arrive(again, "bob", world.at))
        assert world.enter("ann").nick == "ann"


class RenamingTests:
    def test_new_name_is_told_in_each_room(self, world: World) -> None:
        """Everybody hears the old name and the new one, and the old one is free."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "anna", world.at))
        assert world.heard() == [Renamed("ann", ann.id, "anna")]
        assert world.chat.people.named("anna") is ann
        assert world.log.claims == {"nick:anna": ann.guest}
        world.enter("ann")

    def test_same_name_is_no_news(self, world: World) -> None:
        """To be called what one is called already changes nothing."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "ann", world.at))
        assert world.heard() == []

    def test_another_case_of_ones_own_name(self, world: World) -> None:
        """One may take a name that looks like one's own, and nobody else may take either."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "Ann", world.at))
        assert ann.nick == "Ann"
        assert world.log.claims == {"nick:ann": ann.guest}
        with pytest.raises(NickTaken, match="too much like Ann"):
            world.enter("ann")

    def test_refused_name_leaves_the_old_one(self, world: World) -> None:
        """Who cannot have a name keeps theirs, whether this chat or the log says no."""
        ann, _ = world.enter("ann"), world.enter("bob")
        with pytest.raises(NickTaken, match="bob is here already"):
            world.do(world.chat.people.rename(ann, "bob", world.at))
        world.log.claims["nick:cat"] = "somebody elsewhere"
        with pytest.raises(NickTaken, match="another node"):
            world.do(world.chat.people.rename(ann, "cat", world.at))
        assert ann.nick == "ann"
        assert world.heard() == []
        with pytest.raises(NickTaken):
            world.enter("ann")
        with pytest.raises(NoSuchNick):
            world.chat.people.named("cat")

    def test_leaving_while_renamed_gives_back_the_new_name(self, world: World) -> None:
        """Whoever leaves while their new name is on its way leaves under it, and neither name stays taken."""
        ann = world.enter("ann")
        renaming = world.begin(world.chat.people.rename(ann, "anna", world.at))
        world.chat.people.depart(ann, world.at)
        assert world.heard() == [Renamed("ann", ann.id, "anna"), Departed("anna", ann.id, ann.guest)]
        renaming.result()
        assert world.log.claims == {}
        world.enter("ann")
        world.enter("anna")

    def test_coming_back_while_renamed_leaves_no_name_behind(self, world: World) -> None:
        """Whoever comes back under another name while an earlier visit is being renamed has that name only."""
        ghost = world.enter("ann", returns=True)
        world.begin(world.chat.people.rename(ghost, "bob", world.at))
        again = world.chat.people.visitor(ghost.guest, returns=True)
        world.do(world.chat.people.arrive(again, "cat", world.at))
        assert world.chat.people.named("cat") is again
        assert world.log.claims == {"nick:cat": again.guest}
        world.enter("ann")
        world.enter("bob")

    def test_coming_back_to_the_name_one_is_being_given(self, world: World) -> None:
        """Whoever comes back under the very name that their earlier visit takes keeps it when that one ends."""
        ghost = world.enter("ann", returns=True)
        world.begin(world.chat.people.rename(ghost, "bob", world.at))
        again = world.chat.people.visitor(ghost.guest, returns=True)
        world.do(world.chat.people.arrive(again, "bob", world.at))
        assert world.log.claims == {"nick:bob": again.guest}
        with pytest.raises(NickTaken):
            world.enter("bob")


class TalkingTests:
    def test_what_is_said_is_heard_in_the_order_of_the_log(self, world: World) -> None:
        """Everything in a room is heard once, in one order, when it has settled and not before."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.chat.say(ann, world.lobby, "one", world.at)
        world.chat.emote(bob, world.lobby, "waves", world.at)
        world.chat.say(ann, world.lobby, "two", world.at)
        assert world.ear.news == []
        assert world.heard() == [Said("ann", "one"), Emoted("bob", "waves"), Said("ann", "two")]
        assert world.lobby.head == 3

    def test_sender_knows_how_much_is_unsettled(self, world: World) -> None:
        """What a session has under way is counted until it is settled, stored before or refused."""
        ann = world.enter("ann")
        world.chat.say(ann, world.lobby, "one", world.at, cid="c1")
        world.chat.say(ann, world.lobby, "one", world.at, cid="c1")
        assert ann.unsettled == 2
        world.settle()
        assert ann.unsettled == 0
        world.log.refusal = NotStored("not stored")
        world.chat.say(ann, world.lobby, "two", world.at)
        world.settle()
        assert ann.unsettled == 0

    def test_same_cid_is_said_once(self, world: World) -> None:
        """A message sent again is answered with its first entry, and nobody hears it twice."""
        ann = world.enter("ann")
        world.chat.say(ann, world.lobby, "once", world.at, cid="c1", ref=1)
        world.settle()
        world.chat.say(ann, world.lobby, "once", world.at, cid="c1", ref=2)
        world.settle()
        (first, _), (second, again) = [news.settled[0] for news in world.ear.news]
        assert (first.ref, second.ref) == (1, 2)
        assert isinstance(again, Repeated)
        assert again.entry.seq == 1
        assert world.heard() == [Said("ann", "once")]

    def test_one_must_be_in_the_room(self, world: World) -> None:
        """Who is not in a room can say nothing there."""
        ann = world.chat.people.visitor()
        world.do(world.chat.people.arrive(ann, "ann", world.at))
        with pytest.raises(NotInRoom, match="You are not in #lobby"):
            world.chat.say(ann, world.lobby, "hello?", world.at)

    def test_empty_message_is_refused(self, world: World) -> None:
        """What has nothing in it is not proposed."""
        ann = world.enter("ann")
        with pytest.raises(BadText):
            world.chat.say(ann, world.lobby, " \n ", world.at)
        assert world.log.waiting == []
        assert ann.unsettled == 0

    def test_direct_message_reaches_two_people_only(self, world: World) -> None:
        """A message for one person is told to them and to its sender, and to no room."""
        ann, bob, _ = world.enter("ann"), world.enter("bob"), world.enter("cat")
        world.chat.direct(ann, bob, "psst", world.at)
        world.settle()
        [((_, entry), people)] = world.ear.news[-1].direct
        assert entry.event == Direct("ann", "bob", "psst")
        assert sorted(each.nick for each in people) == ["ann", "bob"]
        assert world.heard() == []

    def test_conversation_is_one_stream_whoever_speaks(self, world: World) -> None:
        """What two people say to each other has one order."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.chat.direct(ann, bob, "psst", world.at)
        world.chat.direct(bob, ann, "yes?", world.at)
        world.settle()
        assert [entry.seq for entry in world.log.entries] == [1, 2]

    def test_direct_message_to_oneself(self, world: World) -> None:
        """Who talks to themselves hears it once."""
        ann = world.enter("ann")
        world.chat.direct(ann, ann, "note", world.at)
        world.settle()
        assert [people for _, people in world.ear.news[-1].direct] == [[ann]]

    def test_direct_message_to_somebody_who_leaves(self, world: World) -> None:
        """A message whose addressee left in the same commit is its sender's only."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.chat.people.depart(bob, world.at)
        world.chat.direct(ann, bob, "wait!", world.at)
        world.settle()
        assert [people for _, people in world.ear.news[-1].direct] == [[ann]]

    def test_nobody_is_found_under_a_name_that_only_looks_alike(self, world: World) -> None:
        """A message never goes to somebody whose name merely resembles the one that was typed."""
        world.enter("bo0")
        with pytest.raises(NoSuchNick, match="Nobody here is called boo"):
            world.chat.people.named("boo")


class PermissionTests:
    def test_reader_may_not_talk(self) -> None:
        """Where guests may only read, they can neither say, do, nor whisper."""
        world = World(guests="read")
        ann = world.enter("ann")
        for talk in (world.chat.say, world.chat.emote):
            with pytest.raises(NotAllowed, match="A guest may not talk here"):
                talk(ann, world.lobby, "hello", world.at)
        with pytest.raises(NotAllowed):
            world.chat.direct(ann, ann, "hello", world.at)
        assert world.do(world.chat.read(ann, world.lobby, 0, 10)) == ()

    def test_nobody_reads_where_guests_may_nothing(self) -> None:
        """Where guests may nothing, they come into no room and read none."""
        world = World(guests="none")
        ann = world.chat.people.visitor()
        world.do(world.chat.people.arrive(ann, "ann", world.at))
        with pytest.raises(NotAllowed, match="may not read"):
            world.do(world.chat.join(ann, world.lobby, world.at))
        with pytest.raises(NotAllowed, match="may not read"):
            world.do(world.chat.read(ann, world.lobby, 0, 10))


class ReadingTests:
    def test_page_of_the_past(self, world: World) -> None:
        """What follows a cursor is read in order, as much as was asked for and as has settled."""
        ann = world.enter("ann")
        for number in range(1, 6):
            world.chat.say(ann, world.lobby, f"line {number}", world.at)
        world.settle()
        page = world.do(world.chat.read(ann, world.lobby, 1, 2))
        assert [entry.event for entry in page] == [Said("ann", "line 2"), Said("ann", "line 3")]

    def test_nothing_follows_the_last(self, world: World) -> None:
        """At the end there is nothing to read, and the log is not asked."""
        ann = world.enter("ann")
        assert world.do(world.chat.read(ann, world.lobby, 0, 10)) == ()


class SettlingTests:
    def test_folding_is_total(self, world: World) -> None:
        """Events about people or rooms that are gone change nothing, and never fail."""
        ann = world.enter("ann")
        before = (dict(world.chat.people.sessions), world.lobby.people())
        for event, stream in [
            (Joined("ghost", "gone"), world.lobby.id),
            (Joined("ann", ann.id), "no room"),
            (Renamed("ghost", "gone", "ghost2"), ""),
            (Departed("ghost", "gone", "g9"), ""),
            (Said("ghost", "boo"), "no room"),
        ]:
            proposal = Proposal(event, stream, "g9", world.at)
            world.chat.settle([(proposal, Entry(event, stream, 1, 1, world.at, "g9"))])
        assert (dict(world.chat.people.sessions), world.lobby.people()) == before
        assert world.heard() == []

    def test_refusals_are_news_for_those_who_asked(self, world: World) -> None:
        """What was refused is told to the doors, for its sender, and changes nothing."""
        ann = world.enter("ann")
        world.log.refusal = NotStored("not stored")
        world.chat.say(ann, world.lobby, "lost", world.at)
        world.settle()
        [(proposal, outcome)] = world.ear.news[-1].settled
        assert proposal.asker is ann
        assert isinstance(outcome, ChatError)
        assert world.lobby.head == 0

    def test_room_hears_a_batch_in_its_order(self, world: World) -> None:
        """What was committed together is told together, comings and words mixed as they happened."""
        ann = world.enter("ann")
        bob = world.chat.people.visitor()
        world.do(world.chat.people.arrive(bob, "bob", world.at))
        world.ear.news.clear()
        world.chat.say(ann, world.lobby, "before", world.at)
        world.begin(world.chat.join(bob, world.lobby, world.at))
        world.chat.say(ann, world.lobby, "after", world.at)
        world.log.commit()
        assert len(world.ear.news) == 1
        assert world.heard() == [Said("ann", "before"), Joined("bob", bob.id), Said("ann", "after")]


class RoomTests:
    def test_people_stand_in_alphabetical_order(self, world: World) -> None:
        """Capitals do not come first."""
        for nick in ("bob", "Cat", "ann"):
            world.enter(nick)
        assert world.lobby.people() == ["ann", "bob", "Cat"]

    def test_empty_room(self) -> None:
        """A new room has nobody and nothing in it."""
        room = Room("r1", "#ops")
        assert (room.people(), room.head) == ([], 0)
