"""Who has which nickname, and which ones are kept for somebody's return."""

from __future__ import annotations

from itertools import count

from twistedchat.chat.errors import ChatError, NickTaken
from twistedchat.chat.text import NICK_LONGEST, likenesses, nickname

HOLD_SECONDS = 300
"""How long a nickname waits for the return of a session that has a secret."""


def claims(nick: str) -> tuple[str, ...]:
    """Return what somebody called `nick` claims in the log, for nobody else to have."""
    return tuple(f"nick:{form}" for form in sorted(likenesses(nick)))


class Names:
    """Nicknames in use or held, each under all the forms that could be mistaken for it."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[str, str]] = {}
        self._held: dict[str, tuple[str, int]] = {}

    def take(self, nick: str, guest: str) -> None:
        """Give `nick` to `guest`, or raise `NickTaken`; taking what one has is nothing new."""
        if self._owners.get(nick.casefold()) == (guest, nick) and guest not in self._held:
            return
        for form in likenesses(nick):
            owner, theirs = self._owners.get(form, (guest, nick))
            if owner != guest:
                raise NickTaken(self._taken(nick, theirs, owner), suggest=self.free_form_of(nick))
        held, _ = self._held.pop(guest, (nick, 0))
        self.release(held, guest)
        self._owners |= dict.fromkeys(likenesses(nick), (guest, nick))

    def owner(self, nick: str) -> str:
        """Return the id of whoever has exactly that name, whatever its case, or ""."""
        owner, theirs = self._owners.get(nick.casefold(), ("", ""))
        return owner if theirs.casefold() == nick.casefold() else ""

    def release(self, nick: str, guest: str) -> None:
        """Make `nick` free again where it was given to `guest`."""
        for form in likenesses(nick):
            if self._owners.get(form) == (guest, nick):
                del self._owners[form]

    def hold(self, nick: str, guest: str, until: int) -> None:
        """Keep `nick` for `guest` until the time `until` (ms), though they are away."""
        self._held[guest] = nick, until

    def expire(self, now: int) -> None:
        """Free what has been held long enough."""
        for guest, (nick, until) in list(self._held.items()):
            if until <= now:
                del self._held[guest]
                self.release(nick, guest)

    def free_form_of(self, nick: str) -> str:
        """Return a nickname near `nick` that nobody has: alice2, alice3 ..."""
        for number in count(2):
            ending = str(number)
            candidate = nick[: NICK_LONGEST - len(ending)] + ending
            if self._owners.keys().isdisjoint(likenesses(candidate)):
                return candidate
        raise AssertionError  # pragma: no cover - there are more numbers than people

    def invent(self, wanted: str) -> str:
        """Return a free nickname for somebody who cannot be asked again: near `wanted`, or guest1, guest2 ..."""
        try:
            nick = nickname(wanted)
        except ChatError:
            return next(
                nick for nick in map("guest{}".format, count(1)) if self._owners.keys().isdisjoint(likenesses(nick))
            )
        return nick if self._owners.keys().isdisjoint(likenesses(nick)) else self.free_form_of(nick)

    def _taken(self, nick: str, theirs: str, owner: str) -> str:
        if owner in self._held:
            return f"{theirs} is away for a moment and comes back to that name."
        if nick == theirs:
            return f"{nick} is here already."
        return f"{nick} is too much like {theirs}, who is here."
