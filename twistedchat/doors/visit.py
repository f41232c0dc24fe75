"""One visit: what a peer asks for, done with the chat, and what is answered to it."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING

from twisted.logger import Logger

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.errors import ChatError, NeedHello, NotInRoom, OutcomeUnknown
from twistedchat.chat.events import Direct, Repeated
from twistedchat.chat.replies import Goodbye, Parted, Secret, Speaks, Told, Went
from twistedchat.chat.text import reason
from twistedchat.dialects.requests import (
    Bye,
    Command,
    Dm,
    Emote,
    Hello,
    History,
    Join,
    Nothing,
    Part,
    Ping,
    Pong,
    Request,
    Say,
    Typed,
)
from twistedchat.dialects.wire import Acked, Farewell, Ponged, Preferences
from twistedchat.doors.arrival import Peer
from twistedchat.doors.asking import ask
from twistedchat.doors.entrance import Entrance
from twistedchat.doors.hearing import Hearing
from twistedchat.doors.letters import Letters
from twistedchat.doors.pages import room_to_join, show
from twistedchat.doors.replies import answer_to, entered
from twistedchat.doors.terms import MANNERS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from twisted.internet.defer import Deferred

    from twistedchat.chat.commands.registry import Command as Registered
    from twistedchat.chat.events import Entry, Outcome, Proposal, Ref
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.doors.line import ChatProtocol
    from twistedchat.doors.terms import Manner

_log = Logger("tcpchat.people")


class Visit:
    """What one connection is to the chat, once it is known in which dialect it speaks."""

    __slots__ = "_chat", "_connection", "_entrance", "_factory", "_hearing", "_letters", "_manner", "named", "session"

    def __init__(self, connection: ChatProtocol, manner: Manner) -> None:
        self._connection = connection
        self._factory = connection.factory
        self._chat = connection.factory.chat
        self._manner = manner
        self._entrance: Entrance | None = None  # until it has come in
        self._hearing: Hearing | None = None
        self._letters = Letters(connection)
        self.session: Session | None = None
        self.named = False

    # --- what is asked ----------------------------------------------------------------------

    def perform(self, request: Request) -> None:  # noqa: C901 - a table
        """Do what is asked, at once or as soon as it can be; raise the `ChatError` that refuses it."""
        match request:
            case Say(text=text, room=room, cid=cid, ref=ref):
                self._chat.say(self._me, self._room(room), text, self._factory.now(), cid, ref)
            case Nothing() | Pong():
                pass
            case Hello():
                self._begin(self._hello(request), request.ref)
            case Ping(n=n, ref=ref):
                self._connection.voice.answer(Ponged(n), ref)
            case Bye():
                self._begin(self._leave(Goodbye()), request.ref)
            case Emote(text=text, room=room, cid=cid, ref=ref):
                self._chat.emote(self._me, self._room(room), text, self._factory.now(), cid, ref)
            case Dm(to=to, text=text, cid=cid, ref=ref):
                self._chat.direct(self._me, self._chat.people.named(to), text, self._factory.now(), cid, ref)
            case Command():
                self._command(request)
            case Typed():
                self._command(Command(request.ref, line=request.line, room=request.room))
            case Join():
                self._begin(self._join(self._me, request), request.ref)
            case History():
                self._begin(show(self._connection, self._me, request), request.ref)
            case Part():
                self._begin(self._part(self._me, request), request.ref)

    @property
    def put(self) -> Callable[[bytes], None]:
        """What sends bytes to this visit's peer."""
        return self._connection.voice.put

    @property
    def _me(self) -> Session:
        if self.session is None or not self.named:
            raise NeedHello("say hello first")
        return self.session

    def _room(self, name: str) -> Room:
        if name:
            return self._chat.rooms.named(name)
        active = self._me.active
        if active is None:
            raise NotInRoom("You are in no room.")
        return active

    def _command(self, request: Command) -> None:
        command, rest = COMMANDS.parse(request.line)
        room = self._chat.rooms.named(request.room) if request.room else self._me.active
        ask = Ask(self._chat, COMMANDS, self._me, room, self._factory.now(), request.cid, request.ref)
        if command.waits:
            self._begin(self._wait_for(command, ask, rest), request.ref)
        else:
            self._reply(command.run(ask, rest), request.ref)

    async def _wait_for(self, command: Registered, ask: Ask, rest: str) -> None:
        waiting = command.run(ask, rest)
        reply = await waiting if isinstance(waiting, Awaitable) else waiting
        if isinstance(reply, Went):
            await self._go_to(reply, ask.ref)
        else:
            self._reply(reply, ask.ref)

    def _reply(self, reply: Reply | Awaitable[Reply | None] | None, ref: Ref | None) -> None:
        match reply:
            case None | Awaitable():
                pass
            case Secret(prompt=prompt, line=line):
                ask(self._connection, prompt, partial(self._answered, line), ref)
            case Goodbye():
                self._begin(self._leave(reply), ref)
            case Speaks() if self._manner.acks:
                self._connection.voice.answer(Told(("You speak JSON lines already.",)), ref)
            case Speaks():
                self._manner = MANNERS[Peer.PROGRAM]
                self._connection.speak(Peer.PROGRAM)
                self.put(Entrance(self._connection, self._manner).welcome(self._me, Hello()))
                if self._hearing is not None:
                    self._hearing.turn_to(self._me.active)
            case _ if answer := answer_to(reply, self._me, self._chat, self._factory.now()):
                self._connection.voice.answer(answer, ref)

    def _answered(self, line: str, secret: str) -> None:
        """Do the command that has asked for a password, now that it was typed."""
        if secret:
            self._begin(self._try(line, secret), None)
        else:
            self._connection.voice.answer(Told(("Cancelled.",)))

    async def _try(self, line: str, secret: str) -> None:
        """Do it; where it is refused ask again, for a password that is typed next must not be said to the room."""
        command, rest = COMMANDS.parse(f"{line} {secret}")
        try:
            await self._wait_for(command, Ask(self._chat, COMMANDS, self._me, None, self._factory.now()), rest)
        except ChatError as error:
            self._connection.voice.answer(error)
            ask(self._connection, "Again, or an empty line to stop: ", partial(self._answered, line))

    # --- what takes its time ------------------------------------------------------------------

    def _begin(self, work: Coroutine[Deferred[object], object, None], ref: Ref | None) -> None:
        self._factory.errands.begin(self._connection, work, self.session, ref)

    async def _hello(self, hello: Hello) -> None:
        if self.session is not None:
            raise NeedHello("one hello is enough")
        entrance = self._entrance = self._entrance or Entrance(self._connection, self._manner)
        hello = entrance.understood(hello)
        session = await entrance.session(hello)
        if session is None or self._connection.voice.closed:
            return
        self.session = session
        self._factory.visits.add(session, self)
        if not await entrance.name(session, hello):
            self._factory.visits.remove(session)
            self.session = None
            return
        self.named = True
        self._entrance = None
        refusal = await entrance.land(session)
        opening = entrance.welcome(session, hello)
        try:
            if session.active is None:
                self.put(opening)
            else:
                await self._listen(session, session.active, None, opening)
            if refusal is not None:
                raise refusal
        finally:
            await self._letters.open(session, program=self._manner.acks)

    async def _join(self, session: Session, request: Join) -> None:
        if request.to:
            await self._letters.catch_up(session, request)
            return
        name = room_to_join(self._chat, session, request, self._factory.now())
        room = await self._chat.enter(session, name, self._factory.now(), request.key)
        await self._listen(session, room, request.after, entered(self._connection, session, room, request.ref))

    async def _part(self, session: Session, request: Part) -> None:
        room = self._room(request.room)
        await self._chat.part(session, room, self._factory.now(), reason(request.why))
        self._reply(Parted(room, (f"You have left {room.name}.",)), request.ref)

    async def _go_to(self, went: Went, ref: Ref | None) -> None:
        """Have the peer hear the room that it has gone to, and what it types go there."""
        session, room = self._me, went.room
        if self._hearing is not None:
            self._hearing.turn_to(session.active)
        if went.new:
            await self._listen(session, room, None, entered(self._connection, session, room, ref))
        else:
            self._connection.voice.answer(Told((f"What you type goes to {room.name} now.",)), ref)

    async def _listen(self, session: Session, room: Room, after: int | None, opening: bytes) -> None:
        if self._hearing is None:
            self._hearing = Hearing(self._connection, session)
        await self._hearing.begin(room, after, opening)

    # --- what has become of it ------------------------------------------------------------------

    def settled(self, proposal: Proposal, outcome: Outcome) -> bytes:
        """Return what the sender is told of what became of a message, b"" for nothing."""
        if self.session is not None and not self.session.unsettled:
            self._factory.errands.go_on(self._connection)
        if isinstance(outcome, OutcomeUnknown):
            self._connection.close(Farewell(outcome.code, outcome.text))
            return b""
        if isinstance(outcome, ChatError):
            return self._connection.voice.dialect.answer(outcome, proposal.ref)
        if not self._manner.acks:
            return self._letters.kept(outcome) if type(proposal.event) is Direct else b""
        entry = outcome.entry if isinstance(outcome, Repeated) else outcome
        room = self._chat.rooms.by_id.get(entry.stream)
        acked = Acked(entry, room.name if room else "", isinstance(outcome, Repeated))
        return self._connection.voice.dialect.answer(acked, proposal.ref)

    def private(self, entry: Entry, *, own: bool) -> bytes:
        """Return what is told to a few people only, b"" for nothing, or nothing yet."""
        return b"" if self.session is None else self._letters.tell(self.session, entry, own=own)

    def put_out(self, room: Room, last: Entry | None, *, quietly: bool) -> None:
        """Hear no more of a room than its `last` entry; a person is told where they are now, but not `quietly`."""
        if self._hearing is not None:
            now = self._hearing.put_out(room, None if quietly else last)
            if now and not quietly and not self._manner.acks:
                self._connection.voice.answer(Told((now,)))

    def prefer(self, prefs: Prefs) -> None:
        """Tell things in this manner from now on."""
        voice, session = self._connection.voice, self.session
        if session is None or not self.named:
            return
        voice.prefer(prefs)
        if self._hearing is not None:
            self._hearing.turn_to(session.active)
        voice.answer(Preferences(prefs))
        if session.person.account is not None:
            self._connection.place.leave()

    def dismissed(self, farewell: Farewell) -> None:
        """End, for a reason that lies in the chat."""
        self._connection.close(farewell)
        self.over()

    def over(self, why: str = "", *, goodbye: bool = False) -> None:
        """Be no part of the chat any more; after a `goodbye` the name does not wait for a return."""
        session = self.session
        if session is None or session.gone:
            return
        if self._hearing is not None:
            self._hearing.end_all()
        self._factory.visits.remove(session)
        self._factory.errands.go_on(self._connection)
        self._chat.people.depart(session, self._factory.now(), why, goodbye=goodbye)
        if self.named:
            _log.info("{nick} left ({host})", nick=session.nick, host=self._connection.origin.host)

    async def _leave(self, goodbye: Goodbye) -> None:
        self.over(goodbye.why, goodbye=True)
        await self._chat.people.left(self.session)
        self._connection.close(Farewell("quit", "Goodbye."))
