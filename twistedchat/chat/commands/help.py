"""What there is to type, said by what is declared."""

from __future__ import annotations

import textwrap

from twistedchat.chat.commands.registry import Ask, Command, command
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission

WIDTH = 76
_MEMBERS = {Permission.LOOK, Permission.READ, Permission.TALK, Permission.SEARCH, Permission.REVISE}
"""What guests are told of as well."""


@command("[COMMAND]", needs=Permission.LOOK, aliases=("?",), rare=True)
def help_(ask: Ask, name: str = "") -> Told:
    """Show the commands.

    /help kick says more about one, /help all shows all that you may use here.
    """
    allowed = [each for each in ask.commands.commands if _may(ask, each)]
    if name == "all":
        return Told(tuple(f"{each.synopsis}: {each.summary}" for each in allowed))
    if name:
        return Told(_about(ask.commands.find(name.removeprefix("/"))))
    usual = [each for each in allowed if not each.rare]
    width = max(len(each.synopsis) for each in usual)
    lines = [f"{each.synopsis:{width}}  {each.summary}" for each in usual]
    rare = " ".join(f"/{each.name}" for each in allowed if each.rare)
    more = "/help COMMAND says more, /help all shows all. //x says /x."
    return Told((*lines, *textwrap.wrap(f"Also: {rare}", WIDTH), more))


def _may(ask: Ask, command: Command) -> bool:
    """Tell whether the command is of use to who asks, where they are; what makes one a member always is."""
    needs, person = command.needs, ask.session.person
    return needs in _MEMBERS or ask.chat.access.may(person, ask.active if command.local else None, needs)


def _about(found: Command) -> tuple[str, ...]:
    also = f" Also: {', '.join('/' + alias for alias in found.aliases)}." if found.aliases else ""
    return (f"{found.synopsis}: {found.summary}{also}", *found.details.splitlines())
