"""What is said is proposed, and heard when it has settled."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from twistedchat.chat.errors import BadText, Muted, NoSuchNick, NotAllowed, NotInRoom, NotStored
from twistedchat.chat.events import Direct, Emoted, Repeated, Said
from twistedchat.chat.sanctions import Sanction


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

    def test_what_was_stored_is_never_refused(self, world: World) -> None:
        """Who may say nothing any more, and repeats what was stored, is told so; what was not is refused."""
        ann, bob = world.member("ann"), world.enter("bob")
        ops = world.room(ann, "#ops", bob)
        world.chat.say(bob, ops, "once", world.at, cid="c1")
        world.chat.direct(bob, ann.person, "psst", world.at, cid="c2")
        world.do(world.chat.moderation.mute(ann, ops, bob.person, world.at, 0, ""))
        world.chat.access.mutes.add(Sanction("bob", (bob.by,), "ann", world.at))
        world.ear.news.clear()
        world.chat.say(bob, ops, "once", world.at, cid="c1")
        world.chat.direct(bob, ann.person, "psst", world.at, cid="c2")
        world.chat.say(bob, ops, "twice", world.at, cid="c3")
        world.settle()
        outcomes = [outcome for news in world.ear.news for _, outcome in news.settled]
        assert [type(outcome) for outcome in outcomes] == [Repeated, Repeated, Muted]
        assert bob.unsettled == 0
        with pytest.raises(Muted):
            world.chat.direct(bob, ann.person, "psst", world.at)

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
        world.chat.direct(ann, bob.person, "psst", world.at)
        world.settle()
        [((_, entry), people)] = world.ear.news[-1].direct
        assert entry.event == Direct("ann", "bob", "psst")
        assert sorted(each.nick for each in people) == ["ann", "bob"]
        assert world.heard() == []

    def test_conversation_is_one_stream_whoever_speaks(self, world: World) -> None:
        """What two people say to each other has one order."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.chat.direct(ann, bob.person, "psst", world.at)
        world.chat.direct(bob, ann.person, "yes?", world.at)
        world.settle()
        assert [entry.seq for entry in world.log.entries] == [1, 2]

    def test_direct_message_to_oneself(self, world: World) -> None:
        """Who talks to themselves hears it once."""
        ann = world.enter("ann")
        world.chat.direct(ann, ann.person, "note", world.at)
        world.settle()
        assert [people for _, people in world.ear.news[-1].direct] == [[ann]]

    def test_direct_message_to_somebody_who_leaves(self, world: World) -> None:
        """A message whose addressee left in the same commit is its sender's only."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.chat.people.depart(bob, world.at)
        world.chat.direct(ann, bob.person, "wait!", world.at)
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
            world.chat.direct(ann, ann.person, "hello", world.at)
        assert world.do(world.chat.read(ann, world.lobby, 0, 10, world.at)) == ()

    def test_nobody_reads_where_guests_may_nothing(self) -> None:
        """Where guests may nothing, they come into no room and read none."""
        world = World(guests="none")
        ann = world.chat.people.visitor()
        world.do(world.chat.people.arrive(ann, "ann", world.at))
        with pytest.raises(NotAllowed, match="may not read"):
            world.do(world.chat.join(ann, world.lobby, world.at))
        with pytest.raises(NotAllowed, match="may not read"):
            world.do(world.chat.read(ann, world.lobby, 0, 10, world.at))


class ReadingTests:
    def test_page_of_the_past(self, world: World) -> None:
        """What follows a cursor is read in order, as much as was asked for and as has settled."""
        ann = world.enter("ann")
        for number in range(1, 6):
            world.chat.say(ann, world.lobby, f"line {number}", world.at)
        world.settle()
        page = world.do(world.chat.read(ann, world.lobby, 1, 2, world.at))
        assert [entry.event for entry in page] == [Said("ann", "line 2"), Said("ann", "line 3")]

    def test_nothing_follows_the_last(self, world: World) -> None:
        """At the end there is nothing to read, and the log is not asked."""
        ann = world.enter("ann")
        assert world.do(world.chat.read(ann, world.lobby, 0, 10, world.at)) == ()
