"""Who is put out of a room, when, and what they still hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.acts import Banned, Dropped, Kicked, Muted, RoomSet, Shouted
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import Banned as KeptOut
from twistedchat.chat.errors import NotInRoom
from twistedchat.chat.events import Departed, Joined, Left, Proposal, Said
from twistedchat.chat.sanctions import network_named

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.chat.world import World
    from twistedchat.chat.moderation import Imposed
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def bob(world: World) -> Session:
    return world.member("bob")


@pytest.fixture
def ops(world: World, ann: Session, bob: Session) -> Room:
    return world.room(ann, "#ops", bob)


def kick(world: World, by: Session, room: Room, who: Session) -> Coroutine[object, None, None]:
    return world.chat.moderation.kick(by, room, who.person, world.at, "")


def ban(
    world: World, by: Session, room: Room | None, who: Session, until: int = 0
) -> Coroutine[object, None, Imposed]:
    return world.chat.moderation.ban(by, room, who.person, world.at, until, "spam")


class KickedTests:
    def test_kick(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """The room hears of it, they too, and then they are in the room no more."""
        world.do(kick(world, ann, ops, bob))
        assert world.ear.news[-1].out == {ops: {bob: 1}}
        assert world.ear.heard(ops) == [Kicked("ann", "bob", bob.by)]
        assert (ops.people(), bob.active, ops.id in bob.rooms) == (["ann"], world.lobby, False)
        world.do(world.chat.join(bob, ops, world.at))

    def test_by_all_connections(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """Somebody is put out, and not one of their connections."""
        phone = world.again("bob")
        world.room(phone, "#ops")
        world.do(kick(world, ann, ops, bob))
        assert world.ear.news[-1].out == {ops: {bob: 1, phone: 1}}

    def test_in_the_middle_of_a_batch(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """They hear what was said up to the kick, and nothing of what was said after it."""
        world.chat.say(ann, ops, "before", world.at)
        world.begin(kick(world, ann, ops, bob))
        world.chat.say(ann, ops, "after", world.at)
        world.chat.say(ann, world.lobby, "elsewhere", world.at)
        world.settle()
        [news] = world.ear.news
        assert [entry.event for _, entry in news.rooms[ops]] == [
            Said("ann", "before"),
            Kicked("ann", "bob", bob.by),
            Said("ann", "after"),
        ]
        assert news.out == {ops: {bob: 2}}

    def test_back_in_the_same_batch(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """Who was put out and came back in one commit hears the first part, and begins anew."""
        for _ in range(2):
            world.begin(kick(world, ann, ops, bob))
        world.log.append(Proposal(Joined("bob", bob.id), ops.id, bob.by, world.at))
        world.settle()
        [news] = world.ear.news
        assert news.out == {ops: {bob: 1}}
        assert [type(entry.event) for _, entry in news.rooms[ops]] == [Kicked, Kicked, Joined]
        assert ops.people() == ["ann", "bob"]

    def test_put_out_on_the_way_in(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """Who came in and was put out in one commit is not in the room, and is told so."""
        world.do(world.chat.part(bob, ops, world.at))
        world.ear.news.clear()
        coming = world.begin(world.chat.join(bob, ops, world.at))
        world.log.append(Proposal(Kicked("ann", "bob", bob.by), ops.id, ann.by, world.at))
        world.settle()
        assert isinstance(coming.refusal, NotInRoom)
        assert world.ear.news[0].out == {ops: {bob: 2}}
        assert bob.active is world.lobby

    def test_leaving_is_out_as_well(self, world: World, bob: Session, ops: Room) -> None:
        """Whoever parts or departs hears their own going, and no more."""
        world.do(world.chat.part(bob, ops, world.at))
        assert world.ear.news[-1].out == {ops: {bob: 1}}
        world.leave(bob)
        assert world.ear.news[-1].out == {world.lobby: {bob: 1}}

    def test_who_has_gone_meanwhile(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """To put out who is not there any more changes nothing."""
        world.chat.people.depart(bob, world.at)
        world.begin(kick(world, ann, ops, bob))
        world.settle()
        assert world.ear.news[0].out == {world.lobby: {bob: 1}, ops: {bob: 1}}
        assert [type(event) for event in world.ear.heard(ops)] == [Departed, Kicked]


class BannedTests:
    def test_ban(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """Who is banned is put out, and does not come back before it ends."""
        world.do(ban(world, ann, ops, bob, world.at + 600 * SECOND))
        assert world.ear.news[-1].out == {ops: {bob: 1}}
        [event] = world.ear.heard(ops)
        assert event == Banned("ann", "bob", (bob.by,), world.at + 600 * SECOND, "spam")
        with pytest.raises(KeptOut, match="You are banned from #ops for 10m more: spam"):
            world.do(world.chat.join(bob, ops, world.at))
        world.at += 600 * SECOND
        world.do(world.chat.join(bob, ops, world.at))

    def test_lifted(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """Who is banned no more may come."""
        world.do(ban(world, ann, ops, bob))
        assert world.do(world.chat.moderation.unban(ann, ops, "BOB", world.at)) == "bob"
        world.do(world.chat.join(bob, ops, world.at))

    def test_neighbours(self, world: World, ann: Session) -> None:
        """Guests from the same address go too, and who registers there since; members of before stay."""
        old = world.member("old", address="203.0.113.7")
        world.at += 1
        gast, other = (world.enter(nick, address="203.0.113.7") for nick in ("gast", "other"))
        far = world.enter("far", address="203.0.113.8")
        ops = world.room(ann, "#ops", old, gast, other, far)
        world.do(ban(world, ann, ops, gast))
        assert ops.people() == ["ann", "far", "old"]
        assert world.ear.news[-1].out == {ops: {gast: 1, other: 1}}
        assert [type(event) for event in world.ear.heard(ops)] == [Banned, Left]
        world.at += 1
        world.do(world.chat.accounts.register(other, "other-secret", world.at))
        with pytest.raises(KeptOut):
            world.do(world.chat.join(other, ops, world.at))

    def test_guests_of_that_name(self, world: World, ann: Session, ops: Room) -> None:
        """A guest on this computer has nothing but a name to be known by at the next visit; members are not hit."""
        troll = world.enter("troll")
        world.do(world.chat.join(troll, ops, world.at))
        world.do(ban(world, ann, ops, troll))
        world.leave(troll)
        again = world.enter("Troll")
        with pytest.raises(KeptOut):
            world.do(world.chat.join(again, ops, world.at))
        world.do(world.chat.people.rename(again, "saint", world.at))
        world.do(world.chat.join(again, ops, world.at))
        world.do(world.chat.people.rename(again, "troll", world.at))
        assert not ops.holds(again.person)
        world.do(world.chat.accounts.register(again, "troll-secret", world.at))
        world.do(world.chat.join(again, ops, world.at))

    def test_guests_of_that_name_on_the_server(self, world: World) -> None:
        """Nobody comes by that name, nor takes it; whoever has tried to is as they were."""
        troll, saint = world.enter("troll"), world.enter("saint")
        world.do(ban(world, world.admin("boss"), None, troll))
        world.ear.goodbyes.clear()
        with pytest.raises(KeptOut, match=r"Guests called Troll are banned from this server: spam\."):
            world.come("Troll")
        with pytest.raises(KeptOut, match="Guests called troll are banned"):
            world.do(world.chat.people.rename(saint, "troll", world.at))
        assert (saint.nick, saint.gone, world.ear.goodbyes) == ("saint", False, [])
        assert "nick:troll" not in world.names()

    def test_who_keeps_order_there_is_not_hit_from_where_they_come(self, world: World, ann: Session) -> None:
        """An address that is banned is not that of the room's ops, nor of admins."""
        bob = world.member("bob", address="203.0.113.7")
        cat = world.member("cat", address="203.0.113.8")
        ops = world.room(bob, "#ops", cat, ann)
        network = network_named("203.0.113.0/24")
        assert network is not None
        hit = world.do(world.chat.moderation.ban(ann, ops, network, world.at, 0, ""))
        assert hit == ("203.0.113.0/24", "everybody from that address")
        assert ops.people() == ["ann", "bob"]

    def test_banned_on_the_way_in(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """A ban that is settled first keeps them out; nobody hears that they came."""
        world.do(world.chat.part(bob, ops, world.at))
        world.ear.news.clear()
        world.begin(ban(world, ann, ops, bob))
        coming = world.begin(world.chat.join(bob, ops, world.at))
        world.settle()
        assert isinstance(coming.refusal, NotInRoom)
        assert [type(event) for event in world.ear.heard(ops)] == [Banned]

    def test_invited_and_shut_out_on_the_way_in(self, world: World, ann: Session, ops: Room) -> None:
        """Who was let in, and may not be there any more when they come, is still let in when they may again."""
        gast = world.enter("gast")
        for name, value in (("join", "invite"), ("guests", "talk")):
            world.do(world.chat.moderation.set(ann, ops, name, value, world.at))
        world.do(world.chat.moderation.invite(ann, ops, gast.person, world.at))
        world.begin(world.chat.moderation.set(ann, ops, "guests", "none", world.at))
        coming = world.begin(world.chat.join(gast, ops, world.at))
        world.settle()
        assert isinstance(coming.refusal, NotInRoom)
        world.do(world.chat.moderation.set(ann, ops, "guests", "talk", world.at))
        world.do(world.chat.join(gast, ops, world.at))
        assert ops.holds(gast.person)

    def test_guests_room_is_gone_when_its_last_guest_is(self, world: World) -> None:
        """Nothing is left of a temporary room that all were put out of."""
        boss, gast = world.admin("boss"), world.enter("gast")
        ops = world.room(gast, "#tmp")
        world.do(ban(world, boss, ops, gast))
        world.settle()
        assert world.chat.rooms.find("#tmp") is None


class ServerTests:
    def test_banned_from_the_server(self, world: World, bob: Session) -> None:
        """Their rooms hear of it, they are in none any more, and their visits end after all has been told."""
        boss, phone = world.admin("boss"), world.again("bob")
        ops = world.room(bob, "#ops")
        world.do(ban(world, boss, None, bob, world.at + 7200 * SECOND))
        banned = Banned("boss", "bob", (bob.by,), world.at + 7200 * SECOND, "spam")
        first = world.ear.news[0]
        assert {room: [entry.event for _, entry in told] for room, told in first.rooms.items()} == {
            world.lobby: [banned],
            ops: [banned],
        }
        assert first.out == {world.lobby: {bob: 1, phone: 1}, ops: {bob: 1}}
        assert world.ear.dismissed == [bob, phone]
        assert world.ear.goodbyes[0] == ("banned", "You are banned from this server for 2h more: spam.")
        assert world.lobby.people() == ["boss"]
        assert world.heard() == [banned]

    def test_who_is_banned_is_told_at_the_door(self, world: World, bob: Session) -> None:
        """And may come again when it is over, or lifted."""
        boss = world.admin("boss")
        check = world.chat.access.check_server
        check(bob, "bob", world.at)
        world.do(ban(world, boss, None, bob))
        with pytest.raises(KeptOut, match="You are banned from this server: spam"):
            check(world.chat.people.visitor(bob.by), "bob", world.at)
        world.do(world.chat.moderation.unban(boss, None, "bob", world.at))
        check(world.chat.people.visitor(bob.by), "bob", world.at)

    def test_muted_on_the_server(self, world: World, bob: Session) -> None:
        """They are told, and nobody else is."""
        boss = world.admin("boss")
        world.do(world.chat.moderation.mute(boss, None, bob.person, world.at, 0, ""))
        [((_, entry), people)] = world.ear.news[-1].direct
        assert (entry.event, people) == (Muted("boss", "bob", (bob.by,)), [bob])
        assert world.heard() == []

    def test_killed(self, world: World, bob: Session) -> None:
        """All their visits end, and they may come back."""
        boss, phone = world.admin("boss"), world.again("bob")
        world.do(world.chat.moderation.kill(boss, bob.person, world.at, "go to bed"))
        world.do(world.chat.moderation.kill(boss, world.enter("gast").person, world.at, ""))
        assert world.ear.dismissed[:2] == [bob, phone]
        assert world.ear.goodbyes[1:] == [
            ("killed", "boss has ended your visit: go to bed"),
            ("killed", "boss has ended your visit."),
        ]
        assert world.again("bob").nick == "bob"

    def test_shouted(self, world: World, bob: Session) -> None:
        """Everybody hears it once, wherever they are, or nowhere."""
        boss, nowhere = world.admin("boss"), world.come("nowhere")
        world.do(world.chat.moderation.shout(boss, "restart at ten", world.at))
        [((_, entry), people)] = world.ear.news[-1].direct
        assert entry.event == Shouted("boss", "restart at ten")
        assert people == [bob, boss, nowhere]


class ToldTests:
    """The others hear who is not there any more, where that which put them out does not say it."""

    def test_once_for_each_person(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """By however many connections they were there; with who has put them out first, and in the room's order."""
        cat = world.member("cat", address="203.0.113.7")
        phone = world.again("cat", address="203.0.113.8")
        for each in (cat, phone):
            world.room(each, "#ops")
        network = network_named("203.0.113.0/24")
        assert network is not None
        world.begin(world.chat.moderation.ban(ann, ops, network, world.at, 0, ""))
        world.chat.say(ann, ops, "where are they?", world.at)
        world.settle()
        assert world.ear.news[0].out == {ops: {cat: 1, phone: 1}}
        assert [type(event) for event in world.ear.heard(ops)] == [Banned, Left, Said]
        assert ops.holds(bob.person)

    def test_neighbours_of_who_is_banned_from_the_server(self, world: World) -> None:
        """The room hears whom it meant, and who else is gone with them."""
        boss = world.admin("boss")
        gast, other = (world.enter(nick, address="203.0.113.7") for nick in ("gast", "other"))
        world.do(ban(world, boss, None, gast))
        assert [type(event) for event in world.heard()] == [Banned, Left]
        assert world.ear.dismissed == [gast, other]

    def test_who_logs_out_where_they_may_not_be_as_a_guest(self, world: World, ann: Session, ops: Room) -> None:
        """The guest whom they become comes and goes; the account is there by another connection."""
        phone = world.again("ann")
        world.room(phone, "#ops")
        world.do(world.chat.moderation.set(ann, ops, "guests", "none", world.at))
        world.ear.news.clear()
        world.do(world.chat.accounts.logout(phone, world.at))
        assert world.ear.heard(ops) == [Joined("ann2", phone.id), Left("ann2", phone.id)]
        assert ops.people() == ["ann", "bob"]


class DroppedTests:
    def test_drop(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """All hear that the room is gone, and are out of it; what was said in it is forgotten."""
        world.do(world.chat.moderation.drop(ann, ops, world.at))
        [news] = world.ear.news
        assert [entry.event for _, entry in news.rooms[ops]] == [Dropped("ann")]
        assert news.out == {ops: {ann: 1, bob: 1}}
        assert (ann.active, bob.active) == (world.lobby, world.lobby)
        world.do(world.chat.retain(world.at))
        assert [stream for stream, _ in world.log.pruned] == [ops.id]

    def test_what_comes_too_late(self, world: World, ann: Session, bob: Session, ops: Room) -> None:
        """What is done in a room that is gone by then is done to nobody: no ban becomes one of the server."""
        world.begin(world.chat.moderation.drop(ann, ops, world.at))
        world.begin(ban(world, ann, ops, bob))
        world.begin(world.chat.moderation.mute(ann, ops, bob.person, world.at, 0, ""))
        world.chat.say(bob, ops, "hello?", world.at)
        world.settle()
        assert bob.unsettled == 0
        assert world.ear.dismissed == []
        world.chat.access.check_server(bob, "bob", world.at)
        world.chat.say(bob, world.lobby, "still here", world.at)
        assert world.heard() == [Said("bob", "still here")]

    def test_empty_room_that_somebody_came_into(self, world: World) -> None:
        """It is not dropped under them."""
        gast, bob = world.enter("gast"), world.enter("bob")
        ops = world.room(gast, "#tmp")
        world.begin(world.chat.part(gast, ops, world.at))
        world.log.commit()
        assert [type(each.event) for each in world.log.waiting] == [Dropped]
        world.log.waiting.insert(0, Proposal(Joined("bob", bob.id), ops.id, bob.by, world.at))
        world.settle()
        assert world.chat.rooms.find("#tmp") is ops
        assert ops.people() == ["bob"]

    def test_closed_to_those_in_it(self, world: World, ann: Session, ops: Room) -> None:
        """Who may not stay when a setting changes hears of it, and is out."""
        gast = world.enter("gast")
        world.room(gast, "#ops")
        world.do(world.chat.moderation.set(ann, ops, "guests", "none", world.at))
        assert world.ear.news[-1].out == {ops: {gast: 1}}
        assert world.ear.heard(ops) == [RoomSet("ann", "guests", "none"), Left("gast", gast.id)]
        assert ops.people() == ["ann", "bob"]
