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
    width = max(len(each.synopsis) for each in ask.commands.commands)
    lines = [f"{each.synopsis:{width}}  {each.summary}" for each in ask.commands.commands]
    return Told((*lines, "What does not begin with / is said to everybody; //x says /x."))
