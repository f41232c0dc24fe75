"""Passwords: which commands want one, how it is asked for, and how it is kept from being seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

_PLACES = {"/register": 0, "/login": 1, "/passwd": 0, "/nick": 1, "/claim": 0}
"""Behind how many words of a command what is secret begins."""
_AGAIN = "The same once more: "
_NEW = "The new one, of 8 characters at least: "
HIDDEN = "***"


class MistypedError(Exception):
    """What was typed can be no password, or differs from what was typed before."""


@dataclass(frozen=True)
class Questions:
    """What is to be asked to complete a ``command``; the last answer is repeated where it is a ``new`` password."""

    command: str
    texts: Sequence[str]
    new: bool = False


def wanted(line: str) -> Questions | None:
    """Return what is to be asked for a command that was typed without its password, None for any other line."""
    match line.split():
        case [command] if command.lower() == "/register":
            return Questions(line, ["A password, of 8 characters at least: "], new=True)
        case [command] if command.lower() == "/passwd":
            return Questions(line, ["The password that you have: ", _NEW], new=True)
        case [command, nick] if command.lower() == "/login":
            return Questions(line, [f"Password of {nick}: "])
    return None


def demanded(line: str, text: str) -> Questions:
    """Return what is to be asked where the server wants a password for a command, and says so with this text."""
    own = wanted(line)
    if own is not None:
        return own
    command, *given = line.split() or [""]
    return Questions(line, [f"{text.rstrip(': ')}: "], new=command.lower() == "/passwd" and len(given) == 1)


async def completed(questions: Questions, ask: Callable[[str], Awaitable[str]]) -> str:
    """Ask, and return the command with the passwords in it, nothing if one is left empty.

    :raises MistypedError: it will not do.
    """
    answers: list[str] = []
    for text in questions.texts:
        answer = await ask(text)
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
    command, *given = line.split() or [""]
    place = _PLACES.get(command.lower())
    if place is None or len(given) <= place:
        return line
    return " ".join([command, *given[:place], HIDDEN])
