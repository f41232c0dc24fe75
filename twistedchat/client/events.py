"""What is done to messages, rooms and people, as the server tells it; fields that are not known are ignored."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag=str.lower, omit_defaults=True):
    """Anything that a server says."""


class Act(Event, frozen=True, kw_only=True):
    """Something that ``nick`` has done; in a room, unless that is empty, and kept there if it has a ``seq``."""

    nick: str
    room: str = ""
    seq: int = 0
    id: int = 0
    at: str = ""


class Edited(Act, frozen=True, kw_only=True):
    """The message with the ``seq`` ``of`` says this now."""

    of: int
    text: str
    account: str | None = None


class Deleted(Act, frozen=True, kw_only=True):
    """The message ``of``, which ``whose`` had written, is not to be read any more."""

    of: int
    whose: str


class Removed(Act, frozen=True, kw_only=True):
    """A message of ``nick`` stood here that was deleted, or an ``edit`` of it."""

    edit: bool = False


class RoomSet(Act, frozen=True, kw_only=True, tag="room_set"):
    """A setting of the room is another."""

    name: str
    value: str


class RoomRenamed(Act, frozen=True, kw_only=True, tag="room_renamed"):
    """The room has another name from here on."""

    was: str
    to: str


class Granted(Act, frozen=True, kw_only=True):
    """``to`` is voice, op or owner there; nothing of that, if ``role`` is empty."""

    to: str
    role: str


class Kicked(Act, frozen=True, kw_only=True):
    """``who`` was put out of the room."""

    who: str
    why: str = ""


class Banned(Act, frozen=True, kw_only=True):
    """``who``, a name or an address, may not be there; for ever, if ``until`` is empty."""

    who: str
    until: str = ""
    why: str = ""


class Unbanned(Act, frozen=True, kw_only=True):
    """``who`` may be there again."""

    who: str


class Muted(Act, frozen=True, kw_only=True):
    """``who`` may say nothing there; for ever, if ``until`` is empty."""

    who: str
    until: str = ""
    why: str = ""


class Unmuted(Act, frozen=True, kw_only=True):
    """``who`` may talk there again."""

    who: str


class Killed(Act, frozen=True, kw_only=True):
    """The connections of ``who`` were ended."""

    who: str
    why: str = ""


class Dropped(Act, frozen=True, kw_only=True):
    """The room is gone."""


class Invited(Act, frozen=True, kw_only=True):
    """``nick`` lets us, who are called ``to``, into the room."""

    to: str = "you"


class Shouted(Act, frozen=True, kw_only=True):
    """``nick`` says something to everybody who is here."""

    text: str


class MotdSet(Act, frozen=True, kw_only=True, tag="motd_set"):
    """Everybody who comes in is told this from here on; nothing, if ``text`` is empty."""

    text: str


class Reloaded(Act, frozen=True, kw_only=True):
    """``nick`` had the server read its settings again, of which those are ``changed``."""

    changed: tuple[str, ...]


class Claimed(Act, frozen=True, kw_only=True):
    """``nick`` is admin of the server."""


Acts = (
    Edited
    | Deleted
    | Removed
    | RoomSet
    | RoomRenamed
    | Granted
    | Kicked
    | Banned
    | Unbanned
    | Muted
    | Unmuted
    | Killed
    | Dropped
    | Invited
    | Shouted
    | MotdSet
    | Reloaded
    | Claimed
)
