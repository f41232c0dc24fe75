"""Saying things: to everybody in another manner, to one person only; and saying them better."""

from __future__ import annotations

import re

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.errors import BadUsage, NoSuchNick, NotFound
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.session import Person

_SUBSTITUTION = re.compile(r"s/((?:[^/\\]|\\.)+)/((?:[^/\\]|\\.)*)(?:/(g?))?")
_NUMBER = re.compile(r"\^([0-9]{1,15})", re.ASCII)


@command("DOES...", needs=Permission.TALK, here=True)
def me(ask: Ask, does: str) -> None:
    """Do something:  * you wave."""
    ask.chat.emote(ask.session, ask.room, does, ask.at, ask.cid, ask.ref)


@command("NICK TEXT...", needs=Permission.TALK, aliases=("m", "tell"))
def msg(ask: Ask, to: Person, text: str) -> None:
    """Say something to one person only."""
    ask.chat.direct(ask.session, to, text, ask.at, ask.cid, ask.ref)


@command("TEXT...", needs=Permission.TALK, rare=True)
def r(ask: Ask, text: str) -> None:
    """Answer whoever you exchanged private messages with last."""
    partner = ask.chat.people.person(ask.session.person.partner)
    if partner is None:
        raise NoSuchNick("There is nobody here to answer.")
    ask.chat.direct(ask.session, partner, text, ask.at, ask.cid, ask.ref)


@command("TEXT...", needs=Permission.REVISE, here=True, rare=True)
async def edit(ask: Ask, text: str) -> Told:
    """Say your last message better.

    s/old/new/ corrects it. /edit ^NUMBER TEXT is for an earlier one; /set numbers on shows the numbers.
    """
    archive, session, room = ask.chat.archive, ask.session, ask.room
    number = _NUMBER.match(text)
    seq, text = (int(number[1]), text[number.end() :].strip()) if number else (0, text)
    found = await archive.own(session, room, seq, ask.at)
    substitution = _SUBSTITUTION.fullmatch(text)
    if substitution is not None:
        old, new = (part.replace("\\/", "/").replace("\\\\", "\\") for part in substitution.groups()[:2])
        said = await archive.text_of(session, room, found, ask.at)
        if old not in said:
            raise NotFound(f"Your last message does not have {old[:40]} in it.")
        text = said.replace(old, new, -1 if substitution[3] else 1)
    if not text:
        raise BadUsage("/edit TEXT says what it is to be; /del takes it back.")
    await archive.edit(session, room, found, text, ask.at)
    return Told(())


@command("[WHICH]", needs=Permission.REVISE, here=True, rare=True)
async def del_(ask: Ask, which: str = "") -> Told:
    """Take your last message back.

    Who keeps order takes others' away: /del NICK their last one, /del ^NUMBER any; /set numbers on shows the numbers,
    also in /history.
    """
    number = _NUMBER.fullmatch(which)
    whose, room = ask.session.person, ask.room
    if which and not number:
        whose = await ask.chat.moderation.somebody(ask.session, room, which, ask.at)
    await ask.chat.archive.delete(ask.session, room, int(number[1]) if number else 0, whose, ask.at)
    return Told(())
