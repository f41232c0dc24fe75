"""Rooms that are closed, opened, and closed again: who reads what, and what the log is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from twistedchat.chat.errors import BadKey
from twistedchat.chat.events import Left
from twistedchat.chat.log import KnownRoom, Remembered

if TYPE_CHECKING:
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


def floor(world: World, session: Session, room: Room) -> int | None:
    return world.chat.access.floor(session, room, world.at)


def say(world: World, session: Session, room: Room, *texts: str) -> None:
    for text in texts:
        world.chat.say(session, room, text, world.at)
    world.settle()


def set_(world: World, session: Session, room: Room, name: str, value: str) -> None:
    world.do(world.chat.moderation.set(session, room, name, value, world.at))


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def ops(world: World, ann: Session) -> Room:
    """Give a room of ann's in which three things have been said."""
    room = world.room(ann, "#ops")
    say(world, ann, room, "one", "two", "three")
    return room


class OpenedAgainTests:
    def test_what_was_private_stays_so(self, world: World, ann: Session, ops: Room) -> None:
        """A room that is opened shows to everybody what is said from then on, and the rest to who read it before."""
        bob = world.enter("bob")
        set_(world, ann, ops, "join", "invite")
        say(world, ann, ops, "secret")
        set_(world, ann, ops, "join", "open")
        assert ops.opened == ops.head == 6
        assert floor(world, bob, ops) == 6
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 6
        assert floor(world, ann, ops) == 0

    def test_from_key_to_invitation_is_no_opening(self, world: World, ann: Session, ops: Room) -> None:
        """It has been private all the time."""
        set_(world, ann, ops, "key", "abc")
        set_(world, ann, ops, "join", "invite")
        assert ops.opened == 0
        assert floor(world, world.enter("bob"), ops) is None

    def test_closed_again(self, world: World, ann: Session, ops: Room) -> None:
        """Who was never let in before reads from where it was open; who was, as before."""
        bob = world.enter("bob")
        set_(world, ann, ops, "join", "invite")
        set_(world, ann, ops, "join", "open")
        world.room(bob, "#ops")
        set_(world, ann, ops, "join", "invite")
        assert (floor(world, ann, ops), floor(world, bob, ops)) == (0, 5)

    def test_it_is_remembered(self) -> None:
        """What may be read is the same after a restart."""
        known = KnownRoom("r1", "#lobby", 9, admitted={"g1": 3}, opened=7, expired=2)
        world = World(remembered=Remembered("e1", (known,), ()))
        assert floor(world, world.come("ann"), world.lobby) == 7
        assert floor(world, world.enter("bob", "g1"), world.lobby) == 3

    def test_what_was_before_it_was_open_is_over(self, world: World, ann: Session, ops: Room) -> None:
        """Who was let in then, and is not there when it is closed again, needs another invitation."""
        bob = world.enter("bob", secret="s1")
        set_(world, ann, ops, "key", "s3same")
        world.do(world.chat.join(bob, ops, world.at, "s3same"))
        world.leave(bob)
        set_(world, ann, ops, "join", "open")
        world.ear.news.clear()
        set_(world, ann, ops, "join", "invite")
        assert bob.by not in ops.admitted
        told = [proposal for news in world.ear.news for proposal, _ in news.settled]
        assert [(each.event, each.stream, each.by) for each in told][1:] == [(Left("", ""), ops.id, bob.by)]
        with pytest.raises(BadKey):
            world.do(world.chat.join(world.enter("bob", bob.by, secret="s1"), ops, world.at))

    def test_who_was_invited_while_it_was_open(self, world: World, ann: Session, ops: Room) -> None:
        """They stay if they are in it by then, and read on as before; else they are to be invited again."""
        bob, cat = world.member("bob"), world.member("cat")
        for each in (bob, cat):
            world.do(world.chat.moderation.invite(ann, ops, each.person, world.at))
        world.do(world.chat.join(bob, ops, world.at))
        set_(world, ann, ops, "join", "invite")
        with pytest.raises(BadKey):
            world.do(world.chat.join(cat, ops, world.at))
        assert floor(world, bob, ops) == 0
