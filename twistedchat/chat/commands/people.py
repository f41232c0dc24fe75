"""Who is here, and under which name."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Goodbye, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Session
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
    if not people:
        return Told((f"Nobody is in {room.name}.",))
    count = "1 person" if len(people) == 1 else f"{len(people)} people"
    return Told((f"{room.name} ({count}): {', '.join(people)}",))


@command("NICK", needs=Permission.LOOK, rare=True)
def whois(ask: Ask, who: Session) -> Told:
    """Say what is known of somebody."""
    rooms = [("~" if room.owner == who.guest else "") + room.name for room in who.rooms.values()]
    where = f"in {', '.join(sorted(rooms))}" if rooms else "in no room"
    away = f"; away: {who.away}" if who.away else ""
    return Told((f"{who.nick} is a {ask.chat.role(who, None).value}, {where}{away}.",))


@command("[WHY...]", needs=Permission.LOOK, rare=True)
async def away(ask: Ask, why: str = "") -> Told:
    """Have /who and /whois say that you are away."""
    why = reason(why) or "away"
    await ask.chat.people.set_away(ask.session, why, ask.at)
    return Told((f"You are away: {why}. /back ends it.",))


@command(needs=Permission.LOOK, rare=True)
async def back(ask: Ask) -> Told:
    """Be here again."""
    await ask.chat.people.set_away(ask.session, "", ask.at)
    return Told(("You are back.",))


@command("[WHY...]", needs=Permission.LOOK, aliases=("exit",))
async def quit_(_ask: Ask, why: str = "") -> Goodbye:
    """Leave."""
    return Goodbye(reason(why))
