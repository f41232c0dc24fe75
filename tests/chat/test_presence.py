"""One person may be here by several connections, and is one person all the same."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from twistedchat.chat.accounts import is_account
from twistedchat.chat.acts import LoggedIn
from twistedchat.chat.claim import claim_hash
from twistedchat.chat.errors import NickOwned, NickTaken, NotStored
from twistedchat.chat.events import Arrived, Departed, Entry, Joined, Left, Renamed
from twistedchat.chat.log import KnownAccount, KnownGuest, Remembered
from twistedchat.chat.prefs import Prefs
from twistedchat.chat.roles import Role
from twistedchat.chat.sanctions import Sanction


def placed(world: World, event_type: type) -> list[object]:
    entries = [entry for news in world.ear.news for _, entry in news.settled if isinstance(entry, Entry)]
    return [entry.event for entry in entries if type(entry.event) is event_type]


class SeveralConnectionsTests:
    def test_one_name_one_person(self, world: World) -> None:
        """A second connection of an account is nobody new."""
        ann = world.member("ann")
        phone = world.chat.people.visitor(ann.by)
        world.do(world.chat.people.arrive(phone, "whatever", world.at))
        world.do(world.chat.join(phone, world.lobby, world.at))
        assert world.heard() == []
        assert phone.person is ann.person
        assert (phone.nick, world.lobby.people(), list(world.chat.people.persons)) == ("ann", ["ann"], [ann.by])

    def test_first_in_and_last_out_are_told(self, world: World) -> None:
        """Who is in a room by two connections comes once and leaves once."""
        ann = world.member("ann")
        phone, bob = world.again("ann"), world.member("bob")
        ops = world.room(bob, "#ops")
        for each in (ann, phone):
            world.do(world.chat.join(each, ops, world.at))
        for each in (ann, phone):
            world.do(world.chat.part(each, ops, world.at))
        assert world.ear.heard(ops) == [Joined("ann", ann.id), Left("ann", phone.id)]
        world.leave(phone)
        world.leave(ann)
        assert world.heard() == [Departed("ann", ann.id, ann.by, seen=0, heard={world.lobby.id: 0})]

    def test_who_stays_is_said(self, world: World) -> None:
        """The log is told whether the person is still there by another connection."""
        ann = world.member("ann")
        phone = world.again("ann")
        ops = world.room(ann, "#ops", phone)
        for each in (ann, phone):
            world.do(world.chat.part(each, ops, world.at))
        assert placed(world, Left) == [Left("ann", ann.id, stays=True), Left("ann", phone.id)]

    def test_private_room_is_not_left_by_one_of_two(self, world: World) -> None:
        """Nothing is forgotten while the person is still in it."""
        ann, bob = world.member("ann"), world.member("bob")
        phone = world.again("bob")
        ops = world.room(ann, "#ops", bob, phone)
        world.do(world.chat.moderation.set(ann, ops, "join", "invite", world.at))
        world.do(world.chat.part(bob, ops, world.at))
        assert world.chat.access.floor(phone, ops, world.at) == 0
        world.do(world.chat.part(phone, ops, world.at))
        assert bob.by not in ops.admitted

    def test_both_leave_at_once(self, world: World) -> None:
        """Where each left the other behind, the log is told that nobody stays after all."""
        bob, ann = world.member("bob"), world.member("ann")
        phone = world.again("ann")
        ops = world.room(bob, "#ops", ann, phone)
        world.do(world.chat.moderation.set(bob, ops, "join", "invite", world.at))
        world.ear.news.clear()
        for each in (ann, phone):
            world.begin(world.chat.part(each, ops, world.at))
        world.settle()
        assert ann.by not in ops.admitted
        assert placed(world, Left)[2:] == [Left("", "")]
        assert world.ear.heard(ops) == [Left("ann", phone.id, stays=True)]

    def test_leaving_twice_at_once_is_told_once(self, world: World) -> None:
        """However often somebody says that they leave a room."""
        ann, bob = world.enter("ann"), world.enter("bob")
        ops = world.room(bob, "#ops", ann)
        leaving = [world.begin(world.chat.part(ann, ops, world.at)) for _ in range(2)]
        world.settle()
        assert [each.result() for each in leaving] == [None, None]
        assert world.ear.heard(ops) == [Left("ann", ann.id)]

    def test_written_to_by_all(self, world: World) -> None:
        """Who is written to gets it by each of their connections."""
        ann, bob = world.member("ann"), world.member("bob")
        phone = world.again("bob")
        world.chat.direct(ann, bob.person, "psst", world.at)
        world.settle()
        [(_, people)] = world.ear.news[-1].direct
        assert set(people) == {ann, bob, phone}

    def test_new_name_of_all(self, world: World) -> None:
        """Each room that any of them is in hears it once."""
        ann = world.member("ann")
        phone, bob = world.again("ann"), world.member("bob")
        ops = world.room(bob, "#ops", phone)
        world.do(world.chat.people.rename(ann, "anna", world.at))
        assert set(world.ear.news[-1].rooms) == {world.lobby, ops}
        assert phone.nick == "anna"
        assert world.heard() == [Renamed("ann", ann.id, "anna")]

    def test_coming_while_renamed(self, world: World) -> None:
        """Who comes by another connection while their account is renamed has the new name."""
        ann = world.member("ann")
        phone = world.chat.people.visitor(ann.by)
        world.begin(world.chat.people.rename(ann, "anna", world.at))
        world.begin(world.chat.people.arrive(phone, "", world.at))
        world.settle()
        assert (ann.nick, phone.nick, ann.person.nick) == ("anna", "anna", "anna")

    def test_away_everywhere(self, world: World) -> None:
        """Who is away is so by all connections, and when they come again."""
        ann = world.member("ann")
        phone = world.again("ann")
        world.do(world.chat.people.set_away(ann, "lunch", world.at))
        assert world.lobby.marked() == ["ann (away)"]
        world.leave(ann)
        world.leave(phone)
        again = world.again("ann")
        assert (again.person.away, again.person.prefs) == ("lunch", Prefs(away="lunch"))


class OwnedNameTests:
    def test_name_of_a_member(self, world: World) -> None:
        """Who comes under it is asked for its password, whether its owner is here or not."""
        ann = world.member("ann")
        for _ in range(2):
            with pytest.raises(NickOwned, match="ann is a member's name"):
                world.enter("ANN")
            with pytest.raises(NickOwned):
                world.do(world.chat.people.rename(world.enter("bob"), "ann", world.at))
            world.chat.people.depart(ann, world.at)
            world.leave(world.chat.people.named("bob").sessions[-1])

    def test_name_that_waits_for_a_guest(self, world: World) -> None:
        """It is nobody's password that opens it."""
        world.leave(world.enter("gast", secret="s1"))
        with pytest.raises(NickTaken, match="away for a moment"):
            world.enter("gast")

    def test_own_name_is_not_held_against_one(self, world: World) -> None:
        """The owner comes, goes and comes under it."""
        ann = world.member("ann")
        world.leave(ann)
        assert world.again("ann").nick == "ann"

    def test_arrival_that_the_log_refuses(self, world: World) -> None:
        """The account keeps its name."""
        ann = world.member("ann")
        world.leave(ann)
        world.log.refusal = NotStored("not stored")
        phone = world.chat.people.visitor(ann.by)
        with pytest.raises(NotStored):
            world.do(world.chat.people.arrive(phone, "", world.at))
        assert world.chat.people.sessions == {}
        with pytest.raises(NickOwned):
            world.enter("ann")

    def test_accounts_are_remembered(self) -> None:
        """After a restart they are who they were; a guest's name that is theirs now is not held."""
        known = KnownAccount("@a", "ann", 7, admin=True, seen=5, prefs=Prefs(echo=True, away="lunch"))
        world = World(remembered=Remembered("e1", (), (KnownGuest("g1", "Ann", 10**13),), (known,), last_id=9))
        assert world.chat.people.seen == 9
        ann = world.enter("x", "@a")
        assert (ann.nick, ann.person.admin, ann.person.prefs.echo, ann.person.away) == ("ann", True, True, "lunch")
        assert is_account(ann.by)
        assert world.chat.people.named("ann").made == 7


