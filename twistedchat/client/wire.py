"""JSON lines, version 1, as values: what a server may say, and how a request is written.

Sent, one object a line: ``{"op": ..., "ref": n}`` with ``op`` one of ``hello
join part say emote dm command history ping pong bye``. Received: one of the events
below and in `twistedchat.client.events`; its ``ref`` tells which request it answers.
What carries a ``seq`` is kept by the server and can be asked for again.
"""

import msgspec

from twistedchat.client import events
from twistedchat.client.events import Event

Request = dict[str, object]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the server takes: bytes in a line, characters in a text."""

    line: int = 65536
    text: int = 4000


class Hello(Event, frozen=True, kw_only=True):
    """Welcome. ``session`` is the secret that brings the same person back; ``motd`` may have several lines."""

    nick: str
    ref: int | None = None
    server: str = ""
    epoch: str = ""
    session: str = ""
    role: str = "guest"
    account: str = ""
    lobby: str = "#lobby"
    motd: str = ""
    commands: tuple[str, ...] = ()
    limits: Limits = Limits()
    ping: float = 60.0
    time: str = ""


class Error(Event, frozen=True, kw_only=True):
    """A refusal: ``code`` for programs, ``text`` for people."""

    code: str
    text: str = ""
    ref: int | None = None
    suggest: str | None = None


class Ok(Event, frozen=True, kw_only=True):
    """Done; for a join: where the room's stream is, and who is there; for what was looked up: its ``entries``."""

    ref: int | None = None
    room: str = ""
    rid: str | None = None
    head: int | None = None
    role: str = ""
    topic: str | None = None
    people: tuple[str, ...] = ()
    text: str = ""
    entries: tuple[msgspec.Raw, ...] | None = None


class Ack(Event, frozen=True, kw_only=True):
    """Stored, at this place of the stream; ``dup`` if it had been already."""

    ref: int | None = None
    cid: str | None = None
    room: str = ""
    seq: int = 0
    id: int = 0
    at: str = ""
    dup: bool = False


class Said(Event, frozen=True, kw_only=True):
    """Somebody's words in a room."""

    room: str
    seq: int
    nick: str
    text: str
    at: str = ""
    id: int = 0
    account: str | None = None


class Emoted(Event, frozen=True, kw_only=True):
    """What somebody does in a room (``/me``)."""

    room: str
    seq: int
    nick: str
    text: str
    at: str = ""
    id: int = 0
    account: str | None = None


class Topic(Event, frozen=True, kw_only=True):
    """What a room is about from here on; nothing, if ``text`` is empty."""

    room: str
    seq: int
    nick: str
    text: str
    at: str = ""
    id: int = 0


class Direct(Event, frozen=True, kw_only=True):
    """Words from ``nick`` for ``to`` alone."""

    nick: str
    to: str
    text: str
    seq: int = 0
    at: str = ""
    id: int = 0
    account: str | None = None


class Joined(Event, frozen=True, kw_only=True):
    """Somebody came into a room; not kept. It is ``minor`` in a large room, if they have said nothing lately."""

    room: str
    nick: str
    at: str = ""
    minor: bool = False


class Left(Event, frozen=True, kw_only=True):
    """Somebody left a room; not kept."""

    room: str
    nick: str
    at: str = ""
    why: str | None = None
    minor: bool = False


class Renamed(Event, frozen=True, kw_only=True):
    """Somebody has another name now; not kept."""

    nick: str
    to: str
    room: str = ""
    at: str = ""


class Prefs(Event, frozen=True, kw_only=True):
    """How this person wants to be told things."""

    time: bool = False
    bell: bool = False
    quiet: str = "smart"

    def hushes(self, *, minor: bool) -> bool:
        """Tell whether somebody's coming and going is not to be shown."""
        return self.quiet == "all" or (minor and self.quiet == "smart")


class Live(Event, frozen=True, kw_only=True):
    """The replay of a room is complete up to ``seq``; what follows happens now."""

    seq: int
    room: str = ""


class Gap(Event, frozen=True, kw_only=True):
    """What followed ``after`` in a room, up to ``upto``, cannot be told: ``code`` says why."""

    room: str
    code: str = ""
    after: int = 0
    upto: int = 0


class Ping(Event, frozen=True, kw_only=True):
    """Whether we are still there."""

    n: int = 0


class Pong(Event, frozen=True, kw_only=True):
    """Yes, still there."""

    n: int = 0
    ref: int | None = None


class Bye(Event, frozen=True, kw_only=True):
    """The server closes, and when to come again."""

    code: str = ""
    text: str = ""
    retry: float | None = None


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is hidden, not known here or not readable; if it has a ``seq``, it still has its place."""

    ev: str
    room: str = ""
    seq: int = 0
    at: str = ""


Reply = Hello | Error | Ok | Ack | Pong
Kept = Said | Emoted | Topic | Direct | events.Acts
News = Kept | Joined | Left | Renamed
Known = Reply | News | Prefs | Live | Gap | Ping | Bye
Anything = Known | Other

BAD_ANSWER = "bad_answer"
"""The code of an answer that cannot be read: what was asked for may have happened."""

_known: msgspec.json.Decoder[Known] = msgspec.json.Decoder(Known)
_object: msgspec.json.Decoder[dict[str, object]] = msgspec.json.Decoder(dict[str, object])
_encoder = msgspec.json.Encoder()


def decode(line: bytes | msgspec.Raw) -> Anything:
    """Read one line; an answer that is not as it should be is an `Error`, an event an `Other`.

    :raises msgspec.DecodeError: it is no event of this protocol.
    """
    try:
        return _known.decode(line)
    except msgspec.ValidationError:
        return _torn(_object.decode(line))


def _torn(told: dict[str, object]) -> Error | Other:
    """Return what can be read of something: whom it answers, or else where its place is."""
    match told:
        case {"ref": int(ref)}:
            return Error(code=BAD_ANSWER, text="The server's answer cannot be read.", ref=ref)
        case {"ev": str(ev)}:
            room, seq, at = told.get("room"), told.get("seq"), told.get("at")
            return Other(
                ev=ev,
                room=room if isinstance(room, str) else "",
                seq=seq if isinstance(seq, int) else 0,
                at=at if isinstance(at, str) else "",
            )
    raise msgspec.ValidationError("neither an event nor an answer")


def encode(request: Request | Event) -> bytes:
    """Write one line, with its end."""
    return _encoder.encode(request) + b"\n"
