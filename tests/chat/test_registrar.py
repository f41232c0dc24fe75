"""Accounts are made, entered, left, and kept safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from twistedchat.chat.acts import LoggedIn, LoggedOut
from twistedchat.chat.errors import BadLogin, BadText, NickTaken, NotAllowed, NotStored, SlowDown
from twistedchat.chat.events import Joined, Renamed
from twistedchat.chat.registrar import WRONG

if TYPE_CHECKING:
    from twistedchat.chat.session import Session

GOOD = "correct-horse"


def register(world: World, session: Session, password: str = GOOD) -> None:
    world.do(world.chat.accounts.register(session, password, world.at))


def login(world: World, session: Session, nick: str, password: str) -> None:
    world.do(world.chat.accounts.login(session, nick, password, world.at))


class RegisteringTests:
    def test_nickname_becomes_an_accounts(self, world: World) -> None:
        """Who registers is who they were, and a member now; the room has nothing to hear."""
        ann = world.enter("ann", secret="s1")
        guest = ann.by
        register(world, ann)
        assert ann.by.startswith("@")
        assert (ann.nick, ann.person.nick, ann.person.made) == ("ann", "ann", world.at)
        assert world.chat.people.named("ANN") is ann.person
        assert guest not in world.chat.people.persons
        assert world.names() == {"nick:ann": ann.by}
        assert world.log.secrets == {"s1": ann.by}
        assert world.heard() == []

    def test_name_stays_theirs_when_they_go(self, world: World) -> None:
        """Nobody else comes under it, nor is renamed to it, and it can be written to."""
        ann = world.member("ann")
        world.leave(ann)
        world.at += 10**9
        world.chat.tick(world.at)
        with pytest.raises(NickTaken):
            world.enter("Аnn")  # noqa: RUF001 - a Cyrillic letter
        with pytest.raises(NickTaken):
            world.do(world.chat.people.rename(world.enter("bob"), "αnn", world.at))  # noqa: RUF001 - a Greek one
        offline = world.chat.people.named("ann")
        assert (offline.id, offline.sessions) == (ann.by, ())
        assert world.chat.people.person(ann.by) is not None
        assert world.chat.people.person("nobody") is None

    @pytest.mark.parametrize(
        ("password", "why"),
        [
            ("short", "has 8 to 128 characters, and no spaces"),
            ("x" * 129, "has 8 to 128"),
            ("with space", "no spaces"),
            ("bell\x07bell", "characters"),
            ("annabelle", "Your nickname is no password"),
            ("ANNABELLE", "Your nickname is no password"),
        ],
    )
    def test_bad_passwords(self, world: World, password: str, why: str) -> None:
        """What is too easy, or cannot be typed again, is no password."""
        ann = world.enter("annabelle")
        with pytest.raises(BadText, match=why):
            register(world, ann, password)
        assert world.chat.people.accounts == {}

    def test_once_only(self, world: World) -> None:
        """Who has an account does not get another."""
        with pytest.raises(NotAllowed, match="You are logged in as ann already"):
            register(world, world.member("ann"))

    def test_closed_server(self) -> None:
        """Where nobody may register, nobody does."""
        world = World(register=False)
        with pytest.raises(NotAllowed, match="takes no new members"):
            register(world, world.enter("ann"))

    def test_too_many_at_once(self, world: World) -> None:
        """Who has to wait is told so, and nothing has changed."""
        ann = world.enter("ann")
        world.passwords.busy = SlowDown("busy")
        with pytest.raises(SlowDown):
            register(world, ann)
        assert ann.person.account is None

    def test_another_name_meanwhile(self, world: World) -> None:
        """Who is called otherwise by the time the password is hashed has registered nothing."""
        ann = world.enter("ann")
        world.passwords.meanwhile = lambda: setattr(ann, "nick", "anna")
        with pytest.raises(NickTaken, match="changed meanwhile"):
            register(world, ann)
        assert world.chat.people.accounts == {}

    def test_one_of_two_connections_that_are_elsewhere(self, world: World) -> None:
        """Where the account is by that connection only, it is the guest's now; it is told there, and only once."""
        ann = world.member("ann")
        phone = world.again("ann")
        ops = world.room(phone, "#ops")
        world.do(world.chat.accounts.logout(phone, world.at))
        [news] = world.ear.news
        assert [type(entry.event) for _, entry in news.rooms[ops]] == [LoggedOut]
        assert [type(entry.event) for _, entry in news.rooms[world.lobby]] == [Joined]
        assert news.direct == []
        assert ann.nick == "ann"

    def test_log_that_refuses(self, world: World) -> None:
        """What is not stored is not so."""
        ann = world.enter("ann")
        world.log.refusal = NotStored("not stored")
        with pytest.raises(NotStored):
            register(world, ann)
        assert (ann.person.account, world.chat.people.accounts) == (None, {})
        register(world, ann)

    def test_who_hangs_up_meanwhile(self, world: World) -> None:
        """The account is there, and its owner finds it; the visit is over."""
        ann = world.enter("ann")
        world.begin(world.chat.accounts.register(ann, GOOD, world.at))
        world.chat.people.depart(ann, world.at)
        world.settle()
        assert world.chat.people.sessions == {}
        again = world.enter("bob")
        login(world, again, "ann", GOOD)
        assert (again.nick, world.lobby.people()) == ("ann", ["ann"])


