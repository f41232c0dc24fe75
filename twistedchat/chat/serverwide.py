"""What is done to people on the whole server becomes the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.access import until_when
from twistedchat.chat.acts import Banned, Killed, MotdSet, Muted, Reloaded, Unbanned, Unmuted
from twistedchat.chat.sanctions import Sanction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.access import Access
    from twistedchat.chat.events import Entry
    from twistedchat.chat.keeper import Keeper
    from twistedchat.chat.people import People
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


class Serverwide:
    """Folds bans and mutes of the server; the `keeper` puts somebody out of rooms, `let_go` out of the server."""

    def __init__(
        self,
        people: People,
        access: Access,
        keeper: Keeper,
        let_go: Callable[[Session, str, str], None],
    ) -> None:
        self._people = people
        self._access = access
        self._keeper = keeper
        self._let_go = let_go
        self.motd = ""
        """What everybody who comes in is told, "" for nothing."""

    def fold(self, entry: Entry) -> tuple[Sequence[Room], list[Session]]:
        """Change the state by one event; return the rooms that hear of it, and who is told beside."""
        match entry.event:
            case Banned() as event:
                self._access.bans.add(sanction(event, entry))
                return self._ban_all(entry.at), []
            case Unbanned(who=who):
                self._access.bans.lift(who)
            case Muted() as event:
                self._access.mutes.add(sanction(event, entry))
                return (), self._people.of(event.masks)
            case MotdSet(text=text):
                self.motd = text
            case Reloaded(guests=guests):
                self._access.guests = guests
                return self._keeper.sweep_all(entry.at), []
            case Unmuted(who=who):
                lifted = self._access.mutes.named(who)
                self._access.mutes.lift(who)
                return (), self._people.of(lifted.masks if lifted else ())
            case Killed(person=person, nick=nick, why=why):
                text = f"{nick} has ended your visit: {why}" if why else f"{nick} has ended your visit."
                killed = self._people.of([person])
                for session in killed:
                    self._let_go(session, "killed", text)
                return tuple({room.id: room for each in killed for room in each.rooms.values()}.values()), []
        return (), []

    def look_at(self, session: Session, at: int) -> bool:
        """Let the session go where a ban of the server hits it; return whether one does."""
        hit = self._access.banned(session, None, at)
        if hit is not None:
            self._let_go(session, "banned", f"You are banned from this server{until_when(hit, at)}.")
        return hit is not None

    def _ban_all(self, at: int) -> Sequence[Room]:
        told: dict[Room, None] = {}
        for session in list(self._people.sessions.values()):
            if self.look_at(session, at):
                told |= dict.fromkeys(session.rooms.values())
                self._keeper.take_out(session, tuple(session.rooms.values()))
        return tuple(told)


def sanction(event: Banned | Muted, entry: Entry) -> Sanction:
    """Return the ban or the mute that an event brings."""
    return Sanction(event.who, event.masks, event.nick, entry.at, event.until, event.why)
