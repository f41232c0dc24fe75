"""Members at the door: who comes back as whom, what they missed, and who may not come in at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers import ELSEWHERE, PASSWORD, Clockwork

if TYPE_CHECKING:
    from pathlib import Path

    from tests.helpers import Person


def comes_back(works: Clockwork, nick: str, *, host: str = ELSEWHERE) -> Person:
    """Return the member of that name, who has come in by a line that nobody can read, and whose screen is full."""
    person = works.connect(host, tls=True)
    person.types(f"{nick} {PASSWORD}")
    return person


def leaves(person: Person) -> None:
    person.types("/quit")
    person.notice_the_end()


class HelloTests:
    """How a program says who it is."""

    def test_the_password_is_the_token(self, clockwork: Clockwork) -> None:
        """The answer says whose account it is, what that is here, and how its owner wants to be told things."""
        ann = clockwork.member("ann")
        ann.types("/set time on")
        bot = clockwork.program("Ann", token=PASSWORD, ref=1)
        hello, prefs = bot.hears()
        assert (hello["ref"], hello["nick"], hello["account"], hello["role"]) == (1, "ann", "ann", "member")
        assert (prefs["ev"], prefs["time"], prefs["echo"]) == ("prefs", True, False)

    def test_the_secret_is_enough_to_come_back(self, clockwork: Clockwork) -> None:
        """Whatever name it says then; without a password, over a restart as well."""
        clockwork.member("ann")
        bot = clockwork.program("ann", token=PASSWORD)
        secret = bot.hears()[0]["session"]
        bot.breaks()
        again = clockwork.program("somebody", session=secret)
        hello = again.hears()[0]
        assert (hello["nick"], hello["account"], hello["session"]) == ("ann", "ann", secret)
        again.breaks()
        clockwork.stop()
        later = Clockwork(clockwork.folder)
        assert later.program("ann", session=secret).hears()[0]["account"] == "ann"
        later.stop()

    def test_a_guests_secret_does_not_become_the_accounts(self, clockwork: Clockwork) -> None:
        """Who shows a guest's secret and a member's password is the member, with a secret of their own."""
        clockwork.member("ann")
        guest = clockwork.program("gus")
        secret = guest.hears()[0]["session"]
        guest.breaks()
        bot = clockwork.program("ann", token=PASSWORD, session=secret)
        hello = bot.hears()[0]
        assert (hello["account"], hello["session"] == secret) == ("ann", False)
        assert clockwork.program("gus", session=secret).hears()[0]["account"] == ""

    def test_a_secret_is_asked_before_the_password(self, clockwork: Clockwork) -> None:
        """A client that sends both comes back though the password has changed meanwhile, or is not asked for."""
        clockwork.member("ann")
        bot = clockwork.program("ann", token=PASSWORD)
        secret = bot.hears()[0]["session"]
        bot.breaks()
        assert clockwork.program("ann", token="old", session=secret).hears()[0]["session"] == secret

    def test_three_wrong_ones_end_it(self, clockwork: Clockwork) -> None:
        """Until then it may try again."""
        clockwork.member("ann")
        bot = clockwork.connect()
        for number in range(3):
            bot.asks(op="hello", nick="ann", token=f"wrong {number}", ref=number)
        assert [(event["ev"], event["code"]) for event in bot.hears()] == [
            *[("error", "bad_login")] * 3,
            ("bye", "bad_login"),
        ]

    def test_no_account_and_a_wrong_password_are_told_alike(self, clockwork: Clockwork) -> None:
        """A `token` that belongs to nothing is no way to find out who has an account."""
        clockwork.member("ann")
        bot = clockwork.connect()
        for nick in ("ann", "nobody"):
            bot.asks(op="hello", nick=nick, token="wrong")
        first, second = bot.hears()
        assert first == second

    def test_an_owned_name_needs_it(self, clockwork: Clockwork) -> None:
        """Also where nobody is here by that name."""
        leaves(clockwork.member("ann"))
        assert clockwork.program("ann").hears()[0]["code"] == "nick_owned"

    def test_what_is_void_after_a_logout(self, clockwork: Clockwork) -> None:
        """The secret of that session brings back nobody."""
        clockwork.member("ann")
        bot = clockwork.program("ann", token=PASSWORD)
        secret = bot.hears()[0]["session"]
        bot.asks(op="command", line="/logout")
        bot.breaks()
        hello = clockwork.program("gus", session=secret).hears()[0]
        assert (hello["nick"], hello["account"], hello["session"] == secret) == ("gus", "", False)


class SeveralConnectionsTests:
    """One account, several times here."""

    def test_they_are_one_person(self, clockwork: Clockwork) -> None:
        """One line says that they came, one that they left; what one says the other hears."""
        bob = clockwork.enter("bob")
        ann = clockwork.member("ann")
        phone = comes_back(clockwork, "ann")
        phone.sees(), ann.sees()
        ann.types("from the desk")
        assert phone.sees() == ["ann: from the desk"]
        bob.types("/msg ann psst")
        assert (ann.sees(), phone.sees()) == (["bob -> you: psst"], ["bob -> you: psst"])
        phone.types("/msg bob hm")
        assert (ann.sees(), phone.sees()) == (["you -> bob: hm"], [])
        bob.types("/who")
        leaves(phone)
        ann.breaks()
        assert bob.sees() == [
            "ann joined!",
            "ann: from the desk",
            "ann -> you: hm",
            "-- #lobby (2 people): ann, bob",
            "ann left!",
        ]

    def test_one_leaves_a_room_and_the_other_stays(self, clockwork: Clockwork) -> None:
        """Each hears the rooms that it is in, and nobody is told that the person left."""
        bob, ann = clockwork.enter("bob"), clockwork.member("ann")
        phone = comes_back(clockwork, "ann")
        phone.types("/part")
        assert phone.sees()[-1] == "-- You have left #lobby. You are in no room: /join one."
        bob.sees(), ann.sees()
        bob.types("hello")
        assert (ann.sees(), phone.sees(), bob.sees()) == (["bob: hello"], [], [])

    def test_another_password_ends_the_others(self, clockwork: Clockwork) -> None:
        """Whoever knew the old one is out at once, and told why."""
        ann = clockwork.member("ann")
        thief = clockwork.program("ann", token=PASSWORD)
        secret = thief.hears()[0]["session"]
        ann.types(f"/passwd {PASSWORD} battery-staple")
        (bye,) = thief.hears()
        assert bye["ev"] == "bye"
        assert thief.transport.disconnecting
        assert not ann.transport.disconnecting
        assert clockwork.program("ann", session=secret).hears()[0]["code"] == "nick_owned"

    def test_preferences_hold_for_all_of_them(self, clockwork: Clockwork) -> None:
        """What one of them sets is told to the others, and shown there at once."""
        ann, bob = clockwork.member("ann"), clockwork.enter("bob")
        phone = clockwork.program("ann", token=PASSWORD)
        ann.sees(), phone.hears()
        phone.asks(op="command", line="/set time on")
        assert [event["ev"] for event in phone.hears()] == ["prefs", "ok"]
        bob.types("hi")
        assert ann.sees() == ["[22:13] bob: hi"]

    def test_they_are_kept_for_the_next_time(self, clockwork: Clockwork) -> None:
        """How a member wants to be told things is known before anything is told; and that they are away."""
        ann = clockwork.member("ann")
        ann.types("/set echo on", "/away lunch")
        leaves(ann)
        again = comes_back(clockwork, "ann")
        assert again.sees()[1] == "-- You are away: lunch. /back ends it."
        again.types("hi")
        assert again.sees() == ["ann: hi"]


class LoginTests:
    """Who becomes a member while they are here."""

    def test_rooms_are_brought_along(self, clockwork: Clockwork) -> None:
        """They go on hearing what they heard, in the manner of the account."""
        ann, bob = clockwork.member("ann"), clockwork.enter("bob")
        ann.types("/set time on")
        leaves(ann)
        gus = clockwork.enter("gus")
        gus.types("/join #ops")
        gus.sees(), bob.sees()
        gus.types(f"/login ann {PASSWORD}")
        assert gus.sees()[-1].endswith("You are ann, a member.")
        assert bob.sees() == ["-- gus is now ann."]
        bob.types("hi")
        assert gus.sees() == ["[22:13] #lobby bob: hi"]

    def test_members_are_not_counted_by_their_address(self, clockwork: Clockwork) -> None:
        """Sixty-four guests may come from one address, and any number of members, by whichever way."""
        clockwork.member("ann")
        for number in range(70):
            assert "a member" in comes_back(clockwork, "ann").sees()[0]
            gus = clockwork.connect(ELSEWHERE, tls=True)
            gus.types(f"gus{number}", f"/login ann {PASSWORD}")
            assert gus.sees()[-1].endswith("a member.")
            clockwork.wait(2, step=2)


class MailTests:
    """What was said to a member while they were away."""

    def test_it_is_shown_when_they_come(self, clockwork: Clockwork) -> None:
        """Under its mark, with its time, once; after what was said in the room."""
        leaves(clockwork.member("ann"))
        bob = clockwork.enter("bob")
        bob.types("/msg ann one", "/msg ann two", "hi all")
        ann = comes_back(clockwork, "ann")
        assert ann.sees()[1:] == [
            "-- last 1 of 1 --",
            "[Tue 22:13] bob: hi all",
            "-- now --",
            "-- 2 private messages while you were away --",
            "[Tue 22:13] bob -> you: one",
            "[Tue 22:13] bob -> you: two",
        ]
        leaves(ann)
        bob.types("/msg ann three")
        assert comes_back(clockwork, "ann").sees()[-2:] == [
            "-- 1 private message while you were away --",
            "[Tue 22:13] bob -> you: three",
        ]

    def test_who_logs_in_later_is_told_as_well(self, clockwork: Clockwork) -> None:
        """Who has come as a guest; a program has the messages in the answer."""
        leaves(clockwork.member("ann"))
        bob = clockwork.enter("bob")
        bob.types("/msg ann one")
        gus = clockwork.enter("gus")
        gus.types(f"/login ann {PASSWORD}")
        assert gus.sees()[-2:] == ["-- 1 private message while you were away --", "[Tue 22:13] bob -> you: one"]
        leaves(gus)
        bob.types("/msg ann two")
        bot = clockwork.program("bot")
        bot.asks(op="command", line=f"/login ann {PASSWORD}", ref=7)
        [ok] = [event for event in bot.hears() if event.get("ref") == 7]
        assert [(each["ev"], each["text"]) for each in ok["entries"]] == [("direct", "two")]  # type: ignore[attr-defined]

    def test_who_has_logged_out_has_read_it(self, clockwork: Clockwork) -> None:
        """What they were told before is not told as new when they log in again."""
        ann, bob = clockwork.member("ann"), clockwork.enter("bob")
        bob.types("/msg ann one")
        ann.types("/logout", f"/login ann {PASSWORD}")
        assert ann.sees()[-1] == "-- You are ann, a member."
        ann.types("/logout")
        bob.types("/msg ann two")
        ann.types(f"/login ann {PASSWORD}")
        assert ann.sees()[-2:] == ["-- 1 private message while you were away --", "[Tue 22:13] bob -> you: two"]

    def test_where_something_was_said(self, clockwork: Clockwork) -> None:
        """Rooms that they were in when they went; what was said there is shown when they ask."""
        ann, bob = clockwork.member("ann"), clockwork.member("bob")
        for name in ("#ops", "#dev", "#pub"):
            ann.types(f"/join {name}")
            bob.types(f"/join {name}")
        ann.types("/part #pub")
        leaves(ann)
        for name in ("#pub", "#ops"):
            bob.types(f"/join {name}", f"beer in {name}")
        ann = comes_back(clockwork, "ann")
        assert ann.sees()[-1] == "-- There is something new in #ops: /missed shows it, /join #ops goes there."
        ann.types("/missed")
        assert ann.sees() == ["[Tue 22:13] #ops bob: beer in #ops"]
        ann.types("/join #ops")
        leaves(ann)
        bob.types("/join #dev", "beer in #dev", "/msg ann psst")
        ann = comes_back(clockwork, "ann")
        assert ann.sees()[-3:] == [
            "-- There is something new in #dev: /missed shows it, /join #dev goes there.",
            "-- 1 private message while you were away --",
            "[Tue 22:13] bob -> you: psst",
        ]
        assert "new in" not in "".join(comes_back(clockwork, "ann").sees())
        assert [event["ev"] for event in clockwork.program("ann", token=PASSWORD).hears()] == ["hello", "prefs"]

    def test_who_writes_to_somebody_absent_is_told(self, clockwork: Clockwork) -> None:
        """That it is kept, for a member; nothing is for a guest who has gone. Of who is here nothing is said."""
        ann, bob, gus = clockwork.member("ann"), clockwork.member("bob"), clockwork.enter("gus")
        bob.types("/msg ann one", "/msg bob myself")
        leaves(ann)
        leaves(gus)
        bob.sees()
        bob.types("/msg ann two")
        bob.types("/r three", "/msg gus four")
        assert sorted(bob.sees()) == ["! Nobody here is called gus.", *["-- Kept for ann, who is away."] * 2]

    def test_programs_are_told_the_messages(self, clockwork: Clockwork) -> None:
        """As they would have been then."""
        leaves(clockwork.member("ann"))
        clockwork.enter("bob").types("/msg ann one")
        bot = clockwork.program("ann", token=PASSWORD)
        hello, prefs, direct = bot.hears()
        assert [event["ev"] for event in (hello, prefs, direct)] == ["hello", "prefs", "direct"]
        assert (direct["nick"], direct["to"], direct["text"], direct["seq"]) == ("bob", "ann", "one", 1)

    def test_what_they_heard_by_another_connection_is_no_mail(self, clockwork: Clockwork) -> None:
        """Whoever is here was not away."""
        clockwork.member("ann")
        clockwork.enter("bob").types("/msg ann psst")
        assert [line for line in comes_back(clockwork, "ann").sees() if "psst" in line or "private" in line] == []

    def test_whom_they_ignore_they_are_told_nothing_of(self, clockwork: Clockwork) -> None:
        """A program is told that something is there."""
        bob, ann = clockwork.member("bob"), clockwork.member("ann")
        ann.types("/ignore bob")
        leaves(ann)
        bob.types("/msg ann psst")
        person = comes_back(clockwork, "ann")
        assert not any("psst" in line for line in person.sees())
        leaves(person)
        bob.types("/msg ann psst")
        hidden = clockwork.program("ann", token=PASSWORD).hears()[-1]
        assert (hidden["ev"], hidden["seq"], "text" in hidden) == ("hidden", 2, False)

    def test_what_comes_meanwhile_is_told_once(self, tmp_path: Path) -> None:
        """While a member who reads slowly is still being told what was, what is said to them waits."""
        works = Clockwork(tmp_path)
        leaves(works.member("ann"))
        bob = works.enter("bob")
        bob.types(*("x" * 1000 for _ in range(20)), "/msg ann one")
        ann = works.connect(ELSEWHERE, tls=True)
        ann.stops_reading()
        ann.types(f"ann {PASSWORD}")
        bob.types("/msg ann two")
        ann.reads_again()
        ann.reads_again()
        told = [line for line in ann.sees() if "bob -> you" in line]
        bob.types("/msg ann three")
        assert [line.rpartition(" ")[2] for line in (*told, *ann.sees())] == ["one", "two", "three"]
        works.stop()

    def test_much_of_it_is_told_in_pages(self, clockwork: Clockwork) -> None:
        """Whoever does not read costs no more for it than for what was said in a room."""
        leaves(clockwork.member("ann"))
        clockwork.enter("bob").types(*(f"/msg ann {'x' * 3000}" for _ in range(100)))
        bot = clockwork.connect()
        bot.asks(op="ping")
        bot.hears()
        bot.stops_reading()
        bot.asks(op="hello", nick="ann", token=PASSWORD)
        assert bot.protocol.voice.outbox.owed < 100_000
        for _ in range(10):
            bot.reads_again()
        assert sum(event["ev"] == "direct" for event in bot.hears()) == 100


class BannedTests:
    """Who may not be on this server."""

    def test_they_are_let_go_at_once(self, clockwork: Clockwork) -> None:
        """By whichever connection they are here; the others are told."""
        root, bob = clockwork.admin("root1"), clockwork.member("bob")
        phone = clockwork.program("bob", token=PASSWORD)
        secret = phone.hears()[0]["session"]
        root.sees()
        root.types("/ban -s bob 2h spam")
        assert any("root1 banned bob" in line for line in root.sees())
        *_, told, last = bob.sees()
        assert told.startswith("-- root1 banned bob from this server for 2h")
        assert last == "! You are banned from this server for 2h more: spam."
        assert bob.transport.disconnecting
        (bye,) = phone.hears()
        assert (bye["ev"], bye["code"], bye["text"]) == ("bye", "banned", last.removeprefix("! "))
        for person in (bob, phone):
            person.notice_the_end()
        again = clockwork.program("bob", session=secret)
        (bye,) = again.hears()
        assert (bye["ev"], bye["code"]) == ("bye", "banned")
        assert again.transport.disconnecting
        clockwork.wait(7201, step=600)
        assert clockwork.program("bob", session=secret).hears()[0]["ev"] == "hello"

    def test_a_guest_is_known_by_the_address(self, clockwork: Clockwork) -> None:
        """Another name does not help; a member from there is let in, and this computer has no address."""
        root, gus = clockwork.admin("root1"), clockwork.enter("gus", ELSEWHERE)
        clockwork.member("ann")
        root.types("/ban -s gus")
        assert gus.sees()[-1].startswith("! You are banned from this server")
        again = clockwork.prompted(ELSEWHERE)
        again.types("somebody")
        (refusal,) = again.sees()
        assert refusal.startswith("! You are banned from this server")
        assert again.transport.disconnecting
        assert "a member" in comes_back(clockwork, "ann").sees()[0]
        assert clockwork.enter("guy").sees() == []

    def test_who_is_disconnected_may_come_back(self, clockwork: Clockwork) -> None:
        """And is told who did it."""
        root, bob = clockwork.admin("root1"), clockwork.enter("bob")
        root.types("/kill bob enough")
        assert bob.sees()[-1] == "! root1 has ended your visit: enough"
        assert bob.transport.disconnecting
        bob.notice_the_end()
        assert clockwork.enter("bob").sees() == []

    def test_a_ban_that_meets_somebody_who_is_coming_in(self, clockwork: Clockwork) -> None:
        """Though both are committed together, they do not get in."""
        root = clockwork.admin("root1")
        bob = clockwork.enter("bob", ELSEWHERE)
        late = clockwork.connect(ELSEWHERE)
        root.protocol.dataReceived(b"/ban -s bob\n")
        late.protocol.dataReceived(b"late\n")
        clockwork.settle()
        assert bob.transport.disconnecting
        assert late.transport.disconnecting
        assert "Connected" not in late.transport.value().decode()
        assert {session.nick for session in clockwork.chat.people.sessions.values()} == {"root1"}


@pytest.mark.parametrize("program", [False, True])
def test_a_shout_reaches_everybody(clockwork: Clockwork, *, program: bool) -> None:
    """In whatever room they are, and even in none."""
    root = clockwork.admin("root1")
    peer = clockwork.program("bob") if program else clockwork.enter("bob")
    peer.types("/part") if not program else peer.hears()
    peer.sees(), root.sees()
    root.types("/shout tea is ready")
    assert "tea is ready" in peer.sees()[0]
    assert root.sees() == ["-- root1 to everybody: tea is ready"]
