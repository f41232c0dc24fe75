"""How one is told things; kept for members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from twistedchat.chat.acts import Preferred
from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.errors import BadUsage, NotFound, TooMany
from twistedchat.chat.events import Proposal
from twistedchat.chat.replies import Speaks, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.session import Person

if TYPE_CHECKING:
    from twistedchat.chat.prefs import Prefs

SWITCHES = {
    "echo": "shows what you say yourself",
    "time": "shows the time before each line",
    "color": "shows nicknames in colour",
    "bell": "rings for private messages",
    "numbers": "shows the ^number of each message, by which /del and /edit know it",
    "bot": "has /who say that you are a program",
}
QUIET = ("all", "smart", "off")
IGNORED_MOST = 100
_SWITCH = {"on": True, "off": False}


@command("NAME SWITCH", needs=Permission.LOOK, rare=True)
async def set_(ask: Ask, name: str, switch: str) -> Told:
    """Choose how you are told things.

    /set time on shows the time, /set color on colours, /set bell on rings for private messages,
    /set echo on shows what you say yourself, /set bot on has /who say that you are a program,
    /set numbers on shows the ^number of each message, by which /del and /edit know it.
    """
    if name == "quiet":
        return await _be_quiet(ask, switch)
    if name not in SWITCHES or switch not in _SWITCH:
        what = ", ".join(f"/set {each} on {does}" for each, does in SWITCHES.items())
        raise BadUsage(f"{what}; off ends it.")
    await _prefer(ask, structs.replace(ask.session.person.prefs, **{name: _SWITCH[switch]}))
    return Told((f"{name} is {switch}.",))


@command(needs=Permission.LOOK, rare=True)
def json(_ask: Ask) -> Speaks:
    """Go on in JSON lines, as programs do."""
    return Speaks()


@command("HOW", needs=Permission.LOOK, rare=True)
async def quiet(ask: Ask, how: str) -> Told:
    """Hide who comes and goes.

    /quiet all hides everybody, smart those who say little in large rooms, off nobody.
    """
    return await _be_quiet(ask, how)


async def _be_quiet(ask: Ask, how: str) -> Told:
    if how not in QUIET:
        raise BadUsage("/quiet all hides who comes and goes, smart those who matter little, off nobody.")
    await _prefer(ask, structs.replace(ask.session.person.prefs, quiet=how))
    return Told((f"quiet is {how}.",))


@command("[NICK]", needs=Permission.LOOK, rare=True)
async def ignore(ask: Ask, who: Person | None = None) -> Told:
    """Be shown nothing that somebody says.

    Without a nickname it says whom you ignore; /unignore ends it.
    """
    prefs = ask.session.person.prefs
    if who is None:
        return Told(
            (f"You ignore {', '.join(sorted(prefs.ignoring.values()))}." if prefs.ignoring else "You ignore nobody.",)
        )
    if who is ask.session.person:
        raise BadUsage("You cannot ignore yourself.")
    if len(prefs.ignoring) >= IGNORED_MOST:
        raise TooMany(f"You ignore {IGNORED_MOST} people already.")
    await _prefer(ask, structs.replace(prefs, ignoring=prefs.ignoring | {who.id: who.nick}))
    return Told((f"You ignore {who.nick}. /unignore {who.nick} ends it.",))


@command("NICK", needs=Permission.LOOK, rare=True)
async def unignore(ask: Ask, who: str) -> Told:
    """Be shown again what somebody says."""
    ignoring = ask.session.person.prefs.ignoring
    left = {id_: nick for id_, nick in ignoring.items() if nick.casefold() != who.casefold()}
    if len(left) == len(ignoring):
        raise NotFound(f"You do not ignore {who}.")
    await _prefer(ask, structs.replace(ask.session.person.prefs, ignoring=left))
    return Told((f"You do not ignore {who} any more.",))


async def _prefer(ask: Ask, prefs: Prefs) -> None:
    session = ask.session
    await ask.chat.log.place(Proposal(Preferred(session.nick, session.by, prefs), "", session.by, ask.at))
