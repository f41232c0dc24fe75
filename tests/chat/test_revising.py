"""Messages are said better, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.archive import REVISED_MS
from twistedchat.chat.errors import BadText, Muted, NotAllowed, NotFound, NotInRoom
from twistedchat.chat.events import Deleted, Edited, Emoted, Removed, Said
from twistedchat.chat.sanctions import Sanction

if TYPE_CHECKING:
    from tests.chat.world import World
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def ops(world: World, ann: Session) -> Room:
    return world.room(ann, "#ops")


def say(world: World, session: Session, room: Room, text: str = "hello") -> int:
    world.chat.say(session, room, text, world.at)
    world.settle()
    return room.head


def edit(world: World, session: Session, room: Room, text: str, seq: int = 0) -> None:
    archive = world.chat.archive
    found = world.do(archive.own(session, room, seq, world.at))
    world.do(archive.edit(session, room, found, text, world.at))


def delete(world: World, session: Session, room: Room, whose: Session | None = None, seq: int = 0) -> None:
    whose = whose or session
    world.do(world.chat.archive.delete(session, room, seq, whose.person, world.at))


class EditingTests:
    def test_last_message(self, world: World, ann: Session, ops: Room) -> None:
        """One's own last, whoever has said something since; the room hears which one."""
        bob = world.enter("bob")
        world.room(bob, "#ops")
        say(world, ann, ops, "one")
        say(world, ann, ops, "tow")
        say(world, bob, ops, "three?")
        world.ear.news.clear()
        edit(world, ann, ops, "two")
        assert world.ear.heard(ops) == [Edited("ann", 2, "two")]

    def test_slow_mode_lets_it_through(self, world: World, ann: Session, ops: Room) -> None:
        """A slip can be mended at once, and does not make one wait for longer."""
        bob = world.member("bob")
        world.room(bob, "#ops")
        world.do(world.chat.moderation.set(ann, ops, "slow", "10s", world.at))
        say(world, bob, ops, "tow")
        edit(world, bob, ops, "two")
        world.at += 10_000
        say(world, bob, ops, "three")
        assert [entry.event for entry in world.log.entries][-3:] == [
            Said("bob", "tow"),
            Edited("bob", 2, "two"),
            Said("bob", "three"),
        ]

    def test_what_one_did(self, world: World, ann: Session, ops: Room) -> None:
        """It can be said better, too."""
        world.chat.emote(ann, ops, "waevs", world.at)
        world.settle()
        edit(world, ann, ops, "waves")
        assert [each.event for each in world.log.entries] == [Emoted("ann", "waevs"), Edited("ann", 1, "waves")]

    def test_by_its_number(self, world: World, ann: Session, ops: Room) -> None:
        """If it is one's own, and there."""
        bob = world.enter("bob")
        world.room(bob, "#ops")
        first, theirs = say(world, ann, ops, "one"), say(world, bob, ops)
        say(world, ann, ops)
        edit(world, ann, ops, "1", first)
        with pytest.raises(NotAllowed, match="That is not yours"):
            edit(world, ann, ops, "x", theirs)
        for seq in (4, 99):
            with pytest.raises(NotFound, match="no such message among the last of #ops"):
                edit(world, ann, ops, "x", seq)

    def test_as_it_was_edited_last(self, world: World, ann: Session, ops: Room) -> None:
        """What a message says is what its last edit says."""
        say(world, ann, ops, "one")
        archive = world.chat.archive
        found = world.do(archive.own(ann, ops, 0, world.at))
        assert world.do(archive.text_of(ann, ops, found, world.at)) == "one"
        edit(world, ann, ops, "two")
        edit(world, ann, ops, "three")
        assert world.do(archive.text_of(ann, ops, found, world.at)) == "three"

    def test_for_a_day(self, world: World, ann: Session, ops: Room) -> None:
        """Then it stays as it is, and is not taken back either."""
        say(world, ann, ops)
        world.at += REVISED_MS
        edit(world, ann, ops, "better")
        world.at += 1
        with pytest.raises(NotAllowed, match="more than a day ago; it stays as it is"):
            edit(world, ann, ops, "best")
        with pytest.raises(NotAllowed, match="more than a day ago"):
            delete(world, ann, ops)
        with pytest.raises(NotAllowed, match="more than a day ago"):
            delete(world, ann, ops, seq=1)

    def test_nothing_to_edit(self, world: World, ann: Session, ops: Room) -> None:
        """Who has said nothing there has nothing to say better."""
        with pytest.raises(NotFound):
            edit(world, ann, ops, "x")

    def test_who_may_not_talk_may_not_edit(self, world: World, ann: Session, ops: Room) -> None:
        """An edit says something, too; and what says nothing is no edit."""
        bob = world.member("bob")
        world.room(bob, "#ops")
        say(world, bob, ops)
        with pytest.raises(BadText):
            edit(world, bob, ops, " ")
        ops.mutes.add(Sanction("bob", (bob.by,), "ann", 0))
        with pytest.raises(Muted):
            edit(world, bob, ops, "x")
        world.do(world.chat.moderation.ban(ann, ops, bob.person, world.at, 0, ""))
        with pytest.raises(NotInRoom):
            edit(world, bob, ops, "x")


