"""Writers that talk until they are cut off, and what each of them knows of what became of it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING

from tests.end_to_end.peers import Peer, Program
from tests.end_to_end.streams import eventually

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.end_to_end.peers import Json

AHEAD = 16
"""Messages that a writer has sent and knows nothing of, at most."""

_numbers = count(1)


@dataclass
class Writer:
    """A program that says numbered things for as long as its connection lasts."""

    nick: str
    port: int
    session: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    acked: dict[str, Json] = field(default_factory=dict)
    refused: list[Json] = field(default_factory=list)
    shown: list[list[Json]] = field(default_factory=list)
    last: Json = field(default_factory=dict)
    _program: Program | None = None

    def start(self) -> Thread:
        """Come back, and go on talking in a thread until the connection ends."""
        program = self.come_back()
        thread = Thread(target=self._talk, args=(program,), daemon=True)
        thread.start()
        return thread

    def come_back(self) -> Program:
        """Come in, as the same guest if not for the first time, and repeat what was not acknowledged."""
        self.close()
        program = self._program = Program(self.port)
        program.enters(self.nick, self.session)
        self.session = program.session
        for cid, text in self.pending.items():
            self._note(program.answer("say", room="#lobby", text=text, cid=cid))
        return program

    def close(self) -> None:
        if self._program is not None:
            self._program.close()

    @property
    def pending(self) -> dict[str, str]:
        """What was sent and not acknowledged, by its `cid`."""
        return {cid: text for cid, text in self.sent.items() if cid not in self.acked}

    def _talk(self, program: Program) -> None:
        self.shown.append([])
        before = len(self.acked)
        said = 0
        with suppress(AssertionError):  # the end
            while True:
                while said < len(self.acked) - before + AHEAD:
                    cid = f"{self.nick}-{len(self.sent)}"
                    self.sent[cid] = f"this is {cid}"
                    program.asks("say", room="#lobby", text=self.sent[cid], cid=cid)
                    said += 1
                self._note(program.hears())

    def _note(self, event: Json) -> None:
        self.last = event
        match event["ev"]:
            case "ack":
                self.acked[event["cid"]] = event
            case "error":
                self.refused.append(event)
            case "said":
                self.shown[-1].append(event)


class Listener:
    """A person who only listens, in a thread."""

    def __init__(self, nick: str, port: int) -> None:
        self.person = Peer(port)
        self.person.enters(nick)
        self._thread = Thread(target=self.person.ends, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._thread.join()
        self.person.close()


def all_talk(writers: Sequence[Writer], acks: int) -> list[Thread]:
    """Let all of them talk until each has that many acknowledgements more."""
    before = {writer.nick: len(writer.acked) for writer in writers}
    threads = [writer.start() for writer in writers]
    eventually(lambda: all(len(w.acked) >= before[w.nick] + acks for w in writers), "acknowledgements")
    return threads


def history(port: int) -> list[Json]:
    """All that was ever said, read by somebody who comes in for that."""
    reader = Program(port)
    try:
        reader.hello(f"historian{next(_numbers)}")
        head = reader.answer("join", room="#lobby", after=0)["head"]
        live = reader.hears(ev="live", room="#lobby")
        assert live["seq"] == head
        said = [event for event in reader.events if event["ev"] == "said"]
    finally:
        reader.close()
    assert [event["seq"] for event in said] == list(range(1, head + 1)), "seq has a hole, or repeats itself"
    assert [event["id"] for event in said] == sorted({event["id"] for event in said}), "ids do not grow"
    return said


def check(stored: Sequence[Json], writers: Iterable[Writer]) -> None:
    """See that what each writer was told agrees with what is stored."""
    by_text = {event["text"]: event for event in stored}
    by_seq = {event["seq"]: event for event in stored}
    assert [text for text, times in Counter(event["text"] for event in stored).items() if times > 1] == []
    for writer in writers:
        assert writer.acked, "no traffic"
        for cid, ack in writer.acked.items():
            event = by_text[writer.sent[cid]]
            assert (event["seq"], event["id"], event["at"]) == (ack["seq"], ack["id"], ack["at"])
        for shown in writer.shown:
            assert [by_seq[event["seq"]] for event in shown] == shown, "what was shown is not what is stored"
            seqs = [event["seq"] for event in shown]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "shown with a hole, twice or in another order"
        theirs = [event["text"] for event in stored if event["nick"] == writer.nick]
        sent = list(writer.sent.values())
        assert theirs == [text for text in sent if text in set(theirs)], "stored in another order than sent"
