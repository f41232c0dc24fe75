"""One visit: what a peer asks for, done with the chat, and what is answered to it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.errors import (
    BadJson,
    ChatError,
    CursorAhead,
    EpochChanged,
    NeedHello,
    NotInRoom,
    OutcomeUnknown,
)
from twistedchat.chat.events import Repeated
from twistedchat.chat.replies import Goodbye, Shown, Told
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
    Live,
    Nothing,
    Past,
    Ping,
    Pong,
    Ponged,
    Request,
    Say,
    View,
    Welcome,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from twisted.python.failure import Failure

    from twistedchat.chat.commands.registry import Command as Registered
    from twistedchat.chat.events import Entry, Outcome, Proposal, Ref
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.doors.audience import Audience
    from twistedchat.doors.line import ChatProtocol

VERSION = 1
"""Of the JSON dialect."""
PAGE = 200
"""Entries that are read at a time for somebody who catches up."""

_log = Logger("tcpchat.people")


class Manner(Struct, frozen=True):
    """How one kind of peer is treated where its dialect alone does not say it.

    `acks`: it is told what has been stored. `asks_again`: a refused nickname is asked
    for again with this prompt, else (None) the connection ends. `invents`: whoever
    cannot be asked is given a name near the wanted one. `returns`: the peer gets a
    secret to come back with. `lands`: it is in the lobby as soon as it has a name.
    """

    acks: bool = False
    asks_again: bytes | None = None
    invents: bool = False
    returns: bool = False
    lands: bool = True


class Visit:
    """What one connection is to the chat, once it is known in which dialect it speaks."""

    def __init__(self, connection: ChatProtocol, manner: Manner) -> None:
        self._connection = connection
        self._factory = connection.factory
        self._chat = connection.factory.chat
        self._manner = manner
        self._all_settled: Deferred[None] | None = None
        self._heard: dict[Room, Audience] = {}
        self.session: Session | None = None
        self.named = False
        self.put = connection.put

    # --- what is asked ----------------------------------------------------------------------

    def perform(self, request: Request) -> None:
        """Do what is asked, at once or as soon as it can be; raise the `ChatError` that refuses it."""
        match request:
            case Say(text=text, room=room, cid=cid, ref=ref):
                self._chat.say(self._me, self._room(room), text, self._connection.now(), cid, ref)
            case Nothing() | Pong():
                pass
            case Hello():
                self._begin(self._hello(request), request.ref)
            case Ping(n=n, ref=ref):
                self._connection.answer(Ponged(n), ref)
            case Bye():
                self._begin(self._leave(Goodbye()), request.ref)
            case Emote(text=text, room=room, cid=cid, ref=ref):
                self._chat.emote(self._me, self._room(room), text, self._connection.now(), cid, ref)
            case Dm(to=to, text=text, cid=cid, ref=ref):
                self._chat.direct(self._me, self._chat.person(to), text, self._connection.now(), cid, ref)
            case Command():
                self._command(request)
            case Join():
                self._begin(self._join(self._me, request), request.ref)

    @property
    def _me(self) -> Session:
        if self.session is None or not self.named:
            raise NeedHello("say hello first")
        return self.session

    def _room(self, name: str) -> Room:
        if name:
            return self._chat.room(name)
        active = self._me.active
        if active is None:
            raise NotInRoom("You are in no room.")
        return active

    def _command(self, request: Command) -> None:
        command, rest = COMMANDS.parse(request.line)
        room = self._room(request.room)
        ask = Ask(self._chat, COMMANDS, self._me, room, self._connection.now(), request.cid, request.ref)
        if command.waits:
            self._begin(self._wait_for(command, ask, rest), request.ref)
        else:
            self._reply(command.run(ask, rest), request.ref)

    async def _wait_for(self, command: Registered, ask: Ask, rest: str) -> None:
        reply = command.run(ask, rest)
        self._reply(await reply if isinstance(reply, Awaitable) else reply, ask.ref)

    def _reply(self, reply: Reply | Awaitable[Reply | None] | None, ref: Ref | None) -> None:
        match reply:
            case Told():
                self._connection.answer(reply, ref)
            case Shown(room=room, entries=entries):
                past = Past(room, entries, self._room(room).head, self._connection.now())
                self._connection.answer(past, ref)
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
            self._connection.answer(failure.value, ref)
        else:
            self._connection.failed(failure)

    def _go_on(self) -> None:
        """Begin, in the next turn, with what waited for earlier messages to settle."""
        if self._all_settled is not None:
            waiting, self._all_settled = self._all_settled, None
            self._factory.clock.callLater(0, waiting.callback, None)
        self._connection.idle()

    async def _hello(self, request: Hello) -> None:
        if self.session is not None:
            raise NeedHello("one hello is enough")
        if request.v != VERSION:
            raise BadJson(f"this server speaks version {VERSION}")
        secret, secret_hash, guest = await self._identity(request)
        self.session = session = self._chat.visitor(guest, returns=self._manner.returns)
        nick = self._chat.invent_nick(request.nick) if self._manner.invents else request.nick
        try:
            await self._chat.arrive(session, nick, self._connection.now(), secret_hash)
        except ChatError as error:
            self.session = None
            self._refuse_name(error, request.ref)
            return
        if session.gone:
            return
        self._factory.visits[session] = self
        self.named = True
        self._connection.named()
        _log.info("{nick} joined ({host})", nick=session.nick, host=self._connection.origin.host)
        if self._manner.lands:
            await self._chat.join(session, self._chat.lobby, self._connection.now())
        self._connection.answer(self._welcome(session, secret), request.ref)
        if self._manner.invents and session.nick != request.nick:
            self._connection.answer(Told((f"You are {session.nick} here: {request.nick} could not be had.",)), None)
        if self._manner.lands:
            await self._catch_up(session, self._chat.lobby, None)

    async def _identity(self, request: Hello) -> tuple[str, str, str]:
        """Return a session's secret, its hash, and the id of the guest whose it is ("" for a new one)."""
        if not self._manner.returns:
            return "", "", ""
        if request.session:
            secret_hash = sha256(request.session.encode()).hexdigest()
            guest = await self._chat.log.guest(secret_hash)
            if guest:
                return request.session, secret_hash, guest
        secret = secrets.token_urlsafe(16)
        return secret, sha256(secret.encode()).hexdigest(), ""

    def _refuse_name(self, error: ChatError, ref: Ref | None) -> None:
        if self._manner.asks_again is None:
            self._connection.close(Farewell(error.code, error.text))
        else:
            self._connection.answer(error, ref)
            self.put(self._manner.asks_again)

    def _welcome(self, session: Session, secret: str) -> Welcome:
        terms = self._factory.terms
        return Welcome(
            terms.server,
            self._chat.epoch,
            session.nick,
            session.role.value,
            self._chat.lobby.name,
            tuple(each.synopsis for each in COMMANDS.commands),
            secret,
            terms.text_characters,
            self._connection.rate,
            terms.ping_seconds,
            self._connection.now(),
        )

    async def _join(self, session: Session, request: Join) -> None:
        room = self._chat.room(request.room)
        if request.rid and request.rid != room.id:
            raise EpochChanged(f"{room.name} is another room than it was")
        if request.after is not None and not 0 <= request.after <= room.head:
            raise CursorAhead(f"{room.name} has {room.head} messages, and you have seen {request.after}")
        await self._chat.join(session, room, self._connection.now())
        entered = Entered(room.name, room.id, room.head, session.role.value, tuple(room.people()))
        self._connection.answer(entered, request.ref)
        await self._catch_up(session, room, request.after)

    async def _catch_up(self, session: Session, room: Room, after: int | None) -> None:
        """Tell what was said after `after` (None: the last few), then what is said from now on.

        Pages are read no faster than the peer takes them. In the turn in which one
        reaches what has settled, the peer joins the audience: nothing is told twice,
        and nothing is left out.
        """
        self._stop_hearing(room)
        outbox, dialect = self._connection.outbox, self._connection.dialect
        view = View(room.name)
        seen = max(0, room.head - self._factory.terms.replay) if after is None else after
        replayed = 0
        while seen < room.head:
            entries = await self._chat.read(session, room, seen, PAGE)
            past = Past(room.name, entries, room.head, self._connection.now(), first=not replayed)
            self.put(dialect.replay(past, view))
            seen, replayed = entries[-1].seq, replayed + len(entries)
            await outbox.when_level()
        if not session.gone:
            self._connection.answer(Live(room.name, seen, replayed), None)
            self._heard[room] = self._factory.audience(room, dialect, view)
            self._heard[room].add(session, self.put)

    # --- what has become of it ------------------------------------------------------------------

    def settled(self, proposal: Proposal, outcome: Outcome) -> bytes:
        """Return what the sender is told of what became of a message, b"" for nothing."""
        if self.session is not None and not self.session.unsettled:
            self._go_on()
        if isinstance(outcome, OutcomeUnknown):
            self._connection.close(Farewell(outcome.code, outcome.text))
            return b""
        if isinstance(outcome, ChatError):
            return self._connection.dialect.answer(outcome, proposal.ref)
        if not self._manner.acks:
            return b""
        entry = outcome.entry if isinstance(outcome, Repeated) else outcome
        acked = Acked(entry, self._chat.room_name(entry.stream), isinstance(outcome, Repeated))
        return self._connection.dialect.answer(acked, proposal.ref)

    def hear(self, entry: Entry, *, own: bool) -> None:
        """Tell what is for this person only."""
        dialect = self._connection.dialect
        if self.session is not None and not (own and not dialect.echo):
            self.put(dialect.encode(entry, View("", me=self.session.nick)))

    def dismissed(self) -> None:
        """End, for the same guest has come in by another connection."""
        self._connection.close(Farewell("replaced", "You have come in by another connection."))
        self.over()

    def over(self, why: str = "") -> None:
        """Be no part of the chat any more."""
        session = self.session
        if session is None or session.gone:
            return
        for room in list(self._heard):
            self._stop_hearing(room)
        self._factory.visits.pop(session, None)
        self._go_on()
        self._chat.depart(session, self._connection.now(), why)
        if self.named:
            _log.info("{nick} left ({host})", nick=session.nick, host=self._connection.origin.host)

    async def _leave(self, goodbye: Goodbye) -> None:
        self.over(goodbye.why)
        self._connection.close(Farewell("quit", "Goodbye."))

    def _stop_hearing(self, room: Room) -> None:
        audience = self._heard.pop(room, None)
        if audience is not None and self.session is not None:
            audience.remove(self.session)
