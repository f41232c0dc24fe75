"""Saying things: to everybody in another manner, to one person only, and what was said before."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.errors import NoSuchNick
from twistedchat.chat.replies import Shown
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Session

HISTORY_MOST = 200


@command("DOES...", needs=Permission.TALK)
def me(ask: Ask, does: str) -> None:
    """Do something:  * you wave."""
    ask.chat.emote(ask.session, ask.room, does, ask.at, ask.cid, ask.ref)


@command("NICK TEXT...", needs=Permission.TALK, aliases=("m", "tell"))
def msg(ask: Ask, to: Session, text: str) -> None:
    """Say something to one person only."""
    ask.chat.direct(ask.session, to, text, ask.at, ask.cid, ask.ref)


@command("TEXT...", needs=Permission.TALK, rare=True)
def r(ask: Ask, text: str) -> None:
    """Answer whoever you exchanged private messages with last."""
    partner = ask.chat.people.of([ask.session.partner])
    if not partner:
        raise NoSuchNick("There is nobody here to answer.")
    ask.chat.direct(ask.session, partner[0], text, ask.at, ask.cid, ask.ref)


@command("[#ROOM] [N]", needs=Permission.READ)
async def history(ask: Ask, room: Room, count: int = 20) -> Shown:
    """Show the last 20 messages, or the last N."""
    count = max(1, min(count, HISTORY_MOST))
    entries = await ask.chat.read(ask.session, room, max(0, room.head - count), count)
    return Shown(room.name, tuple(entries))
