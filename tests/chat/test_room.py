"""Rooms: their names, their people, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.chat import ROOMS_MOST
from twistedchat.chat.errors import BadRoom, NoRoom, NotAllowed, NotInRoom, NotStored, TooMany
from twistedchat.chat.events import Dropped, Joined, Left, Opened, TopicSet
from twistedchat.chat.log import KnownRoom, Remembered
from twistedchat.chat.roles import Permission, Role, Roles
from twistedchat.chat.room import Room, Rooms
from twistedchat.chat.text import room_name

from .world import World

if TYPE_CHECKING:
    from twistedchat.chat.session import Session


class NameTests:
    """What a room may be called."""

    @pytest.mark.parametrize(
        ("raw", "name"), [("#ops", "#ops"), ("ops", "#ops"), (" #Büro ", "#Büro"), ("admin", "#admin")]
    )
    def test_good_names(self, raw: str, name: str) -> None:
        """The # may be left out, and no name is reserved."""
        assert room_name(raw) == name

    @pytest.mark.parametrize("raw", ["", "#", "#x", "#a b", "##ops", "#" + "x" * 25])
    def test_bad_names(self, raw: str) -> None:
        """What cannot be a nickname cannot be a room's name either, and it is called so."""
        with pytest.raises(BadRoom, match=r"room's name|needed"):
            room_name(raw)


class RoomsTests:
    """All rooms there are."""

    def test_found_whatever_its_case(self) -> None:
        """But only under its name, not under what looks like it."""
        rooms = Rooms()
        rooms.add(Room("r1", "#ops"))
        assert rooms.named("#OPS").id == "r1"
        assert rooms.find("#0ps") is None
        with pytest.raises(NoRoom, match="no room #0ps"):
            rooms.named("#0ps")

    def test_look_alikes_are_refused(self) -> None:
        """Whatever the owner of the first one."""
        rooms = Rooms()
        rooms.add(Room("r1", "#ops"))
        with pytest.raises(NoRoom, match="too much like #ops"):
            rooms.check_new("#\u043eps", "g1")

    def test_dropped_room_leaves_its_name_to_another(self) -> None:
        """Dropping the old one late does not harm the new one."""
        rooms = Rooms()
        old, new = Room("r1", "#ops"), Room("r2", "#ops")
        rooms.add(old)
        rooms.add(new)
        rooms.drop(old)
        assert [room.id for room in rooms] == ["r2"]
        assert rooms.named("#ops") is new
        rooms.drop(new)
        assert rooms.find("#ops") is None


class RoleTests:
    """Who may do what."""

    @pytest.mark.parametrize("guests", ["talk", "read", "none"])
    def test_owner_may_all_that_a_guest_may(self, guests: str) -> None:
        """And sets the topic."""
        roles = Roles(guests)
        for needs in Permission:
            assert roles.may(Role.OWNER, needs) >= roles.may(Role.GUEST, needs)
        assert roles.may(Role.OWNER, Permission.SET_TOPIC)

    def test_refusal_says_who_may(self) -> None:
        """If anybody may."""
        with pytest.raises(NotAllowed, match=r"^A guest may not set the topic here; an owner may.$"):
            Roles("talk").require(Role.GUEST, Permission.SET_TOPIC)
        with pytest.raises(NotAllowed, match=r"^An owner may not talk here.$"):
            Roles("read").require(Role.OWNER, Permission.TALK)


def make(world: World, session: Session, name: str) -> Room:
    return world.do(world.chat.enter(session, name, world.at))


class VisitTests:
    """Going in and out."""

    def test_room_is_made_by_who_comes_first(self, world: World) -> None:
        """It is theirs, and who comes later is a guest there."""
        ann, bob = world.enter("ann"), world.enter("bob")
        ops = make(world, ann, "#ops")
        assert make(world, bob, "ops") is ops
        assert (world.chat.role(ann, ops), world.chat.role(bob, ops)) == (Role.OWNER, Role.GUEST)
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
        ops = make(world, ann, "#ops")
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
        ops = make(world, ann, "#ops")
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
        ops = make(world, world.enter("bob"), "#ops")
        coming = world.begin(world.chat.enter(ann, "#ops", world.at))
        world.chat.rooms.drop(ops)
        world.settle()
        assert isinstance(coming.refusal, NoRoom)
        assert make(world, ann, "#ops") is not ops

    def test_maker_who_is_gone_before_it_comes_in(self, world: World) -> None:
        """Nothing of it stays."""
        ann = world.enter("ann")
        making = world.begin(world.chat.enter(ann, "#ops", world.at))
        world.chat.people.depart(ann, world.at)
        world.settle()
        assert isinstance(making.refusal, NoRoom)
        assert [room.name for room in world.chat.rooms] == ["#lobby"]

    def test_not_more_rooms_than_that(self, world: World) -> None:
        """A session is in so many rooms at most."""
        ann = world.enter("ann")
        for number in range(ROOMS_MOST):
            world.chat.rooms.add(Room(f"r{number}", f"#room{number}"))
        for number in range(ROOMS_MOST - 1):
            make(world, ann, f"#room{number}")
        with pytest.raises(TooMany, match="leave one"):
            make(world, ann, f"#room{ROOMS_MOST - 1}")

    def test_topic_of_a_room_that_was_left(self) -> None:
        """It is remembered with the room."""
        world = World(remembered=Remembered("e1", (KnownRoom("r1", "#lobby", 4, "hello"),), ()))
        assert world.lobby.topic == "hello"

    def test_refused_topic_changes_nothing(self, world: World) -> None:
        """What is not stored is not so."""
        ann = world.enter("ann")
        ops = make(world, ann, "#ops")
        world.log.refusal = NotStored("not stored")
        with pytest.raises(NotStored):
            world.do(world.chat.set_topic(ann, ops, "x", world.at))
        assert ops.topic == ""
        world.do(world.chat.set_topic(ann, ops, "x", world.at))
        assert ops.topic == "x"


def test_events_of_rooms_are_told_apart() -> None:
    """Only a topic is kept; who comes and goes is not."""
    assert [kind.kept for kind in (TopicSet, Opened, Dropped, Joined, Left)] == [True, False, False, False, False]
