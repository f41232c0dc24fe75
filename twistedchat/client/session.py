"""What outlives a connection: a name, the rooms and how far they are read, what is unacknowledged.

A `Session` touches no socket and no screen. It is handed connections by a
`twistedchat.client.link.Link`, one after another, and tells a `Listener` what
happens. Its promises: what it hears of a room is in order, without a gap and
without a repeat; what is said through it is sent again under the same ``cid``
until it has been acknowledged or refused.
"""

from collections.abc import Callable  # noqa: TC003 - read by whoever asks for our types

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer

from twistedchat.client import events, wire
from twistedchat.client.exchange import Connection, Exchange, RefusedError
from twistedchat.client.exits import NOT_STORED, NOT_WELCOME, FatalError
from twistedchat.client.listener import Listener
from twistedchat.client.papers import Papers
from twistedchat.client.rooms import DISPLACED, Rooms
from twistedchat.client.sends import Sends
from twistedchat.client.streams import Place

ANOTHER_GUEST = "another_guest"
"""Why something may be doubled: the server did not know this session any more."""

_REPLACED = "Somebody came in with the secret of this session: is it in use twice?"
_NICK_REFUSED = frozenset({"nick_taken", "nick_owned", "bad_nick", "bad_login"})
_TURNED_AWAY = frozenset({"banned", "killed", "too_many"})
_CROWDED_SECONDS = 60.0


