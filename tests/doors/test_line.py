"""The line door, with people on connections that are only strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import ELSEWHERE, Clockwork
from twistedchat.doors.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twisted.logger import LogEvent

    from tests.helpers import Person

WELCOME = "Connected to server! You are {}, a guest, in #lobby. Messages here are kept.  /help  /join #room  /quit"


TIMING_MARK_REFUSED = b"\xff\xfc\x06"


class GreetingTests:
    """Before anybody has a name."""

    def test_silent_peer_is_greeted_in_three_pieces(self, clockwork: Clockwork) -> None:
        """The four bytes NICK go out alone, for the tutorial's client compares them whole."""
        ann = clockwork.connect()
        clockwork.wait(0.35)
        assert ann.sees() == ["tcpchat on bee. Type a nickname and press Enter (2-24 letters)."]
        clockwork.wait(0.15)
        assert ann.sees() == ["NICK"]
        clockwork.wait(0.3)
        assert ann.sees() == ["> "]

    def test_who_speaks_first_is_not_greeted(self, clockwork: Clockwork) -> None:
        """A pipe does not want to be talked to before it has said who it is."""
        bot = clockwork.connect()
        bot.types("bot")
        clockwork.wait(2)
        assert bot.sees() == [WELCOME.format("bot")]

    def test_bad_nickname_is_asked_for_again(self, clockwork: Clockwork) -> None:
        """A person is told what is wrong with each, and asked until one is right."""
        clockwork.enter("ann")
        bob = clockwork.connect()
        clockwork.wait(1)
        bob.sees()
        for nick, why in (("x", "2 to 24"), ("a b", "one word"), ("-no", "begins with"), ("Admin", "reserved")):
            bob.types(nick)
            refusal, prompt = bob.sees()
            assert refusal.startswith("! ")
            assert why in refusal
            assert prompt == "NICK> "
        bob.types("ANN")
        assert bob.sees() == ["! ANN is too much like ann, who is here.", "NICK> "]
        bob.types("bob")
        assert bob.sees() == [WELCOME.format("bob")]

    def test_a_pipe_whose_name_is_refused_is_closed(self, clockwork: Clockwork) -> None:
        """Its next line is not a nickname, and must not become one."""
        clockwork.enter("ann")
        pipe = clockwork.connect()
        pipe.types("ann", "hello")
        assert pipe.sees() == ["! ann is here already."]
        assert pipe.transport.disconnecting

    @pytest.mark.parametrize(
        "first", [b"GET / HTTP/1.1\r\n", b"POST /x HTTP/1.0\r\n", b"\x16\x03\x01\x02\x00", b"SSH-2"]
    )
    def test_other_protocols_are_closed_without_a_word(self, clockwork: Clockwork, first: bytes) -> None:
        """No browser can be made to chat."""
        other = clockwork.connect()
        other.sends(first)
        assert other.sees() == []
        assert other.transport.disconnecting

    def test_thirty_seconds_to_give_a_name(self, clockwork: Clockwork) -> None:
        """Bytes do not lengthen the time; a name ends it."""
        slow, ann = clockwork.connect(), clockwork.enter("ann")
        for _ in range(29):
            clockwork.wait(1)
            slow.sends(b"x")
        assert not slow.transport.disconnecting
        clockwork.wait(1.1)
        assert slow.transport.disconnecting
        assert slow.sees()[-1].endswith("! No name in 30 s: goodbye.")
        assert not ann.transport.disconnecting

    def test_name_that_comes_in_the_last_moment(self, clockwork: Clockwork) -> None:
        """Whoever is told goodbye while their name is being stored is not announced, and leaves nothing behind."""
        witness, late = clockwork.enter("witness"), clockwork.connect()
        clockwork.clock.advance(29.99)
        late.protocol.dataReceived(b"late\n")
        late.protocol._nameless()
        clockwork.settle()
        late.notice_the_end()
        assert witness.sees() == []
        assert [session.nick for session in clockwork.chat.people.sessions.values()] == ["witness"]
        assert clockwork.enter("late").sees() == []

    def test_name_is_free_again_when_its_owner_has_left(self, clockwork: Clockwork) -> None:
        """Nobody keeps a name by having had it."""
        clockwork.enter("ann").hangs_up()
        ann = clockwork.connect()
        ann.types("ann")
        assert ann.sees() == [WELCOME.format("ann")]


