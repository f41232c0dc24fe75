"""Who may do what, and what keeps people from talking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from twistedchat.chat import roles
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import Muted, NotAllowed, SlowMode
from twistedchat.chat.roles import Permission, Role
from twistedchat.chat.sanctions import Sanction

if TYPE_CHECKING:
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

HOUR = 3600 * SECOND


def say(world: World, session: Session, room: Room) -> None:
    world.chat.say(session, room, "hello", world.at)
    world.settle()


def grant(world: World, by: Session, room: Room, to: Session, role: str) -> None:
    world.do(world.chat.moderation.grant(by, room, to.person, role, world.at))


def change(room: Room, name: str, value: str) -> None:
    room.settings = room.settings.changed(name, value)


class TableTests:
    @pytest.mark.parametrize("guests", ["talk", "read", "none"])
    def test_more_is_never_less(self, guests: str) -> None:
        """Whatever one may, one may still when one is more."""
        for less, more in zip(Role, list(Role)[1:], strict=False):
            for needs in Permission:
                assert roles.may(more, needs, guests) >= roles.may(less, needs, guests)

    def test_everybody_may_look_and_admins_may_all(self) -> None:
        """There is always who may, so that each refusal can say who."""
        assert all(roles.may(role, Permission.LOOK, "none") for role in Role)
        assert all(roles.may(Role.ADMIN, needs) for needs in Permission)

    @pytest.mark.parametrize(
        ("role", "needs", "guests", "text"),
        [
            (
                Role.GUEST,
                Permission.TALK,
                "read",
                "A guest may not talk here; a member may: /register makes you one.",
            ),
            (Role.GUEST, Permission.SET_TOPIC, "talk", "A guest may not set the topic here; an op may."),
            (Role.MEMBER, Permission.VOICE, "talk", "A member may not give voice here; an op may."),
            (Role.VOICE, Permission.MODERATE, "talk", "Somebody with voice may not keep order here; an op may."),
            (Role.OP, Permission.GRANT, "talk", "An op may not give roles here; an owner may."),
            (Role.OWNER, Permission.ADMINISTER, "talk", "An owner may not administer the server; an admin may."),
        ],
    )
    def test_refusal_says_who_may(self, role: Role, needs: Permission, guests: str, text: str) -> None:
        """And guests how to become that."""
        with pytest.raises(NotAllowed) as refused:
            roles.require(role, needs, guests)
        assert refused.value.text == text
        roles.require(Role.ADMIN, needs, guests)

    def test_marks(self) -> None:
        """Those who are something in a room are marked."""
        assert "".join(role.mark or "-" for role in Role) == "--+@~-"


class RoleTests:
    def test_role_is_of_one_room(self, world: World) -> None:
        """Who owns a room is a member elsewhere, and a guest without an account is a guest."""
        ann, gast = world.member("ann"), world.enter("gast")
        ops = world.room(ann, "#ops", gast)
        role = world.chat.access.role
        assert [role(ann.person, where) for where in (ops, world.lobby, None)] == [
            Role.OWNER,
            Role.MEMBER,
            Role.MEMBER,
        ]
        assert role(gast.person, ops) is Role.GUEST

    def test_admin_is_admin_everywhere(self, world: World) -> None:
        """Also in rooms where they are something else."""
        boss = world.admin("boss")
        ops = world.room(boss, "#ops")
        assert world.chat.access.role(boss.person, ops) is Role.ADMIN
        assert ops.marked() == ["~boss"]

    def test_open_topic_and_invitations_are_members(self, world: World) -> None:
        """What a room opens to its members, members may and guests may not, who are told so."""
        ann, bob, gast = world.member("ann"), world.member("bob"), world.enter("gast")
        ops = world.room(ann, "#ops", bob, gast)
        may, require = world.chat.access.may, world.chat.access.require
        assert not may(bob.person, ops, Permission.SET_TOPIC)
        assert may(bob.person, ops, Permission.INVITE)
        change(ops, "topic", "open")
        change(ops, "join", "invite")
        assert may(bob.person, ops, Permission.SET_TOPIC)
        assert not may(bob.person, ops, Permission.INVITE)
        assert not may(bob.person, None, Permission.SET_TOPIC)
        with pytest.raises(NotAllowed, match="may not set the topic here; a member may: /register"):
            require(gast.person, ops, Permission.SET_TOPIC)
        with pytest.raises(NotAllowed, match="may not invite here; an op may"):
            require(gast.person, ops, Permission.INVITE)

    def test_what_is_of_no_room_is_the_servers(self) -> None:
        """A room that shuts guests out does not keep them from looking around, nor make its owner an admin."""
        world = World()
        ann, gast = world.member("ann"), world.enter("gast")
        ops = world.room(ann, "#ops")
        change(ops, "guests", "none")
        assert world.chat.access.may(gast.person, ops, Permission.MAKE_ROOMS)
        with pytest.raises(NotAllowed, match="A member may not administer"):
            world.chat.access.require(ann.person, ops, Permission.ADMINISTER)

    def test_nobody_acts_on_their_equals_or_betters(self, world: World) -> None:
        """From op on; a member is anybody's whom the command is."""
        boss, ann, bob, cat = world.admin("boss"), world.member("ann"), world.member("bob"), world.member("cat")
        ops = world.room(ann, "#ops", boss, bob, cat)
        grant(world, ann, ops, bob, "op")
        above = world.chat.access.require_above
        for mine, theirs in ((ann, bob), (bob, cat), (boss, ann), (cat, cat)):
            above(mine.person, theirs.person, ops)
        for mine, theirs in ((bob, ann), (bob, bob), (ann, boss), (cat, bob), (boss, boss)):
            with pytest.raises(NotAllowed, match=f"{theirs.nick} is an .*; nobody acts on their equals or betters"):
                above(mine.person, theirs.person, ops)


