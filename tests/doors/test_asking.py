"""Passwords at the text door: asked for where they can be kept secret, and seen by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers import ELSEWHERE, PASSWORD, Clockwork, logged
from twistedchat.doors.asking import READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = "Password (it shows on your screen): "
HIDE, SHOW = b"\xff\xfb\x01", b"\xff\xfc\x01\r\n"
OWNED = ["! ann is a member's name.", "-- It wants its password; an empty line takes another nickname."]


@pytest.fixture(autouse=True)
def ann(clockwork: Clockwork) -> None:
    """Have an account of that name, whose owner is not here."""
    ann = clockwork.member("ann")
    ann.types("/quit")
    ann.notice_the_end()


class PromptTests:
    """A member comes back."""

    def test_an_owned_name_wants_its_password(self, clockwork: Clockwork) -> None:
        """Netcat's people are warned that it shows; then they are in, as the member."""
        ann = clockwork.prompted()
        ann.types("ANN")
        assert ann.sees() == [*OWNED, SHOWN]
        ann.types(PASSWORD)
        assert ann.sees()[0].startswith("Connected to server! You are ann, a member, in #lobby.")

    def test_an_empty_line_takes_another_nickname(self, clockwork: Clockwork) -> None:
        """As whoever did not know that the name was somebody's."""
        other = clockwork.prompted()
        other.types("ann")
        other.sees()
        other.types("  ")
        assert other.sees() == ["NICK> "]
        other.types("bob")
        assert "You are bob, a guest" in other.sees()[0]

    def test_three_wrong_ones_end_the_connection(self, clockwork: Clockwork) -> None:
        """Each is told to be wrong."""
        thief = clockwork.prompted()
        thief.types("ann", "wrong 1", "/join #x", "wrong 3")
        wrong = f"{SHOWN}! That name and that password do not belong together."
        assert thief.sees() == [*OWNED, wrong, wrong, wrong, "! 3 wrong passwords: goodbye."]
        assert thief.transport.disconnecting

    def test_who_tries_often_has_to_wait(self, clockwork: Clockwork) -> None:
        """However many connections they make; and no password that they type again is taken for a nickname."""
        for _ in range(2):
            clockwork.prompted(ELSEWHERE, tls=True).types("ann", "wrong 1", "wrong 2", "wrong 3")
        late = clockwork.prompted(ELSEWHERE, tls=True)
        late.types("ann", PASSWORD)
        assert "! Too many wrong passwords. Try again in " in late.sees()[-1]
        assert late.transport.disconnecting

    @pytest.mark.parametrize("first", [f"ann {PASSWORD}", f"ann   {PASSWORD}  "])
    def test_a_pipe_says_both_in_its_first_line(self, clockwork: Clockwork, first: str) -> None:
        """``printf 'ann secret123\\nhi\\n' | nc`` is the member."""
        bob, pipe = clockwork.enter("bob"), clockwork.connect()
        pipe.types(first, "hi")
        assert "You are ann, a member" in pipe.sees()[0]
        assert bob.sees() == ["ann joined!", "ann: hi"]

    @pytest.mark.parametrize("first", ["ann", "ann wrong"])
    def test_a_pipe_without_it_is_closed(self, clockwork: Clockwork, first: str) -> None:
        """Its next line is no password."""
        pipe = clockwork.connect()
        pipe.types(first, PASSWORD)
        (refusal,) = pipe.sees()
        assert refusal.startswith("! ")
        assert pipe.transport.disconnecting

    def test_two_words_are_no_nickname(self, clockwork: Clockwork) -> None:
        """Where nobody has an account of the first, the second was not meant as a password."""
        bob = clockwork.prompted(ELSEWHERE)
        bob.types("Bob Smith")
        assert bob.sees() == ["! A nickname is one word, without spaces.", "NICK> "]


class TelnetTests:
    """Telnet hides what is typed when it is asked to."""

    def test_typing_is_hidden_and_shown_again(self, clockwork: Clockwork) -> None:
        """The telnet of Linux says nothing by itself, but ends its lines with CR LF."""
        ann = clockwork.prompted()
        ann.sends(b"ann\r\n")
        assert ann.transport.value().endswith(b"nickname.\r\n" + HIDE + b"Password: ")
        ann.transport.clear()
        ann.sends(b"\xff\xfd\x01")
        assert ann.transport.value() == b""
        ann.sends(PASSWORD.encode() + b"\r\n")
        assert ann.transport.value().startswith(SHOW + b"Connected to server!")
        ann.transport.clear()
        ann.sends(b"\xff\xfe\x01")
        assert ann.transport.value() == b""

    def test_one_that_negotiates_is_known_by_that(self, clockwork: Clockwork) -> None:
        """However it ends its lines; a refusal to hide is not answered either."""
        ann = clockwork.prompted()
        ann.sends(b"\xff\xfb\x18ann\n")
        assert HIDE + b"Password: " in ann.transport.value()
        ann.transport.clear()
        ann.sends(b"\xff\xfe\x01" + PASSWORD.encode() + b"\n")
        assert ann.transport.value().startswith(SHOW + b"Connected")

    def test_a_typing_error_can_be_taken_back(self, clockwork: Clockwork) -> None:
        """One that sends each key sends the backspaces too."""
        ann = clockwork.prompted()
        ann.sends(b"ann\r\n")
        ann.sends(PASSWORD[:4].encode() + b"xy\x7f\x08" + PASSWORD[4:].encode() + b"\r\0")
        assert b"a member" in ann.transport.value()

    def test_echo_is_refused_before_it_is_offered(self, clockwork: Clockwork) -> None:
        """As every other option."""
        ann = clockwork.prompted()
        ann.sends(b"\xff\xfd\x01")
        assert ann.transport.value() == b"\xff\xfc\x01"


