"""Who is here, and under which name."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Goodbye, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.text import reason


@command("NICK", needs=Permission.LOOK)
async def nick(ask: Ask, wanted: str) -> Told:
    """Take another nickname."""
    await ask.chat.people.rename(ask.session, wanted, ask.at)
    return Told((f"You are {ask.session.nick} now.",))


@command("[#ROOM]", needs=Permission.LOOK, aliases=("names", "users"))
def who(_ask: Ask, room: Room) -> Told:
    """Say who is in a room: ~owner."""
    people = room.marked()
    count = "1 person" if len(people) == 1 else f"{len(people)} people"
    return Told((f"{room.name} ({count}): {', '.join(people)}",))


@command("[WHY...]", needs=Permission.LOOK, aliases=("exit",))
async def quit_(_ask: Ask, why: str = "") -> Goodbye:
    """Leave."""
    return Goodbye(reason(why))
