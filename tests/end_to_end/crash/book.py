"""What was sent, what became of it as far as its sender knows, and what was shown to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from tests.end_to_end.crash.findings import Findings

if TYPE_CHECKING:
    from tests.end_to_end.peers import Json


TRAFFIC = {
    "sent": "said for the first time",
    "acked": "acknowledged at once",
    "acked late": "acknowledged when they were repeated, for they had been stored before",
    "acked again": "acknowledged before, and repeated all the same",
    "shown": "messages shown, to all together",
    "cut": "connections that their own peer has cut, half of them right after a send",
    "under load": "ends of the daemon while somebody waited for an acknowledgement",
}


class Place(NamedTuple):
    """Where a message stands, as an acknowledgement says it."""

    room: str
    seq: int
    id: int
    at: str


class Event(NamedTuple):
    """A message as it was shown to a program."""

    place: Place
    nick: str
    text: str

    @classmethod
    def of(cls, said: Json) -> Event:
        return cls(place_of(said), said["nick"], said["text"])


def place_of(told: Json) -> Place:
    return Place(told["room"], told["seq"], told["id"], told["at"])


def token_of(text: str) -> str:
    """Return the first word of a text, by which it is known."""
    return text.partition(" ")[0].partition("\n")[0]


@dataclass(slots=True)
class Message:
    """Something that somebody tried to say; its `line` is the connection on which that was first tried."""

    token: str
    writer: str
    nick: str
    room: str
    text: str
    line: str
    ack: Place | None = None
    refused: bool = False
    tries: int = 0
    left_open: bool = False


class Witness:
    """One who follows one room by its numbers, over as many connections as it takes."""

    def __init__(self, who: str, room: str, findings: Findings, cursor: int = 0) -> None:
        self.who = who
        self.room = room
        self.rid = ""
        self.cursor = cursor
        self.stays = True
        self.holes: set[int] = set()
        self._findings = findings

    def sees(self, seq: int) -> None:
        if seq > self.cursor:
            self.holes.update(range(self.cursor + 1, seq))
            self.cursor = seq
        elif seq in self.holes:
            self.holes.remove(seq)
            self._findings.add("disorder", f"{self.who} was told {self.room} {seq} after {self.cursor}")
        else:
            self._findings.add("repeated", f"{self.who} was told {self.room} {seq} twice, now after {self.cursor}")

    def misses(self, head: int) -> int:
        """How many of the room's messages never came; who stays to the end hears the last one, too."""
        return len(self.holes) + (max(0, head - self.cursor) if self.stays else 0)


@dataclass
class Listener:
    """A person on one connection: what was said before them, as they saw it."""

    nick: str
    heard: list[Message] = field(default_factory=list)


class Book:
    """Everything that is known of a run when it is over.

    Of the connections of people, `refusals` counts what they saw refused; those that are
    `deaf` were cut by their own peer, who may not have seen all.
    """

    def __init__(self) -> None:
        self.findings = Findings()
        self.sent: dict[str, Message] = {}
        self.refusals: Counter[str] = Counter()
        self.deaf: set[str] = set()
        self.nicks: dict[str, set[str]] = {}
        self.shown: dict[tuple[str, int], Event] = {}
        self.otherwise: list[Event] = []
        self.witnesses: list[Witness] = []
        self.listeners: list[Listener] = []
        self.traffic: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def lacks(self) -> list[str]:
        """What did not happen, and without what a run says nothing."""
        return [kind for kind in TRAFFIC if not self.traffic[kind]]

    @property
    def acked(self) -> int:
        """How many messages were acknowledged."""
        return self.traffic["acked"] + self.traffic["acked late"]

    def count(self, what: str, times: int = 1) -> None:
        with self._lock:
            self.traffic[what] += times

    def sends(self, message: Message) -> None:
        self.sent[message.token] = message
        self.count("sent")

    def witness(self, who: str, room: str, *, stays: bool = True) -> Witness:
        witness = Witness(who, room, self.findings)
        witness.stays = stays
        self.witnesses.append(witness)
        return witness

    def listener(self, nick: str) -> Listener:
        listener = Listener(nick)
        self.listeners.append(listener)
        return listener

    def shows(self, said: Json, witness: Witness) -> None:
        """Note what a program was told; if others were told otherwise, both is kept."""
        event = Event.of(said)
        if self.shown.setdefault((event.place.room, event.place.seq), event) != event:
            self.otherwise.append(event)
        self.count("shown")
        witness.sees(event.place.seq)

    def acks(self, message: Message, ack: Json) -> None:
        place = place_of(ack)
        if message.ack is not None:
            self.count("acked again")
        else:
            self.count("acked late" if ack.get("dup") else "acked")
        if ack.get("dup") and message.left_open:
            self.count("unanswered")
        if message.ack not in {None, place}:
            self.findings.add("altered", f"{message.token} was acknowledged at {message.ack}, then at {place}")
        message.ack = message.ack or place
        message.left_open = False

    def hears(self, listener: Listener, nick: str, text: str) -> None:
        """Note what a person saw, of which only the first line is looked at."""
        message = self.sent.get(token_of(text))
        if message is None or message.text.partition("\n")[0] != text or nick not in self.nicks[message.writer]:
            self.findings.add("altered", f"{listener.nick} saw {nick}: {text[:80]}")
            return
        self.count("shown")
        listener.heard.append(message)