class TalkTests:
    """People on netcat."""

    def test_people_talk(self, clockwork: Clockwork) -> None:
        """Everybody hears what is said, but those who said it see it on their own screen already."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        assert ann.sees() == ["bob joined!"]
        ann.types("hello", "how are you?")
        assert bob.sees() == ["ann: hello", "ann: how are you?"]
        assert ann.sees() == []

    def test_newcomer_sees_the_last_messages(self, clockwork: Clockwork) -> None:
        """What was said before stands between its marks, with its time."""
        ann = clockwork.enter("ann")
        ann.types("one", "/me waves")
        bob = clockwork.connect()
        bob.types("bob")
        seen = bob.sees()
        assert seen[:2] == [WELCOME.format("bob"), "-- last 2 of 2 --"]
        assert [line.partition("] ")[2] for line in seen[2:4]] == ["ann: one", "* ann waves"]
        assert seen[4:] == ["-- now --"]

    def test_only_the_last_twenty_are_shown(self, clockwork: Clockwork) -> None:
        """The mark says how much there is in all."""
        clockwork.enter("ann").types(*(f"n{number}" for number in range(30)))
        seen = clockwork.connect()
        seen.types("bob")
        lines = seen.sees()
        assert lines[1] == "-- last 20 of 30 --"
        assert lines[2].endswith("ann: n10")

    def test_private_message_reaches_one_person(self, clockwork: Clockwork) -> None:
        """Nobody else sees it, and it says that it is private."""
        ann, bob, cleo = (clockwork.enter(nick) for nick in ("ann", "bob", "cleo"))
        ann.sees(), bob.sees()
        ann.types("/msg bob psst", "/msg nobody-there hm")
        assert bob.sees() == ["ann -> you: psst"]
        assert cleo.sees() == []
        assert ann.sees() == ["! Nobody here is called nobody-there."]

    def test_renaming_is_news(self, clockwork: Clockwork) -> None:
        """The others learn who is who; the name that was left is free."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sees()
        ann.types("/nick anna", "hi")
        assert ann.sees() == ["-- You are anna now."]
        assert bob.sees() == ["-- ann is now anna.", "anna: hi"]
        bob.types("/nick ann")
        assert ann.sees() == ["-- bob is now ann."]

    def test_commands_are_never_broadcast(self, clockwork: Clockwork) -> None:
        """A misspelt one is answered with the one that was meant; a doubled slash says the rest."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sees()
        ann.types("/histroy", "/xyzzy", "/who", "//who", "/msg bob", "/history x")
        assert bob.sees() == ["ann: /who"]
        assert ann.sees() == [
            "! No command /histroy. Did you mean /history?",
            "! No command /xyzzy. Try /help.",
            "-- #lobby (2 people): ann, bob",
            "! Like this: /msg NICK TEXT...",
            "! x is neither a number, a time like 2h, nor a day like 2026-11-22.",
        ]

    def test_help_fits_on_a_screen(self, clockwork: Clockwork) -> None:
        """Twelve lines at most, and each command says more about itself."""
        ann = clockwork.enter("ann")
        ann.types("/help")
        assert 5 < len(ann.sees()) <= 12
        ann.types("/help msg")
        assert ann.sees() == ["-- /msg NICK TEXT...: Say something to one person only. Also: /m, /tell."]

    @pytest.mark.parametrize("goodbye", ["/quit", "/exit", ":q"])
    def test_quitting_is_news_once(self, clockwork: Clockwork, goodbye: str) -> None:
        """Whoever quits is told goodbye, and the others that they left, one time."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        bob.types("bye", goodbye)
        assert bob.sees() == ["-- Goodbye."]
        bob.notice_the_end()
        assert ann.sees() == ["bob joined!", "bob: bye", "bob left!"]

    def test_reason_for_quitting_is_told(self, clockwork: Clockwork) -> None:
        """It fits on the line that says who left."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        bob.types("/quit tea time")
        assert ann.sees()[-1] == "bob left! (tea time)"

    def test_lost_line_is_news_once(self, clockwork: Clockwork) -> None:
        """It does not matter how a connection ends."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        bob.breaks()
        assert ann.sees() == ["bob joined!", "bob left!"]

    def test_history_shows_as_many_as_asked(self, clockwork: Clockwork) -> None:
        """The time stands before each."""
        ann = clockwork.enter("ann")
        ann.types("/history")
        assert ann.sees() == ["-- Nothing has been said in #lobby yet."]
        ann.types("one", "two", "three", "/history 2")
        lines = ann.sees()
        assert [line.partition("] ")[2] for line in lines[:2]] == ["ann: two", "ann: three"]
        assert lines[2:] == ["-- 2 messages --"]

    def test_guests_who_may_only_read(self, tmp_path: Path) -> None:
        """They hear everything and are told why they cannot talk."""
        works = Clockwork(tmp_path, guests="read")
        ann = works.enter("ann")
        ann.types("hello", "/me waves", "/who")
        refusals = ["! A guest may not talk here; a member may: /register makes you one."] * 2
        assert ann.sees() == [*refusals, "-- #lobby (1 person): ann"]
        works.stop()


