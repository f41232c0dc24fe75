"""What was said before: read, looked for, missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from tests.chat.world import World
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import NotInRoom, SlowDown
from twistedchat.chat.events import Said
from twistedchat.chat.log import KnownAccount, KnownRoom, Remembered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Person, Session


def say(world: World, session: Session, room: Room, *texts: str) -> None:
    for text in texts:
        world.chat.say(session, room, text, world.at)
    world.settle()


def texts(entries: Sequence[Entry]) -> list[str]:
    return [each.event.text for each in entries if isinstance(each.event, Said)]


def missed(world: World, session: Session) -> list[tuple[str, list[str]]]:
    found = world.do(world.chat.archive.missed(session, 50, world.at))
    return [(name, texts(entries)) for name, entries in found]


def whisper(world: World, session: Session, to: Session, text: str) -> None:
    world.chat.direct(session, to.person, text, world.at)
    world.settle()


def found(world: World, session: Session, *words: str, where: Room | Person | None = None) -> list[tuple[str, str]]:
    entries = world.do(world.chat.archive.search(session, words, world.at, where=where))
    return [(name, getattr(each.event, "text", "")) for name, each in entries]


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


class PagesTests:
    def test_last_ones(self, world: World, ann: Session) -> None:
        """So many, oldest first; all where there are fewer."""
        say(world, ann, world.lobby, "one", "two", "three")
        archive = world.chat.archive
        assert texts(world.do(archive.last(ann, world.lobby, 2, world.at))) == ["two", "three"]
        assert texts(world.do(archive.last(ann, world.lobby, 9, world.at))) == ["one", "two", "three"]

    def test_since_a_time(self, world: World, ann: Session) -> None:
        """What is of that time belongs to it."""
        for text in ("one", "two", "three"):
            say(world, ann, world.lobby, text)
            world.at += SECOND
        since = world.chat.archive.since(ann, world.lobby, world.at - 2 * SECOND, 10, world.at)
        assert texts(world.do(since)) == ["two", "three"]


class MissedTests:
    def test_after_the_last_visit(self, world: World, ann: Session) -> None:
        """For each of the rooms that they were in, in alphabetical order, what they were not told of."""
        bob = world.member("bob")
        ops = world.room(bob, "#Büro", ann)
        say(world, bob, world.lobby, "one")
        say(world, bob, ops, "two")
        world.leave(ann)
        say(world, bob, world.lobby, "three")
        say(world, bob, ops, "four")
        say(world, bob, world.room(bob, "#other"), "five")
        again = world.again("ann")
        assert missed(world, again) == [("#Büro", ["four"]), ("#lobby", ["three"])]
        assert world.chat.archive.unheard(again, world.at) == ["#Büro"]
        world.do(world.chat.join(again, ops, world.at))
        assert missed(world, again) == [("#Büro", ["four"]), ("#lobby", ["three"])]
        assert world.chat.archive.unheard(again, world.at) == []

    def test_rooms_that_one_has_not_come_back_to(self, world: World, ann: Session) -> None:
        """They are still one's own, from the same place on, until one parts."""
        bob = world.member("bob")
        ops, dev = world.room(bob, "#ops", ann), world.room(bob, "#dev", ann)
        world.leave(ann)
        say(world, bob, ops, "one")
        world.leave(world.again("ann"))
        say(world, bob, ops, "two")
        again = world.again("ann")
        assert missed(world, again) == [("#dev", []), ("#lobby", []), ("#ops", ["one", "two"])]
        assert world.chat.archive.unheard(again, world.at) == ["#ops"]
        for room in (ops, dev):
            world.do(world.chat.join(again, room, world.at))
        world.do(world.chat.part(again, ops, world.at))
        world.leave(again)
        say(world, bob, ops, "three")
        say(world, bob, dev, "four")
        assert missed(world, world.again("ann")) == [("#dev", ["four"]), ("#lobby", [])]

    def test_by_two_connections(self, world: World, ann: Session) -> None:
        """What was said in a room after one was there last, though one was elsewhere meanwhile."""
        bob = world.member("bob")
        ops = world.room(bob, "#ops", ann)
        phone = world.again("ann")
        world.leave(ann)
        say(world, bob, ops, "one")
        world.leave(phone)
        say(world, bob, ops, "two")
        assert missed(world, world.again("ann")) == [("#lobby", []), ("#ops", ["one", "two"])]

    @pytest.mark.parametrize("what", ["kick", "ban", "ban while away", "close", "drop"])
    def test_rooms_that_one_may_not_be_in(self, world: World, ann: Session, what: str) -> None:
        """They are named to nobody, and nothing is told of them."""
        bob = world.member("bob")
        ops = world.room(bob, "#ops", ann)
        order = world.chat.moderation
        if what == "kick":
            world.do(order.kick(bob, ops, ann.person, world.at, ""))
        if what == "ban":
            world.do(order.ban(bob, ops, ann.person, world.at, 0, ""))
            world.do(order.unban(bob, ops, "ann", world.at))
        world.leave(ann)
        if what == "ban while away":
            world.do(order.ban(bob, ops, world.chat.people.named("ann"), world.at, 0, ""))
        if what == "close":
            world.do(order.set(bob, ops, "join", "invite", world.at))
        say(world, bob, ops, "one")
        if what == "drop":
            world.do(order.drop(bob, ops, world.at))
        again = world.again("ann")
        assert missed(world, again) == [("#lobby", [])]
        assert world.chat.archive.unheard(again, world.at) == []

    def test_a_room_that_goes_when_one_goes(self, world: World, ann: Session) -> None:
        """Nothing is left to be missed."""
        bob = world.member("bob")
        ops = world.room(bob, "#ops", ann)
        world.begin(world.chat.moderation.drop(bob, ops, world.at))
        world.leave(ann)
        assert missed(world, world.again("ann")) == [("#lobby", [])]

    def test_what_is_of_no_interest(self, world: World, ann: Session) -> None:
        """One's own words, by another connection, and those of whom one ignores."""
        bob, cat, phone = world.member("bob"), world.member("cat"), world.again("ann")
        world.do(world.chat.join(phone, world.lobby, world.at))
        ann.person.prefs = structs.replace(ann.person.prefs, ignoring={bob.by: "bob"})
        for session in (bob, cat, phone):
            say(world, session, world.lobby, f"I am {session.nick}")
        assert missed(world, ann) == [("#lobby", ["I am cat"])]

    def test_after_a_start(self) -> None:
        """The log has remembered it."""
        rooms = (KnownRoom("r1", "#lobby", 0), KnownRoom("r2", "#ops", 3, heard={"@1": 1}))
        world = World(remembered=Remembered("e1", rooms, (), (KnownAccount("@1", "ann", 1),)))
        assert world.chat.archive.unheard(world.come("ann", "@1"), world.at) == ["#ops"]

    def test_not_where_one_may_not_read(self, world: World, ann: Session) -> None:
        """A room that shows them nothing is left out."""
        world.lobby.settings = world.lobby.settings.changed("guests", "none")
        gast = world.come("gast")
        gast.rooms = world.lobby.alone
        say(world, ann, world.lobby, "one")
        assert missed(world, gast) == []


