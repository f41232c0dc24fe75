"""What the log remembers of people: accounts, and what one can come back with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from tests.store.helpers import Shelf, arrived, departed, said
from twistedchat.chat.acts import Claimed, LoggedIn, LoggedOut, PasswordSet, Preferred, Registered
from twistedchat.chat.claim import claim_hash
from twistedchat.chat.errors import BadLogin, NickTaken, NotStored
from twistedchat.chat.events import Away, Departed, Direct, Proposal, Renamed
from twistedchat.chat.log import KnownAccount, KnownGuest
from twistedchat.chat.names import claims
from twistedchat.chat.prefs import Prefs
from twistedchat.store.claim import new_claim
from twistedchat.store.files import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from twistedchat.chat.events import Event, Outcome

HOUR = 3600 * 1000
DAY = 24 * HOUR


def registers(nick: str, account: str, by: str = "g1", *, admin: bool = False) -> Proposal:
    event = Registered(nick, account, f"hash of {nick}", admin)
    return Proposal(event, "", by, NOON, releases=claims(nick))


def logs_in(nick: str, account: str, to: str = "", *, guest: str = "g1", secret_hash: str = "") -> Proposal:
    to = to or nick
    releases = claims(nick) if nick != to else ()
    return Proposal(LoggedIn(nick, f"s-{guest}", guest, account, to, secret_hash), "", guest, NOON, releases=releases)


def logs_out(nick: str, account: str, to: str, *, secret_hash: str = "") -> Proposal:
    return Proposal(LoggedOut(nick, "s", "g8", to, secret_hash), "", account, NOON)


def comes(nick: str, by: str, *, secret_hash: str = "", at: int = NOON) -> Proposal:
    return arrived(nick, by, secret_hash=secret_hash, at=at, claims=claims(nick))


def goes(nick: str, by: str, *, seen: int = 0, at: int = NOON) -> Proposal:
    event = Departed(nick, f"s-{by}", by, returns=True, seen=seen)
    return Proposal(event, "", by, at, releases=claims(nick))


def renames(nick: str, to: str, by: str) -> Proposal:
    return Proposal(Renamed(nick, "s", to), "", by, NOON, claims=claims(to), releases=claims(nick))


def whisper(text: str, one: str, other: str, by: str = "") -> Proposal:
    stream = f"direct:{'|'.join(sorted((one, other)))}"
    return Proposal(Direct("ann", "bob", text), stream, by or one, NOON)


def by(event: Event, person: str = "@a", at: int = NOON) -> Proposal:
    return Proposal(event, "", person, at)


def is_taken(outcome: Outcome) -> bool:
    return isinstance(outcome, NickTaken)


@pytest.fixture
def member(shelf: Shelf) -> Shelf:
    """Give a log in which ann, of the account @a, has just registered."""
    shelf.store(comes("ann", "g1", secret_hash="h1"), registers("ann", "@a"), logs_in("ann", "@a", secret_hash="h1"))
    return shelf


class AccountTests:
    def test_it_is_remembered(self, shelf: Shelf) -> None:
        """Its id, name, when it was made, and whether its owner is admin."""
        shelf.store(registers("ann", "@a"), registers("bob", "@b", "g2", admin=True), said())
        shelf.store(registers("cat", "@c", "g3"))
        assert shelf.reopen(NOON + DAY).accounts == (
            KnownAccount("@a", "ann", NOON),
            KnownAccount("@b", "bob", NOON, admin=True),
            KnownAccount("@c", "cat", NOON, seen=1),
        )

    def test_its_password_is_known_by_its_hash(self, member: Shelf) -> None:
        """There is none for whom there is no account."""
        assert (member.password("@a"), member.password("@b"), member.password("")) == ("hash of ann", "", "")

    def test_its_name_is_its_own(self, member: Shelf) -> None:
        """Whether its owner is here or not, nobody else can come by that name, or one that looks like it."""
        assert is_taken(member.append(comes("ann", "g2"))[0])
        member.store(goes("ann", "@a"))
        assert is_taken(member.append(comes("Ann", "g2"))[0])
        member.reopen()
        assert is_taken(member.append(comes("ann", "g2"))[0])
        member.store(comes("ann", "@a"))

    def test_a_name_that_somebody_has_is_nobodys_to_register(self, shelf: Shelf) -> None:
        """It takes the name of the guest who asks, and no other's."""
        shelf.store(comes("ann", "g1"), comes("bob", "g2"))
        assert is_taken(shelf.append(registers("bob", "@a"))[0])
        assert shelf.reopen().accounts == ()

    def test_an_id_that_is_taken_is_refused_by_itself(self, member: Shelf) -> None:
        """Nothing is left of it: the name that it wanted is free, and its neighbours are stored."""
        member.store(comes("bob", "g2"))
        outcomes = member.append(said("one"), registers("bob", "@a", "g2"), said("two"))
        assert isinstance(outcomes[1], NotStored)
        member.store(goes("bob", "g2"), comes("bob", "g3"))

    def test_another_name(self, member: Shelf) -> None:
        """The old one is free for anybody."""
        member.store(renames("ann", "anna", "@a"), comes("ann", "g2"))
        assert is_taken(member.append(comes("anna", "g3"))[0])
        assert member.reopen().accounts == (KnownAccount("@a", "anna", NOON),)
        assert is_taken(member.append(comes("anna", "g3"))[0])

    def test_preferences(self, member: Shelf) -> None:
        """They are kept as they were set last, and so is whether one is away."""
        prefs = Prefs(time=True, quiet="all", ignoring={"g7": "eve"})
        member.store(by(Preferred("ann", "@a", Prefs(bell=True))), by(Preferred("ann", "@a", prefs)))
        assert member.reopen().accounts[0].prefs == prefs
        member.store(by(Away("ann", "s", "lunch")), by(Away("bob", "s", "lunch"), "g2"))
        assert member.reopen().accounts[0].prefs == Prefs(
            time=True, quiet="all", away="lunch", ignoring={"g7": "eve"}
        )

    def test_what_its_person_was_told_of(self, member: Shelf) -> None:
        """It grows with each departure, and never goes back."""
        member.store(goes("ann", "@a", seen=7), goes("ann", "@a", seen=5))
        assert member.reopen().accounts[0].seen == 7


