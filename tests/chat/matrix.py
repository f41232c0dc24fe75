"""Who may do what, written down by hand from the plan: one row for each thing that can be typed.

The table is the tests' own. It is never made from what the chat says about itself.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from twistedchat.chat import acts
from twistedchat.chat.errors import Banned, ChatError, Muted, NotAllowed, NotInRoom, SlowMode
from twistedchat.chat.events import Deleted, Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

GUEST, MEMBER, VOICE, OP, OWNER, ADMIN = ROLES = ("guest", "member", "voice", "op", "owner", "admin")
"""The least first."""


class State(Enum):
    """How somebody stands to #den, the room that it is about."""

    HERE = "in the room"
    MUTED = "muted in the room"
    SILENCED = "muted on the server"
    KICKED = "kicked out of it, and in no other; what can be is said with the room's name"
    BANNED = "banned from it, and in no other; what can be is said with the room's name"
    NOWHERE = "in no room, and naming none"
    OTHER = "in it, but active in another, of which they are op; what can be is said with the room's name"
    GUESTS_READ = "in the room, where guests may only read"
    GUESTS_OUT = "outside the room, where guests may nothing; what can be is said with the room's name"
    VOICED = "in the room, where only voice and better may talk"
    SLOW = "in the room, which is slow, having just said something"


HERE, MUTED, SILENCED, KICKED, BANNED, NOWHERE, OTHER, GUESTS_READ, GUESTS_OUT, VOICED, SLOW = State
NAMING = {KICKED, BANNED, OTHER, GUESTS_OUT}
"""Where #den is said, for what is typed goes elsewhere or nowhere."""
BEFORE_ROLES = NotInRoom, Banned
"""What is refused to whoever is not there, whatever their role."""

Refusals: TypeAlias = "Mapping[State, type[ChatError]]"

ANYWHERE: Refusals = {}
"""It is about no room."""
ABOUT: Refusals = {BANNED: Banned, NOWHERE: NotInRoom}
"""It is about a room, which can be named: its roles hold wherever one is."""
READING: Refusals = {**ABOUT, GUESTS_OUT: NotAllowed}
"""It shows what is in a room, or comes into it."""
COMING: Refusals = {BANNED: Banned, GUESTS_OUT: NotAllowed}
"""It names its room."""
INSIDE: Refusals = {**ABOUT, KICKED: NotInRoom, GUESTS_OUT: NotInRoom}
"""It is only for those who are in the room."""
SAYING: Refusals = {**INSIDE, GUESTS_OUT: NotAllowed, MUTED: Muted, SILENCED: Muted, VOICED: NotAllowed}
"""It is a way to say something without saying it; in voiced and in slow rooms as well."""
ACTIVE: Refusals = {KICKED: NotInRoom, BANNED: NotInRoom, NOWHERE: NotInRoom, GUESTS_OUT: NotInRoom}
"""It is about the active room."""
EDITING: Refusals = {**ACTIVE, MUTED: Muted, SILENCED: Muted, GUESTS_READ: NotAllowed, VOICED: NotAllowed}
"""It says something better in the active room."""
TALKING: Refusals = {**EDITING, SLOW: SlowMode}
"""It says something in the active room."""
WHISPERING: Refusals = {SILENCED: Muted}
"""It says something to one person."""
FOR_GUESTS = GUESTS_READ, GUESTS_OUT
"""What is refused to guests alone."""
BELOW_VOICE = VOICED, SLOW
"""What is refused below voice."""


class Row(NamedTuple):
    """One thing that can be typed: `{}` is where the room may be named, `least` who may.

    `refused` says in which state nobody may, `act` is what it is in the audit log, `most` the last role that may.
    """

    line: str
    least: str
    refused: Refusals
    act: type[Event] | None = None
    most: str = ADMIN
    twice: bool = False


def _anywhere(line: str, least: str = GUEST, act: type[Event] | None = None, most: str = ADMIN) -> Row:
    return Row(line, least, ANYWHERE, act, most)


