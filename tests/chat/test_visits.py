"""Going into rooms, and out of them."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from twistedchat.chat.chat import ROOMS_MOST
from twistedchat.chat.errors import NoRoom, NotInRoom, NotStored, TooMany
from twistedchat.chat.log import KnownRoom, Remembered
from twistedchat.chat.roles import Role
from twistedchat.chat.room import Room


class VisitTests:
    """Going in and out."""

    def test_room_is_made_by_who_comes_first(self, world: World) -> None:
        """It is theirs, and who comes later is a guest there."""
        ann, bob = world.enter("ann"), world.enter("bob")
        ops = world.room(ann, "#ops")
        assert world.room(bob, "ops") is ops
        assert (world.chat.access.role(ann.person, ops), world.chat.access.role(bob.person, ops)) == (
            Role.OWNER,
            Role.GUEST,
        )
        assert ops.marked() == ["~ann", "bob"]
        assert ann.active is ops

    def test_who_is_here_is_in_alphabetical_order_whatever_happens(self, world: World) -> None:
        """Everybody who comes, goes or takes another name has their place in it."""
        bob, ann = world.enter("bob"), world.enter("Ann")
        assert world.lobby.people() == ["Ann", "bob"]
        world.do(world.chat.people.rename(ann, "cleo", world.at))
        assert (world.lobby.people(), world.lobby.marked()) == (["bob", "cleo"], ["bob", "cleo"])
        world.leave(bob)
        assert world.lobby.people() == ["cleo"]

    def test_leaving_is_told_and_the_lobby_is_active_again(self, world: World) -> None:
        """The last one out takes the room along."""
        ann = world.enter("ann")
        ops = world.room(ann, "#ops")
        world.do(world.chat.part(ann, ops, world.at, "bye"))
        world.settle()
        assert ann.active is world.lobby
        assert world.chat.rooms.find("#ops") is None
        with pytest.raises(NotInRoom):
            world.do(world.chat.part(ann, ops, world.at))
        world.do(world.chat.part(ann, world.lobby, world.at))
        assert ann.active is None
        assert world.lobby in list(world.chat.rooms)

    def test_who_comes_while_the_last_one_leaves(self, world: World) -> None:
        """Before the room is dropped, it stays; after that, they are told to try again."""
        ann, bob, cleo = (world.enter(nick) for nick in ("ann", "bob", "cleo"))
        ops = world.room(ann, "#ops")
        leaving = world.begin(world.chat.part(ann, ops, world.at))
        coming = world.begin(world.chat.join(bob, ops, world.at))
        world.settle()
        assert (leaving.result(), coming.result()) == (None, None)
        assert ops.people() == ["bob"]
        world.begin(world.chat.part(bob, ops, world.at))
        late = world.begin(world.chat.enter(cleo, "#ops", world.at))
        world.settle()
        assert late.result() is ops

    def test_room_that_is_dropped_under_somebody(self, world: World) -> None:
        """They are told to try again, and then it is made anew."""
        ann = world.enter("ann")
        ops = world.room(world.enter("bob"), "#ops")
        world.begin(world.chat.moderation.drop(world.admin("boss"), ops, world.at))
        coming = world.begin(world.chat.enter(ann, "#ops", world.at))
        world.settle()
        assert isinstance(coming.refusal, NoRoom)
        assert world.room(ann, "#ops") is not ops

    def test_maker_who_is_gone_before_it_comes_in(self, world: World) -> None:
        """Nothing of it stays."""
        ann = world.enter("ann")
        making = world.begin(world.chat.enter(ann, "#ops", world.at))
        world.chat.people.depart(ann, world.at)
        world.settle()
        assert isinstance(making.refusal, NotInRoom)
        assert [room.name for room in world.chat.rooms] == ["#lobby"]

    def test_two_who_make_it_at_once(self, world: World) -> None:
        """The room is the first one's, and the other comes into it."""
        ann, bob = world.member("ann"), world.member("bob")
        making = [world.begin(world.chat.enter(each, "#ops", world.at)) for each in (ann, bob)]
        world.settle()
        ops = world.chat.rooms.named("#ops")
        assert [each.result() for each in making] == [ops, ops]
        assert ops.marked() == ["~ann", "bob"]

    def test_two_who_make_rooms_alike_at_once(self, world: World) -> None:
        """The second is refused."""
        ann, bob = world.member("ann"), world.member("bob")
        world.begin(world.chat.enter(ann, "#ops", world.at))
        making = world.begin(world.chat.enter(bob, "#0ps", world.at))
        world.settle()
        assert isinstance(making.refusal, NoRoom)

    def test_not_more_rooms_than_that(self, world: World) -> None:
        """A session is in so many rooms at most."""
        ann = world.enter("ann")
        for number in range(ROOMS_MOST):
            world.chat.rooms.add(Room(f"r{number}", f"#room{number}"))
        for number in range(ROOMS_MOST - 1):
            world.room(ann, f"#room{number}")
        with pytest.raises(TooMany, match="leave one"):
            world.room(ann, f"#room{ROOMS_MOST - 1}")

    def test_topic_of_a_room_that_was_left(self) -> None:
        """It is remembered with the room."""
        world = World(remembered=Remembered("e1", (KnownRoom("r1", "#lobby", 4, "hello"),), ()))
        assert world.lobby.topic == "hello"

    def test_refused_topic_changes_nothing(self, world: World) -> None:
        """What is not stored is not so."""
        ann = world.enter("ann")
        ops = world.room(ann, "#ops")
        world.log.refusal = NotStored("not stored")
        with pytest.raises(NotStored):
            world.do(world.chat.set_topic(ann, ops, "x", world.at))
        assert ops.topic == ""
        world.do(world.chat.set_topic(ann, ops, "x", world.at))
        assert ops.topic == "x"
