"""What there is to type, said by what is declared."""

from __future__ import annotations

import textwrap

from twistedchat.chat.commands.registry import Ask, Command, command
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission

WIDTH, LINES = 76, 12
"""Of the first screen."""
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
    return Told(_first_screen(sorted(allowed, key=lambda each: each.rare)))


def _first_screen(commands: list[Command]) -> tuple[str, ...]:
    """Say of as many of the usual ones, which come first, what they do as leaves room for the names of all others."""
    usual = sum(not each.rare for each in commands)
    width = max(len(each.synopsis) for each in commands[:usual])
    lines = [f"{each.synopsis:{width}}  {each.summary}" for each in commands[:usual]]
    more = "/help COMMAND says more, /help all shows all. //x says /x."
    while True:
        names = " ".join(f"/{each.name}" for each in commands[len(lines) :])
        screen = (*lines, *textwrap.wrap(f"Also: {names}", WIDTH), more)
        if len(screen) <= LINES or not lines:
            return screen
        lines.pop()


def _may(ask: Ask, command: Command) -> bool:
    """Tell whether the command is of use to who asks, where they are; what makes one a member always is."""
    needs, person = command.needs, ask.session.person
    return needs in _MEMBERS or ask.chat.access.may(person, ask.active if command.local else None, needs)


def _about(found: Command) -> tuple[str, ...]:
    also = f" Also: {', '.join('/' + alias for alias in found.aliases)}." if found.aliases else ""
    return (f"{found.synopsis}: {found.summary}{also}", *found.details.splitlines())
