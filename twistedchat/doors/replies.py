"""What the chat replies to somebody, as the answer that their dialect puts into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.replies import Audited, Found, Parted, Shown, Told
from twistedchat.dialects.wire import Acts, Entered, Finds, Past
from twistedchat.doors.arrival import Peer

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.events import Ref
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Answer
    from twistedchat.doors.line import ChatProtocol


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


def entered(connection: ChatProtocol, session: Session, room: Room, ref: Ref | None) -> bytes:
    """Return what a session is told that has come into a room; programs are told no marks."""
    role = connection.factory.chat.access.role(session.person, room).value
    marked = () if connection.reception.peer is Peer.PROGRAM else room.marked()
    answer = Entered(room.name, room.id, room.head, role, room.people(), marked, room.topic)
    return connection.voice.dialect.answer(answer, ref)
