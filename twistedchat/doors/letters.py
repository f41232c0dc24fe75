"""What is said to one person only, and what was while they were away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.accounts import is_account
from twistedchat.chat.conversations import persons_of, stream_of
from twistedchat.chat.events import Direct, Repeated
from twistedchat.chat.replies import Told
from twistedchat.chat.returning import missed_by
from twistedchat.dialects.wire import Live, Past, View, is_hidden
from twistedchat.doors.hearing import PAGE, fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.session import Session
    from twistedchat.dialects.requests import Join
    from twistedchat.doors.line import ChatProtocol


class Letters:
    """The private lines of one visit.

    They wait until the peer has been welcomed and has been told what came while it was
    away: so none is told before, and none twice.
    """

    __slots__ = ("_connection", "_waiting")

    def __init__(self, connection: ChatProtocol) -> None:
        self._connection = connection
        self._waiting: list[tuple[Entry, bool]] | None = []

    def tell(self, session: Session, entry: Entry, *, own: bool) -> bytes:
        """Return what is told of an entry that is for a few people only, b"" for nothing, or nothing yet."""
        if self._waiting is not None:
            self._waiting.append((entry, own))
            return b""
        dialect = self._connection.voice.dialect
        if own and not dialect.echo:
            return b""
        room = self._connection.factory.chat.rooms.by_id.get(entry.stream)
        view = View(room.name if room else "", me=session.nick)
        hidden = is_hidden(entry, session.person.prefs.ignoring)
        return dialect.hidden(entry, view) if hidden else dialect.encode(entry, view)

    def kept(self, outcome: Entry | Repeated) -> bytes:
        """Return what is told to who has said something to a member who is not here, b"" where they are."""
        entry = outcome.entry if isinstance(outcome, Repeated) else outcome
        people = self._connection.factory.chat.people
        absent = [id_ for id_ in persons_of(entry.stream) if is_account(id_) and id_ not in people.persons]
        if not absent or not isinstance(entry.event, Direct):
            return b""
        return self._connection.voice.dialect.answer(Told((f"Kept for {entry.event.to}, who is away.",)), None)

    async def open(self, session: Session, *, program: bool) -> None:
        """Tell what came while the session's person was away, then what has waited; all that follows at once.

        A `program` is told of the messages only, and not that there are some, nor where there is more.
        """
        factory = self._connection.factory
        missed = await missed_by(session, factory.chat.archive, factory.now())
        mail: Sequence[Entry] = [entry for _, entry in missed.entries]
        known = {entry.id for entry in mail}
        if missed.lines and not program:
            self._connection.voice.answer(Told(missed.lines))
        while mail:
            page = fitting(mail)
            mail = mail[len(page) :]
            await self._read_out(session, page)
        waiting, self._waiting = self._waiting or [], None
        for entry, own in waiting:
            if type(entry.event) is not Direct or entry.id not in known:
                self._connection.voice.put(self.tell(session, entry, own=own))

    async def catch_up(self, session: Session, request: Join) -> None:
        """Tell what was said with one person after what the program has heard; what is said meanwhile waits."""
        chat, voice = self._connection.factory.chat, self._connection.voice
        partner = chat.people.named(request.to)
        last = max(0, request.after or 0)
        self._waiting = []
        voice.answer(Told((), {"with": partner.nick}), request.ref)
        while page := fitting(await chat.archive.conversation(session, partner, last, PAGE)):
            await self._read_out(session, page)
            last = page[-1].seq
        voice.answer(Live("", last, to=partner.nick))
        waiting, self._waiting = self._waiting, None
        stream = stream_of(session.person, partner)
        for entry, own in waiting:
            if entry.stream != stream or entry.seq > last:
                voice.put(self.tell(session, entry, own=own))

    async def _read_out(self, session: Session, page: Sequence[Entry]) -> None:
        """Tell some of what came, and wait until the peer has taken it."""
        voice = self._connection.voice
        ignoring = session.person.prefs.ignoring
        past = Past("", page, len(page), self._connection.factory.now(), ignoring=ignoring)
        voice.put(voice.dialect.replay(past, View("", me=session.nick)))
        await voice.outbox.when_level()