class MailTests:
    def test_private_messages(self, world: World, ann: Session) -> None:
        """What was written to an account while nobody was there waits for it; guests have none."""
        bob = world.enter("bob")
        world.leave(ann)
        world.chat.direct(bob, world.chat.people.named("ann"), "call me", world.at)
        world.settle()
        [((_, entry), people)] = world.ear.news[-1].direct
        assert people == [bob]
        again = world.again("ann")
        assert world.do(world.chat.archive.mail(again)) == [entry]
        assert world.do(world.chat.archive.mail(bob)) == ()

    def test_conversation(self, world: World, ann: Session) -> None:
        """What two people have said to one another is theirs, page by page, and nobody else's."""
        bob, cat = world.member("bob"), world.member("cat")
        for text in ("one", "two", "three"):
            world.chat.direct(ann, bob.person, text, world.at)
            world.chat.direct(cat, bob.person, f"not {text}", world.at)
        world.settle()
        page = world.chat.archive.conversation
        first = world.do(page(bob, ann.person, 0, 2))
        assert [getattr(each.event, "text", "") for each in first] == ["one", "two"]
        assert [each.seq for each in world.do(page(ann, bob.person, 2, 2))] == [3]
        assert world.do(page(ann, cat.person, 0, 9)) == []

    def test_last_words_of_a_conversation(self, world: World, ann: Session) -> None:
        """Who does not say where to begin is given the last ones, or the last ones before some `seq`."""
        bob = world.member("bob")
        for text in ("one", "two", "three"):
            world.chat.direct(ann, bob.person, text, world.at)
        world.settle()
        page = world.chat.archive.conversation
        assert [each.seq for each in world.do(page(bob, ann.person, None, 2))] == [2, 3]
        assert [each.seq for each in world.do(page(bob, ann.person, None, 2, 3))] == [1, 2]

    def test_answer_to_who_has_gone(self, world: World, ann: Session) -> None:
        """Whoever was written to has a partner, here or not."""
        bob = world.member("bob")
        world.chat.direct(ann, bob.person, "psst", world.at)
        world.leave(bob)
        assert ann.person.partner == bob.by
        partner = world.chat.people.person(ann.person.partner)
        assert partner is not None
        assert (partner.nick, partner.sessions) == ("bob", ())