class OutsideTests:
    """Whoever is in no room can still look around and leave."""

    def test_guests_who_may_nothing(self, tmp_path: Path) -> None:
        """They are let in under their name, told why they hear nothing, and can leave."""
        works = Clockwork(tmp_path, guests="none")
        ann = works.connect()
        ann.types("ann", "hello", "/help nick", "/who", "/quit")
        assert ann.sees() == [
            "Connected to server! You are ann, a guest.  /help  /join #room  /quit",
            "! A guest may not read here; a member may: /register makes you one.",
            "! You are in no room.",
            "-- /nick NICK [PASSWORD]: Take another nickname; with its password one that is a member's.",
            "! You are in no room.",
            "-- Goodbye.",
        ]
        works.stop()


class BadInputTests:
    """What is wrong with a line is told, and costs nothing else."""

    def test_over_long_line_and_bad_bytes_are_refused(self, clockwork: Clockwork) -> None:
        """The connection stays, and nobody sees any of it."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sees()
        ann.sends(b"x" * 5000 + b"\n\xff\xfe\xfd\n\xc3\x28\nfine\n")
        refusals = ann.sees()
        assert refusals[0] == "! A line has at most 4096 bytes; that one has 5000."
        assert all("UTF-8" in line for line in refusals[1:])
        assert bob.sees() == ["ann: fine"]

    def test_line_without_end_is_cut_off(self, clockwork: Clockwork) -> None:
        """64 KiB without a line end are not a message any more."""
        ann = clockwork.enter("ann")
        ann.sends(b"x" * 65_000)
        assert not ann.transport.aborted
        ann.sends(b"x" * 600)
        assert ann.transport.aborted

    def test_control_characters_reach_nobody(self, clockwork: Clockwork) -> None:
        """Another's terminal is shown them, never sent them."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sends("a\x1b[31mb\x07c\x9bd\u202ee\n".encode())
        assert bob.transport.value() == "ann: a␛[31mb␇cde\r\n".encode()

    def test_backspaces_edit_the_line(self, clockwork: Clockwork) -> None:
        """What telnet sends while one corrects oneself is what stands on the screen at last."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sends(b"helo\x08lo\x7f\x7flo\r\x00hi\r\n")
        assert bob.sees() == ["ann: hello", "ann: hi"]

    def test_fault_of_ours_costs_one_connection(
        self, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch, logged_errors: list[LogEvent]
    ) -> None:
        """It is logged with its traceback; the chat goes on for everybody else."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.sees()

        def fail(*_: object) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(clockwork.chat, "emote", fail)
            ann.types("/me waves")
        assert ann.sees()[0].startswith("! Something went wrong here")
        assert ann.transport.disconnecting
        ann.notice_the_end()
        assert bob.sees() == ["ann left!"]
        assert len(logged_errors) == 1


