"""Keeping order: in a room, or with -s on the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.commands.registry import SERVER, Ask, Time, command
from twistedchat.chat.durations import in_words, roughly
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.sanctions import network_named
from twistedchat.chat.session import Person
from twistedchat.chat.text import reason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import TypeAlias

    from twistedchat.chat.moderation import Imposed, Target
    from twistedchat.chat.sanctions import Sanctions
    from twistedchat.chat.session import Session

    Impose: TypeAlias = Callable[[Session, Room | None, Target, int, int, str], Awaitable[Imposed]]
    Lift: TypeAlias = Callable[[Session, Room | None, str, int], Awaitable[str]]


@command("[#ROOM] NICK [WHY...]", needs=Permission.MODERATE, rare=True)
async def kick(ask: Ask, room: Room, who: Person, why: str = "") -> Told:
    """Put somebody out of a room; they may come back.

    Another room than the active one is named: /kick #ops bob, or /kick bob #ops.
    """
    await ask.chat.moderation.kick(ask.session, room, who, ask.at, reason(why))
    return ask.done(room, f"{who.nick} is out of {room.name}.")


@command("[-s] [#ROOM] NICK [TIME] [WHY...]", needs=Permission.MODERATE, rare=True)
async def ban(ask: Ask, room: Room | None, who: str, time: Time, why: str = "") -> Told:
    """Keep somebody out, for some time or for good.

    /ban bob 2h spam hits bob, and guests from where bob is; also when bob has just gone. /ban 203.0.113.0/24 hits
    everybody from there.
    Another room is named before or right behind that: /ban #ops bob 2h spam, /ban bob 2h #ops spam. With -s there
    it is for the whole server. It says what it hit; /unban lifts it.
    """
    ban = await _impose(ask, ask.chat.moderation.ban, room, who, time, why)
    lifted = f"/unban {_named(room)} {ban.who} lifts it."
    return Told((f"Banned from {_place(room)}{_for(time)}: {ban.who}: {ban.hits}. {lifted}",))


@command("[-s] [#ROOM] WHO", needs=Permission.MODERATE, rare=True)
async def unban(ask: Ask, room: Room | None, who: str) -> Told:
    """Lift a ban; /bans shows how they are called."""
    return await _lift(ask, ask.chat.moderation.unban, room, who, "banned")


@command("[-s] [#ROOM]", needs=Permission.MODERATE, rare=True)
def bans(ask: Ask, room: Room | None) -> Told:
    """Show who is banned, and who is muted."""
    where = room or ask.chat.access
    lines = [*_listed(where.bans, "banned", ask.at), *_listed(where.mutes, "muted", ask.at)]
    return Told(tuple(lines) or ("Nobody is banned or muted.",))


@command("[-s] [#ROOM] NICK [TIME] [WHY...]", needs=Permission.MODERATE, rare=True)
async def mute(ask: Ask, room: Room | None, who: str, time: Time, why: str = "") -> Told:
    """Keep somebody from saying anything, for some time or for good.

    /mute bob 10m calm down; /mute #ops bob in another room; with -s on the whole server. /unmute lifts it.
    """
    mute = await _impose(ask, ask.chat.moderation.mute, room, who, time, why)
    lifted = f"/unmute {_named(room)} {mute.who} lifts it."
    return Told((f"Muted {'in' if room else 'on'} {_place(room)}{_for(time)}: {mute.who}: {mute.hits}. {lifted}",))


@command("[-s] [#ROOM] WHO", needs=Permission.MODERATE, rare=True)
async def unmute(ask: Ask, room: Room | None, who: str) -> Told:
    """Lift a mute."""
    return await _lift(ask, ask.chat.moderation.unmute, room, who, "muted")


@command("[#ROOM] TIME", needs=Permission.MODERATE, rare=True)
async def slow(ask: Ask, room: Room, time: str) -> Told:
    """Have some time between two messages of one person.

    /slow 10s, /slow 5m, /slow off; not for those who have voice.
    """
    await ask.chat.moderation.set(ask.session, room, "slow", time, ask.at)
    return ask.done(room, f"{room.name} is slow now: {time}.")


async def _impose(ask: Ask, impose: Impose, room: Room | None, who: str, time: Time, why: str) -> Imposed:
    """Ban or mute who is meant, who may have another name by now than was typed."""
    target = await ask.chat.moderation.target(ask.session, room, who, ask.at)
    return await impose(ask.session, room, target, ask.at, ask.at + time if time else 0, reason(why))


async def _lift(ask: Ask, lift: Lift, room: Room | None, who: str, done: str) -> Told:
    name = await lift(ask.session, room, str(network_named(who) or who), ask.at)
    return ask.done(room, f"{name} is not {done} any more.")


def _for(time: Time) -> str:
    return f" for {in_words(time)}" if time else ""


def _place(room: Room | None) -> str:
    return room.name if room is not None else "this server"


def _named(room: Room | None) -> str:
    return room.name if room is not None else SERVER


def _listed(sanctions: Sanctions, done: str, at: int) -> Iterator[str]:
    for each in sanctions.holding(at):
        longer = f" for {roughly(each.until - at)} more" if each.until else ""
        yield f"{each.who} is {done}{longer} by {each.by}" + (f": {each.why}" if each.why else "")