TABLE: dict[str, Row] = {
    # anybody, anywhere
    "help": _anywhere("/help"),
    "nick": _anywhere("/nick zoe"),
    "register": _anywhere("/register long-enough", most=GUEST),
    "login": _anywhere("/login vic vic-secret"),
    "logout": _anywhere("/logout"),
    "passwd": _anywhere("/passwd act-secret another-secret"),
    "whoami": _anywhere("/whoami"),
    "claim": _anywhere("/claim ABCD-EFGH", act=acts.Claimed),
    "rooms": _anywhere("/rooms"),
    "whois": _anywhere("/whois vic"),
    "away": _anywhere("/away lunch"),
    "back": _anywhere("/back"),
    "ignore": _anywhere("/ignore vic"),
    "unignore": _anywhere("/unignore pal"),
    "quiet": _anywhere("/quiet all"),
    "set": _anywhere("/set time on"),
    "version": _anywhere("/version"),
    "time": _anywhere("/time"),
    "ping": _anywhere("/ping"),
    "stats": _anywhere("/stats"),
    "motd": _anywhere("/motd"),
    "json": _anywhere("/json"),
    "quit": _anywhere("/quit bye"),
    # coming, going, looking around
    "join": Row("/join #den", GUEST, COMING),
    "part": Row("/part {}", GUEST, INSIDE),
    "who": Row("/who {}", GUEST, ABOUT),
    "topic": Row("/topic {}", GUEST, READING),
    "history": Row("/history {}", GUEST, READING),
    "missed": _anywhere("/missed", MEMBER),
    "search": _anywhere("/search words", MEMBER),
    # talking
    "say": Row("good morning", GUEST, TALKING),
    "me": Row("/me waves", GUEST, TALKING),
    "msg": Row("/msg vic hello", GUEST, WHISPERING),
    "r": Row("/r hello", GUEST, WHISPERING),
    "edit": Row("/edit better words", MEMBER, EDITING),
    "del": Row("/del", MEMBER, ACTIVE, Deleted),
    # a room's order
    "topic set": Row("/topic {} beer", OP, SAYING),
    "topic set where it is open": Row("/topic {} beer", MEMBER, SAYING),
    "invite": Row("/invite {} vic", MEMBER, ABOUT, acts.Invited),
    "invite to a private room": Row("/invite {} vic", OP, ABOUT, acts.Invited),
    "kick": Row("/kick {} vic enough", OP, ABOUT, acts.Kicked),
    "ban": Row("/ban {} vic 2h enough", OP, ABOUT, acts.Banned),
    "ban an address": Row("/ban {} 203.0.113.0/24", OP, ABOUT, acts.Banned),
    "unban": Row("/unban {} foe", OP, ABOUT, acts.Unbanned),
    "bans": Row("/bans {}", OP, ABOUT),
    "mute": Row("/mute {} vic 10m", OP, ABOUT, acts.Muted),
    "unmute": Row("/unmute {} foe", OP, ABOUT, acts.Unmuted),
    "slow": Row("/slow {} 10s", OP, ABOUT, acts.RoomSet),
    "del others'": Row("/del vic", OP, ACTIVE, Deleted),
    "voice": Row("/voice {} vic", OP, ABOUT, acts.Granted),
    "devoice": Row("/devoice {} low", OP, ABOUT, acts.Granted),
    # a room's owner
    "op": Row("/op {} vic", OWNER, ABOUT, acts.Granted),
    "deop": Row("/deop {} pal", OWNER, ABOUT, acts.Granted),
    "owner": Row("/owner {} vic", OWNER, ABOUT, acts.Granted),
    "room": Row("/room {}", OWNER, ABOUT),
    "room set": Row("/room {} set guests read", OWNER, ABOUT, acts.RoomSet),
    "rename": Row("/rename {} #nest", OWNER, ABOUT, acts.RoomRenamed, twice=True),
    "drop": Row("/drop {}", OWNER, ABOUT, acts.Dropped, twice=True),
    # the server
    "ban -s": _anywhere("/ban -s vic 2h enough", ADMIN, acts.Banned),
    "unban -s": _anywhere("/unban -s foe", ADMIN, acts.Unbanned),
    "bans -s": _anywhere("/bans -s", ADMIN),
    "mute -s": _anywhere("/mute -s vic 10m", ADMIN, acts.Muted),
    "unmute -s": _anywhere("/unmute -s foe", ADMIN, acts.Unmuted),
    "shout": _anywhere("/shout tea is ready", ADMIN, acts.Shouted),
    "kill": _anywhere("/kill vic enough", ADMIN, acts.Killed),
    "audit": _anywhere("/audit", ADMIN),
    "reload": _anywhere("/reload", ADMIN, acts.Reloaded),
    "backup": _anywhere("/backup", ADMIN),
}

LOWER: dict[str, tuple[str, ...]] = {
    OP: (GUEST, MEMBER, VOICE),
    OWNER: (GUEST, MEMBER, VOICE, OP),
    ADMIN: (GUEST, MEMBER, VOICE, OP, OWNER),
}
"""Whom they may act on; the others may act on nobody, and nobody on their equals or betters."""


def rank(role: str) -> int:
    """Return how high a role stands."""
    return ROLES.index(role)


def expected(row: Row, role: str, state: State) -> type[ChatError] | None:
    """Return how that is refused to somebody of that role in that state, None where it is permitted."""
    if row.line.startswith("/invite") and row.least == OP and role == ADMIN and state is KICKED:
        return NotInRoom  # an admin lets nobody into a private room from outside, nor themselves
    refusal = row.refused.get(state)
    if refusal in BEFORE_ROLES and not (state in FOR_GUESTS and role != GUEST):
        return refusal
    if not rank(row.least) <= rank(role) <= rank(row.most):
        return NotAllowed
    spared = (state in FOR_GUESTS and role != GUEST) or (state in BELOW_VOICE and rank(role) >= rank(VOICE))
    return None if spared else refusal


def who_may(row: Row, role: str, state: State) -> list[str]:
    """Return what may be said to that role where it is not allowed in that state: who may."""
    if rank(role) > rank(row.most):
        return [" already"]
    least = row.least if rank(role) < rank(row.least) else VOICE if state is VOICED else MEMBER
    return [f" {each} may" for each in ROLES if rank(role) < rank(each) <= rank(least)]