class CommandTests:
    """Commands that want a password."""

    def test_what_is_asked_for_makes_an_account(self, clockwork: Clockwork) -> None:
        """The name is theirs from then on."""
        bob = clockwork.enter("bob")
        bob.types("/register")
        assert bob.sees() == ["A password, of 8 characters at least (it shows on your screen): "]
        bob.types("/secret1")
        assert bob.sees()[0].startswith("-- You are bob, a member.")
        bob.types("/quit")
        bob.notice_the_end()
        pipe = clockwork.connect()
        pipe.types("bob /secret1")
        assert "a member" in pipe.sees()[0]

    def test_several_are_asked_for_one_after_another(self, clockwork: Clockwork) -> None:
        """The old password, then the new one, by one command."""
        ann = clockwork.connect()
        ann.types(f"ann {PASSWORD}")
        ann.sees()
        ann.sends(b"/passwd\r\n")
        assert ann.transport.value() == HIDE + b"The password that you have: "
        ann.transport.clear()
        ann.sends(PASSWORD.encode() + b"\r\n")
        assert ann.transport.value() == SHOW + HIDE + b"The new one, of 8 characters at least: "
        ann.transport.clear()
        ann.sends(b"battery-staple\r\n")
        assert ann.transport.value() == SHOW + b"-- Your password is changed.\r\n"

    def test_an_empty_line_cancels(self, clockwork: Clockwork) -> None:
        """And what follows is a message again."""
        bob, cid = clockwork.enter("bob"), clockwork.enter("cid")
        bob.sees()
        bob.types("/login ann", "", "hello")
        assert bob.sees() == ["Password of ann (it shows on your screen): -- Cancelled."]
        assert cid.sees() == ["bob: hello"]

    def test_what_is_no_text_cancels(self, clockwork: Clockwork) -> None:
        """Nobody's password is in another encoding."""
        bob = clockwork.enter("bob")
        bob.types("/login ann")
        bob.sees()
        bob.sends(b"\xc3\x28\n")
        assert bob.sees() == ["! That line is not UTF-8, so nobody would see what you meant.", "-- Cancelled."]

    @pytest.mark.parametrize("ending", ["\n", "\r\n"])
    def test_nobody_else_sees_it(self, clockwork: Clockwork, transcript: list[str], ending: str) -> None:
        """Not the room, not the person themselves though they want an echo, not the log, right or wrong."""
        bob, cid, bot = clockwork.enter("bob"), clockwork.enter("cid"), clockwork.program("bot")
        bot.asks(op="join", room="#lobby")
        bob.types("/set echo on")
        bob.sends(f"/login ann{ending}hunter2-wrong{ending}/login ann{ending}{PASSWORD}{ending}hi{ending}".encode())
        bob.breaks()
        seen = [line for person in (bob, cid, bot) for line in person.sees()]
        assert any("hi" in line for line in seen)
        assert {"bob joined (127.0.0.1)", "ann left (127.0.0.1)"} <= set(transcript)
        assert not any("hunter2" in line or PASSWORD in line for line in (*seen, *transcript))


class RefusalTests:
    """Where none are taken."""

    def test_plain_text_from_elsewhere(self, clockwork: Clockwork) -> None:
        """Anybody on the way could read it, so it is not even asked for; another name can be had."""
        ann = clockwork.prompted(ELSEWHERE)
        ann.types("ann")
        assert ann.sees() == [OWNED[0], f"! {READABLE}", "NICK> "]
        ann.types(f"ann {PASSWORD}")
        assert "not taken here" in ann.sees()[0]
        ann.types("bob")
        ann.sees()
        ann.types("/register", f"/register {PASSWORD}", f"/nick ann {PASSWORD}")
        assert all(line.startswith("! Passwords are not taken here") for line in ann.sees())

    def test_tls_from_elsewhere(self, clockwork: Clockwork) -> None:
        """Nobody can."""
        ann = clockwork.prompted(ELSEWHERE, tls=True)
        ann.types("ann", PASSWORD)
        assert "You are ann, a member" in ann.sees()[2]

    def test_the_tutorials_client(self, clockwork: Clockwork) -> None:
        """It shows everything that is typed as a message: it gets another name, and no question."""
        tom = clockwork.connect()
        tom.sends(f"ann {PASSWORD}".encode())
        clockwork.wait(0.25)
        assert "a guest" in tom.sees()[0]
        tom.sends(b"/login ann")
        assert tom.sees() == ["! This client cannot be asked for a password: use nc, telnet or tcpchat-client."]
        other = clockwork.connect()
        other.sends(b"ann")
        clockwork.wait(0.25)
        assert "You are ann2, a guest" in other.sees()[0]

    def test_programs_ask_their_own_user(self, clockwork: Clockwork) -> None:
        """They are told that a password is wanted, and what they send next is a request like any other."""
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="command", line="/login ann", ref=4)
        (error,) = bot.hears()
        assert (error["ev"], error["ref"], error["code"]) == ("error", 4, "need_password")
        bot.asks(op="command", line=f"/login ann {PASSWORD}", ref=5)
        assert [(event["ev"], event.get("ref")) for event in bot.hears()] == [("prefs", None), ("ok", 5)]


@pytest.fixture
def transcript() -> Iterator[list[str]]:
    """Give everything that is logged."""
    with logged() as lines:
        yield lines
