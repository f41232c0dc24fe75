"""What the owner of a room can set."""

from __future__ import annotations

from msgspec import Struct, structs

from twistedchat.chat.durations import SECOND, duration, in_words
from twistedchat.chat.errors import BadUsage

CHOICES = {
    "guests": ("default", "talk", "read", "none"),
    "join": ("open", "invite"),
    "topic": ("op", "open"),
    "talk": ("all", "voice"),
}
KEY_MOST = 64
SLOW_MOST = 6 * 3600


class RoomSettings(Struct, frozen=True, omit_defaults=True):
    """How a room is kept.

    `guests` may talk, read, none, or what they may on this server (default). Whom the
    room lets in says `join`: open, invite, or key, which is then its `key`. It is kept for
    `keep` milliseconds, 0 for ever and -1 not at all. Its `topic` is set by op or open
    for members; `talk` is for all or from voice on; between two messages of one person
    lie `slow` seconds.
    """

    guests: str = "default"
    join: str = "open"
    key: str = ""
    keep: int = 0
    topic: str = "op"
    talk: str = "all"
    slow: int = 0

    @property
    def private(self) -> bool:
        """Whether it is not open to everybody."""
        return self.join != "open"

    def changed(self, name: str, value: str) -> RoomSettings:
        """Return these settings with another `value` of one; raise `BadUsage` where it cannot have that."""
        match name:
            case "key" if value.isprintable() and " " not in value and 0 < len(value) <= KEY_MOST:
                return structs.replace(self, join="key", key=value)
            case "key":
                raise BadUsage(f"A key is one word of at most {KEY_MOST} characters.")
            case "keep":
                return structs.replace(self, keep=_keep(value))
            case "slow":
                return structs.replace(self, slow=_slow(value))
            case "join" if value in CHOICES["join"]:
                return structs.replace(self, join=value, key="")
            case _ if value in CHOICES.get(name, ()):
                return structs.replace(self, **{name: value})
        raise BadUsage(_allowed(name))

    def shown(self) -> tuple[str, ...]:
        """Return the settings as lines, the key without what it is."""
        keep = {0: "forever", -1: "off"}.get(self.keep) or in_words(self.keep)
        slow = in_words(self.slow * SECOND) if self.slow else "off"
        return (
            f"guests {self.guests}, join {self.join}, topic {self.topic}, talk {self.talk}, keep {keep}, slow {slow}",
        )


def _keep(value: str) -> int:
    if value in {"forever", "off"}:
        return 0 if value == "forever" else -1
    return duration(value)


def _slow(value: str) -> int:
    seconds = 0 if value == "off" else -(-duration(value) // SECOND)
    if seconds > SLOW_MOST:
        raise BadUsage("A room can be as slow as 6h, not slower.")
    return seconds


def _allowed(name: str) -> str:
    if name in CHOICES:
        also = ", or  /room set key KEY" if name == "join" else ""
        return f"{name} is one of: {', '.join(CHOICES[name])}{also}."
    return f"There is no setting {name[:24]}; there are guests, join, key, keep, topic, talk and slow."
