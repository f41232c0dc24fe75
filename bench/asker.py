"""A program that asks for what was said, and measures how long the answers take."""

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

import msgspec

from bench.errors import BenchError

WAITS = 20.0
PASSWORD = "bench-a-million"

Request = dict[str, str | int]


@dataclass(frozen=True)
class Question:
    """Something that is asked again and again, in other words each time."""

    name: str
    limit_ms: float
    make: Callable[[Random], Request]


@dataclass(frozen=True)
class Asked:
    """One answer: after how long it was there, how much was in it, and whether it was refused."""

    question: Question
    ms: float
    found: int
    refused: str = ""


class Answer(msgspec.Struct):
    """What matters of an answer."""

    ev: str
    code: str = ""
    text: str = ""
    entries: list[msgspec.Raw] = []


class Asker:
    """A member, over a JSON connection of their own, who is in no room and so hears nothing else.

    What is asked next is asked when the last answer is there.
    """

    def __init__(self, port: int, nick: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), WAITS)
        self._lines = self._socket.makefile("rb")
        self._ref = 0
        self._random = Random(nick)
        self._demand({"op": "hello", "v": 1, "nick": nick})
        self._demand({"op": "command", "line": f"/register {PASSWORD}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, question: Question) -> Asked:
        """Ask it once."""
        ms, answer = self._exchange(question.make(self._random))
        return Asked(question, ms, len(answer.entries), answer.code)

    def ask_all(self, questions: Sequence[Question]) -> list[Asked]:
        """Ask one after the other."""
        return [self.ask(question) for question in questions]

    def _demand(self, request: Request) -> None:
        _, answer = self._exchange(request)
        if answer.code:
            raise BenchError(f"{request['op']}: {answer.text}")

    def _exchange(self, request: Request) -> tuple[float, Answer]:
        """Send it, and return after how many milliseconds the whole of the answer was there, and the answer."""
        self._ref += 1
        line = msgspec.json.encode({**request, "ref": self._ref}) + b"\n"
        mark = b'"ref":%d,' % self._ref
        begin = time.perf_counter()
        self._socket.sendall(line)
        for answer in self._lines:
            if mark in answer[:64]:
                ms = (time.perf_counter() - begin) * 1e3
                return ms, msgspec.json.decode(answer, type=Answer)
        raise BenchError(f"it closed instead of answering {request['op']}")
