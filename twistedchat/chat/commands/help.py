"""What there is to type."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission


@command("[COMMAND]", needs=Permission.LOOK, aliases=("?",))
def help_(ask: Ask, name: str = "") -> Told:
    """Show the commands, or more about one."""
    if name:
        found = ask.commands.find(name.removeprefix("/"))
        also = f" Also: {', '.join('/' + alias for alias in found.aliases)}." if found.aliases else ""
        return Told((f"{found.synopsis}: {found.summary}{also}",))
    usual = [each for each in ask.commands.commands if not each.rare]
    width = max(len(each.synopsis) for each in usual)
    lines = [f"{each.synopsis:{width}}  {each.summary}" for each in usual]
    rare = " ".join(f"/{each.name}" for each in ask.commands.commands if each.rare)
    return Told((*lines, f"Also: {rare}. //x says /x."))
