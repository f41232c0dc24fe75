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
from twistedchat.client.rooms import DISPLACED, Rooms
from twistedchat.client.sends import Sends

ANOTHER_GUEST = "another_guest"
"""Why something may be doubled: the server did not know this session any more."""

_NICK_REFUSED = frozenset({"nick_taken", "nick_owned", "bad_nick", "bad_login"})
_TURNED_AWAY = frozenset({"banned", "killed", "too_many"})


class Session:
    """A person's place in the chat, over as many connections as it takes.

    Nothing but a ping is sent before `enter`. ``contact`` fires when a server has
    shown that it is one, and fails with `FatalError` if there is none. ``source`` is
    paused while the network is slower than we are. With ``remakes`` a room that is gone
    when we return is made again; else what was meant for it is given up.
    """

    def __init__(self, listener: Listener, source: IPushProducer | None = None, *, remakes: bool = False) -> None:
        self.listener = listener
        self.source = source
        self.contact: Deferred[None] = Deferred()
        self.nick = ""
        self.hello: wire.Hello | None = None
        self.ended = False
        self.retry_hint = 0.0
        """In how many seconds the server wants to see us again, if it said so."""
        self.wants_connection: Callable[[], None] = lambda: None
        """Called when a connection is needed and none is being made."""
        self._exchange = Exchange()
        self.sends = Sends(self._exchange)
        self.rooms = Rooms(self._exchange, listener, self._on_the_way, self._room_lost, remakes=remakes)
        self._entering: Deferred[wire.Hello] | None = None
        self._token = ("", "")
        self._token_shown = False
        self._welcome = False
        self._returning = False
        self._owed: frozenset[str] = frozenset()

    @property
    def parked(self) -> bool:
        """Whether no connection is needed: no name was given yet, or goodbye was said."""
        return not self.nick or self.ended

    @property
    def away(self) -> bool:
        """Whether what is said now has to wait until the server is back."""
        return self._returning and not self.sends.open

    def enter(self, nick: str, token: str = "") -> Deferred[wire.Hello]:
        """Take a name, whose password is ``token``; fails with `RefusedError` if it cannot be had: then try another.

        The password is kept for when the server has forgotten who we are, and shown to nobody else.
        """
        self.nick, self._token = nick, (nick, token)
        self._entering = Deferred()
        if self._exchange.connected:
            self._say_hello(token)
        else:
            self.wants_connection()
        return self._entering

    def join(self, room: str, key: str = "") -> Deferred[wire.Ok]:
        """Be in a room, now and after each reconnection; before `enter`: instead of the lobby."""
        done = self.rooms.add(room, key)
        if self._welcome:
            self.rooms.join(room)
        return done

    def say(self, room: str, text: str) -> Deferred[wire.Reply]:
        """Say something; fires with `Ack` once it is stored.

        Fails with `RefusedError`, or with `GivenUpError` if the room is gone before that.
        """
        return self.sends.submit({"op": "say", "room": room, "text": text})

    def command(self, room: str, line: str) -> Deferred[wire.Reply]:
        """Give a command as a person types it, in a room or in none; fires with `Ok` or `Ack`.

        Fails as `say` does.
        """
        where: wire.Request = {"room": room} if room else {}
        return self.sends.submit({"op": "command", **where, "line": line})

    def part(self, room: str, why: str = "") -> Deferred[None]:
        """Be in a room no more, now and after each reconnection; fails with `RefusedError`: then we still are."""
        return self.rooms.part(room, why)

    def leave(self, why: str = "") -> None:
        """Say goodbye, and why; the listener hears `ended` once the server, too, has closed."""
        self.nick = ""
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
        self._token_shown = False
        if self.nick:
            self._say_hello(self._token[1] if self.hello is None else "")
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

    def received(self, event: wire.Anything) -> None:  # noqa: C901 - a table
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
            case wire.Left() if event.nick == self.nick:
                pass  # the answer to our own request says it
            case wire.Renamed() if event.nick == self.nick:
                self.nick, self._token = event.to, (event.to, self._token[1])
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

    def _say_hello(self, token: str = "") -> None:
        request: wire.Request = {"op": "hello", "v": 1, "nick": self.nick}
        if token:
            request["token"], self._token_shown = token, True
        if self.hello is not None and self.hello.session:
            request["session"] = self.hello.session
        self._exchange.ask(request, self._welcomed)

    def _welcomed(self, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Error):
            self._not_welcomed(reply)
        if not isinstance(reply, wire.Hello):
            return
        before, self.hello = self.hello, reply
        self._welcome = True
        self.nick = reply.nick
        self.retry_hint = 0.0
        self.sends.line_bytes = reply.limits.line
        self.rooms.lobby = reply.lobby
        if before is None and not self.rooms:
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
            self.nick, self._entering = "", None
            first.errback(RefusedError(error))
        elif first is None and error.code == "nick_owned" and self._token[1] and not self._token_shown:
            self.nick = self._token[0]
            self._say_hello(self._token[1])
        elif error.code in _NICK_REFUSED and error.suggest:
            self.listener.refused(error)
            self.nick = error.suggest
            self._say_hello()
        elif first is not None or error.code in _NICK_REFUSED | _TURNED_AWAY:
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
        if event.code in _TURNED_AWAY:
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
