"""What the chat replies to somebody, as the answer that their dialect puts into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.replies import Audited, Found, Parted, Shown, Told
from twistedchat.dialects.wire import Acts, Entered, Finds, Past

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Answer


def answer_to(reply: Reply, session: Session, chat: Chat, now: int) -> Answer | None:
    """Return the answer for a reply to that session, None where there is more to be done than to answer."""
    match reply:
        case Told():
            return reply
        case Parted(lines=lines):
            return Told(lines)
        case Shown(room=name, entries=entries):
            room = chat.rooms.find(name)
            return Past(name, entries, room.head if room else 0, now, ignoring=session.person.prefs.ignoring)
        case Found(entries=found, lines=lines):
            return Finds(found, lines, now, session.by)
        case Audited(entries=acts):
            return Acts(acts, now)
    return None


def entered(session: Session, room: Room, chat: Chat, *, acks: bool) -> Entered:
    """Return the answer for a session that has come into a room; programs, which get `acks`, are told no marks."""
    role = chat.access.role(session.person, room).value
    marked = () if acks else tuple(room.marked())
    return Entered(room.name, room.id, room.head, role, tuple(room.people()), marked, room.topic)