class LoggingInTests:
    def test_guest_becomes_the_owner(self, world: World) -> None:
        """The room hears who they are now, the guest's name is free, and the secret is the account's."""
        world.leave(world.member("ann"))
        gast = world.enter("gast", secret="s1")
        guest = gast.by
        login(world, gast, "ANN", "ann-secret")
        account = world.chat.people.named("ann").id
        assert world.heard() == [LoggedIn("gast", gast.id, guest, account, "ann", "s1")]
        assert (gast.nick, gast.by) == ("ann", account)
        assert world.log.secrets == {"s1": account}
        assert world.lobby.people() == ["ann"]
        assert world.enter("gast").by != guest

    def test_wrong_password_and_unknown_name_sound_the_same(self, world: World) -> None:
        """Nobody learns which names there are; also a guest's name is nobody's account."""
        world.leave(world.member("ann"))
        gast = world.enter("gast")
        looked: list[str] = []
        world.passwords.meanwhile = lambda: looked.append("up")
        for nick, password in [("ann", "wrong-one"), ("nobody", "ann-secret"), ("gast", "ann-secret"), ("", "")]:
            with pytest.raises(BadLogin) as refused:
                login(world, gast, nick, password)
            assert refused.value.text == WRONG
        assert looked == ["up"] * 4
        assert gast.person.account is None

    def test_who_tries_too_often(self, world: World) -> None:
        """They are told to wait, whatever the name, and the right password does not help before."""
        world.leave(world.member("ann"))
        for name in ("ann", "nobody"):
            gast = world.enter(f"gast-{name}", address=f"203.0.113.{len(name)}")
            for _ in range(5):
                with pytest.raises(BadLogin):
                    login(world, gast, name, "wrong-one")
            with pytest.raises(SlowDown, match=r"Too many wrong passwords. Try again in 13 s."):
                login(world, gast, name, "ann-secret")
        world.at += 13_000
        login(world, gast, "ann", "ann-secret")

    def test_owner_gets_in_while_others_guess(self, world: World) -> None:
        """From where they came before."""
        ann = world.member("ann", address="198.51.100.1")
        login(world, ann, "ann", "ann-secret")
        world.leave(ann)
        for number in range(7):
            with pytest.raises((BadLogin, SlowDown)):
                login(world, world.enter(f"gast{number}", address=f"203.0.113.{number}"), "ann", "wrong-one")
        login(world, world.enter("gast", address="198.51.100.1"), "ann", "ann-secret")

    def test_logged_in_already(self, world: World) -> None:
        """To log in again changes nothing."""
        ann = world.member("ann")
        login(world, ann, "ann", "ann-secret")
        assert world.heard() == []

    def test_from_one_account_to_another(self, world: World) -> None:
        """One is a guest in between, and the first account has nobody there."""
        world.leave(world.member("bob"))
        ann = world.member("ann")
        login(world, ann, "bob", "bob-secret")
        assert [type(event) for event in world.heard()] == [LoggedOut, LoggedIn]
        assert (ann.nick, world.lobby.people()) == ("bob", ["bob"])
        assert world.chat.people.named("ann").sessions == ()
        assert world.names().keys() == {"nick:ann", "nick:bob"}

    @pytest.mark.parametrize("what", ["register", "login", "password"])
    def test_line_that_others_can_read(self, world: World, what: str) -> None:
        """No password is taken there, nor looked at."""
        ann = world.member("ann") if what == "password" else world.enter("gast")
        ann.confidential = False
        accounts = world.chat.accounts
        work = {
            "register": accounts.register(ann, GOOD, world.at),
            "login": accounts.login(ann, "ann", "ann-secret", world.at),
            "password": accounts.change_password(ann, "ann-secret", GOOD, world.at),
        }
        world.passwords.busy = SlowDown("not asked")
        with pytest.raises(NotAllowed, match=r"can be read on the way. Use TLS"):
            world.do(work.pop(what))
        for rest in work.values():
            rest.close()


