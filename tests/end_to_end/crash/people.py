"""People on plain sockets: they learn of nothing that they missed, and see everything from when they are there."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from tests.end_to_end.crash.book import Message
from tests.end_to_end.crash.lines import Gone
from tests.end_to_end.crash.programs import GLANCE, Guest

if TYPE_CHECKING:
    from random import Random

    from tests.end_to_end.crash.book import Listener
    from tests.end_to_end.crash.lines import Line
    from tests.end_to_end.crash.programs import Scene

_SPOKEN = re.compile(r"(?:#\S+ )?(?:\[[^\]]*\] )?([a-z0-9]+): (\S+\.\d+(?: .*)?)")
"""Somebody's words, in whichever room and whenever they were said."""


class Person(Guest):
    """Somebody who listens, in one of the rooms beside the lobby, and comes under another name each time."""

    def __init__(self, name: str, scene: Scene, random: Random, room: str) -> None:
        super().__init__(name, scene, random)
        self.room = room
        self.is_there = False
        self._visits = 0

    def visit(self, line: Line) -> None:
        self._visits += 1
        nick = f"{self.name}x{self._visits}"
        self.book.nicks[self.name].add(nick)
        listener = self.book.listener(nick)
        self.is_there = False
        line.send(f"{nick}\n/join {self.room}\n".encode())
        for _ in range(self.random.randrange(20, 100)):
            self.speak(line, nick)
            until = time.monotonic() + self.random.uniform(0, 0.03)
            while (left := until - time.monotonic()) > 0:
                self._hear(listener, line, left)
            if self.is_done:
                line.send_no_more()
                while True:
                    self._hear(listener, line, GLANCE)
        self.book.count("cut")
        self.book.deaf.add(nick)
        line.cut(reset=self.random.random() < 0.5)

    def speak(self, line: Line, nick: str) -> None:
        """Say nothing."""

    def _hear(self, listener: Listener, line: Line, patience: float) -> None:
        told = line.read(min(patience, GLANCE))
        if told is None:
            return
        text = told.decode().removesuffix("\r")
        self.is_there |= text.startswith(("Connected ", "-- ")) and f" {self.room}" in text
        if text.startswith("! not stored"):
            if not self.is_there:
                raise Gone
            self.book.refusals[listener.nick] += 1
            self.book.count("refused")
        elif spoken := _SPOKEN.fullmatch(text):
            self.book.hears(listener, *spoken.groups())


class Talker(Person):
    """Somebody who types, too, and is told nothing of what becomes of that."""

    def __init__(self, name: str, scene: Scene, random: Random, room: str) -> None:
        super().__init__(name, scene, random, room)
        self._said = 0

    def speak(self, line: Line, nick: str) -> None:
        if not self.is_there:
            return
        texts = []
        for _ in range(self.random.randint(0, 3)):
            self._said += 1
            token = f"{self.name}.{self._said}"
            texts.append(f"{token} is typed")
            self.book.sends(Message(token, self.name, nick, self.room, texts[-1], nick))
        line.send("".join(f"{text}\n" for text in texts).encode())
