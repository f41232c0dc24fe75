"""A room of one's own: who comes in, who has which role, and how it is kept."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import BadUsage, NotFound
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission, Role
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person

CONFIRM_MS = 30 * SECOND
"""In that time (ms) what cannot be undone is to be said again."""


@command("[#ROOM] NICK", needs=Permission.INVITE, rare=True)
async def invite(ask: Ask, room: Room, who: Person) -> Told:
    """Let somebody into a room, and tell them."""
    await ask.chat.moderation.invite(ask.session, room, who, ask.at)
    told = "" if who.sessions else "; they are told when they come"
    return Told((f"{who.nick} may come into {room.name}{told}.",))


async def _grant(ask: Ask, room: Room, who: Person, role: str) -> Told:
    await ask.chat.moderation.grant(ask.session, room, who, role, ask.at)
    return ask.done(room, f"{who.nick} has {f'the role {role}' if role else 'no role'} in {room.name} now.")


async def _take(ask: Ask, room: Room, who: Person, *roles: Role) -> Told:
    if room.roles.get(who.id) not in roles:
        raise NotFound(f"{who.nick} is not {roles[0]} of {room.name}.")
    return await _grant(ask, room, who, "")


@command("[#ROOM] NICK", needs=Permission.VOICE, rare=True)
async def voice(ask: Ask, room: Room, who: Person) -> Told:
    """Let somebody talk where only some may."""
    return await _grant(ask, room, who, "voice")


@command("[#ROOM] NICK", needs=Permission.VOICE, rare=True)
async def devoice(ask: Ask, room: Room, who: Person) -> Told:
    """Take somebody's voice away."""
    return await _take(ask, room, who, Role.VOICE)


@command("[#ROOM] NICK", needs=Permission.GRANT, rare=True)
async def op(ask: Ask, room: Room, who: Person) -> Told:
    """Have somebody keep order in a room."""
    return await _grant(ask, room, who, "op")


@command("[#ROOM] NICK", needs=Permission.GRANT, rare=True)
async def deop(ask: Ask, room: Room, who: Person) -> Told:
    """Have somebody keep order, or own a room, no more."""
    return await _take(ask, room, who, Role.OP, Role.OWNER)


@command("[#ROOM] NICK", needs=Permission.GRANT, rare=True)
async def owner(ask: Ask, room: Room, who: Person) -> Told:
    """Have somebody own a room as well."""
    return await _grant(ask, room, who, "owner")


@command("[#ROOM] [set NAME VALUE...]", needs=Permission.SETTINGS, rare=True)
async def room(ask: Ask, room: Room, set_: str = "", name: str = "", value: str = "") -> Told:
    """Show how a room is kept, or change it.

    /room set guests talk, read, none or default: what guests may.
    /room set join open or invite; /room set key WORD lets in who knows the word.
    /room set talk all or voice: who may talk. /room set topic op or open: who says what it is about.
    /room set keep 30d, off or forever: how long what is said is kept. /room set slow 10s or off.
    """
    if not set_:
        return Told(room.settings.shown())
    if set_ != "set":
        raise BadUsage("Like this: /room set guests read. /help room shows what there is to set.")
    if name != "key" and " #" in value:
        raise BadUsage(f"A room is named first: /room #ROOM set {name} {value.partition(' #')[0]}")
    await ask.chat.moderation.set(ask.session, room, name, value, ask.at)
    return ask.done(room, f"{room.name} is changed.")


@command("[#ROOM] #NAME", needs=Permission.SETTINGS, rare=True)
async def rename(ask: Ask, room: Room, name: str) -> Told:
    """Give a room another name; asks twice."""
    name = ask.chat.moderation.check_rename(room, name)
    again = _again(ask, f"/rename {room.id} {name}")
    if again:
        return Told((f"{room.name} will be called {name}: {again}",))
    await ask.chat.moderation.rename(ask.session, room, name, ask.at)
    return ask.done(room, f"It is called {name} now.")


@command("[#ROOM]", needs=Permission.SETTINGS, rare=True)
async def drop(ask: Ask, room: Room) -> Told:
    """Have a room no more, nor what was said there; asks twice."""
    ask.chat.moderation.check_drop(room)
    again = _again(ask, f"/drop {room.id}")
    if again:
        return Told((f"{room.name} and all that was said there will be gone for good: {again}",))
    told = ask.done(room, f"{room.name} is gone.")
    await ask.chat.moderation.drop(ask.session, room, ask.at)
    return told


def _again(ask: Ask, what: str) -> str:
    """Return what to do to confirm `what`, or "" where that has just been done."""
    person = ask.session.person
    asked, since = person.confirming
    if asked == what and ask.at - since <= CONFIRM_MS:
        person.confirming = ("", 0)
        return ""
    person.confirming = (what, ask.at)
    return "say it again within 30 s."
