"""Rooms: going in and out, seeing which there are, and what they are about."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Parted, Told, Went
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.text import TOPIC_MOST, one_line, reason

LISTED_MOST = 40


@command("#ROOM [KEY]", needs=Permission.LOOK, aliases=("j",))
async def join(ask: Ask, name: str, key: str = "") -> Went:
    """Go to a room; it is made if there is none."""
    before = set(ask.session.rooms)
    room = await ask.chat.enter(ask.session, name, ask.at, key)
    return Went(room, new=room.id not in before)


@command("[#ROOM] [WHY...]", needs=Permission.LOOK, aliases=("leave",), rare=True)
async def part(ask: Ask, room: Room, why: str = "") -> Parted:
    """Leave a room."""
    await ask.chat.part(ask.session, room, ask.at, reason(why))
    active = ask.session.active
    where = f"What you type goes to {active.name} now." if active else "You are in no room: /join one."
    return Parted(room, (f"You have left {room.name}. {where}",))


@command("[PATTERN]", needs=Permission.LOOK, aliases=("list",))
def rooms(ask: Ask, pattern: str = "") -> Told:
    """List the rooms, or some of them."""
    me, access = ask.session.person, ask.chat.access
    found = [room for room in ask.chat.rooms if pattern.casefold() in room.name.casefold() and access.sees(me, room)]
    facts = [{"room": room.name, "people": len(room.persons()), "topic": room.topic} for room in found]
    lines = [f"{room.name} ({len(room.persons())})  {room.topic}".rstrip() for room in found[:LISTED_MOST]]
    if len(found) > LISTED_MOST:
        lines.append(f"... and {len(found) - LISTED_MOST} more; /rooms PATTERN finds them.")
    return Told(tuple(lines) or ("There is no such room.",), {"rooms": facts})


@command("[#ROOM] [TEXT...]", needs=Permission.READ, rare=True)
async def topic(ask: Ask, room: Room, text: str = "") -> Told:
    """Show what a room is about, or say so."""
    if text:
        await ask.chat.set_topic(ask.session, room, one_line(text, TOPIC_MOST), ask.at)
        return Told(())
    return Told((f"{room.name}: {room.topic}" if room.topic else f"{room.name} has no topic.",))
