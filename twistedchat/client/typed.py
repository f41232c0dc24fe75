"""What a line means that somebody has typed: something to say, to do, or where to go."""

from __future__ import annotations

from dataclasses import dataclass

_GOODBYE = ":q"


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
    """To be in a room; ``room`` is empty if it was not one word."""

    room: str


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
        return Say(text.removeprefix("/"))
    command, rest = _first_word(text.removeprefix("/"))
    match command.lower():
        case "join" | "j":
            return Join(room_named(rest) if len(rest.split()) == 1 else "")
        case "part" | "leave":
            return _part(rest)
        case "quit" | "exit":
            return Quit(_one_line(rest))
    return Command(text)


def room_named(text: str) -> str:
    """Return the room that a word names, for its sign may be left out."""
    return text if not text or text.startswith("#") else f"#{text}"


def _part(rest: str) -> Part:
    room, why = _first_word(rest) if rest.startswith("#") else ("", rest)
    return Part(room, _one_line(why))


def _first_word(text: str) -> tuple[str, str]:
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
