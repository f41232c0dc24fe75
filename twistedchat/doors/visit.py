"""One visit: what a peer asks for, done with the chat, and what is answered to it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.errors import (
    ChatError,
    CursorAhead,
    EpochChanged,
    NeedHello,
    NotInRoom,
    OutcomeUnknown,
)
from twistedchat.chat.events import Repeated
from twistedchat.chat.replies import Goodbye, Parted, Prefers, Shown, Told, Went
from twistedchat.chat.text import reason
from twistedchat.dialects.wire import (
    Acked,
    Bye,
    Command,
    Dm,
    Emote,
    Entered,
    Farewell,
    Hello,
    Join,
    Nothing,
    Part,
    Past,
    Ping,
    Pong,
    Ponged,
    Request,
    Say,
    View,
)
from twistedchat.doors.entrance import REPLACED, Entrance
from twistedchat.doors.hearing import Hearing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from twisted.python.failure import Failure

    from twistedchat.chat.commands.registry import Command as Registered
    from twistedchat.chat.events import Entry, Outcome, Proposal, Ref
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.doors.line import ChatProtocol
    from twistedchat.doors.terms import Manner

_log = Logger("tcpchat.people")


class Visit:
    """What one connection is to the chat, once it is known in which dialect it speaks."""

    def __init__(self, connection: ChatProtocol, manner: Manner) -> None:
        self._connection = connection
        self._factory = connection.factory
        self._chat = connection.factory.chat
        self._manner = manner
        self._all_settled: Deferred[None] | None = None
        self._hearing: Hearing | None = None
        self.session: Session | None = None
        self.named = False

    # --- what is asked ----------------------------------------------------------------------

    def perform(self, request: Request) -> None:
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
            case Join() | Part():
                self._begin(self._move(self._me, request), request.ref)

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
            case Told():
                self._connection.voice.answer(reply, ref)
            case Shown(room=room, entries=entries):
                past = Past(room, entries, self._room(room).head, self._factory.now())
                self._connection.voice.answer(past, ref)
            case Parted(room=room, lines=lines):
                if self._hearing is not None:
                    self._hearing.end(room)
                    self._hearing.turn_to(self._me.active)
                self._connection.voice.answer(Told(lines), ref)
            case Prefers(name=name, on=on):
                voice = self._connection.voice
                voice.dialect = voice.dialect.preferring(name, on=on)
                if self._hearing is not None:
                    self._hearing.turn_to(self._me.active)
                voice.answer(Told((f"{name} is {'on' if on else 'off'}.",)), ref)
            case Goodbye():
                self._begin(self._leave(reply), ref)

    # --- what takes its time ------------------------------------------------------------------

    def _begin(self, work: Coroutine[Deferred[object], object, None], ref: Ref | None) -> None:
        """Do `work` when what was sent before has settled, and read nothing more of this peer until it is done."""
        self._connection.intake.hold("request")
        done = Deferred.fromCoroutine(self._after_settling(work))
        done.addErrback(self._failed, ref)
        done.addBoth(lambda _: self._connection.intake.release("request"))

    async def _after_settling(self, work: Coroutine[Deferred[object], object, None]) -> None:
        if self.session is not None and self.session.unsettled:
            self._all_settled = Deferred()
            await self._all_settled
        if self.session is not None and self.session.gone:
            work.close()
            return
        await work

    def _failed(self, failure: Failure, ref: Ref | None) -> None:
        """Put a refusal into words; what nobody foresaw costs this connection, and never the chat."""
        if isinstance(failure.value, ChatError):
            self._connection.voice.answer(failure.value, ref)
        else:
            self._connection.failed(failure)

    def _go_on(self) -> None:
        """Begin, in the next turn, with what waited for earlier messages to settle."""
        if self._all_settled is not None:
            waiting, self._all_settled = self._all_settled, None
            self._factory.clock.callLater(0, waiting.callback, None)
        if self._connection.eof:
            self._factory.clock.callLater(0, self._connection.idle)

    async def _hello(self, hello: Hello) -> None:
        if self.session is not None:
            raise NeedHello("one hello is enough")
        entrance = Entrance(self._connection, self._manner)
        session, secret_hash = await entrance.session(hello)
        if self._connection.voice.closed:
            return
        self.session, lobby = session, None
        if not await entrance.name(session, hello, secret_hash):
            self.session = None
            return
        self._factory.visits[session] = self
        self.named = True
        if self._manner.lands and not self._connection.voice.closed:
            try:
                lobby = self._chat.lobby
                await self._chat.join(session, lobby, self._factory.now())
            except ChatError:
                entrance.welcome(session, hello)
                raise
        entrance.welcome(session, hello)
        if lobby is not None:
            await self._listen(session, lobby, None)

    async def _move(self, session: Session, request: Join | Part) -> None:
        if isinstance(request, Join):
            await self._join(session, request)
        else:
            await self._part(session, request)

    async def _join(self, session: Session, request: Join) -> None:
        known = self._chat.rooms.find(request.room)
        if request.rid and (known is None or known.id != request.rid):
            raise EpochChanged(f"{request.room} is gone" if known is None else f"{request.room} is another room now")
        head = known.head if known else 0
        if request.after is not None and not 0 <= request.after <= head:
            raise CursorAhead(f"{request.room} has {head} messages, and you have seen {request.after}")
        room = await self._chat.enter(session, request.room, self._factory.now())
        self._connection.voice.answer(self._entered(session, room), request.ref)
        await self._listen(session, room, request.after)

    async def _part(self, session: Session, request: Part) -> None:
        room = self._room(request.room)
        await self._chat.part(session, room, self._factory.now(), reason(request.why))
        self._reply(Parted(room, (f"You have left {room.name}.",)), request.ref)

    def _entered(self, session: Session, room: Room) -> Entered:
        role = self._chat.role(session, room).value
        marked = () if self._manner.acks else tuple(room.marked())  # which programs are not told
        return Entered(room.name, room.id, room.head, role, tuple(room.people()), marked, room.topic)

    async def _go_to(self, went: Went, ref: Ref | None) -> None:
        """Have the peer hear the room that it has gone to, and what it types go there."""
        session, room = self._me, went.room
        if self._hearing is not None:
            self._hearing.turn_to(session.active)
        if went.new:
            self._connection.voice.answer(self._entered(session, room), ref)
            await self._listen(session, room, None)
        else:
            self._connection.voice.answer(Told((f"What you type goes to {room.name} now.",)), ref)

    async def _listen(self, session: Session, room: Room, after: int | None) -> None:
        if self._hearing is None:
            self._hearing = Hearing(self._connection, session)
        await self._hearing.begin(room, after)

    # --- what has become of it ------------------------------------------------------------------

    def settled(self, proposal: Proposal, outcome: Outcome) -> bytes:
        """Return what the sender is told of what became of a message, b"" for nothing."""
        if self.session is not None and not self.session.unsettled:
            self._go_on()
        if isinstance(outcome, OutcomeUnknown):
            self._connection.close(Farewell(outcome.code, outcome.text))
            return b""
        if isinstance(outcome, ChatError):
            return self._connection.voice.dialect.answer(outcome, proposal.ref)
        if not self._manner.acks:
            return b""
        entry = outcome.entry if isinstance(outcome, Repeated) else outcome
        room = self._chat.rooms.by_id.get(entry.stream)
        acked = Acked(entry, room.name if room else "", isinstance(outcome, Repeated))
        return self._connection.voice.dialect.answer(acked, proposal.ref)

    def private(self, entry: Entry, *, own: bool) -> bytes:
        """Return what is told to this person only, b"" for nothing."""
        dialect, me = self._connection.voice.dialect, self.session
        return b"" if me is None or (own and not dialect.echo) else dialect.encode(entry, View("", me=me.nick))

    def dismissed(self) -> None:
        """End, for the same guest has come in by another connection."""
        self._connection.close(REPLACED)
        self.over()

    def over(self, why: str = "", *, goodbye: bool = False) -> None:
        """Be no part of the chat any more; after a `goodbye` the name does not wait for a return."""
        session = self.session
        if session is None or session.gone:
            return
        if self._hearing is not None:
            self._hearing.end_all()
        self._factory.visits.pop(session, None)
        self._go_on()
        self._chat.people.depart(session, self._factory.now(), why, goodbye=goodbye)
        if self.named:
            _log.info("{nick} left ({host})", nick=session.nick, host=self._connection.origin.host)

    async def _leave(self, goodbye: Goodbye) -> None:
        self.over(goodbye.why, goodbye=True)
        self._connection.close(Farewell("quit", "Goodbye."))