class TelnetTests:
    """Telnet's own bytes are no text."""

    def test_control_c_is_answered(self, clockwork: Clockwork) -> None:
        """The telnet of Linux shows nothing any more until its timing mark is refused."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.transport.clear()
        ann.sends(b"\xff\xf4\xff\xfd\x06hel\xff\xf1lo\r\n")
        assert ann.transport.value() == b"\xff\xfc\x06"
        assert bob.sees() == ["ann: hello"]

    def test_options_before_the_greeting(self, clockwork: Clockwork) -> None:
        """A telnet that negotiates at once has a person behind it, who is greeted."""
        ann = clockwork.connect()
        ann.sends(b"\xff\xfb\x18\xff\xfd\x01")
        assert ann.transport.value() == b"\xff\xfe\x18\xff\xfc\x01"
        ann.transport.clear()
        clockwork.wait(1)
        assert ann.sees()[-1] == "NICK> "


class TutorialTests:
    """The tutorial's own client, which ends nothing."""

    @pytest.fixture
    def tom(self, clockwork: Clockwork) -> Person:
        tom = clockwork.connect()
        clockwork.wait(0.6)
        tom.sees()
        tom.sends(b"tom")
        clockwork.wait(0.25)
        return tom

    def test_it_is_let_in_and_talks(self, clockwork: Clockwork, tom: Person) -> None:
        """Its name in front of each message is its own way, and is not said twice."""
        assert tom.sees() == [WELCOME.format("tom")]
        ann = clockwork.enter("ann")
        tom.sends(b"tom: hello")
        tom.sends(b"tom: one\ntwotom: three")
        tom.sends(b"bob: not me")
        assert ann.sees() == ["tom: hello", "tom: one", "tom: two", "tom: three", "tom: bob: not me"]

    def test_it_is_told_in_ascii_and_small_writes(self, clockwork: Clockwork, tom: Person) -> None:
        """Its recv takes 1024 bytes, and anything but ASCII ends it."""
        ann = clockwork.enter("ann")
        tom.sees()
        writes: list[bytes] = []
        tom.transport.write = writes.append  # type: ignore[method-assign]
        ann.types("Grüße, 日本 " + "x" * 3000)
        assert b"".join(writes) == b"ann: Grue, ?? ".replace(b"Grue", b"Gru?e") + b"x" * 3000 + b"\n"
        assert max(map(len, writes)) <= 1000

    def test_taken_name_becomes_another(self, clockwork: Clockwork) -> None:
        """It cannot be asked again, so it is given one and told."""
        clockwork.enter("tom")
        tom = clockwork.connect()
        tom.sends(b"tom")
        clockwork.wait(0.25)
        assert tom.sees() == [WELCOME.format("tom2"), "-- You are tom2 here, for the other name could not be had."]

    def test_bad_name_becomes_a_guests(self, clockwork: Clockwork) -> None:
        """Whatever it calls itself, it is let in."""
        tom = clockwork.connect()
        tom.sends(b"!!")
        clockwork.wait(0.25)
        assert tom.sees()[0] == WELCOME.format("guest1")

    def test_person_on_a_slow_line_is_not_taken_for_it(self, clockwork: Clockwork) -> None:
        """A line end within 200 ms makes it a line."""
        ann = clockwork.connect()
        ann.sends(b"an")
        clockwork.wait(0.15)
        ann.sends(b"n\n")
        clockwork.wait(1)
        assert ann.sees() == [WELCOME.format("ann")]


class PaceTests:
    """How fast a peer may go, and what happens to those who do not read."""

    def test_ten_at_once_and_then_two_a_second(self, clockwork: Clockwork) -> None:
        """Whoever is faster is held back by TCP and told so once; nothing of theirs is lost."""
        ann = clockwork.enter("ann")
        fast = clockwork.connect(ELSEWHERE)
        fast.types("fast", *(f"n{number}" for number in range(20)))
        assert sum(line.startswith("fast: ") for line in ann.sees()) == 9
        assert not fast.transport.reading
        assert fast.sees()[-1] == "! Slow down: 2 messages a second."
        clockwork.wait(2)
        assert ann.sees() == [f"fast: n{number}" for number in range(9, 13)]
        clockwork.wait(4)
        assert ann.sees()[-1] == "fast: n19"
        assert fast.sees() == []
        clockwork.wait(0.5)
        assert fast.transport.reading

    def test_this_computer_has_no_rate(self, clockwork: Clockwork) -> None:
        """Loopback is exempt, and yet has its turns: 128 lines at a time."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        bob.protocol.dataReceived(b"".join(b"n%d\n" % number for number in range(200)))
        assert not bob.transport.reading
        clockwork.settle()
        assert ann.sees() == ["bob joined!", *(f"bob: n{number}" for number in range(200))]
        assert bob.transport.reading

    def test_blank_lines_cost_as_much_as_others(self, clockwork: Clockwork) -> None:
        """Nobody keeps the server busy with nothing."""
        clockwork.enter("ann")
        fast = clockwork.enter("fast", ELSEWHERE)
        fast.sends(b"\n" * 50)
        assert not fast.transport.reading

    def test_who_does_not_read_is_let_go(self, tmp_path: Path) -> None:
        """The others hear everything, in order."""
        works = Clockwork(tmp_path, Terms("bee", backlog_bytes=1000))
        ann, bob, sloth = works.enter("ann"), works.enter("bob"), works.enter("sloth")
        sloth.stops_reading()
        lines = [f"{number} " + "x" * 90 for number in range(30)]
        bob.sees()
        for line in lines:
            ann.types(line)
        assert sloth.transport.aborted
        sloth.notice_the_end()
        assert bob.sees() == ["sloth joined!", *(f"ann: {line}" for line in lines), "sloth left!"][1:]
        works.stop()

    def test_stalled_reader_is_let_go_in_time(self, tmp_path: Path) -> None:
        """Twenty seconds without anything progress, however little is owed."""
        works = Clockwork(tmp_path)
        ann, sloth = works.enter("ann"), works.enter("sloth")
        sloth.stops_reading()
        ann.types("hi")
        works.wait(19, step=0.5)
        assert not sloth.transport.aborted
        works.wait(2, step=0.5)
        assert sloth.transport.aborted
        works.stop()

    def test_too_many_from_one_address(self, clockwork: Clockwork) -> None:
        """The seventeenth nameless connection is told so and closed; this computer's are not counted."""
        crowd = [clockwork.connect(ELSEWHERE) for _ in range(17)]
        clockwork.wait(1.5)
        assert [person.transport.disconnecting for person in crowd] == [False] * 16 + [True]
        assert crowd[-1].sees()[-1].endswith("! There are 16 connections without a name from your address already.")
        assert not any(clockwork.connect().transport.disconnecting for _ in range(40))

    def test_a_program_that_is_one_too_many_gets_a_code(self, clockwork: Clockwork) -> None:
        """It must know not to come again at once."""
        for _ in range(16):
            clockwork.connect(ELSEWHERE)
        bot = clockwork.connect(ELSEWHERE)
        bot.asks(op="hello", nick="bot")
        assert [event["code"] for event in bot.hears()] == ["too_many"]


