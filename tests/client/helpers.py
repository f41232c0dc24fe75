from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure

from twistedchat.client import wire
from twistedchat.client.session import Session
from twistedchat.client.ways import Way

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from twistedchat.client.exits import FatalError

Json = dict[str, Any]


class FakeConnection:
    """Remembers what was sent on it; `answer` is the server's voice."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sent: list[Json] = []
        self.dropped = False

    def send(self, request: wire.Request) -> None:
        self.sent.append(json.loads(wire.encode(request)))

    def drop(self) -> None:
        self.dropped = True

    def ops(self) -> list[str]:
        return [request["op"] for request in self.sent]

    def asked(self, op: str) -> list[Json]:
        return [request for request in self.sent if request["op"] == op]

    def last(self, op: str) -> Json:
        return self.asked(op)[-1]

    def says(self, *events: Json) -> None:
        for event in events:
            self.session.received(wire.decode(json.dumps(event).encode()))

    def answers(self, op: str, **event: object) -> None:
        """Answer the last request of a kind."""
        self.says({"ref": self.last(op).get("ref"), **event})

    def welcomes(self, nick: object = "alice", **more: object) -> None:
        greeting = {"session": "secret", "epoch": "e1", "commands": ["/help [COMMAND]", "/msg NICK TEXT..."]}
        self.answers("hello", ev="hello", nick=nick, **{**greeting, **more})

    def lets_in(self, head: int = 0, *replay: Json, room: str = "#lobby", **more: object) -> None:
        entered = {"ev": "ok", "room": room, "rid": "r1", "head": head, "people": ["alice", "bob"]}
        asked = [join for join in self.asked("join") if join["room"].casefold() == room.casefold()]
        self.says({"ref": asked[-1]["ref"], **entered, **more})
        self.says(*replay, {"ev": "live", "room": room, "seq": head})

    def acks(self, *requests: Json) -> None:
        for n, request in enumerate(requests):
            self.says({"ev": "ack", "ref": request["ref"], "cid": request["cid"], "seq": n + 1, "room": "#lobby"})


class Heard:
    """A listener that writes down what it is told, one word and what belongs to it."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.why: FatalError | None = None

    @property
    def texts(self) -> list[str]:
        return [str(about[0]) for what, *about in self.told if what == "heard"]

    def entered(self, room: wire.Ok) -> None:
        self.told.append(("entered", room.room))

    def heard(self, event: wire.News, *, replayed: bool) -> None:
        self.told.append(("heard", getattr(event, "text", type(event).__name__), replayed))

    def live(self, room: str) -> None:
        self.told.append(("live", room))

    def displaced(self, room: str, *, anew: bool) -> None:
        self.told.append(("displaced", room, anew))

    def put_out(self, room: str) -> None:
        self.told.append(("put_out", room))

    def preferred(self, prefs: wire.Prefs) -> None:
        self.told.append(("preferred", prefs.time, prefs.bell, prefs.quiet))

    def refused(self, error: wire.Error) -> None:
        self.told.append(("refused", error.code))

    def lost(self) -> None:
        self.told.append(("lost",))

    def retrying(self, delay: float) -> None:
        self.told.append(("retrying", delay))

    def back(self, missing: str) -> None:
        self.told.append(("back", missing))

    def ended(self, why: FatalError | None) -> None:
        self.told.append(("ended",))
        self.why = why


class FakeLink:
    """A link that hands out connections when the test says so."""

    def __init__(self, session: Session, *, private: bool = True, way: Way | None = None) -> None:
        self.session = session
        self.way = way or Way(near=private)
        self.trusted = False
        self.problem = ""
        self.connections: list[FakeConnection] = []
        session.wants_connection = self.start

    @property
    def now(self) -> FakeConnection:
        return self.connections[-1]

    @property
    def private(self) -> bool:
        return self.way.private

    def trust(self) -> str:
        self.trusted = True
        return self.problem

    def start(self) -> None:
        self.connect()

    def connect(self) -> FakeConnection:
        self.connections.append(FakeConnection(self.session))
        self.session.connected(self.now)
        return self.now

    def breaks(self) -> None:
        self.session.disconnected(self.now)

    async def leave(self, why: str = "") -> None:
        self.session.leave(why)
        self.breaks()


def act(ev: str, seq: int = 0, room: str = "#lobby", nick: str = "ann", **more: object) -> Json:
    return {"ev": ev, "room": room, "nick": nick, **({"seq": seq} if seq else {}), **more}


def said(seq: int, text: str, nick: str = "bob", room: str = "#lobby", **more: object) -> Json:
    return {"ev": "said", "room": room, "seq": seq, "nick": nick, "text": text, **more}


def outcome(deferred: Deferred[Any]) -> Any:  # noqa: ANN401 - whatever it fired with
    """What a Deferred has fired with, its exception, or None if it waits."""
    results: list[Any] = []

    def keep(result: Any) -> Any:  # noqa: ANN401
        results.append(result.value if isinstance(result, Failure) else result)
        return results[0]

    deferred.addBoth(keep)
    return results[0] if results else None


def entered_session(**welcome: object) -> tuple[Session, Heard, FakeConnection]:
    """A session that is in the lobby, where nothing was said so far."""
    heard = Heard()
    session = Session(heard)
    connection = FakeConnection(session)
    session.connected(connection)
    connection.answers("ping", ev="error", code="need_hello")
    session.enter("alice")
    connection.welcomes(**welcome)
    connection.lets_in()
    heard.told.clear()
    return session, heard, connection


def in_two_rooms() -> tuple[Session, Heard, FakeConnection]:
    """A session that is in the lobby and in #ops, where something was said; #ops is the active one."""
    session, heard, connection = entered_session()
    session.join("#ops")
    session.rooms.active = "#ops"
    connection.lets_in(1, said(1, "ship it", room="#ops"), room="#ops", rid="r2")
    heard.told.clear()
    return session, heard, connection


def reconnect(session: Session, connection: FakeConnection, /, **welcome: object) -> FakeConnection:
    """Break a session's connection; return the next one, on which it has been welcomed."""
    session.disconnected(connection)
    another = FakeConnection(session)
    session.connected(another)
    another.welcomes(**welcome)
    return another
