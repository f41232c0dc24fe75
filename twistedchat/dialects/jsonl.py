r"""JSON lines, version 1: what a program speaks.

    C {"op":"say","room":"#lobby","text":"812 failed\nsee log","cid":"812-fail","ref":3}
    S {"ev":"ack","ref":3,"cid":"812-fail","room":"#lobby","seq":484,"id":9124,"at":"..."}
    S {"ev":"said","room":"#lobby","seq":484,"id":9124,"at":"...","nick":"bot","text":"812 failed\nsee log"}

One object, one line, in UTF-8. The whole of it is in docs/protocol.md.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

import msgspec
from msgspec import Struct

from twistedchat.chat.errors import BadJson, BadUsage, ChatError, NickTaken, TooLong, UnknownOp
from twistedchat.chat.events import Departed, Direct, Emoted, Entry, Joined, Left, Ref, Renamed, Said, TopicSet
from twistedchat.chat.replies import Told
from twistedchat.dialects.wire import (
    Acked,
    Answer,
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
    Part,
    Past,
    Ping,
    Pinged,
    Pong,
    Ponged,
    Request,
    Say,
    View,
    Welcome,
)

LINE_MOST = 65536
"""Bytes of one line."""
LABEL_MOST = 64
"""Bytes of a `cid` or a `ref`."""

_Requests: TypeAlias = Hello | Join | Part | Say | Emote | Dm | Command | Ping | Pong | Bye
_decode = msgspec.json.Decoder(_Requests).decode
_encode = msgspec.json.Encoder().encode


class _Named(Struct, gc=False):
    """What can be read of a line that is no request."""

    ref: Ref | None = None


_decode_name = msgspec.json.Decoder(_Named).decode


class _Message(Struct, gc=False, tag_field="ev"):
    """A message as it is told; a struct, for it is encoded often."""

    room: str
    seq: int
    id: int
    at: str
    nick: str
    text: str


class _Said(_Message, gc=False, tag="said"):
    pass


class _Emoted(_Message, gc=False, tag="emoted"):
    pass


class _Ack(Struct, gc=False, tag="ack", tag_field="ev", omit_defaults=True):
    ref: Ref | None = None
    cid: str = ""
    room: str = ""
    seq: int = 0
    id: int = 0
    at: str = ""
    dup: bool = False


class JsonDialect(Struct, frozen=True):
    """JSON lines; there is nothing to prefer, so all programs share their bytes."""

    echo: bool = True

    def preferring(self, name: str, *, on: bool) -> JsonDialect:  # noqa: ARG002 - there is nothing to prefer
        """Refuse: programs are told everything."""
        raise BadUsage(f"programs are told everything; there is no {name} to set")

    def view(self, room: str, *, active: bool) -> View:  # noqa: ARG002 - each line says its room
        """Return the one view that programs have of a room."""
        return View(room)

    def decode(self, line: bytes, *, named: bool) -> Request:  # noqa: ARG002 - the same before and after
        """Return the request in one line, or raise `BadJson`, `TooLong` or `UnknownOp`."""
        if not line.strip():
            return Nothing()
        try:
            request: _Requests = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _refusal(line, str(error)) from None
        cid = getattr(request, "cid", "")
        if len(cid.encode()) > LABEL_MOST or len(str(request.ref).encode()) > LABEL_MOST:
            raise _with_ref(TooLong(f"cid and ref have at most {LABEL_MOST} bytes"), request.ref)
        return request

    def encode(self, entry: Entry, view: View) -> bytes:
        """Return the event as one line."""
        fields = _event(entry, view.room)
        return _encode(fields) + b"\n" if fields else b""

    def replay(self, past: Past, view: View) -> bytes:
        """Return the past as the lines that it was told in then."""
        return b"".join(self.encode(entry, view) for entry in past.entries)

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:
        """Return the answer as one line."""
        if isinstance(answer, Acked):
            entry = answer.entry
            ack = _Ack(ref, entry.cid, answer.room, entry.seq, entry.id, timestamp(entry.at), answer.again)
            return _encode(ack) + b"\n"
        fields = _answer(answer)
        if ref is not None:
            fields = {"ev": fields.pop("ev"), "ref": ref, **fields}
        return _encode(fields) + b"\n"


def _refusal(line: bytes, why: str) -> ChatError:
    """Return why a line is no request; with its ref, where that much of it can be read."""
    refusal = UnknownOp(f"no such op: {why}") if "`$.op`" in why else BadJson(f"not a request: {why}")
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _with_ref(refusal, _decode_name(line).ref)
    return refusal


def _with_ref(refusal: ChatError, ref: Ref | None) -> ChatError:
    """Return the refusal with the ref of its request, unless that is too long to be repeated."""
    if len(str(ref).encode()) <= LABEL_MOST:
        refusal.ref = ref
    return refusal


@lru_cache(maxsize=64)
def timestamp(at: int) -> str:
    """Return milliseconds since 1970 as ISO 8601 in UTC: 2026-11-22T19:04:20.113Z."""
    return f"{_second(at // 1000)}.{at % 1000:03}Z"


@lru_cache(maxsize=1024)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _event(entry: Entry, room: str) -> _Message | dict[str, object]:  # noqa: PLR0911 - a table
    at = timestamp(entry.at)
    match entry.event:
        case Said(nick=nick, text=text):
            return _Said(room, entry.seq, entry.id, at, nick, text)
        case Emoted(nick=nick, text=text):
            return _Emoted(room, entry.seq, entry.id, at, nick, text)
        case Direct(nick=nick, to=to, text=text):
            place = {"seq": entry.seq, "id": entry.id, "at": at}
            return {"ev": "direct", **place, "nick": nick, "to": to, "text": text}
        case TopicSet(nick=nick, text=text):
            place = {"seq": entry.seq, "id": entry.id, "at": at}
            return {"ev": "topic", "room": room, **place, "nick": nick, "text": text}
        case Joined(nick=nick):
            return {"ev": "joined", "room": room, "at": at, "nick": nick}
        case Departed(nick=nick, why=why) | Left(nick=nick, why=why):
            reason = {"why": why} if why else {}
            return {"ev": "left", "room": room, "at": at, "nick": nick, **reason}
        case Renamed(nick=nick, to=to):
            return {"ev": "renamed", "room": room, "at": at, "nick": nick, "to": to}
    return {}


def _answer(answer: Answer) -> dict[str, object]:  # noqa: C901, PLR0911 - a table
    match answer:
        case NickTaken(code=code, text=text, suggest=suggest):
            return {"ev": "error", "code": code, "text": text, "suggest": suggest}
        case ChatError(code=code, text=text):
            return {"ev": "error", "code": code, "text": text}
        case Welcome():
            return _welcome(answer)
        case Entered(room=room, rid=rid, head=head, role=role, people=people, topic=topic):
            about = {"head": head, "role": role, "topic": topic, "people": people}
            return {"ev": "ok", "room": room, "rid": rid, **about}
        case Past(room=room, entries=entries):
            return {"ev": "ok", "room": room, "entries": [_event(entry, room) for entry in entries]}
        case Told(lines=lines):
            return {"ev": "ok", "text": "\n".join(lines)}
        case Live(room=room, seq=seq):
            return {"ev": "live", "room": room, "seq": seq}
        case Pinged(n=n):
            return {"ev": "ping", "n": n}
        case Ponged(n=n):
            return {"ev": "pong", "n": n}
        case Farewell(code=code, text=text, retry=retry):
            return {"ev": "bye", "code": code, "retry": retry, "text": text}
    raise AssertionError(answer)  # pragma: no cover - mypy holds the table whole


def _welcome(welcome: Welcome) -> dict[str, object]:
    burst, per_second = welcome.rate
    return {
        "ev": "hello",
        "v": 1,
        "server": welcome.server,
        "epoch": welcome.epoch,
        "session": welcome.secret,
        "nick": welcome.nick,
        "role": welcome.role,
        "lobby": welcome.lobby,
        "commands": welcome.commands,
        "limits": {"line": LINE_MOST, "text": welcome.text_most, "burst": burst, "per_s": per_second},
        "ping": welcome.ping,
        "time": timestamp(welcome.at),
    }
