"""Where a program takes up what it has heard before, and the pages of it that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.errors import CursorAhead, EpochChanged
from twistedchat.dialects.wire import Past

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.session import Session
    from twistedchat.dialects.requests import History, Join
    from twistedchat.doors.line import ChatProtocol

MOST = 200
"""Entries of one page."""


def room_to_join(chat: Chat, session: Session, request: Join, now: int) -> str:
    """Return the name of the room that is meant; raise the `ChatError` that says why it cannot be taken up there.

    A room that was heard before is known by its id, whatever it is called by now.
    """
    known = chat.rooms.by_id.get(request.rid) if request.rid else chat.rooms.find(request.room)
    if request.rid and known is None:
        other = chat.rooms.find(request.room)
        raise EpochChanged(f"{request.room} is another room now" if other else f"{request.room} is gone")
    if known is None:
        known_head, name = 0, request.room
    else:
        if known.id not in session.rooms:
            chat.access.check_join(session, known, now, request.key)
        known_head, name = known.head, known.name
    if request.after is not None and not 0 <= request.after <= known_head:
        raise CursorAhead(f"{name} has {known_head} messages, and you have seen {request.after}")
    return name


async def show(connection: ChatProtocol, session: Session, request: History) -> None:
    """Answer with the page that is asked for."""
    chat, now = connection.factory.chat, connection.factory.now()
    connection.voice.answer(await page(chat, session, request, now), request.ref)


async def page(chat: Chat, session: Session, request: History, now: int) -> Past:
    """Return the page that is asked for, as far as it may be read."""
    limit = max(1, min(request.limit, MOST))
    ignoring = session.person.prefs.ignoring
    if request.to:
        partner = chat.people.named(request.to)
        entries = await chat.archive.conversation(session, partner, request.after, limit, request.before)
        return Past("", entries, len(entries), now, ignoring=ignoring)
    room = chat.rooms.named(request.room) if request.room else session.active or chat.lobby
    last = max(0, min(request.before - 1, room.head))
    after = max(0, last - limit) if request.after is None else request.after
    entries = await chat.read(session, room, after, limit, now)
    return Past(room.name, [each for each in entries if each.seq < request.before], room.head, now, ignoring=ignoring)