class SearchTests:
    def test_found_where_one_may_read(self, world: World, ann: Session) -> None:
        """Oldest first, each with its room; open rooms need not be joined, private ones must."""
        bob = world.member("bob")
        pub, den = world.room(bob, "#pub"), world.room(bob, "#den")
        world.do(world.chat.moderation.set(bob, den, "join", "invite", world.at))
        for room in (den, pub, world.lobby):
            say(world, bob, room, f"beer in {room.name}")
        assert found(world, ann, "beer") == [("#pub", "beer in #pub"), ("#lobby", "beer in #lobby")]
        assert len(found(world, bob, "beer")) == 3

    def test_one_room_only(self, world: World, ann: Session) -> None:
        """Who looks into a private room from outside is told that they may not."""
        bob = world.member("bob")
        pub = world.room(bob, "#pub")
        say(world, bob, pub, "beer")
        say(world, bob, world.lobby, "beer")
        assert found(world, ann, "beer", where=pub) == [("#pub", "beer")]
        world.do(world.chat.moderation.set(bob, pub, "join", "invite", world.at))
        with pytest.raises(NotInRoom, match="You may not read #pub"):
            found(world, ann, "beer", where=pub)

    def test_not_what_was_before_one_was_let_in(self, world: World, ann: Session) -> None:
        """The floor is the same that history has."""
        bob = world.member("bob")
        den = world.room(bob, "#den")
        world.do(world.chat.moderation.set(bob, den, "key", "s3same", world.at))
        say(world, bob, den, "old beer")
        world.do(world.chat.join(ann, den, world.at, "s3same"))
        say(world, bob, den, "new beer")
        assert found(world, ann, "beer") == [("#den", "new beer")]

    @pytest.mark.parametrize("what", ["closed", "dropped", "banned"])
    def test_what_may_not_be_read_any_more(self, world: World, ann: Session, what: str) -> None:
        """It is asked again when it has been found: rights may be others by then."""
        bob = world.member("bob")
        den = world.room(bob, "#den")
        say(world, bob, den, "beer")
        order = world.chat.moderation

        def meanwhile() -> None:
            match what:
                case "closed":
                    world.do(order.set(bob, den, "join", "invite", world.at))
                case "dropped":
                    world.do(order.drop(bob, den, world.at))
                case "banned":
                    world.do(order.ban(bob, den, ann.person, world.at, 0, ""))

        world.log.meanwhile = meanwhile
        assert found(world, ann, "beer") == []

    def test_private_conversations(self, world: World, ann: Session) -> None:
        """The two find what they have said to one another, among the rest; nobody else does, not even an admin."""
        bob, cat, boss = world.member("bob"), world.member("cat"), world.admin("boss")
        whisper(world, ann, bob, "beer at six?")
        say(world, ann, world.lobby, "beer for all")
        whisper(world, bob, ann, "beer it is")
        whisper(world, cat, bob, "some beer")
        mine = [("", "beer at six?"), ("#lobby", "beer for all"), ("", "beer it is")]
        assert found(world, ann, "beer") == mine
        assert found(world, bob, "beer") == [*mine, ("", "some beer")]
        assert found(world, boss, "beer") == [("#lobby", "beer for all")]

    def test_one_conversation_only(self, world: World, ann: Session) -> None:
        """What was said between the two, wherever the other one is by now."""
        bob, cat = world.member("bob"), world.member("cat")
        whisper(world, ann, bob, "beer")
        whisper(world, cat, ann, "more beer")
        whisper(world, cat, bob, "no beer")
        say(world, bob, world.lobby, "beer")
        world.leave(bob)
        partner = world.chat.people.named("bob")
        assert found(world, ann, "beer", where=partner) == [("", "beer")]
        assert found(world, cat, "beer", where=partner) == [("", "no beer")]
        assert found(world, cat, "beer", where=cat.person) == []

    def test_somebody_else_by_then(self, world: World, ann: Session) -> None:
        """Who has logged out while it was looked for is shown nothing that was for the member."""
        bob = world.member("bob")
        whisper(world, bob, ann, "beer")
        say(world, bob, world.lobby, "beer")
        world.log.meanwhile = lambda: world.do(world.chat.accounts.logout(ann, world.at))
        assert found(world, ann, "beer") == [("#lobby", "beer")]

    def test_nothing_of_whom_one_ignores(self, world: World, ann: Session) -> None:
        """What they say is not shown here either."""
        bob = world.member("bob")
        whisper(world, bob, ann, "beer")
        say(world, bob, world.lobby, "beer")
        say(world, ann, world.lobby, "beer")
        ann.person.prefs = structs.replace(ann.person.prefs, ignoring={bob.by: "bob"})
        assert found(world, ann, "beer", where=world.lobby) == found(world, ann, "beer") == [("#lobby", "beer")]
        assert len(found(world, bob, "beer")) == 3

    def test_not_too_often(self, world: World) -> None:
        """Five at once, then one each two seconds; who is on this computer as they like."""
        far, near = world.member("far", address="203.0.113.7"), world.member("near")
        for _ in range(5):
            found(world, far, "x")
        with pytest.raises(SlowDown, match=r"You search a lot. Try again in a few seconds"):
            found(world, far, "x")
        world.at += 2 * SECOND
        found(world, far, "x")
        for _ in range(20):
            found(world, near, "x")
