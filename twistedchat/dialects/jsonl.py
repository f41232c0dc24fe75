r"""JSON lines, version 1: what a program speaks.

    C {"op":"say","room":"#lobby","text":"812 failed\nsee log","cid":"812-fail","ref":3}
    S {"ev":"ack","ref":3,"cid":"812-fail","room":"#lobby","seq":484,"id":9124,"at":"..."}
    S {"ev":"said","room":"#lobby","seq":484,"id":9124,"at":"...","nick":"bot","text":"812 failed\nsee log"}

One object, one line, in UTF-8. The whole of it is in docs/protocol.md.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import Struct

from twistedchat.chat.errors import BadJson, ChatError, NeedPassword, NickTaken, TooLong, UnknownOp
from twistedchat.chat.events import Entry, Ref  # noqa: TC001 - msgspec reads the annotations of requests
from twistedchat.chat.replies import Told
from twistedchat.dialects.objects import happened, hidden, timestamp
from twistedchat.dialects.requests import (
    Bye,
    Command,
    Dm,
    Emote,
    Hello,
    History,
    Join,
    Nick,
    Nothing,
    Part,
    Ping,
    Pong,
    Request,
    Rooms,
    Say,
    Search,
    Set,
    Who,
)
from twistedchat.dialects.wire import (
    Acked,
    Acts,
    Answer,
    Entered,
    Farewell,
    Finds,
    Gap,
    Live,
    Past,
    Pinged,
    Ponged,
    Preferences,
    Prompt,
    View,
    Welcome,
    is_hidden,
)

if TYPE_CHECKING:
    from twistedchat.chat.prefs import Prefs

LINE_MOST = 65536
"""Bytes of one line."""
LABEL_MOST = 64
"""Bytes of a `cid` or a `ref`."""

_Requests: TypeAlias = (
    Hello | Join | Part | Say | Emote | Dm | Command | History | Search | Who | Rooms | Nick | Set | Ping | Pong | Bye
)
_decode = msgspec.json.Decoder(_Requests).decode
_encode = msgspec.json.Encoder().encode


class _Named(Struct, gc=False):
    """What can be read of a line that is no request."""

    ref: Ref | None = None


_decode_name = msgspec.json.Decoder(_Named).decode


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

    def preferring(self, prefs: Prefs) -> JsonDialect:  # noqa: ARG002 - it is told them, and does as it likes
        """Return this dialect: programs are told everything."""
        return self

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
        fields = happened(entry, view.room)
        return _encode(fields) + b"\n" if fields else b""

    def hidden(self, entry: Entry, view: View) -> bytes:
        """Return a line with nothing but the entry's place; b"" for what has none."""
        fields = hidden(entry, view.room)
        return _encode(fields) + b"\n" if fields else b""

    def replay(self, past: Past, view: View) -> bytes:
        """Return the past as the lines that it was told in then."""
        lines = [
            self.hidden(entry, view) if is_hidden(entry, past.ignoring) else self.encode(entry, view)
            for entry in past.entries
        ]
        return b"".join(lines)

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


def _answer(answer: Answer) -> dict[str, object]:  # noqa: PLR0911 - a table
    match answer:
        case NickTaken(code=code, text=text, suggest=suggest):
            return {"ev": "error", "code": code, "text": text, "suggest": suggest}
        case ChatError(code=code, text=text):
            return {"ev": "error", "code": code, "text": text}
        case Prompt(text=text):
            return _answer(NeedPassword(text.strip()))
        case Welcome():
            return _welcome(answer)
        case Entered(room=room, rid=rid, head=head, role=role, people=people, topic=topic):
            place = {"ev": "ok", "room": room, "rid": rid, "head": head}
            return {**place, "role": role, "topic": topic, "people": people}
        case Past(room=room, entries=entries, ignoring=ignoring):
            return {
                "ev": "ok",
                "room": room,
                "entries": [
                    hidden(entry, room) if is_hidden(entry, ignoring) else happened(entry, room) for entry in entries
                ],
            }
        case Finds(entries=found, lines=lines):
            about = {"text": "\n".join(lines)} if lines else {}
            return {"ev": "ok", **about, "entries": [happened(entry, room) for room, entry in found]}
        case Acts(entries=acts):
            return {"ev": "ok", "entries": [happened(entry, room) for room, entry in acts]}
        case Told(lines=lines, facts=facts):
            return {"ev": "ok", "text": "\n".join(lines), **facts}
    return _notice(answer)


def _notice(answer: Answer) -> dict[str, object]:
    """Return what a program is told that answers nothing it has asked."""
    match answer:
        case Preferences(prefs=prefs):
            how = {"echo": prefs.echo, "time": prefs.time, "color": prefs.color, "bell": prefs.bell}
            return {"ev": "prefs", **how, "quiet": prefs.quiet}
        case Live(room=room, seq=seq, to=to):
            return {"ev": "live", **({"with": to} if to else {"room": room}), "seq": seq}
        case Gap(room=room, after=after, upto=upto):
            return {"ev": "gap", "room": room, "code": "gap_expired", "after": after, "upto": upto}
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
        "account": welcome.account,
        "lobby": welcome.lobby,
        "motd": welcome.motd,
        "keep": welcome.keep,
        "commands": welcome.commands,
        "limits": {"line": LINE_MOST, "text": welcome.text_most, "burst": burst, "per_s": per_second},
        "ping": welcome.ping,
        "time": timestamp(welcome.at),
    }