class LoggingOutTests:
    def test_guest_again(self, world: World) -> None:
        """They have another name, and nothing to come back with; the account's name stays its own."""
        ann = world.member("ann", secret="s1")
        account = ann.by
        world.do(world.chat.accounts.logout(ann, world.at))
        assert world.heard() == [LoggedOut("ann", ann.id, ann.by, "ann2", "s1")]
        assert (ann.nick, ann.person.account, ann.returns) == ("ann2", None, False)
        assert world.log.secrets == {}
        assert world.chat.people.by_secret == {}
        assert world.names() == {"nick:ann": account, "nick:ann2": ann.by}
        assert world.lobby.people() == ["ann2"]
        world.leave(ann)
        assert world.names() == {"nick:ann": account}
        world.enter("ann2")

    def test_one_of_two_connections(self, world: World) -> None:
        """The other stays the owner's; the account is still in the room."""
        ann = world.member("ann", secret="s1")
        phone = world.again("ann", secret="s2")
        world.do(world.chat.accounts.logout(phone, world.at))
        [((_, entry), people)] = world.ear.news[-1].direct
        assert (entry.event, people) == (LoggedOut("ann", phone.id, phone.by, "ann2", "s2"), [phone])
        [((_, entry), *_)] = world.ear.news[-1].rooms.values()
        assert (entry.event, entry.by) == (Joined("ann2", phone.id), phone.by)
        assert world.lobby.people() == ["ann", "ann2"]
        assert (ann.nick, phone.nick) == ("ann", "ann2")
        assert world.log.secrets == {"s1": ann.by}
        assert list(world.chat.people.by_secret) == ["s1"]

    def test_log_that_refuses(self, world: World) -> None:
        """They are who they were, and the other name is free."""
        ann = world.member("ann")
        world.log.refusal = NotStored("not stored")
        with pytest.raises(NotStored):
            world.do(world.chat.accounts.logout(ann, world.at))
        assert ann.nick == "ann"
        world.enter("ann2")

    def test_what_was_the_accounts_stays_its(self, world: World) -> None:
        """In a private room of their own they are nobody now, and out of it."""
        ann = world.member("ann")
        ops = world.room(ann, "#ops")
        world.do(world.chat.moderation.set(ann, ops, "join", "invite", world.at))
        world.do(world.chat.accounts.logout(ann, world.at))
        assert (ops.people(), ann.active) == ([], world.lobby)
        [event] = [event for event in world.ear.heard(ops) if isinstance(event, LoggedOut)]
        assert event.to == "ann2"
        assert world.chat.rooms.find("#ops") is ops


def test_renaming_renames_the_account(world: World) -> None:
    """A member has one name: the account's; the old one is free for others then."""
    ann, phone = world.member("ann"), world.again("ann")
    world.do(world.chat.people.rename(phone, "anna", world.at))
    assert world.heard() == [Renamed("ann", phone.id, "anna")]
    assert (ann.nick, phone.nick, world.chat.people.accounts[ann.by].name) == ("anna", "anna", "anna")
    assert world.names() == {"nick:anna": ann.by}
    world.leave(ann)
    world.leave(phone)
    assert world.again("anna").nick == "anna"
    assert world.enter("ann").person.account is None


def test_many_accounts_from_one_address(world: World) -> None:
    """They are refused in time, and told for how long."""
    for number in range(5):
        world.member(f"troll{number}", address="203.0.113.7")
    with pytest.raises(SlowDown, match=r"Too many accounts were made from your address. Try again in 5h."):
        world.member("troll5", address="203.0.113.7")
