"""How one is told things."""

from __future__ import annotations

from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.errors import BadUsage
from twistedchat.chat.replies import Prefers
from twistedchat.chat.roles import Permission

PREFERENCES = {"echo": "what you say yourself", "time": "the time before each line"}
_SWITCH = {"on": True, "off": False}


@command("NAME SWITCH", needs=Permission.LOOK, rare=True)
def set_(_ask: Ask, name: str, switch: str) -> Prefers:
    """Have echo or time shown, or not: /set time on."""
    if name not in PREFERENCES or switch not in _SWITCH:
        what = ", ".join(f"/set {each} on shows {shown}" for each, shown in PREFERENCES.items())
        raise BadUsage(f"{what}; off ends it.")
    return Prefers(name, _SWITCH[switch])
