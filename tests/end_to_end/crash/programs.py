"""Programs: they come back as who they were, go on where they were, and repeat what was not answered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING

from tests.end_to_end.crash.book import Message
from tests.end_to_end.crash.lines import Gone, Line
from tests.end_to_end.streams import DEADLINE, PAUSE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.end_to_end.crash.book import Book, Witness
    from tests.end_to_end.peers import Json

GLANCE = 0.2
"""Seconds after which whoever listens looks up whether it is over."""
VOID = {"cursor_ahead", "epoch_changed", "gap_expired"}
"""Refusals of a cursor that must be good, for what it stands for was shown."""


@dataclass(frozen=True)
class Scene:
    """Where a run takes place."""

    port: int
    rooms: Sequence[str]
    book: Book
    over: Signal


class Guest:
    """Somebody who comes back whenever their connection has ended, in a thread, until it is over."""

    def __init__(self, name: str, scene: Scene, random: Random) -> None:
        self.name = name
        self.scene = scene
        self.book = scene.book
        self.random = random
        self.error: BaseException | None = None
        self.thread = Thread(target=self._live, name=name, daemon=True)
        self.book.nicks[name] = set()

    @property
    def is_done(self) -> bool:
        return self.scene.over.is_set()

    def visit(self, line: Line) -> None:
        """Come in, and stay for a while."""
        raise NotImplementedError

    def _live(self) -> None:
        try:
            while not self.is_done:
                try:
                    with Line(self.scene.port) as line:
                        self.visit(line)
                except Gone:
                    time.sleep(PAUSE)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the thread must learn it
            self.error = error


class Program(Guest):
    """A program in all the rooms, which says nothing."""

    stays = True
    """Whether it listens until the last word is said."""

    def __init__(self, name: str, scene: Scene, random: Random) -> None:
        super().__init__(name, scene, random)
        self.nick = name
        self.session = ""
        self.witnesses = {room: self.book.witness(name, room, stays=self.stays) for room in scene.rooms}
        self.farewell = False

    def visit(self, line: Line) -> None:
        self.farewell = False
        self._enter(line)
        for witness in list(self.witnesses.values()):
            self._follow(line, witness)
        self.stay(line)

    def stay(self, line: Line) -> None:
        """Listen for a while, then cut the line to see whether that can be gone on with."""
        for _ in range(self.random.randrange(50, 500)):
            self.take(line.hear(GLANCE))
            if self.is_done:
                return
        self.book.count("cut")
        line.cut(reset=self.random.random() < 0.5)

    def take(self, event: Json | None) -> Json | None:
        """Note what an event tells."""
        if event is not None and event["ev"] == "said":
            self.book.shows(event, self.witnesses[event["room"]])
        elif event is not None and event["ev"] == "bye":
            self.farewell = event["code"] == "restarting"
        return event

    def await_event(self, line: Line) -> Json:
        event = self.take(line.hear())
        if event is None:
            raise AssertionError(f"{self.name} heard nothing for {DEADLINE:g} s")
        return event

    def _enter(self, line: Line) -> None:
        while True:
            self.book.nicks[self.name].add(self.nick)
            line.ask({"op": "hello", "v": 1, "nick": self.nick, "session": self.session, "ref": "hello"})
            while (event := self.await_event(line)).get("ref") != "hello":
                pass
            if event["ev"] == "hello":
                break
            if not self._shall_retry(event):
                assert event["code"] == "nick_taken", event
                self.nick += "x"  # who came in by that name was killed before they learnt their secret
        if self.session and self.session != event["session"]:
            self.book.findings.add("lost", f"who {self.name} is")
        self.session = event["session"]

    def _shall_retry(self, error: Json) -> bool:
        """Wait a little where nothing can be stored now."""
        if error["code"] == "not_stored":
            time.sleep(PAUSE)
        return bool(error["code"] == "not_stored")

    def _follow(self, line: Line, witness: Witness) -> None:
        cursor = {"rid": witness.rid, "after": witness.cursor} if witness.rid else {"after": 0}
        line.ask({"op": "join", "room": witness.room, "ref": "join", **cursor})
        while (event := self.await_event(line)).get("ref") != "join":
            pass
        if event["ev"] == "error" and self._shall_retry(event):
            self._follow(line, witness)
            return
        if event["ev"] == "error":
            assert event["code"] in VOID, event
            what = f"{self.name} has seen {witness.room} {witness.cursor}: {event['code']}"
            self.book.findings.add("phantom", what)
            self.witnesses[witness.room] = self.book.witness(self.name, witness.room, stays=self.stays)
            witness.stays = False
            self._follow(line, self.witnesses[witness.room])
            return
        witness.rid = event["rid"]
        while not (event["ev"] == "live" and event["room"] == witness.room):
            event = self.await_event(line)


class Writer(Program):
    """A program that says things, some at a time, and repeats those that were not answered before it says others."""

    stays = False
    MOST = 8

    def __init__(self, name: str, scene: Scene, random: Random) -> None:
        super().__init__(name, scene, random)
        self.pending: dict[str, Message] = {}
        self.in_flight = 0
        self._acked: list[Message] = []
        self._said = 0

    @property
    def is_done(self) -> bool:
        return super().is_done and not self.pending

    def stay(self, line: Line) -> None:
        while not self.is_done:
            if not self.pending:
                self._think()
            self._say(line)
            time.sleep(self.random.uniform(0, 0.03))

    def _think(self) -> None:
        """Have something to say, and now and then something that was said already."""
        for _ in range(self.random.randint(1, self.MOST)):
            message = self._message()
            self.book.sends(message)
            self.pending[message.token] = message
        if self._acked and self.random.random() < 0.1:
            again = self.random.choice(self._acked)
            self.pending[again.token] = again

    def _message(self) -> Message:
        self._said += 1
        token = f"{self.name}.{self._said}"
        filler = self.random.choice((" is short", "\nhas a second line", " größer 🐝", " " + "long " * 100 + "end"))
        return Message(token, self.name, self.nick, self.random.choice(self.scene.rooms), token + filler, "")

    def _say(self, line: Line) -> None:
        self.in_flight = len(self.pending)
        try:
            for message in self.pending.values():
                message.tries += 1
            line.ask(
                *(
                    {"op": "say", "room": each.room, "text": each.text, "cid": each.token, "ref": each.token}
                    for each in self.pending.values()
                )
            )
            if self.random.random() < 0.03:
                self.book.count("cut")
                line.cut(reset=self.random.random() < 0.5)
            while self.pending:
                self._note(self.await_event(line))
        except Gone:
            for message in self.pending.values():
                message.left_open = self.farewell and message.tries == 1
            raise
        finally:
            self.in_flight = 0

    def _note(self, event: Json) -> None:
        message = self.pending.get(event.get("ref", ""))
        if message is None:
            return
        if event["ev"] == "ack":
            if message.ack is None:
                self._acked.append(message)
            self.book.acks(message, event)
        else:
            assert (event["ev"], event["code"]) == ("error", "not_stored"), event
            self.book.count("refused")
            message.refused = message.tries == 1
        del self.pending[message.token]
