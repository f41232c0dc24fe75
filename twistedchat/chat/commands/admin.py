"""The server itself: what it is, and what its admins do."""

from __future__ import annotations

from datetime import UTC, datetime

from twistedchat import __version__
from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Audited, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.session import Person
from twistedchat.chat.text import TOPIC_MOST, one_line, reason

AUDITED = 20


@command(needs=Permission.LOOK, rare=True)
def version(_ask: Ask) -> Told:
    """Say which version this server is of."""
    return Told((f"tcpchat {__version__}",))


@command(needs=Permission.LOOK, rare=True)
def time(ask: Ask) -> Told:
    """Say what time it is here."""
    return Told((f"{datetime.fromtimestamp(ask.at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC",))


@command(needs=Permission.LOOK, rare=True)
def ping(_ask: Ask) -> Told:
    """See whether the server answers."""
    return Told(("pong",))


@command(needs=Permission.LOOK, rare=True)
def stats(ask: Ask) -> Told:
    """Say how many people and rooms there are."""
    people, rooms = len(ask.chat.people.persons), len(ask.chat.rooms.by_id)
    return Told((f"{people} here, {len(ask.chat.people.accounts)} members in all, {rooms} rooms.",))


@command("[TEXT...]", needs=Permission.LOOK, rare=True)
async def motd(ask: Ask, text: str = "") -> Told:
    """Show what the server has to say today.

    An admin says what that is: /motd TEXT, and /motd off for nothing.
    """
    if text:
        said = "" if text == "off" else one_line(text, TOPIC_MOST)
        await ask.chat.moderation.set_motd(ask.session, said, ask.at)
    return Told((ask.chat.motd or "There is nothing to say today.",))


@command(needs=Permission.ADMINISTER, rare=True)
async def backup(ask: Ask) -> Told:
    """Copy all that is kept into a file beside it, while the chat goes on."""
    return Told((f"Copied to {await ask.chat.log.backup(ask.at)}",))


@command(needs=Permission.ADMINISTER, rare=True)
async def reload(ask: Ask) -> Told:
    """Read the settings of the server again; who is here stays.

    Where something is wrong with them the old ones hold. Limits are for who comes from then on.
    """
    return Told((await ask.chat.reload(ask.session.nick, ask.session.by, ask.at)).lines)


@command("TEXT...", needs=Permission.ADMINISTER, rare=True)
async def shout(ask: Ask, text: str) -> Told:
    """Say something to everybody who is here, in whatever room."""
    await ask.chat.moderation.shout(ask.session, one_line(text, TOPIC_MOST), ask.at)
    return Told(())


@command("NICK [WHY...]", needs=Permission.ADMINISTER, rare=True)
async def kill(ask: Ask, who: Person, why: str = "") -> Told:
    """End all connections of somebody; they may come back."""
    await ask.chat.moderation.kill(ask.session, who, ask.at, reason(why))
    return Told((f"{who.nick} is gone.",))


@command("[N]", needs=Permission.ADMINISTER, rare=True)
async def audit(ask: Ask, count: int = AUDITED) -> Audited | Told:
    """Show the last acts of moderation."""
    entries = await ask.chat.log.audit(max(1, min(count, 200)))
    rooms = ask.chat.rooms.by_id
    named = [(rooms[each.stream].name if each.stream in rooms else each.stream, each) for each in entries]
    return Audited(tuple(named)) if named else Told(("Nothing has been done yet.",))