class ComingBackTests:
    def test_same_secret_ends_the_earlier_visit(self, world: World) -> None:
        """Of one secret there is one visit; the account's other ones stay."""
        laptop = world.member("ann", secret="s1")
        phone = world.again("ann", secret="s2")
        again = world.again("ann", secret="s1")
        assert world.ear.dismissed == [laptop]
        assert world.ear.goodbyes == [("replaced", "You have come in by another connection.")]
        assert set(again.person.sessions) == {phone, again}
        assert world.lobby.people() == ["ann"]

    def test_secret_goes_where_the_account_goes(self, world: World) -> None:
        """After logging in the secret that a guest came with is the account's."""
        ann = world.member("ann", secret="s1")
        world.do(world.chat.people.arrive(world.chat.people.visitor(ann.by, secret_hash="s1"), "", world.at))
        assert world.ear.dismissed == [ann]

    def test_last_seen_is_remembered(self, world: World) -> None:
        """When the last connection goes, and not before; nothing is news to them that they were told of."""
        ann, bob = world.member("ann"), world.enter("bob")
        phone = world.again("ann")
        account = world.chat.people.accounts[ann.by]
        world.chat.say(bob, world.lobby, "one", world.at)
        world.settle()
        world.leave(phone)
        assert account.seen == 0
        world.chat.say(bob, world.lobby, "two", world.at)
        world.settle()
        world.leave(ann)
        assert account.seen == world.chat.people.seen == 2


