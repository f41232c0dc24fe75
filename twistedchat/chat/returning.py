"""What members are told who come back: what was sent to them meanwhile, and in which of their rooms there is news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.replies import Found

if TYPE_CHECKING:
    from twistedchat.chat.archive import Archive
    from twistedchat.chat.session import Session


async def missed_by(session: Session, archive: Archive, at: int) -> Found:
    """Return the private messages to the session's person, and lines that say what else there is.

    There is nothing where they are here by another connection as well, for then they were
    not away. What somebody has sent whom they ignore is among it, but not counted.
    """
    if len(session.person.sessions) > 1:
        return Found(())
    mail = await archive.mail(session)
    rooms = archive.unheard(session, at)
    lines = []
    if rooms:
        lines.append(f"There is something new in {', '.join(rooms)}: /missed shows it, /join {rooms[0]} goes there.")
    count = sum(entry.by not in session.person.prefs.ignoring for entry in mail)
    if count:
        lines.append(f"{count} private message{'s' * (count > 1)} while you were away --")
    return Found(tuple(("", entry) for entry in mail), tuple(lines))
