"""What was said before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.durations import duration, is_duration
from twistedchat.chat.errors import BadUsage, NoSuchNick
from twistedchat.chat.replies import Found, Shown, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.session import Person

HISTORY, HISTORY_MOST = 20, 200
MISSED_MOST = 50
WORDS_MOST, QUERY_MOST = 8, 200


@command("[#ROOM] [HOW_MUCH]", needs=Permission.READ, rare=True)
async def history(ask: Ask, room: Room, much: str = "") -> Shown:
    """Show the last messages.

    20 of them, or /history 100, /history 1h, /history 2026-11-22 (since that day, in UTC).
    """
    archive, session, at = ask.chat.archive, ask.session, ask.at
    if not much or much.isdecimal():
        count = max(1, min(int(much[:9] or HISTORY), HISTORY_MOST))
        return Shown(room.name, tuple(await archive.last(session, room, count, at)))
    then = at - duration(much) if is_duration(much) else _day(much)
    return Shown(room.name, tuple(await archive.since(session, room, then, HISTORY_MOST, at)))


@command(needs=Permission.SEARCH, rare=True)
async def missed(ask: Ask) -> Found | Told:
    """Show what was said in your rooms while you were away.

    Yours are those that you are in, and those that you were in when you left and
    have not said /part to.
    """
    rooms = await ask.chat.archive.missed(ask.session, MISSED_MOST, ask.at)
    entries = sorted(((name, each) for name, found in rooms for each in found), key=lambda pair: pair[1].id)
    where = ", ".join(name for name, _ in rooms)
    return Found(tuple(entries)) if entries else Told((f"You have missed nothing in {where or 'any room'}.",))


@command("WORDS...", needs=Permission.SEARCH)
async def search(ask: Ask, query: str) -> Found | Told:
    """Find what was said.

    Like this: /search beer from:bob in:#pub before:2026-11-22 after:7d
    All of the words are in what is found; wor* also finds words. It looks into
    the rooms that you may read and what was said to and by you alone; in:bob
    only into what you and bob have said to each other.
    """
    if len(query.encode()) > QUERY_MOST:
        raise BadUsage(f"That is more than {QUERY_MOST} bytes to look for.")
    wanted = _Query(query, ask)
    if not wanted.words and not wanted.nick:
        raise BadUsage("Which words? /search beer from:bob")
    entries = await ask.chat.archive.search(
        ask.session,
        tuple(wanted.words),
        ask.at,
        where=wanted.where,
        nick=wanted.nick,
        after=wanted.after,
        before=wanted.before,
    )
    return Found(tuple(entries)) if entries else Told(("Nothing like that was said where you may read.",))


class _Query:
    """What was typed to be looked for, taken apart."""

    def __init__(self, query: str, ask: Ask) -> None:
        self.words: list[str] = []
        self.nick, self.after, self.before = "", 0, 1 << 62
        self.where: Room | Person | None = None
        for word in query.split():
            key, colon, value = word.partition(":")
            if colon and value:
                self._filter(key.lower(), value, word, ask)
            else:
                self.words.append(word)
        if len(self.words) > WORDS_MOST:
            raise BadUsage(f"That are more than {WORDS_MOST} words.")

    def _filter(self, key: str, value: str, word: str, ask: Ask) -> None:
        match key:
            case "from":
                self.nick = value
            case "in":
                self.where = _place(value, ask.chat)
            case "after":
                self.after = _time(value, ask.at)
            case "before":
                self.before = _time(value, ask.at)
            case _:
                self.words.append(word)


def _place(name: str, chat: Chat) -> Room | Person:
    """Return the person of that name, or else the room, whose # may be left out."""
    if name.startswith("#"):
        return chat.rooms.named(name)
    try:
        return chat.people.known(name)
    except NoSuchNick:
        room = chat.rooms.find(f"#{name}")
        if room is None:
            raise
        return room


def _time(word: str, at: int) -> int:
    return at - duration(word) if is_duration(word) else _day(word)


def _day(word: str) -> int:
    """Return the begin of a day (ms), in UTC."""
    try:
        return int(datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise BadUsage(f"{word} is neither a number, a time like 2h, nor a day like 2026-11-22.") from None