class Session:
    """A person's place in the chat, over as many connections as it takes.

    Nothing but a ping is sent before `enter`. ``contact`` fires when a server has
    shown that it is one, and fails with `FatalError` if there is none. ``source`` is
    paused while the network is slower than we are. With ``remakes`` a room that is gone
    when we return is made again; else what was meant for it is given up. Whoever has
    joined no room is in the lobby, but not a ``bot``, which says that it is one.
    """

    def __init__(
        self, listener: Listener, source: IPushProducer | None = None, *, remakes: bool = False, bot: bool = False
    ) -> None:
        self.listener = listener
        self.source = source
        self.contact: Deferred[None] = Deferred()
        self.hello: wire.Hello | None = None
        self.ended = False
        self.retry_hint = 0.0
        """In how many seconds the server wants to see us again, if it said so."""
        self.wants_connection: Callable[[], None] = lambda: None
        """Called when a connection is needed and none is being made."""
        self.welcomed: Callable[[wire.Hello], None] = lambda _hello: None
        """Called with each welcome, before any room is joined."""
        self.gap: Callable[[wire.Gap], None] = lambda _gap: None
        """Called when the server says that it cannot tell all that was missed."""
        self._exchange = Exchange()
        self.sends = Sends(self._exchange)
        self.rooms = Rooms(self._exchange, listener, self._on_the_way, self._room_lost, remakes=remakes)
        self._entering: Deferred[wire.Hello] | None = None
        self._papers = Papers(bot=bot)
        self._bot = bot
        self._welcome = False
        self._returning = False
        self._owed: frozenset[str] = frozenset()

    @property
    def nick(self) -> str:
        """Our name; empty before there is one, and after the goodbye."""
        return self._papers.nick

    @property
    def parked(self) -> bool:
        """Whether no connection is needed: no name was given yet, or goodbye was said."""
        return not self.nick or self.ended

    @property
    def away(self) -> bool:
        """Whether what is said now has to wait until the server is back."""
        return self._returning and not self.sends.open

    def enter(self, nick: str, token: str = "", secret: str = "") -> Deferred[wire.Hello]:
        """Take a name, whose password is ``token``; fails with `RefusedError` if it cannot be had: then try another.

        The password is kept for when the server has forgotten who we are, and shown to nobody else.
        ``secret`` is that of an earlier session, and makes us the same person.
        """
        self._papers.take(nick, token)
        self._papers.secret = secret or self._papers.secret
        self._entering = Deferred()
        if self._exchange.connected:
            self._say_hello()
        else:
            self.wants_connection()
        return self._entering

    def join(self, room: str, key: str = "", place: Place | None = None) -> Deferred[wire.Ok]:
        """Be in a room, now and after each reconnection, and hear it from a place on; before `enter`: no lobby."""
        done = self.rooms.add(room, key, place)
        if self._welcome:
            self.rooms.join(room)
        return done

    def say(self, room: str, text: str) -> Deferred[wire.Reply]:
        """Say something; fires with `Ack` once it is stored, fails with `RefusedError` or `GivenUpError`."""
        return self.sends.submit({"op": "say", "room": room, "text": text})

    def command(self, room: str, line: str) -> Deferred[wire.Reply]:
        """Give a command as a person types it, in a room or in none; fires with `Ok` or `Ack`, or fails as `say`."""
        where: wire.Request = {"room": room} if room else {}
        return self.sends.submit({"op": "command", **where, "line": line})

    def part(self, room: str, why: str = "") -> Deferred[None]:
        """Be in a room no more, now and after each reconnection; fails with `RefusedError`: then we still are."""
        return self.rooms.part(room, why)

    def leave(self, why: str = "") -> None:
        """Say goodbye, and why; the listener hears `ended` once the server, too, has closed."""
        self._papers.drop()
        if self._exchange.connected:
            self._exchange.tell({"op": "command", "line": f"/quit {why}"} if why else {"op": "bye"})
        else:
            self._end(None)

    def fail(self, why: FatalError) -> None:
        """End for good; whoever waits first is told, else the listener."""
        if self.ended:
            return
        if not self.contact.called:
            self._close()
            self.contact.errback(why)
        elif self._entering is not None:
            self._close()
            entering, self._entering = self._entering, None
            entering.errback(why)
        else:
            self._end(why)

    def connected(self, connection: Connection) -> None:
        """Speak on a new connection: the name if there is one, else only a ping."""
        self._exchange.attach(connection)
        self._papers.begin()
        if self.nick:
            self._say_hello()
        else:
            self._exchange.tell({"op": "ping", "n": 0})

    def disconnected(self, connection: Connection) -> None:
        """Wait for the next connection; what was unanswered stays so."""
        if not self._exchange.detach(connection):
            return
        self._welcome = self.sends.open = False
        self.rooms.disconnect()
        if self.ended or self.hello is None or self._entering is not None:
            return
        if self.parked:
            self._end(None)
        else:
            self._returning = True
            self.listener.lost()
            self.sends.break_off()

    def received(self, event: wire.Anything) -> None:  # noqa: C901, PLR0912 - a table
        """Take in one event."""
        if isinstance(event, wire.Bye):
            self._bye(event)
            return
        if isinstance(event, wire.Error) and event.code in _TURNED_AWAY and self.hello is None:
            self.fail(FatalError(NOT_WELCOME, event.text or event.code))
            return
        if not self.contact.called:
            self.contact.callback(None)
        match event:
            case wire.Hello() | wire.Error() | wire.Ok() | wire.Ack() | wire.Pong():
                self._reply(event)
            case events.Dropped():
                self.listener.heard(event, replayed=False)
                self.rooms.put_out(event.room)
            case events.Act() if event.seq:
                self._act(event)
            case wire.Said() | wire.Emoted() | wire.Topic() | wire.Other():
                self.rooms.take(event)
            case wire.Prefs():
                self.listener.preferred(event)
            case wire.Live():
                self.rooms.caught_up(event)
            case wire.Gap():
                self.gap(event)
            case wire.Left() if event.nick == self.nick:
                pass  # the answer to our own request says it
            case wire.Renamed() if event.nick == self.nick:
                self._papers.rename(event.to)
                self.listener.heard(event, replayed=False)
            case wire.Direct() | wire.Joined() | wire.Left() | wire.Renamed() | events.Act():
                self.listener.heard(event, replayed=False)

    def _act(self, act: events.Acts) -> None:
        """Take in something that was done in a room, perhaps to us, or to the room itself."""
        match act:
            case events.Kicked(who=who) | events.Banned(who=who) if who.casefold() == self.nick.casefold():
                if self.rooms.is_new(act):
                    self.listener.heard(act, replayed=False)
                    self.rooms.put_out(act.room)
                    return
            case events.RoomRenamed(was=was, to=to) if self.rooms.is_new(act):
                self.sends.move(was, to)
        self.rooms.take(act)

    def _reply(self, reply: wire.Reply) -> None:
        if self._exchange.answer(reply):
            self._on_the_way()
        elif isinstance(reply, wire.Error) and self.hello is not None:
            self.listener.refused(reply)

    def _say_hello(self) -> None:
        first = self.hello is None and self._papers.can_prove()
        self._exchange.ask(self._papers.prove() if first else self._papers.hello(), self._welcomed)

    def _welcomed(self, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Error):
            self._not_welcomed(reply)
        if not isinstance(reply, wire.Hello):
            return
        before, self.hello = self.hello, reply
        self._welcome = True
        self._papers.nick = reply.nick
        self._papers.secret = reply.session or self._papers.secret
        self.retry_hint = 0.0
        self.sends.line_bytes = reply.limits.line
        self.rooms.lobby = reply.lobby
        self.welcomed(reply)
        if before is None and not (self.rooms or self._bot):
            self.rooms.add(reply.lobby)
            self.rooms.active = reply.lobby
        if before is not None and before.epoch != reply.epoch:
            self.rooms.start_over("epoch_changed")
        elif before is not None and before.session != reply.session and self.sends.unanswered:
            self.rooms.missing = ANOTHER_GUEST
        self.rooms.join_all()
        if self._entering is not None:
            entering, self._entering = self._entering, None
            entering.callback(reply)

    def _not_welcomed(self, error: wire.Error) -> None:
        first = self._entering
        if first is not None and error.code in _NICK_REFUSED:
            self._papers.drop()
            self._entering = None
            first.errback(RefusedError(error))
        elif first is None and error.code == "nick_owned" and self._papers.can_prove():
            self._exchange.ask(self._papers.prove(), self._welcomed)
        elif error.code in _NICK_REFUSED and error.suggest:
            self.listener.refused(error)
            self._papers.nick = error.suggest
            self._exchange.ask(self._papers.hello(), self._welcomed)
        elif first is not None or error.code in _NICK_REFUSED | _TURNED_AWAY | {wire.BAD_ANSWER}:
            status = NOT_WELCOME if error.code in _TURNED_AWAY else NOT_STORED
            self.fail(FatalError(status, error.text or error.code))
        else:
            self._exchange.drop()

    def _on_the_way(self) -> None:
        """Send what waits once all rooms are joined; be back once all is caught up and answered."""
        if not self._exchange.connected or self.hello is None or not self.rooms.all_joined:
            return
        if not self.sends.open:
            if self.sends.give_up(lambda room: room not in self.rooms):
                self.rooms.missing = self.rooms.missing or DISPLACED
            self._owed = frozenset(self.sends.unanswered)
            self.sends.resume()
        if self._returning and self.rooms.all_live and self._owed.isdisjoint(self.sends.unanswered):
            self._returning = False
            self.rooms.missing, missing = "", self.rooms.missing
            self.listener.back(missing)

    def _room_lost(self, lost: str) -> None:
        self.sends.give_up(lambda room: room.casefold() == lost.casefold())

    def _bye(self, event: wire.Bye) -> None:
        self.retry_hint = event.retry or 0.0
        if event.code == "too_many" and self.hello is not None:
            self.retry_hint = event.retry or _CROWDED_SECONDS
        elif event.code == "replaced":
            self.fail(FatalError(NOT_WELCOME, _REPLACED))
        elif event.code in _TURNED_AWAY:
            self.fail(FatalError(NOT_WELCOME, event.text or event.code))
        elif event.code == "quit":
            self._end(None)

    def _close(self) -> None:
        self.ended = True
        self._exchange.drop()

    def _end(self, why: FatalError | None) -> None:
        if not self.ended:
            self._close()
            self.listener.ended(why)