class LoggingInTests:
    def test_the_guests_name_is_free(self, member: Shelf) -> None:
        """Who was called otherwise gives that up, and not the account's name."""
        member.store(goes("ann", "@a"), comes("bea", "g2"), logs_in("bea", "@a", "ann", guest="g2"))
        member.store(comes("bea", "g3"))
        assert is_taken(member.append(comes("ann", "g3"))[0])

    def test_logging_out(self, member: Shelf) -> None:
        """The account keeps its name; the guest has another, gives it back at the end, and cannot come back."""
        member.store(logs_out("ann", "@a", "ann2", secret_hash="h1"))
        assert [is_taken(each) for each in member.append(comes("ann", "g9"), comes("ann2", "g9"))] == [True, True]
        assert member.person("h1") == ""
        member.store(goes("ann2", "g8"), comes("ann2", "g9"))


class SecretTests:
    def test_it_is_the_accounts_once_logged_in(self, member: Shelf) -> None:
        """What the guest had given to come back with brings back the account; no name is held for it."""
        assert member.person("h1") == "@a"
        assert (member.reopen(NOON + 1).guests, member.person("h1")) == ((), "@a")

    def test_one_that_is_given_at_the_login(self, member: Shelf) -> None:
        """An account may have several, one for each place where its owner sits."""
        member.store(comes("bea", "g2"), logs_in("bea", "@a", "ann", guest="g2", secret_hash="h2"))
        member.store(comes("ann", "@a", secret_hash="h3"))
        assert [member.person(each) for each in ("h1", "h2", "h3")] == ["@a"] * 3

    def test_a_new_password_voids_the_others(self, member: Shelf) -> None:
        """Only who has just given the password can come back without it."""
        member.store(comes("ann", "@a", secret_hash="h2"), comes("bob", "g2", secret_hash="h3"))
        member.store(by(PasswordSet("ann", "@a", "s", "other hash", "h2")))
        assert [member.person(each) for each in ("h1", "h2", "h3")] == ["", "@a", "g2"]
        assert member.password("@a") == "other hash"

    def test_a_member_can_come_back_for_thirty_days(self, member: Shelf) -> None:
        """They are counted from when that secret was seen last; another's use of the account changes nothing."""
        member.store(comes("ann", "@a", secret_hash="h2"), goes("ann", "@a"))
        second = Proposal(Departed("ann", "s-g1", "@a", returns=True), "", "@a", NOON + DAY)
        member.store(second)
        member.reopen(NOON + 30 * DAY)
        assert (member.person("h1"), member.person("h2")) == ("@a", "@a")
        member.reopen(NOON + 30 * DAY + 1)
        assert (member.person("h1"), member.person("h2")) == ("@a", "")
        member.reopen(NOON + 31 * DAY + 1)
        assert member.person("h1") == ""

    def test_old_ones_are_forgotten_while_it_runs(self, shelf: Shelf) -> None:
        """A daemon that is never restarted lets nobody in after that time either."""
        shelf.store(comes("ann", "g1", secret_hash="h1"), goes("ann", "g1"), comes("cat", "g3", secret_hash="h3"))
        shelf.store(comes("bob", "g2", secret_hash="h2", at=NOON + 2 * DAY + 1))
        assert [shelf.person(each) for each in ("h1", "h2", "h3")] == ["", "g2", "g3"]

    def test_a_clock_that_leaps_forward(self, shelf: Shelf) -> None:
        """Those who come back within an hour are who they were, and what they repeat is stored once."""
        shelf.store(comes("ann", "g1", secret_hash="h1"), goes("ann", "g1"), comes("cat", "g3", secret_hash="h3"))
        shelf.store(comes("dan", "g4", secret_hash="h4", at=NOON + HOUR + 1))
        shelf.store(comes("bob", "g2", secret_hash="h2", at=NOON + 3 * DAY))
        assert shelf.person("h1") == "g1"
        shelf.store(comes("eve", "g5", secret_hash="h5", at=NOON + 3 * DAY + HOUR + 1))
        assert shelf.person("h1") == ""

    def test_a_visit_that_ends_late_changes_nothing(self, shelf: Shelf) -> None:
        """Who has come back by another connection is here, though the first one goes only now."""
        first = Proposal(Departed("ann", "s-old", "g1", held=True), "", "g1", NOON)
        shelf.store(comes("ann", "g1", secret_hash="h1"), first)
        assert shelf.reopen(NOON + HOUR).guests == (KnownGuest("g1", "ann", NOON + HOUR),)