class LoggingInTests:
    def test_guests_room_is_the_members(self, world: World) -> None:
        """What a guest has made is theirs as a member, and stays when it is empty."""
        ann = world.enter("ann")
        ops = world.room(ann, "#ops")
        assert (ops.temporary, ops.roles) == (True, {ann.by: Role.OWNER})
        world.do(world.chat.accounts.register(ann, "ann-secret", world.at))
        assert (ops.temporary, ops.roles) == (False, {ann.by: Role.OWNER})
        world.do(world.chat.part(ann, ops, world.at))
        world.leave(ann)
        assert world.chat.rooms.find("#ops") is ops

    def test_guests_rooms_stay_too_if_the_member_is_gone(self, world: World) -> None:
        """The room is the account's, even where the visit has ended meanwhile."""
        world.leave(world.member("ann"))
        gast = world.enter("gast")
        ops = world.room(gast, "#ops")
        work = world.begin(world.chat.accounts.login(gast, "ann", "ann-secret", world.at))
        world.chat.people.depart(gast, world.at)
        world.settle()
        assert work.done
        assert world.chat.rooms.find("#ops") is ops
        assert ops.roles == {world.chat.people.named("ann").id: Role.OWNER}

    def test_login_that_comes_after_the_departure(self, world: World) -> None:
        """It changes what it means for rooms, and brings nobody back."""
        world.leave(world.member("ann"))
        gast = world.enter("gast")
        ops = world.room(gast, "#ops")
        world.chat.people.depart(gast, world.at)
        world.begin(world.chat.accounts.login(gast, "ann", "ann-secret", world.at))
        world.settle()
        assert (world.chat.people.sessions, ops.temporary) == ({}, False)

    def test_who_was_let_in_stays_so(self, world: World) -> None:
        """A guest in a private room is in it as a member as well, and reads what they did."""
        ann, gast = world.member("ann"), world.enter("gast")
        ops = world.room(ann, "#ops")
        world.do(world.chat.moderation.set(ann, ops, "join", "invite", world.at))
        world.do(world.chat.moderation.invite(ann, ops, gast.person, world.at))
        world.do(world.chat.join(gast, ops, world.at))
        guest = gast.by
        world.do(world.chat.accounts.register(gast, "gast-secret", world.at))
        assert guest not in ops.admitted
        assert ops.admitted[gast.by] == 1
        assert ops.people() == ["ann", "gast"]

    def test_banned_account(self, world: World) -> None:
        """Who turns out to be banned from a room is put out of it, and from the server of that."""
        ann, bob = world.member("ann"), world.member("bob")
        ops = world.room(ann, "#ops")
        ops.bans.add(Sanction("bob", (bob.by,), "ann", world.at))
        world.leave(bob)
        gast = world.enter("gast")
        world.do(world.chat.join(gast, ops, world.at))
        world.ear.news.clear()
        world.do(world.chat.accounts.login(gast, "bob", "bob-secret", world.at))
        assert ops.people() == ["ann"]
        assert world.ear.news[-1].out == {ops: {gast: 1}}
        assert world.ear.dismissed == []
        world.chat.access.bans.add(Sanction("bob", (bob.by,), "ann", world.at, why="spam"))
        world.do(world.chat.accounts.logout(gast, world.at))
        world.do(world.chat.accounts.login(gast, "bob", "bob-secret", world.at))
        assert world.ear.goodbyes == [("banned", "You are banned from this server: spam.")]

    def test_preferences_are_the_accounts(self, world: World) -> None:
        """The door learns how they want to be told things now, and when they are a guest again."""
        ann = world.member("ann")
        prefs = Prefs(time=True)
        ann.person.account.prefs = ann.person.prefs = prefs  # type: ignore[union-attr]
        world.leave(ann)
        gast = world.enter("gast")
        world.do(world.chat.accounts.login(gast, "ann", "ann-secret", world.at))
        world.do(world.chat.accounts.logout(gast, world.at))
        assert world.ear.preferred[-2:] == [(gast, prefs), (gast, Prefs())]


def test_arrivals_and_logins_say_whose_they_are(world: World) -> None:
    """The log learns which person a session is, and where it comes from it learns the secret's hash only."""
    ann = world.chat.people.visitor(secret_hash="s1")
    world.do(world.chat.people.arrive(ann, "ann", world.at))
    assert placed(world, Arrived) == [Arrived("ann", ann.id, ann.by, "s1")]
    guest = ann.by
    world.do(world.chat.accounts.register(ann, "ann-secret", world.at))
    assert placed(world, LoggedIn) == [LoggedIn("ann", ann.id, guest, ann.by, "ann", "s1")]


class AdminTests:
    def test_a_guest_who_is_admin_logs_in(self, world: World) -> None:
        """They bring it along, and every connection of the account has it."""
        ann = world.member("ann")
        eve = world.enter("eve")
        world.do(world.chat.accounts.claim(eve, claim_hash("a code"), world.at))
        world.do(world.chat.accounts.login(eve, "ann", "ann-secret", world.at))
        assert (eve.person is ann.person, ann.person.admin, world.chat.people.accounts[ann.by].admin) == (True,) * 3
