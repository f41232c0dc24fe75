"""A place at a terminal: what is shown there, and what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from tests.client.helpers import FakeConnection, FakeLink
from twistedchat.client.exits import InterruptError, Place
from twistedchat.client.options import Options
from twistedchat.client.render import Line, plain
from twistedchat.client.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.client.ways import Way


class FakeScreen:
    """What is shown, as lines; what is asked; `types` answers."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.rings = 0
        self.secret = False
        self.prompt: Callable[[], str] = str
        self.waiting: Deferred[str] | None = None

    def show(self, lines: list[Line]) -> None:
        self.lines += [plain(line) for line in lines]

    def flush(self) -> None:
        pass

    @property
    def question(self) -> str:
        return self.prompt()

    def ring(self) -> None:
        self.rings += 1

    def read(self, prompt: Callable[[], str]) -> Deferred[str]:
        self.prompt, self.secret = prompt, False
        return self._wait()

    def ask(self, question: str, default: str = "") -> Deferred[str]:
        self.prompt, self.secret = lambda: question, False
        return self._wait(default)

    def ask_secretly(self, question: str) -> Deferred[str]:
        self.prompt, self.secret = lambda: question, True
        return self._wait()

    def _wait(self, default: str = "") -> Deferred[str]:
        self.waiting = Deferred(lambda waiting: waiting.errback(EOFError()))
        return self.waiting.addCallback(lambda text: text or default)

    def types(self, *lines: str) -> None:
        for line in lines:
            assert self.waiting is not None
            self.waiting.callback(line)

    def presses(self, key: str) -> None:
        assert self.waiting is not None
        self.waiting.errback({"C-d": EOFError(), "C-c": InterruptError()}[key])


class Seated:
    """Somebody at a terminal whose screen and whose server are ours."""

    def setup_method(self) -> None:
        self.screen = FakeScreen()
        self.reports: list[str] = []

    def starts(self, *, private: bool = True, way: Way | None = None, **options: object) -> Deferred[int]:
        self.terminal = Terminal(Options(Place("localhost", 55555), **options), self.reports.append)  # type: ignore[arg-type]
        self.link = FakeLink(self.terminal.session, private=private, way=way)
        self.status = Deferred.fromCoroutine(self.terminal.run(self.screen, self.link))  # type: ignore[arg-type]
        self.link.now.says({"ev": "error", "code": "need_hello"})
        return self.status

    def is_in(self, **welcome: object) -> FakeConnection:
        self.starts(nick="alice")
        self.link.now.welcomes(**welcome)
        self.link.now.lets_in()
        self.screen.lines.clear()
        return self.link.now