class HalfCloseTests:
    """The end of the input is not the end of the answers."""

    def test_all_that_came_is_done_first(self, clockwork: Clockwork) -> None:
        """A last line needs no end; everything is said, answered, and then the visit is over."""
        ann = clockwork.enter("ann")
        pipe = clockwork.connect()
        pipe.protocol.dataReceived(b"bot\none\n/who\ntwo")
        pipe.hangs_up()
        assert ann.sees() == ["bot joined!", "bot: one", "bot: two", "bot left!"]
        assert pipe.sees()[-1] == "-- #lobby (2 people): ann, bot"
        assert pipe.gone

    def test_a_slow_pipe_is_waited_for(self, clockwork: Clockwork) -> None:
        """Its rate holds it back after its end as well, and reading is not begun again."""
        ann = clockwork.enter("ann")
        pipe = clockwork.connect(ELSEWHERE)
        pipe.protocol.dataReceived(b"bot\n" + b"".join(b"n%d\n" % number for number in range(12)))
        pipe.hangs_up()
        assert not pipe.gone
        pipe.transport.reading = False
        clockwork.wait(3)
        pipe.notice_the_end()
        assert pipe.gone
        assert ann.sees()[-2:] == ["bot: n11", "bot left!"]
        assert not pipe.transport.reading


class ChunkTests:
    """However the bytes are cut, the answers are the same."""

    DIALOGUES = (
        b"ann\nhello\r\n/who\n//slash\n/me waves\n\n/nope\nbye\n",
        b"ann\r\x00h\xc3\xa9llo\r\x00\xff\xfd\x06tel\x08lnet\r\x00",
        b'{"op":"hello","nick":"ann","ref":1}\n{"op":"join","room":"#lobby","ref":2}\n{"op":"say","text":"a\\nb"}\n{x\n',
        b"GET / HTTP/1.0\r\n\r\n",
        b"x" * 5000 + b"\nann\nhi\n",
    )

    @given(
        dialogue=st.sampled_from(DIALOGUES),
        cuts=st.lists(st.integers(0, 200), max_size=30),
    )
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_any_chunking_is_answered_like_the_whole(
        self, tmp_path_factory: pytest.TempPathFactory, dialogue: bytes, cuts: list[int]
    ) -> None:
        """The clock stands still meanwhile, for a pause means something to the tutorial's client."""
        whole = self._answers(tmp_path_factory.mktemp("whole"), [dialogue])
        assert self._answers(tmp_path_factory.mktemp("cut"), list(_cut(dialogue, cuts))) == whole

    def _answers(self, folder: Path, chunks: list[bytes]) -> tuple[list[bytes], list[str], bool]:
        works = Clockwork(folder)
        witness, peer = works.enter("witness"), works.connect()
        for chunk in chunks:
            if not peer.transport.disconnecting:
                peer.sends(chunk)
        seen = peer.transport.value().replace(TIMING_MARK_REFUSED, b"").splitlines()
        # an error is told at once, an ack when its batch has been committed: their order says nothing
        answers = sorted(line if b'"session"' not in line else b"hello" for line in seen)
        ended, heard = peer.transport.disconnecting, witness.sees()
        works.stop()
        return answers, heard, ended


def _cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        if data[:size]:
            yield data[:size]
            data = data[size:]
    if data:
        yield data
