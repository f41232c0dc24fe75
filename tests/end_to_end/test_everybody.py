"""Everybody in one room: the tutorial's client, netcat, telnet, programs and our own client."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.end_to_end.daemon import environment
from tests.end_to_end.peers import Child, Netcat, Peer, Program, Telnet, Terminal, TutorialClient, spoken, welcome
from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Meet
    from tests.end_to_end.streams import Reader

LINES = 20
CLIENT = (sys.executable, "-m", "twistedchat.client", "127.0.0.1")


class TutorialTests:
    """The tutorial's own client, as it stands in the tutorial."""

    def test_talks_with_netcat(self, daemon: Daemon, meet: Meet) -> None:
        """It comes in, hears, is heard, and never sees an error."""
        bob = meet(Netcat(daemon.port))
        bob.enters("bob")
        ann = meet(TutorialClient(daemon.port))
        ann.enters("ann")
        bob.sees("ann joined!")
        ann.types("hello bob")
        bob.sees("ann: hello bob")
        bob.types("hello ann")
        ann.sees("bob: hello ann")
        assert b"An error" not in ann.raw

    def test_name_that_is_taken(self, daemon: Daemon, meet: Meet) -> None:
        """It cannot be asked again, so it becomes alice2, is told so, and speaks under that name."""
        first, second = meet(Peer(daemon.port)), meet(TutorialClient(daemon.port))
        first.enters("alice")
        second.enters_as("alice", "alice2")
        second.shows("-- You are alice2 here")
        second.types("which one am I?")
        first.sees("alice2 joined!", "alice2: which one am I?")

    def test_name_that_cannot_be_one(self, daemon: Daemon, meet: Meet) -> None:
        """A bad name becomes guest1, and it is told so."""
        ann = meet(TutorialClient(daemon.port))
        ann.enters_as("a b", "guest1")
        ann.shows("-- You are guest1 here")

    def test_others_reach_it_in_ascii(self, daemon: Daemon, meet: Meet) -> None:
        """Accents go, what has no letter becomes a question mark, and nothing makes it give up."""
        ann, bob = meet(TutorialClient(daemon.port)), meet(Peer(daemon.port))
        bob.enters("bob")
        bob.types("naïve café 日本 🎉")
        ann.enters("ann")
        ann.shows("bob: naive cafe ?? ?")
        bob.types("Zoë lives", "still there?")
        ann.sees("bob: Zoe lives", "bob: still there?")
        assert ann.raw.isascii()
        assert b"An error" not in ann.raw

    def test_long_messages_arrive_whole(self, daemon: Daemon, meet: Meet) -> None:
        """Messages of 3 KB arrive at it, and from it, and none is missing a letter."""
        ann, bob = meet(TutorialClient(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        long = "".join(f"{number:05}" for number in range(600))
        bob.types(*[f"{letter}{long}" for letter in "abcde"])
        ann.shows("bob: e")
        ann.waits(lambda ann: ann.raw.replace(b"\n", b"").count(long.encode()) == 5, "five long messages")
        ann.types(long)
        bob.sees(f"ann: {long}")

    def test_several_lines_at_once(self, daemon: Daemon, meet: Meet) -> None:
        """Messages that TCP has joined are parted again, in their order."""
        ann, bob = meet(TutorialClient(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.types(*(f"line {number}" for number in range(100)))
        assert bob.sees("ann: line 99")[-99:] == [f"ann: line {number}" for number in range(99)]

    def test_killed(self, daemon: Daemon, meet: Meet) -> None:
        """When it is killed, as it must be, it has left once."""
        ann, bob = meet(TutorialClient(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.killed()
        bob.sees("ann left!")
        bob.types("/who")
        assert bob.sees("-- #lobby (1 person): bob") == []


class TelnetTests:
    """People on telnet."""

    def test_talks_with_netcat(self, daemon: Daemon, meet: Meet) -> None:
        """Telnet's carriage returns and its own bytes are nobody's business."""
        ann, bob = meet(Telnet(daemon.port)), meet(Netcat(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.types("hello bob")
        bob.types("hello ann")
        bob.sees("ann: hello bob")
        ann.sees("bob joined!", "bob: hello ann")

    def test_interrupt_hides_nothing(self, daemon: Daemon, meet: Meet) -> None:
        """After Ctrl-C at a real terminal, telnet still shows what others say, and sends what is typed."""
        bob = meet(Peer(daemon.port))
        bob.enters("bob")
        ann = meet(Terminal([tool("telnet"), "127.0.0.1", str(daemon.port)]))
        ann.shows("NICK> ")
        ann.presses("ann\r")
        ann.shows(welcome("ann"))
        bob.sees("ann joined!")
        ann.presses("\x03")
        bob.types("can you see this?")
        ann.shows("bob: can you see this?")
        ann.presses("yes\r")
        bob.sees("ann: yes")

    def test_timing_mark_is_answered(self, daemon: Daemon, meet: Meet) -> None:
        """IAC IP, IAC DO TM are taken out of the line and answered by IAC WONT TM, at once."""
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.sends(b"hel\xff\xf4\xff\xfd\x06lo\r\n")
        bob.sees("ann: hello")
        ann.waits(lambda ann: b"\xff\xfc\x06" in ann.raw, "IAC WONT TM")


class ProgramTests:
    """Programs in JSON lines, over a network that is not this computer's."""

    def test_greeting_that_was_out_first(self, daemon: Daemon, meet: Meet) -> None:
        """A program whose first byte was slow finds its answers at the beginning of lines all the same."""
        ann = meet(Peer(daemon.port))
        ann.shows("NICK> ")
        ann.sends(b'{"op":"hello","v":1,"nick":"ann"}\n')
        ann.shows('"ev":"hello"')
        ann.shows("\n")
        assert [line for line in ann.lines if line.startswith('{"ev":"hello"')]

    def test_greeting_that_was_half_out(self, daemon: Daemon, meet: Meet) -> None:
        """That holds in the middle of the greeting as well."""
        ann = meet(Peer(daemon.port))
        ann.shows("letters).\r\n")
        ann.shows("NICK")
        ann.sends(b'{"op":"hello","v":1,"nick":"ann"}\n')
        ann.shows('"ev":"hello"')
        ann.shows("\n")
        assert [line for line in ann.lines if line.startswith('{"ev":"hello"')]

    def test_name_is_free_when_goodbye_was_said(self, daemon: Daemon, meet: Meet) -> None:
        """Whoever has been told so can come again at once, also without the secret."""
        for _ in range(10):
            ann = meet(Program(daemon.port))
            ann.enters("ann")
            ann.asks("say", text="bye")
            ann.asks("bye")
            ann.hears(ev="bye", code="quit")


class SameOrderTests:
    """One log decides the order, whoever reads it."""

    def test_everybody_sees_the_same_order(self, daemon: Daemon, meet: Meet) -> None:
        """All talk at once, through every dialect; all see the same talk, in the same order."""
        netcat, telnet, plain = meet(Netcat(daemon.port)), meet(Telnet(daemon.port)), meet(Peer(daemon.port))
        program, tutorial = meet(Program(daemon.port)), meet(TutorialClient(daemon.port))
        tail = meet(Child([*CLIENT, str(daemon.port), "--tail", "lobby", "--nick", "tail"], environment()))
        lines: dict[str, Child | Peer] = {"netcat": netcat, "telnet": telnet, "plain": plain}
        people = {**lines, "tutorial": tutorial}
        for nick, person in people.items():
            person.enters(nick)
        program.enters("program", after=0)
        plain.waits(lambda plain: "tail joined!" in plain.lines, "the tail in the room")
        ours = meet(Child([*CLIENT, str(daemon.port), "--nick", "pipe"], environment()))
        for number in range(LINES):
            for nick, person in [*people.items(), ("pipe", ours)]:
                person.types(f"{nick} says {number}")
            program.asks("say", text=f"program says {number}")
        ours.types_no_more()
        assert ours.exits() == 0
        nicks = [*people, "program", "pipe"]
        program.waits(lambda program: len(program.talk()) == LINES * len(nicks), "all that was said")
        order = program.talk()
        assert sorted(order) == sorted((nick, f"{nick} says {number}") for nick in nicks for number in range(LINES))
        for nick, person in lines.items():
            others = [said for said in order if said[0] != nick]
            person.waits(partial(_heard, count=len(others)), "all that was said")
            assert spoken(person.lines) == others
        others = [said for said in order if said[0] != "tutorial"]
        tutorial.waits(partial(_printed, talk=others), "all that was said")
        tail.waits(lambda tail: len(_tailed(tail.lines)) >= len(order), "all that was said")
        assert _tailed(tail.lines) == order

    def test_readers_of_both_dialects(self, daemon: Daemon, meet: Meet) -> None:
        """Of two people who talk at once, a program and a person hear the same, live and afterwards."""
        ann, bob, reader, program = (meet(kind(daemon.port)) for kind in (Peer, Peer, Peer, Program))
        assert isinstance(program, Program)
        reader.enters("reader")
        program.enters("program")
        ann.enters("ann")
        bob.enters("bob")
        for number in range(500):
            ann.types(f"a{number}")
            bob.types(f"b{number}")
        program.waits(lambda program: len(program.talk()) == 1000, "all that was said")
        reader.waits(lambda reader: len(spoken(reader.lines)) == 1000, "all that was said")
        later = meet(Program(daemon.port))
        later.enters("later", after=0)
        assert program.talk() == spoken(reader.lines) == later.talk()
        assert [event["seq"] for event in program.events if event["ev"] == "said"] == list(range(1, 1001))


def _heard(person: Reader, count: int) -> bool:
    return len(spoken(person.lines)) == count


def _printed(tutorial: Reader, talk: Sequence[tuple[str, str]]) -> bool:
    """The tutorial's client ends a line wherever one of its reads ends, so line ends say nothing."""
    printed = tutorial.raw.decode().replace("\n", "")
    for nick in ("program", "tail", "pipe"):
        printed = printed.replace(f"{nick} joined!", "").replace(f"{nick} left!", "")
    return "".join(f"{nick}: {text}" for nick, text in talk) in printed


def _tailed(lines: list[str]) -> list[tuple[str, str]]:
    return spoken([line.rpartition("] ")[2] for line in lines])
