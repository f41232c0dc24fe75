"""Keeping order, and whom it hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from twistedchat.chat.acts import Banned, Granted, Invited, RoomRenamed, RoomSet
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import BadRoom, BadUsage, NoRoom, NoSuchNick, NotAllowed, NotFound
from twistedchat.chat.events import Direct
from twistedchat.chat.log import KnownRoom, KnownSanction, Remembered
from twistedchat.chat.moderation import MOST
from twistedchat.chat.roles import Role
from twistedchat.chat.sanctions import Sanction, network_named

if TYPE_CHECKING:
    from twistedchat.chat.moderation import Moderation, Target
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def ops(world: World, ann: Session) -> Room:
    return world.room(ann, "#ops")


@pytest.fixture
def order(world: World) -> Moderation:
    return world.chat.moderation


def ban(world: World, by: Session, room: Room | None, target: Target) -> str:
    return ": ".join(world.do(world.chat.moderation.ban(by, room, target, world.at, 0, "")))


def grant(world: World, by: Session, room: Room, to: Session, role: str) -> None:
    world.do(world.chat.moderation.grant(by, room, to.person, role, world.at))


class WhomTests:
    def test_it_is_said_who_is_hit(self, world: World, ann: Session, ops: Room) -> None:
        """In words, and without any address of anybody's."""
        bob, cat = world.member("bob"), world.member("cat", address="203.0.113.7")
        gast, gus = world.enter("gast"), world.enter("gus", address="203.0.113.8")
        assert ban(world, ann, ops, bob.person) == "bob: the account"
        assert ban(world, ann, ops, gast.person) == "gast: guests of that name"
        there = "guests and new accounts from the same address"
        assert ban(world, ann, ops, cat.person) == f"cat: the account, and {there}"
        assert ban(world, ann, ops, gus.person) == f"gus: guests of that name, and {there}"
        network = network_named("198.51.100.0/24")
        assert network is not None
        assert ban(world, ann, ops, network) == "198.51.100.0/24: everybody from that address"

    def test_second_ban_adds_to_the_first(self, world: World, ann: Session, ops: Room) -> None:
        """Who comes from elsewhere under the same name is hit there as well."""
        gast = world.enter("gast", address="203.0.113.7")
        ban(world, ann, ops, gast.person)
        world.leave(gast)
        again = world.enter("gast", address="203.0.113.8")
        ban(world, ann, ops, again.person)
        [event] = [event for event in world.ear.heard(ops) if isinstance(event, Banned)][-1:]
        assert set(event.masks) == {gast.by, again.by, "=gast", "~203.0.113.7/32", "~203.0.113.8/32"}

    def test_who_has_logged_in_since(self, world: World, ann: Session, ops: Room) -> None:
        """By the name that they had as a guest when they said something, their account is hit."""
        world.leave(world.member("bob"))
        wolf = world.enter("wolf")
        world.do(world.chat.join(wolf, ops, world.at))
        world.chat.say(wolf, ops, "awoo", world.at)
        world.do(world.chat.accounts.login(wolf, "bob", "bob-secret", world.at))
        target = world.do(world.chat.moderation.somebody(ann, ops, "wolf", world.at))
        assert target is wolf.person
        world.leave(wolf)
        again = world.again("bob")
        assert world.do(world.chat.moderation.somebody(ann, ops, "wolf", world.at)) is again.person

    def test_ban_that_is_over_adds_nothing(self, world: World, ann: Session, ops: Room) -> None:
        """Whom it has hit goes by another name by now, and who has theirs is somebody else."""
        gast = world.enter("gast", address="203.0.113.7")
        world.do(world.chat.moderation.ban(ann, ops, gast.person, world.at, world.at + 1, ""))
        world.do(world.chat.people.rename(gast, "gus", world.at))
        world.at += 1
        other = world.enter("gast", address="203.0.113.8")
        ban(world, ann, ops, other.person)
        [event] = [event for event in world.ear.heard(ops) if isinstance(event, Banned)][-1:]
        assert set(event.masks) == {other.by, "=gast", "~203.0.113.8/32"}

    def test_member_who_is_not_here(self, world: World, ann: Session, ops: Room) -> None:
        """They can be banned, but not be put out."""
        bob = world.member("bob")
        world.leave(bob)
        offline = world.chat.people.named("bob")
        assert ban(world, ann, ops, offline) == "bob: the account"
        with pytest.raises(NoSuchNick, match="bob is not in #ops"):
            world.do(world.chat.moderation.kick(ann, ops, offline, world.at, ""))
        with pytest.raises(NoSuchNick, match="bob is not here"):
            world.do(world.chat.moderation.kill(world.admin("boss"), offline, world.at, ""))

    @pytest.mark.parametrize("word", ["127.0.0.1", "127.0.0.0/8", "::1"])
    def test_the_servers_own_computer(self, world: World, ann: Session, ops: Room, word: str) -> None:
        """Its addresses hit nobody, so nobody is told that they were banned."""
        network = network_named(word)
        assert network is not None
        with pytest.raises(NotAllowed, match="name them instead"):
            ban(world, ann, ops, network)

    @pytest.mark.parametrize(
        ("mine", "word", "refused"),
        [
            ("203.0.113.7", "203.0.113.0/24", True),
            ("203.0.113.7", "203.0.114.0/24", False),
            ("203.0.113.7", "2001:db8::/32", False),
            ("2001:db8::7", "2001:db8::1", True),
            ("2001:db8::7", "203.0.113.0/24", False),
            ("", "203.0.113.0/24", False),
        ],
    )
    def test_own_address(self, world: World, mine: str, word: str, *, refused: bool) -> None:
        """Nobody bans where they are themselves, of whatever kind the addresses are."""
        ann = world.member("ann", address=mine)
        ops, network = world.room(ann, "#ops"), network_named(word)
        assert network is not None
        if refused:
            with pytest.raises(NotAllowed, match="You are there yourself"):
                ban(world, ann, ops, network)
        else:
            ban(world, ann, ops, network)

    def test_equals_and_betters(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """Nobody keeps order over them, in any manner."""
        bob, boss = world.member("bob"), world.admin("boss")
        for each in (bob, boss):
            world.do(world.chat.join(each, ops, world.at))
        grant(world, ann, ops, bob, "op")
        for work in (
            order.kick(bob, ops, ann.person, world.at, ""),
            order.ban(bob, ops, ann.person, world.at, 0, ""),
            order.mute(ann, ops, boss.person, world.at, 0, ""),
            order.ban(boss, None, boss.person, world.at, 0, ""),
            order.kill(boss, boss.person, world.at, ""),
            order.grant(ann, ops, boss.person, "", world.at),
        ):
            with pytest.raises(NotAllowed, match="nobody acts on their equals or betters"):
                world.do(work)

    def test_so_many_and_no_more(self, world: World, ann: Session, ops: Room) -> None:
        """Those that are over do not count, nor who is banned again."""
        for number in range(MOST):
            ops.bans.add(Sanction(f"bob{number}", (f"g{number}",), "ann", 0, until=world.at + 1 if number else 0))
        bob = world.enter("bob")
        with pytest.raises(NotAllowed, match="500 of them already"):
            ban(world, ann, ops, bob.person)
        ban(world, ann, ops, world.enter("bob7").person)
        world.at += 1
        ban(world, ann, ops, bob.person)

    def test_lifting_what_is_not(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """Who is not banned, or muted, cannot be so no more."""
        with pytest.raises(NotFound, match="bob is not banned"):
            world.do(order.unban(ann, ops, "bob", world.at))
        with pytest.raises(NotFound, match="bob is not muted"):
            world.do(order.unmute(ann, ops, "bob", world.at))

    def test_remembered(self) -> None:
        """Bans and mutes hold after a restart, each where it was said; those of rooms that are gone nowhere."""
        rooms = (KnownRoom("r1", "#lobby", 0),)
        sanctions = [
            KnownSanction(stream, kind, Sanction(stream or "all", (f"g{stream}",), "ann", 0))
            for stream in ("r1", "", "gone")
            for kind in ("ban", "mute")
        ]
        world = World(remembered=Remembered("e1", rooms, (), (), tuple(sanctions)))
        for where, who in ((world.lobby, "r1"), (world.chat.access, "all")):
            assert [each.who for each in where.bans.holding(0)] == [who]
            assert [each.who for each in where.mutes.holding(0)] == [who]


class RoleTests:
    def test_given_and_taken(self, world: World, ann: Session, ops: Room) -> None:
        """The room hears of it, and marks them from then on; it goes on when they are not there."""
        bob = world.member("bob")
        world.do(world.chat.join(bob, ops, world.at))
        world.ear.news.clear()
        for role, mark in (("voice", "+"), ("op", "@"), ("owner", "~")):
            grant(world, ann, ops, bob, role)
            assert world.ear.heard(ops) == [Granted("ann", "bob", bob.by, role)]
            assert ops.marked() == ["~ann", f"{mark}bob"]
        grant(world, world.admin("boss"), ops, bob, "")
        assert ops.marked() == ["~ann", "bob"]

    def test_guests_have_none(self, world: World, ann: Session, ops: Room) -> None:
        """Roles belong to accounts."""
        with pytest.raises(NotAllowed, match="gast is a guest, and roles belong to accounts: they can /register"):
            grant(world, ann, ops, world.enter("gast"), "voice")

    def test_no_less_by_giving(self, world: World, ann: Session, ops: Room) -> None:
        """To give somebody what they have, or less, takes nothing from them."""
        bob = world.member("bob")
        grant(world, ann, ops, bob, "op")
        for to, role in ((bob, "op"), (bob, "voice"), (ann, "voice"), (ann, "owner")):
            with pytest.raises(NotAllowed, match=f"{to.nick} is an .* of #ops already"):
                grant(world, ann, ops, to, role)

    def test_nobody_makes_themselves_more(self, world: World, ann: Session, ops: Room) -> None:
        """What one is not one cannot give oneself."""
        bob = world.member("bob")
        grant(world, ann, ops, bob, "op")
        with pytest.raises(NotAllowed, match="Nobody makes themselves more than they are"):
            grant(world, bob, ops, bob, "owner")
        boss = world.admin("boss")
        grant(world, boss, ops, boss, "owner")
        assert ops.roles[boss.by] is Role.OWNER

    def test_oldest_op_inherits(self, world: World, ann: Session, ops: Room) -> None:
        """When the last owner goes the room has another; where there is no op it has none."""
        bob, cat = world.member("bob"), world.member("cat")
        for each, role in ((bob, "op"), (cat, "op"), (bob, "owner")):
            grant(world, ann, ops, each, role)
        grant(world, ann, ops, ann, "")
        assert ops.roles == {bob.by: Role.OWNER, cat.by: Role.OP}
        grant(world, bob, ops, bob, "")
        assert ops.roles == {cat.by: Role.OWNER}
        grant(world, cat, ops, cat, "")
        assert ops.roles == {}

    def test_role_in_a_private_room(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """Who is given one is let in; who is in already need not be."""
        world.do(order.set(ann, ops, "join", "invite", world.at))
        bob = world.member("bob")
        for role in ("voice", "op"):
            world.ear.news.clear()
            grant(world, ann, ops, bob, role)
            told = [entry.event for news in world.ear.news for (_, entry), _ in news.direct]
            assert told == ([Invited("ann", "bob", bob.by)] if role == "voice" else [])


class InvitationTests:
    def test_invited(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """They are told by each of their connections, and nobody else is."""
        bob, phone = world.member("bob"), world.again("bob")
        world.do(order.invite(ann, ops, bob.person, world.at))
        [((_, entry), people)] = world.ear.news[-1].direct
        assert (entry.event, people) == (Invited("ann", "bob", bob.by), [bob, phone])
        assert world.ear.heard(ops) == []

    def test_who_is_muted_on_the_server_writes_to_nobody(
        self, world: World, ann: Session, ops: Room, order: Moderation
    ) -> None:
        """An absent member is let in all the same, and has no private message of it."""
        bob, cat = world.member("bob"), world.member("cat")
        world.leave(bob)
        world.leave(cat)
        world.do(order.invite(ann, ops, bob.person, world.at))
        world.do(order.mute(world.admin("boss"), None, ann.person, world.at, 0, ""))
        world.do(order.invite(ann, ops, cat.person, world.at))
        letters = [entry.event.to for entry in world.log.entries if isinstance(entry.event, Direct)]
        assert letters == ["bob"]

    def test_banned_people_are_not(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """While their ban holds, under whatever name they go now."""
        bob = world.member("bob")
        world.do(order.ban(ann, ops, bob.person, world.at, world.at + SECOND, ""))
        world.do(world.chat.people.rename(bob, "rob", world.at))
        with pytest.raises(NotAllowed, match="rob is banned there; /unban them first"):
            world.do(order.invite(ann, ops, bob.person, world.at))
        world.at += SECOND
        world.do(order.invite(ann, ops, bob.person, world.at))


class RoomTests:
    def test_key_is_not_told(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """That there is one is, and who was let in."""
        world.do(order.set(ann, ops, "key", "s3same", world.at))
        [event] = world.ear.heard(ops)
        assert event == RoomSet("ann", "key", "set", "s3same", {ann.by: 0})
        assert ops.settings.key == "s3same"

    def test_what_cannot_be_set(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """It is refused before anybody hears of it."""
        with pytest.raises(BadUsage):
            world.do(order.set(ann, ops, "talk", "nobody", world.at))
        assert world.ear.heard(ops) == []

    def test_renamed(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """The room is found under its new name, and the old one is free."""
        world.do(order.rename(ann, ops, "Büro", world.at))
        assert world.ear.heard(ops) == [RoomRenamed("ann", "#ops", "#Büro")]
        assert (world.chat.rooms.find("#büro"), world.chat.rooms.find("#ops")) == (ops, None)
        assert world.room(world.enter("gast"), "#ops") is not ops

    def test_another_case_of_its_name(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """It keeps what it claims."""
        world.do(order.rename(ann, ops, "#OPS", world.at))
        assert (ops.name, world.log.claims["room:#ops"]) == ("#OPS", ops.id)

    def test_names_that_it_cannot_have(self, world: World, ann: Session, ops: Room, order: Moderation) -> None:
        """Its own, another's, what looks like another's, and what is none."""
        world.room(world.enter("gast"), "#two")
        for wanted, error in (("#ops", BadUsage), ("#two", NoRoom), ("#tw0", NoRoom), ("a b", BadRoom)):
            with pytest.raises(error):
                world.do(order.rename(ann, ops, wanted, world.at))

    def test_lobby_stays(self, world: World, order: Moderation) -> None:
        """Where everybody starts is neither dropped nor called otherwise, by nobody."""
        boss = world.admin("boss")
        for work in (order.drop(boss, world.lobby, world.at), order.rename(boss, world.lobby, "#hall", world.at)):
            with pytest.raises(NotAllowed, match="#lobby is where everybody starts: it stays"):
                world.do(work)
