"""What of a room may be read: one number, whoever asks and however they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from twistedchat.chat.acts import Invited
from twistedchat.chat.attempts import Attempts
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import BadKey, NotAllowed, NotInRoom, SlowDown
from twistedchat.chat.events import Proposal

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


class OpenRoomTests:
    def test_everybody_reads_all(self, world: World, ops: Room) -> None:
        """An open room is read from its begin, by who is in it and by who is not."""
        bob = world.enter("bob")
        assert floor(world, bob, ops) == 0
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 0

    def test_invitation_takes_nothing_away(self, world: World, ann: Session, ops: Room) -> None:
        """Who is asked into an open room reads there what everybody does."""
        bob = world.enter("bob")
        world.do(world.chat.moderation.invite(ann, ops, bob.person, world.at))
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 0

    @pytest.mark.parametrize(
        ("server", "room", "reads"),
        [
            ("talk", "default", True),
            ("read", "default", True),
            ("none", "default", False),
            ("talk", "none", False),
            ("talk", "read", True),
            ("none", "read", True),
        ],
    )
    def test_guests(self, server: str, room: str, *, reads: bool) -> None:
        """Guests read what the room grants them, or where it grants nothing of its own, the server."""
        world = World(guests=server)
        gast = world.come("gast")
        world.lobby.settings = world.lobby.settings.changed("guests", room)
        assert (floor(world, gast, world.lobby) == 0) is reads
        if not reads:
            with pytest.raises(NotAllowed, match="A guest may not read here; a member may"):
                world.do(world.chat.read(gast, world.lobby, 0, 10, world.at))

    def test_guests_are_put_out_where_they_may_not_read(self, world: World, ann: Session, ops: Room) -> None:
        """Members stay."""
        gast, bob = world.enter("gast"), world.member("bob")
        world.room(gast, "#ops"), world.room(bob, "#ops")
        set_(world, ann, ops, "guests", "none")
        assert ops.people() == ["ann", "bob"]
        assert floor(world, gast, ops) is None
        assert floor(world, bob, ops) == 0

    def test_what_has_expired_is_nobodys(self, world: World, ann: Session, ops: Room) -> None:
        """What the room keeps no longer is not read, neither by its owner."""
        set_(world, ann, ops, "keep", "10s")
        world.at += 11 * SECOND
        say(world, ann, ops, "five")
        world.do(world.chat.retain(world.at))
        assert ops.expired == 4
        assert floor(world, ann, ops) == 4
        assert [each.seq for each in world.do(world.chat.read(ann, ops, 0, 10, world.at))] == [5]

    def test_what_is_not_kept_is_read_by_nobody_later(self, world: World, ann: Session, ops: Room) -> None:
        """Where nothing is kept, there is nothing to read, even before it is forgotten."""
        set_(world, ann, ops, "keep", "off")
        say(world, ann, ops, "gone with the wind")
        assert floor(world, ann, ops) == ops.head == 5
        assert world.do(world.chat.read(ann, ops, 0, 10, world.at)) == ()
        world.at += 1
        world.do(world.chat.retain(world.at))
        assert [each for each in world.log.entries if each.stream == ops.id] == []

    def test_kept_again(self, world: World, ann: Session, ops: Room) -> None:
        """What was said while nothing was kept stays unread when something is kept again."""
        for value in ("off", "forever"):
            set_(world, ann, ops, "keep", value)
            say(world, ann, ops, value)
        assert [getattr(each.event, "text", "") for each in world.do(world.chat.read(ann, ops, 0, 9, world.at))] == [
            "forever"
        ]

    def test_rooms_that_keep_all_are_not_pruned(self, world: World, ops: Room) -> None:
        """Nothing is forgotten where nobody has said so."""
        world.do(world.chat.retain(world.at))
        assert world.log.pruned == []
        assert ops.expired == 0


class PrivateRoomTests:
    def test_who_is_in_it_reads_on(self, world: World, ann: Session, ops: Room) -> None:
        """A room that becomes private takes nothing from those in it."""
        bob = world.enter("bob")
        world.room(bob, "#ops")
        set_(world, ann, ops, "join", "invite")
        assert (floor(world, ann, ops), floor(world, bob, ops)) == (0, 0)

    def test_who_is_not_in_it_reads_nothing(self, world: World, ann: Session, ops: Room) -> None:
        """Not what is said from then on, and not what was open before; neither does an admin."""
        set_(world, ann, ops, "join", "invite")
        for outside in (world.enter("bob"), world.member("cat"), world.admin("boss")):
            assert floor(world, outside, ops) is None
            with pytest.raises(NotInRoom, match="You may not read #ops; who is in it may"):
                world.do(world.chat.read(outside, ops, 0, 10, world.at))

    def test_invited_people_read_from_then_on(self, world: World, ann: Session, ops: Room) -> None:
        """Who is let in reads what is said after the invitation, once they are in."""
        set_(world, ann, ops, "join", "invite")
        bob = world.enter("bob")
        world.do(world.chat.moderation.invite(ann, ops, bob.person, world.at))
        say(world, ann, ops, "five")
        assert floor(world, bob, ops) is None
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 4
        say(world, ann, ops, "six")
        read = world.do(world.chat.read(bob, ops, 0, 10, world.at))
        assert [each.event.text for each in read if hasattr(each.event, "text")] == ["five", "six"]

    def test_key_lets_in_from_then_on(self, world: World, ann: Session, ops: Room) -> None:
        """Who comes with the key reads what is said from their coming."""
        set_(world, ann, ops, "key", "s3same")
        bob = world.enter("bob")
        with pytest.raises(BadKey, match=r"#ops wants the right key:  /join #ops KEY"):
            world.do(world.chat.join(bob, ops, world.at, "sesame"))
        world.do(world.chat.join(bob, ops, world.at, "s3same"))
        assert floor(world, bob, ops) == ops.head == 4

    def test_wrong_keys_are_counted(self, world: World, ann: Session, ops: Room) -> None:
        """After five one has to wait, with the right one, too, so that none is found; others need not wait."""
        set_(world, ann, ops, "key", "s3same")
        far = world.enter("far", address="203.0.113.7")
        for _ in range(5):
            with pytest.raises(BadKey):
                world.do(world.chat.join(far, ops, world.at, "wrong"))
        for key in ("wrong", "s3same"):
            with pytest.raises(SlowDown, match=r"Too many wrong keys\. Try again in 13 s\."):
                world.do(world.chat.join(far, ops, world.at, key))
        other = world.enter("other", address="203.0.113.8")
        world.do(world.chat.join(other, ops, world.at, "s3same"))
        assert ops.holds(other.person)
        world.at += 13 * SECOND
        world.do(world.chat.join(far, ops, world.at, "s3same"))
        assert ops.holds(far.person)

    def test_wrong_keys_of_others(self, world: World, ann: Session, ops: Room) -> None:
        """They keep nobody out who needs none, as the owner, and who was in the room before."""
        bob, far = world.member("bob"), world.enter("far")
        set_(world, ann, ops, "key", "s3same")
        world.do(world.chat.join(bob, ops, world.at, "s3same"))
        for session in (ann, bob):
            world.leave(session)
        world.chat.accounts.attempts = Attempts()  # as after a restart
        for _ in range(5):
            with pytest.raises(BadKey):
                world.do(world.chat.join(far, ops, world.at, "wrong"))
        for nick in ("ann", "bob"):
            again = world.again(nick)
            world.do(world.chat.join(again, ops, world.at, "s3same"))
            assert ops.holds(again.person)

    def test_right_keys_are_not_counted(self, world: World, ann: Session, ops: Room) -> None:
        """Any number of people come in from one address; so do those who need no key, whatever they type."""
        far = [world.enter(f"far{number}", address="203.0.113.7") for number in range(7)]
        for session in far:
            world.do(world.chat.join(session, world.room(ann, "#pub"), world.at, "some key"))
        set_(world, ann, ops, "key", "s3same")
        for session in far:
            world.do(world.chat.join(session, ops, world.at, "s3same"))
        assert all(ops.holds(session.person) for session in far)

    def test_invitation_only(self, world: World, ann: Session, ops: Room) -> None:
        """Nobody comes in by knowing of it."""
        set_(world, ann, ops, "join", "invite")
        with pytest.raises(BadKey, match="for those who are invited: ask an op"):
            world.do(world.chat.join(world.enter("bob"), ops, world.at, "s3same"))

    def test_who_leaves_is_no_longer_let_in(self, world: World, ann: Session, ops: Room) -> None:
        """Whoever goes needs another invitation; a lost line is no leaving."""
        bob, cat = world.enter("bob", secret="s1"), world.enter("cat")
        world.room(bob, "#ops"), world.room(cat, "#ops")
        set_(world, ann, ops, "join", "invite")
        world.leave(bob)
        world.do(world.chat.part(cat, ops, world.at))
        assert floor(world, cat, ops) is None
        with pytest.raises(BadKey):
            world.do(world.chat.join(cat, ops, world.at))
        again = world.enter("bob", bob.by, secret="s1")
        world.do(world.chat.join(again, ops, world.at))
        assert floor(world, again, ops) == 0

    def test_who_has_a_role_may_leave_and_come_back(self, world: World, ann: Session, ops: Room) -> None:
        """What they are in the room lets them in, and they read what they did; but not from outside."""
        set_(world, ann, ops, "join", "invite")
        world.do(world.chat.part(ann, ops, world.at))
        assert floor(world, ann, ops) is None
        world.do(world.chat.join(ann, ops, world.at))
        assert floor(world, ann, ops) == 0

    def test_role_that_is_given_lets_in(self, world: World, ann: Session, ops: Room) -> None:
        """Who is made op of a private room may come, and reads from then on."""
        set_(world, ann, ops, "join", "invite")
        bob = world.member("bob")
        world.do(world.chat.moderation.grant(ann, ops, bob.person, "op", world.at))
        say(world, ann, ops, "welcome")
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 5

    def test_role_holders_who_are_not_there_when_it_closes(self, world: World, ann: Session, ops: Room) -> None:
        """They read what they could before."""
        bob = world.member("bob")
        world.do(world.chat.moderation.grant(ann, ops, bob.person, "voice", world.at))
        set_(world, ann, ops, "join", "invite")
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 0

    def test_only_the_first_admission_counts(self, world: World, ann: Session, ops: Room) -> None:
        """To be invited again takes nothing away, and gives nothing more."""
        set_(world, ann, ops, "join", "invite")
        bob = world.enter("bob")
        world.do(world.chat.moderation.invite(ann, ops, bob.person, world.at))
        say(world, ann, ops, "five")
        world.do(world.chat.moderation.invite(ann, ops, bob.person, world.at))
        world.do(world.chat.join(bob, ops, world.at))
        assert floor(world, bob, ops) == 4

    def test_who_is_coming_while_it_closes(self, world: World, ann: Session, ops: Room) -> None:
        """They come too late, and are told so."""
        bob = world.enter("bob")
        world.begin(world.chat.moderation.set(ann, ops, "join", "invite", world.at))
        coming = world.begin(world.chat.join(bob, ops, world.at))
        world.settle()
        assert isinstance(coming.refusal, NotInRoom)
        assert ops.people() == ["ann"]
        assert bob.active is world.lobby


class PutOutTests:
    def test_kicked_from_a_private_room(self, world: World, ann: Session, ops: Room) -> None:
        """Who is put out reads nothing more, and does not come back in."""
        bob = world.enter("bob")
        world.room(bob, "#ops")
        set_(world, ann, ops, "join", "invite")
        world.do(world.chat.moderation.kick(ann, ops, bob.person, world.at, "spam"))
        assert floor(world, bob, ops) is None
        with pytest.raises(BadKey):
            world.do(world.chat.join(bob, ops, world.at))

    def test_banned_from_an_open_room(self, world: World, ann: Session, ops: Room) -> None:
        """Who is kept out reads nothing either, until that ends."""
        bob = world.enter("bob")
        world.do(world.chat.moderation.ban(ann, ops, bob.person, world.at, world.at + SECOND, ""))
        assert floor(world, bob, ops) is None
        with pytest.raises(NotInRoom):
            world.do(world.chat.read(bob, ops, 0, 10, world.at))
        world.at += SECOND
        assert floor(world, bob, ops) == 0

    def test_invitation_that_comes_too_late(self, world: World, ops: Room) -> None:
        """An invitation into a room that is gone is nobody's news."""
        bob = world.enter("bob")
        world.chat.rooms.drop(ops)
        world.log.append(Proposal(Invited("ann", "bob", bob.by), ops.id, "@x", world.at))
        world.settle()
        assert [news.direct for news in world.ear.news] == [[]]
