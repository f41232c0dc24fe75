"""What a line means that somebody has typed: something to say, to do, or where to go."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GOODBYE = ":q"
_PART = r"(?:\\/|[^/\\\n]|\\(?!/))"
_CORRECTION = re.compile(rf"s/({_PART}+)/({_PART}*)(?:/(g?))?")
"""``s/old/new/``, or with ``g`` wherever it stands, in which a slash that is meant has a backslash before it."""


@dataclass(frozen=True)
class Say:
    """Words for the active room."""

    text: str


@dataclass(frozen=True)
class Command:
    """What the server does, as it was typed."""

    line: str


@dataclass(frozen=True)
class Join:
    """To be in a room, which ``key`` may open; ``room`` is empty if it was not one word or two."""

    room: str
    key: str = ""


@dataclass(frozen=True)
class Part:
    """To be in a room no more; ``room`` is empty for the active one."""

    room: str
    why: str


@dataclass(frozen=True)
class Quit:
    """To leave for good."""

    why: str


Typed = Say | Command | Join | Part | Quit


def meaning(line: str) -> Typed | None:  # noqa: PLR0911 - a table
    """Return what a line means, None if there is nothing in it."""
    text = line.rstrip()
    if not text.strip():
        return None
    if text.split(maxsplit=1)[0] == _GOODBYE:
        return Quit(_one_line(text.strip().removeprefix(_GOODBYE)))
    if text.startswith("//") or not text.startswith("/"):
        correction = _CORRECTION.fullmatch(text)
        if correction is None:
            return Say(text.removeprefix("/"))
        return Command(f"/edit s/{correction[1]}/{correction[2]}/{correction[3] or ''}")
    command, rest = _first_word(text.removeprefix("/"))
    match command.lower():
        case "join" | "j":
            return _join(rest)
        case "part" | "leave":
            return _part(rest)
        case "quit" | "exit":
            return Quit(_one_line(rest))
    return Command(text)


def room_named(text: str) -> str:
    """Return the room that a word names, for its sign may be left out."""
    return text if not text or text.startswith("#") else f"#{text}"


def _join(rest: str) -> Join:
    match rest.split(" "):
        case [room] if len(rest.split()) == 1:
            return Join(room_named(room))
        case [room, key] if len(rest.split()) == len([room, key]):
            return Join(room_named(room), key)
    return Join("")


def _part(rest: str) -> Part:
    room, why = _first_word(rest) if rest.startswith("#") else ("", rest)
    return Part(room, _one_line(why))


def _first_word(text: str) -> tuple[str, str]:
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
