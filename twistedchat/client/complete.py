"""What the Tab key may make of a word: derived from the usage lines that the server sent."""

from collections.abc import Iterable


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
    kind = _kind(command, len(given), usages)
    if "ROOM" in kind:
        return _begun(word, rooms, " ")
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
