"""What a person can do wrong, and what can be refused to them.

Each kind has a stable lower-case `code` for programs; its text is for people.
"""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """A refusal: what was asked for has surely not happened.

    `ref` is what a program named its request with, where only the refusal can tell.
    """

    code: ClassVar[str] = "internal"
    ref: str | float | None = None

    @property
    def text(self) -> str:
        """The refusal in words for a person: one line, even where it repeats what they typed."""
        words = str(self)
        return words if words.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in words)


class BadNick(ChatError):
    """It cannot be a nickname."""

    code = "bad_nick"


class NickTaken(ChatError):
    """Somebody has this nickname, or one that looks like it."""

    code = "nick_taken"

    def __init__(self, text: str, suggest: str = "") -> None:
        super().__init__(text)
        self.suggest = suggest


class NickOwned(ChatError):
    """The nickname is a member's, and wants their password."""

    code = "nick_owned"


class BadText(ChatError):
    """It cannot be a message."""

    code = "bad_text"


class TooLong(ChatError):
    """It is longer than what is taken."""

    code = "too_long"


class BadJson(ChatError):
    """A line of a program's that is not an object of the JSON dialect."""

    code = "bad_json"


class UnknownOp(ChatError):
    """An `op` that does not exist."""

    code = "unknown_op"


class NeedHello(ChatError):
    """A request before the hello, or a second hello."""

    code = "need_hello"


class BadLogin(ChatError):
    """A name and a password that do not belong together, or a one-time code that is none."""

    code = "bad_login"


class NoCommand(ChatError):
    """A command that does not exist."""

    code = "no_command"


class BadUsage(ChatError):
    """A command that exists, with arguments that it does not take."""

    code = "bad_usage"


class NoSuchNick(ChatError):
    """Nobody here has that name."""

    code = "no_nick"


class BadRoom(ChatError):
    """It cannot be a room's name."""

    code = "bad_room"


class NoRoom(ChatError):
    """There is no such room."""

    code = "no_room"


class NotInRoom(ChatError):
    """One must be in the room for that."""

    code = "not_in_room"


class NotAllowed(ChatError):
    """Their role does not permit it."""

    code = "not_allowed"


class Banned(ChatError):
    """They are kept out of the room, or of the server."""

    code = "banned"


class Muted(ChatError):
    """They may say nothing in the room, or on the server."""

    code = "muted"


class SlowMode(ChatError):
    """The room is slow, and they have just said something."""

    code = "slow_mode"


class BadKey(ChatError):
    """The room wants a key, or an invitation."""

    code = "not_allowed"


class NeedPassword(ChatError):
    """A command that wants a password, which a program asks its user for."""

    code = "need_password"


class BadSettings(ChatError):
    """Settings of the server that cannot be used; the old ones stay."""

    code = "bad_settings"


class NotFound(ChatError):
    """There is nothing like that: a ban, a message."""

    code = "not_found"


class EpochChanged(ChatError):
    """A cursor into another database, or into another room."""

    code = "epoch_changed"


class CursorAhead(ChatError):
    """A cursor beyond what has been stored."""

    code = "cursor_ahead"


class TooMany(ChatError):
    """Too many of them: connections, or rooms."""

    code = "too_many"


class SlowDown(ChatError):
    """They are held back, or asked to try again in a while; nothing of theirs is lost."""

    code = "rate_limited"


class NotStored(ChatError):
    """The log could not take it: nobody saw it, and it may be sent again."""

    code = "not_stored"


class OutcomeUnknown(ChatError):
    """A commit failed in a way that leaves open whether it happened: neither acked nor refused."""

    code = "internal"