class DeletingTests:
    def test_own(self, world: World, ann: Session, ops: Room) -> None:
        """The last, or that of a number; nobody reads it any more, nor what it was edited to."""
        say(world, ann, ops, "one")
        say(world, ann, ops, "two")
        edit(world, ann, ops, "2")
        delete(world, ann, ops)
        delete(world, ann, ops, seq=1)
        assert world.ear.heard(ops)[-2:] == [Deleted("ann", 2, "ann"), Deleted("ann", 1, "ann")]
        kept = [each.event for each in world.do(world.chat.read(ann, ops, 0, 10, world.at))]
        assert kept[:3] == [Removed("ann"), Removed("ann"), Removed("ann", edit=True)]
        with pytest.raises(NotFound):
            delete(world, ann, ops)

    def test_others(self, world: World, ann: Session, ops: Room) -> None:
        """Who keeps order takes back anybody's, however old, by name or by number; members do not."""
        bob, gast = world.member("bob"), world.enter("gast")
        for each in (bob, gast):
            world.room(each, "#ops")
        first, last = say(world, gast, ops, "spam"), say(world, gast, ops, "more spam")
        for seq in (0, first):
            with pytest.raises(NotAllowed, match="A member may not keep order here; an op may"):
                delete(world, bob, ops, gast, seq)
        world.at += 2 * REVISED_MS
        world.leave(gast)
        delete(world, ann, ops, gast)
        delete(world, ann, ops, seq=first)
        assert [each.event for each in world.log.entries if isinstance(each.event, Deleted)] == [
            Deleted("ann", last, "gast"),
            Deleted("ann", first, "gast"),
        ]
        assert [type(each.event) for each in world.log.acts][-2:] == [Deleted, Deleted]

    def test_not_of_equals_or_betters(self, world: World, ann: Session, ops: Room) -> None:
        """An op takes back what a member said, not what another op or the owner did."""
        bob, cat = world.member("bob"), world.member("cat")
        for each in (bob, cat):
            world.room(each, "#ops")
            world.do(world.chat.moderation.grant(ann, ops, each.person, "op", world.at))
            say(world, each, ops)
        say(world, ann, ops)
        for whose in (ann, cat):
            with pytest.raises(NotAllowed, match="equals or betters"):
                delete(world, bob, ops, whose)
        delete(world, bob, ops, bob)
        delete(world, ann, ops, cat)

    def test_guest_who_owns_the_room(self, world: World) -> None:
        """Their words are not a member's to take back, also when they have gone."""
        gast, bob, boss = world.enter("gast"), world.member("bob"), world.admin("boss")
        ops = world.room(gast, "#tmp", bob)
        seq = say(world, gast, ops)
        world.do(world.chat.moderation.grant(boss, ops, bob.person, "op", world.at))
        world.leave(gast)
        with pytest.raises(NotAllowed, match="gast is an owner; nobody acts"):
            delete(world, bob, ops, seq=seq)

    def test_only_what_was_said(self, world: World, ann: Session, ops: Room) -> None:
        """A topic, or a kick, is no message."""
        world.do(world.chat.set_topic(ann, ops, "beer", world.at))
        with pytest.raises(NotFound):
            delete(world, ann, ops, seq=1)
        assert say(world, ann, ops) == 2
        delete(world, ann, ops, seq=2)
        assert world.ear.heard(ops)[-2:] == [Said("ann", "hello"), Deleted("ann", 2, "ann")]
