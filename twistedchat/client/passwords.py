"""Passwords: which commands want one, how it is asked for, and how it is kept from being seen."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, succeed

from twistedchat.client import render
from twistedchat.client.exits import InterruptError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from twistedchat.client.exchange import RefusedError
    from twistedchat.client.render import Line

TRIES = 3
"""How often a command's passwords may be given."""
HIDDEN = "***"
_PLACES = {"/register": 0, "/login": 1, "/passwd": 0, "/nick": 1, "/claim": 0}
"""Behind how many words of a command what is secret begins."""
_AGAIN = "The same once more: "
_FIRST = "A password, of 8 characters at least: "
_OLD = "The password that you have: "
_NEW = "The new one, of 8 characters at least: "
_WAITING = "... "


class MistypedError(Exception):
    """What was typed can be no password, or differs from what was typed before."""


@dataclass(frozen=True)
class Questions:
    """What is to be asked to complete a ``command``; the last answer is repeated where it is a ``new`` password.

    ``why`` it is asked again stands before the first, ``left`` is how often it may be asked.
    """

    command: str
    texts: Sequence[str]
    new: bool = False
    why: str = ""
    left: int = TRIES


def wanted(line: str) -> Questions | None:
    """Return what is to be asked for a command that was typed without its password, None for any other line.

    Whether somebody has one to change only the server knows: it is asked first.
    """
    return _questions(line) if _words(line)[0] in {"/register", "/login"} else None


def may_want(line: str) -> bool:
    """Tell whether somebody who has typed this may go on with a password."""
    return _words(line)[0] in _PLACES.keys() - {"/claim"}


def refused(line: str, code: str, text: str) -> Questions | None:
    """Return what is to be asked where the server wants a password for a command, or another one."""
    name, *given = _words(line)
    match name, code:
        case _, "need_password":
            return _questions(line) or Questions(line, [f"{text.rstrip(': ')}: "])
        case ("/nick", "nick_owned" | "bad_login") | ("/login", "bad_login") | ("/passwd", "bad_text"):
            kept = 1
        case ("/passwd", "bad_login") | ("/register", "bad_text"):
            kept = 0
        case _:
            return None
    questions = _questions(" ".join([name, *given[:kept]]))
    return None if questions is None else replace(questions, why=text)


def _questions(line: str) -> Questions | None:
    match _words(line):
        case ["/register"]:
            return Questions(line, [_FIRST], new=True)
        case ["/passwd"]:
            return Questions(line, [_OLD, _NEW], new=True)
        case ["/passwd", _]:
            return Questions(line, [_NEW], new=True)
        case ["/login" | "/nick", nick]:
            return Questions(line, [f"Password of {nick}: "])
    return None


async def completed(questions: Questions, ask: Callable[[str], Awaitable[str]]) -> str:
    """Ask, and return the command with the passwords in it, nothing if one is left empty.

    :raises MistypedError: it will not do.
    """
    answers: list[str] = []
    why = f"{questions.why} " if questions.why else ""
    for text in questions.texts:
        answer = await ask(text if answers else why + text)
        if not answer:
            return ""
        if len(answer.split()) != 1 or answer != answer.strip():
            raise MistypedError("A password is one word, without blanks.")
        answers.append(answer)
    if questions.new and await ask(_AGAIN) != answers[-1]:
        raise MistypedError("Those were two different ones.")
    return " ".join([questions.command, *answers])


def discreet(line: str) -> str:
    """Return a line as it may be shown and remembered: without the secrets that a command has in it."""
    name, *given = _words(line)
    place = _PLACES.get(name)
    if place is None or len(given) <= place:
        return line
    return " ".join([*line.split()[: -len(given)], *given[:place], HIDDEN])


def _words(line: str) -> list[str]:
    """Return the words of a command, its name first, in lower case and with its slash."""
    name, *given = line.removeprefix("/").split() or [""]
    return [f"/{name.lower()}" if line.startswith("/") else "", *given]


class Passwords:
    """Does the commands that may want passwords, and has these asked for where nobody sees them.

    ``ask`` has somebody type a line that nobody sees, and can be cancelled; ``command`` does
    a command, tells what is given it whether it was refused, and fires when it is done
    or not; ``wake`` ends the reading of what is to be said, for something is to be asked.
    Until the server has answered, unless it is ``away``, nothing that is typed is said: it
    may be a password.
    """

    def __init__(
        self,
        ask: Callable[[str], Deferred[str]],
        command: Callable[[str, Callable[[RefusedError], bool]], Deferred[None]],
        tell: Callable[[list[Line]], None],
        wake: Callable[[], None],
        away: Callable[[], bool],
    ) -> None:
        self.private = True
        """Whether nobody on the way can read what is sent."""
        self.asked: deque[Questions] = deque()
        self.ahead: deque[str] = deque()
        """The lines that were typed while the server was asked."""
        self._ask = ask
        self._command = command
        self._tell = tell
        self._wake = wake
        self._away = away
        self._waiting: Deferred[str] | None = None

    async def do(self, line: str) -> None:
        """Do a command that was typed, or ask first for what it wants."""
        questions = wanted(line) if self.private else None
        if questions is not None:
            self.asked.append(questions)
            return
        await self._try(line, TRIES)
        if _words(line) == ["/passwd"] and not self.asked and self.ahead:
            self.ahead.clear()
            self._tell(render.notice("(not sent) what you typed meanwhile"))

    async def complete(self) -> None:
        """Have the first of the commands that want one completed with its passwords, and do it."""
        questions = self.asked.popleft()
        try:
            line = await completed(questions, self._ask_next)
        except MistypedError as why:
            if questions.left > 1:
                self.asked.appendleft(replace(questions, why=str(why), left=questions.left - 1))
                return
            self._tell(render.refusal(str(why)))
            line = ""
        except (EOFError, InterruptError):
            line = ""
        if line:
            await self._try(line, questions.left - 1)
        else:
            self._tell(render.notice(f"(not sent) {discreet(questions.command)}"))

    def release(self) -> None:
        """Wait no more for the server."""
        if self._waiting is not None and not self._waiting.called:
            self._waiting.cancel()

    async def _try(self, line: str, left: int) -> None:
        done = self._command(line, lambda why: self._asks_again(line, why, left))
        if may_want(line):
            await self._answered(done)

    async def _answered(self, done: Deferred[None]) -> None:
        """Keep what is typed for later until the server has answered, or somebody has no patience."""
        ended = False

        def end(_: None) -> None:
            nonlocal ended
            ended = True
            self.release()

        done.addCallback(end)
        while not (ended or self._away()):
            self._waiting = self._ask(_WAITING)
            try:
                self.ahead.append(await self._waiting)
            except (EOFError, InterruptError):
                break
        self._waiting = None

    def _ask_next(self, question: str) -> Awaitable[str]:
        return succeed(self.ahead.popleft()) if self.ahead else self._ask(question)

    def _asks_again(self, line: str, why: RefusedError, left: int) -> bool:
        """Have a password asked for where that is why a command was refused, unless it was tried too often."""
        questions = refused(line, why.code, render.safe(why.words))
        if questions is None or left <= 0 or not (self.private or why.code == "need_password"):
            return False
        self.asked.append(replace(questions, left=left))
        self._wake()
        return True
