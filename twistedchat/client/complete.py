"""What the Tab key may make of a word: derived from the usage lines that the server sent, and from what was seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twistedchat.client import events, wire

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIASES = {"/j": "/join", "/leave": "/part"}
_LISTED = re.compile(r"^(#\S+) \(\d+\)", re.MULTILINE)


class Known:
    """Who has been seen in which room, and which rooms have been heard of."""

    def __init__(self) -> None:
        self._people: dict[str, set[str]] = {}
        self._rooms: dict[str, None] = {}

    @property
    def people(self) -> set[str]:
        """Those who are here, as far as one knows."""
        return set().union(*self._people.values())

    @property
    def rooms(self) -> list[str]:
        """Rooms that are there or were."""
        return list(self._rooms)

    def entered(self, room: wire.Ok) -> None:
        """Know a room and those in it."""
        self._rooms[room.room] = None
        self._people[room.room] = set(room.people)

    def heard(self, event: wire.News) -> None:
        """Know who comes, who goes, and who and what is called otherwise."""
        here = self._people.setdefault(getattr(event, "room", ""), set())
        match event:
            case wire.Renamed(nick=nick, to=to):
                here.discard(nick)
                here.add(to)
            case wire.Left(nick=nick) | events.Kicked(who=nick):
                here.discard(nick)
            case events.RoomRenamed(was=was, to=to):
                self._rooms.pop(was, None)
                self._rooms[to] = None
                self._people[to] = self._people.pop(was, here)
            case events.Invited(room=room):
                self._rooms[room] = None
            case events.Act():
                pass  # whoever has done it may have left meanwhile
            case _:
                here.add(event.nick)

    def listed(self, text: str) -> None:
        """Know the rooms of an answer that lists some, each as ``#room (2)`` on a line."""
        self._rooms |= dict.fromkeys(_LISTED.findall(text))

    def left(self, room: str) -> None:
        """Know no more who is in a room."""
        self._people.pop(room, None)


def possible_words(
    before: str, word: str, usages: Iterable[str], people: Iterable[str], rooms: Iterable[str]
) -> list[str]:
    """Return what ``word`` may become after ``before``, each with the space that follows it.

    At the beginning of a line: a command, or somebody who is spoken to. In a
    command: what its usage has in that place.
    """
    names = [usage.split()[0] for usage in usages if usage]
    if not before and word.startswith("/"):
        return _begun(word, names, " ")
    command, *given = before.split() or [""]
    kind = _kind(_ALIASES.get(command, command), len(given), usages)
    if "ROOM" in kind:
        sign = "" if kind.startswith("[") or word.startswith("#") or not word else "#"
        return _begun(sign + word, rooms, " ")
    if "COMMAND" in kind:
        return _begun(word, (name.lstrip("/") for name in names), " ")
    if "NICK" in kind or word:
        return _begun(word, people, " " if before else ": ")
    return []


def _kind(command: str, place: int, usages: Iterable[str]) -> str:
    """Return what a command's usage has in a place, counted from 0: ``NICK``, ``[COMMAND]``, ``TEXT...``."""
    for usage in usages:
        name, *places = usage.split() or [""]
        if name == command and place < len(places):
            return places[place]
    return ""


def _begun(word: str, candidates: Iterable[str], after: str) -> list[str]:
    begun = {name for name in candidates if name.casefold().startswith(word.casefold())}
    return [name + after for name in sorted(begun, key=str.casefold)]
