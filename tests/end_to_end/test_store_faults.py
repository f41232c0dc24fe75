"""The disk fails while people talk: what a sender is told is true, and what is left open can be settled."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.faults.injector import injected
from tests.end_to_end.peers import Peer, Program, spoken
from tests.end_to_end.talkers import history

if TYPE_CHECKING:
    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Json, Meet

ROUNDS = 12
STORE_FAILED = 4
UNKNOWN = "! Not known whether this was stored"


@dataclass
class Talk:
    """A program and a person talk, another program listens; what became of each message by its `cid`."""

    daemon: Daemon
    program: Program
    person: Peer
    listener: Program
    acked: dict[str, Json] = field(default_factory=dict)
    refused: dict[str, Json] = field(default_factory=dict)
    unknown: str = ""

    def go_on(self) -> None:
        """Talk until the daemon ends or nothing is left to be said."""
        for number in range(ROUNDS):
            cid = f"said.{number}"
            self.person.types(f"typed.{number}")
            ref = self.program.asks("say", room="#lobby", text=cid, cid=cid)
            reply = self._reply(ref)
            if reply is None:
                self.unknown = cid
                return
            (self.acked if reply["ev"] == "ack" else self.refused)[cid] = reply

    def _reply(self, ref: int) -> Json | None:
        """Return the reply, or None where the connection has ended before it."""
        try:
            return self.program.hears(ref=ref)
        except AssertionError:
            assert self.program.ended
            return None

    def ends(self) -> None:
        """See that everybody is let go, and the daemon ends with a status of its own and no fault in its log."""
        for peer in (self.program, self.person, self.listener):
            peer.ends()
        assert self.daemon.ended() == STORE_FAILED
        bye = self.program.events[-1]
        assert bye["ev"] == "bye"
        assert bye["code"] == "internal" or UNKNOWN in self.person.lines
        assert "A commit failed in a way that leaves open whether it happened" in self.daemon.err

    def settles(self, meet: Meet) -> None:
        """After a start: what was told is there, what was refused is not, and a repeat has what is open once."""
        assert self.daemon.sound()
        self.daemon.start()
        before = [event["text"] for event in history(self.daemon.port)]
        again = meet(Program(self.daemon.port))
        again.enters("program", self.program.session)
        for cid in (self.unknown, *self.acked):
            if cid:
                ack = again.answer("say", room="#lobby", text=cid, cid=cid)
                assert (ack["ev"], ack.get("dup", False)) == ("ack", cid in before)
        stored = history(self.daemon.port)
        texts = [event["text"] for event in stored]
        assert len(texts) == len(set(texts))
        assert {*self.acked, self.unknown} - {""} <= set(texts)
        assert not self.refused.keys() & set(texts)
        heard, shown = self.listener.talk(), spoken(self.person.lines)
        assert heard == [(event["nick"], event["text"]) for event in stored][: len(heard)]
        assert shown == [("program", text) for text in texts if text.startswith("said")][: len(shown)]


def talk(daemon: Daemon, meet: Meet) -> Talk:
    program, person, listener = meet(Program(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
    program.enters("program")
    person.enters("person")
    listener.enters("listener")
    return Talk(daemon, program, person, listener)


def fails(daemon: Daemon, meet: Meet, call: str, when: int) -> Talk:
    """Have a call fail while people talk, and see that whatever they were told holds."""
    people = talk(daemon, meet)
    with injected(daemon.pid, call, "error=EIO", when):
        people.go_on()
    if people.unknown:
        people.ends()
    else:
        assert daemon.stop() == -signal.SIGTERM
    people.settles(meet)
    return people


class FailingDiskTests:
    """EIO, once, at one of the calls by which messages get to the disk."""

    @pytest.mark.parametrize("when", [1, 2, 13])
    def test_a_write_that_fails(self, daemon: Daemon, meet: Meet, when: int) -> None:
        """Nobody knows whether the commit happened: neither ack nor refusal, and the end."""
        assert fails(daemon, meet, "pwrite64", when).unknown

    @pytest.mark.parametrize("when", [1, 3])
    def test_a_sync_that_fails(self, daemon: Daemon, meet: Meet, when: int) -> None:
        """The message may be there after the next start all the same."""
        assert fails(daemon, meet, "fdatasync", when).unknown

    @pytest.mark.soak
    @pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "pread64", "ftruncate"])
    @pytest.mark.parametrize("when", range(1, 51))
    def test_any_call_that_fails(self, daemon: Daemon, meet: Meet, call: str, when: int) -> None:
        """Whatever was told holds."""
        fails(daemon, meet, call, when)