class VoicedRoomTests:
    def test_only_who_has_voice_talks(self, world: World) -> None:
        """Members and guests listen, until they are given voice."""
        ann, bob, gast = world.member("ann"), world.member("bob"), world.enter("gast")
        ops = world.room(ann, "#ops", bob, gast)
        change(ops, "talk", "voice")
        say(world, ann, ops)
        for quiet, who in ((bob, "A member"), (gast, "A guest")):
            with pytest.raises(NotAllowed, match=f"{who} may not talk in a voiced room here; somebody with voice"):
                say(world, quiet, ops)
        grant(world, ann, ops, bob, "voice")
        say(world, bob, ops)
        assert ops.people() == ["ann", "bob", "gast"]
        assert ops.marked() == ["~ann", "+bob", "gast"]


class SlowRoomTests:
    def test_time_between_two_messages(self, world: World) -> None:
        """Who has just said something waits, and is told how long; the others need not."""
        ann, bob, gast = world.member("ann"), world.member("bob"), world.enter("gast")
        ops = world.room(ann, "#ops", bob, gast)
        change(ops, "slow", "10s")
        for each in (bob, gast, ann, ann):
            say(world, each, ops)
        world.at += 2_500
        with pytest.raises(SlowMode, match="Slow mode: you can write again in 8s"):
            say(world, bob, ops)
        world.at += 7_499
        with pytest.raises(SlowMode, match="in 1s"):
            say(world, bob, ops)
        world.at += 1
        say(world, bob, ops)
        say(world, gast, ops)

    def test_what_was_refused_costs_nothing(self, world: World) -> None:
        """Who was told to wait waits no longer for having tried."""
        ann, bob = world.member("ann"), world.member("bob")
        ops = world.room(ann, "#ops", bob)
        change(ops, "slow", "10s")
        say(world, bob, ops)
        world.at += 9 * SECOND
        with pytest.raises(SlowMode):
            say(world, bob, ops)
        world.at += SECOND
        say(world, bob, ops)

    def test_voice_skips_it(self, world: World) -> None:
        """Those who have voice go on."""
        ann, bob = world.member("ann"), world.member("bob")
        ops = world.room(ann, "#ops", bob)
        change(ops, "slow", "10s")
        grant(world, ann, ops, bob, "voice")
        say(world, bob, ops)
        say(world, bob, ops)


class MutedTests:
    def test_muted_in_a_room(self, world: World) -> None:
        """They say nothing there, in no manner, and are told why; elsewhere they may."""
        ann, bob = world.member("ann"), world.member("bob")
        ops = world.room(ann, "#ops", bob)
        ops.mutes.add(Sanction("bob", (bob.by,), "ann", world.at, world.at + 2 * HOUR, "calm down"))
        for talk in (world.chat.say, world.chat.emote):
            with pytest.raises(Muted, match="You are muted in #ops for 2h more: calm down"):
                talk(bob, ops, "x", world.at)
        say(world, bob, world.lobby)
        world.chat.direct(bob, ann.person, "psst", world.at)
        world.at += 2 * HOUR
        say(world, bob, ops)

    def test_muted_on_the_server(self, world: World) -> None:
        """They say nothing anywhere, neither to one person only."""
        boss, bob = world.admin("boss"), world.member("bob")
        ops = world.room(bob, "#ops")
        world.do(world.chat.moderation.mute(boss, None, bob.person, world.at, 0, "spam"))
        for room in (world.lobby, ops):
            with pytest.raises(Muted, match="You are muted on this server: spam"):
                say(world, bob, room)
        with pytest.raises(Muted, match="on this server: spam"):
            world.chat.direct(bob, boss.person, "psst", world.at)
        world.do(world.chat.moderation.unmute(boss, None, "bob", world.at))
        say(world, bob, ops)
        world.chat.direct(bob, boss.person, "psst", world.at)

    def test_network_hits_not_those_who_keep_order(self, world: World) -> None:
        """In a room its ops talk wherever they come from, but for the server only its admins do."""
        ann = world.member("ann", address="203.0.113.7")
        bob, boss = world.member("bob", address="203.0.113.8"), world.admin("boss")
        ops = world.room(ann, "#ops", bob)
        mute = Sanction("203.0.113.0/24", ("203.0.113.0/24",), "boss", world.at)
        ops.mutes.add(mute)
        say(world, ann, ops)
        with pytest.raises(Muted, match="in #ops"):
            say(world, bob, ops)
        world.chat.access.mutes.add(mute)
        for each, room in ((ann, ops), (bob, world.lobby)):
            with pytest.raises(Muted):
                say(world, each, room)
        say(world, boss, world.lobby)
