"""Who is here, and under which name."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Goodbye, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person
from twistedchat.chat.text import reason


@command("NICK [PASSWORD]", needs=Permission.LOOK, rare=True)
async def nick(ask: Ask, wanted: str, password: str = "") -> Told:
    """Take another nickname; with its password one that is a member's."""
    if password:
        await ask.chat.accounts.login(ask.session, wanted, password, ask.at)
    else:
        await ask.chat.people.rename(ask.session, wanted, ask.at)
    return Told((f"You are {ask.session.nick} now.",), {"nick": ask.session.nick})


@command("[#ROOM]", needs=Permission.LOOK, aliases=("names", "users"))
def who(ask: Ask, room: Room) -> Told:
    """Say who is in a room: ~owner @op +voice."""
    marked = room.marked()
    facts = {"room": room.name, "who": [_somebody(ask, room, person) for person in room.persons()]}
    count = "1 person" if len(marked) == 1 else f"{len(marked)} people"
    line = f"{room.name} ({count}): {', '.join(marked)}" if marked else f"Nobody is in {room.name}."
    return Told((line,), facts)


def _somebody(ask: Ask, room: Room, person: Person) -> dict[str, object]:
    """Return what a program is told of somebody in a room."""
    about: dict[str, object] = {"nick": person.nick, "role": ask.chat.access.role(person, room).value}
    if person.account is not None:
        about["account"] = person.account.name
    if person.bot:
        about["bot"] = True
    return about | {"away": person.away} if person.away else about


@command("NICK", needs=Permission.LOOK, rare=True)
def whois(ask: Ask, who: Person) -> Told:
    """Say what is known of somebody."""
    me, access = ask.session.person, ask.chat.access
    rooms = {room.id: room for session in who.sessions for room in session.rooms.values()}
    names = [room.mark(who.id) + room.name for room in rooms.values() if access.sees(me, room)]
    where = f"in {', '.join(sorted(names))}" if names else "in no room" if who.sessions else "not here"
    away = f"; away: {who.away}" if who.away else ""
    bot = ", a bot" if who.bot else ""
    lines = [f"{who.nick} is {access.role(who, None)}{bot}, {where}{away}."]
    if access.may(me, None, Permission.ADMINISTER):
        addresses = {session.address or "this computer" for session in who.sessions}
        lines += [f"{who.nick} comes from {address}." for address in sorted(addresses)]
    return Told(tuple(lines))


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
async def quit_(ask: Ask, why: str = "") -> Goodbye:
    """Leave."""
    rooms = [None, *ask.session.rooms.values()]
    mute = any(ask.chat.access.is_mute(ask.session, room, ask.at) for room in rooms)
    return Goodbye("" if mute else reason(why))