class MailTests:
    def test_it_waits_for_its_reader(self, member: Shelf) -> None:
        """Private messages to an account are there, oldest first, until its person has been told of them."""
        member.store(goes("ann", "@a"))
        sent = member.store(
            whisper("one", "g2", "@a"), whisper("two", "@b", "@a", "@b"), whisper("three", "g2", "@a")
        )
        member.reopen()
        assert member.mail("@a") == sent
        member.store(goes("ann", "@a", seen=sent[1].id))
        assert member.mail("@a") == sent[2:]
        member.store(goes("ann", "@a", seen=sent[2].id))
        assert (member.mail("@a"), member.reopen().accounts[0].seen) == ([], sent[2].id)

    def test_it_is_the_others(self, member: Shelf) -> None:
        """Who sent it need not be told, and a guest is not waited for."""
        member.store(registers("bob", "@b", "g2"), whisper("hello", "@a", "g3", "@a"), whisper("me", "@b", "@b"))
        assert (member.mail("@a"), member.mail("@b"), member.mail("g3")) == ([], [], [])
        (sent,) = member.store(whisper("hello", "@a", "@b", "@a"))
        assert (member.mail("@a"), member.mail("@b")) == ([], [sent])


class ClaimTests:
    """The one-time code for the first admin."""

    @pytest.fixture
    def code(self, member: Shelf, tmp_path: Path) -> str:
        assert member.remembered.accounts == ()
        return new_claim(tmp_path / DATABASE, NOON)

    def claims(self, code: str, person: str = "@a", at: int = NOON + 1) -> Proposal:
        return by(Claimed("ann", person, claim_hash(code)), person, at)

    def test_it_makes_an_admin(self, member: Shelf, code: str) -> None:
        """And leaves a line in the audit log."""
        (entry,) = member.store(self.claims(code))
        assert member.audit() == [entry]
        assert member.reopen().accounts == (KnownAccount("@a", "ann", NOON, admin=True),)

    def test_it_is_good_once(self, member: Shelf, code: str) -> None:
        """Of two in one batch the first has it; the second learns no more than one with a wrong code."""
        first, second, third = member.append(self.claims(code), self.claims(code, "g2"), said())
        assert not isinstance(first, BadLogin)
        assert not isinstance(third, BadLogin)
        assert (type(second), str(second)) == (BadLogin, "That code is not right, or was used or is too old.")

    def test_a_wrong_one(self, member: Shelf, code: str) -> None:
        """It does not use up the right one."""
        assert isinstance(member.append(self.claims("AAAA-AAAA"))[0], BadLogin)
        assert isinstance(member.append(by(Claimed("ann", "@a", "")))[0], BadLogin)
        member.store(self.claims(code))

    def test_where_there_is_none(self, member: Shelf) -> None:
        """Nobody has asked for one."""
        assert isinstance(member.append(self.claims("AAAA-AAAA"))[0], BadLogin)
        assert isinstance(member.append(by(Claimed("ann", "@a", "")))[0], BadLogin)

    def test_it_is_good_for_a_day(self, member: Shelf, code: str) -> None:
        """After that another one must be made."""
        assert isinstance(member.append(self.claims(code, at=NOON + DAY))[0], BadLogin)
        member.store(self.claims(code, at=NOON + DAY - 1))

    def test_a_guest_is_admin_till_they_go(self, member: Shelf, code: str) -> None:
        """The account that they register keeps it."""
        member.store(comes("eve", "g2"), self.claims(code, "g2"), registers("eve", "@e", "g2", admin=True))
        assert [(each.id, each.admin) for each in member.reopen().accounts] == [("@a", False), ("@e", True)]

    def test_a_guest_who_is_admin_brings_that_along(self, member: Shelf, code: str) -> None:
        """Into the account that they log in to."""
        member.store(comes("eve", "g2"), self.claims(code, "g2"))
        member.store(by(LoggedIn("eve", "s1", "g2", "@a", "ann", admin=True), "g2"))
        assert [each.admin for each in member.reopen().accounts] == [True]


class GuestTests:
    def test_one_is_remembered_once(self, shelf: Shelf) -> None:
        """However many secrets there are."""
        shelf.store(comes("ann", "g1", secret_hash="h1"), departed("ann", "g1", held=True))
        shelf.store(comes("ann", "g1", secret_hash="h2", at=NOON + 5))
        assert shelf.reopen(NOON + 9).guests == (KnownGuest("g1", "ann", NOON + 9),)
