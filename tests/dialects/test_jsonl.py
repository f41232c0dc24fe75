"""JSON lines: what a program speaks."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.strategies import anything, nicknames
from tests.dialects.screens import NOON, SECRET, entry, events
from twistedchat.chat.acts import Opened
from twistedchat.chat.errors import BadJson, ChatError, NickTaken, NoRoom, TooLong, UnknownOp
from twistedchat.chat.events import (
    Arrived,
    Departed,
    Direct,
    Emoted,
    Entry,
    Joined,
    Left,
    Ref,
    Renamed,
    Said,
)
from twistedchat.chat.replies import Told
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.objects import timestamp
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
    Entered,
    Farewell,
    Gap,
    Live,
    Past,
    Pinged,
    Ponged,
    View,
    Welcome,
)

if TYPE_CHECKING:
    from twistedchat.chat.events import Event
    from twistedchat.dialects.wire import Answer

JSON = JsonDialect()
VIEW = View("#lobby")
AT = "2023-11-14T22:13:20.000Z"
WELCOME = Welcome("bee", "e1", "ann", "guest", "#lobby", ("/help",), "s3cret", 4000, (10, 2.0), 60, NOON)

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
_names = st.sampled_from(
    ["ref", "room", "text", "cid", "nick", "session", "v", "bot", "after", "rid", "with", "line", "n"]
)
_ops = st.sampled_from(["hello", "join", "say", "emote", "dm", "command", "ping", "pong", "bye", "nothing", "x"])
_objects = st.builds(
    lambda op, rest: {"op": op, **rest}, _ops | _values, st.dictionaries(_names, _values, max_size=5)
)
_refs = st.text(max_size=16) | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
_answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(ChatError, anything),
    st.builds(NickTaken, anything, nicknames),
    st.builds(
        Told, st.lists(anything.map(lambda text: text.encode(errors="replace").decode()), max_size=3).map(tuple)
    ),
    st.builds(lambda event: Acked(entry(event), "#lobby", again=True), events),
    st.builds(
        lambda happened: Past("#lobby", [entry(event) for event in happened], 9, NOON), st.lists(events, max_size=3)
    ),
    st.just(WELCOME),
)


def said(line: bytes) -> dict[str, object]:
    """Return the object on a line, which is one line."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


class DecodeTests:
    @pytest.mark.parametrize(
        ("request_", "line"),
        [
            (Search(text="beer from:bob"), "/search beer from:bob"),
            (Who(room="#ops"), "/who"),
            (Rooms(pattern="op"), "/rooms op"),
            (Nick(nick="bob", token="s3cret"), "/nick bob s3cret"),
            (Set(name="time", value="on"), "/set time on"),
        ],
    )
    def test_what_a_person_would_type(self, request_: Search | Who | Rooms | Nick | Set, line: str) -> None:
        """What a command does as well is that command."""
        assert request_.line == line

    @pytest.mark.parametrize(
        ("line", "request_"),
        [
            ('{"op":"hello","v":1,"nick":"bot","session":"s","bot":true,"ref":1}', Hello(1, "bot", "s", 1, bot=True)),
            ('{"op":"hello"}', Hello()),
            ('{"op":"hello","nick":"ann","token":"s3cret"}', Hello(nick="ann", token="s3cret")),
            ('{"op":"say","text":"s/a/b/"}', Say(text="s/a/b/")),
            ('{"op":"join","room":"#ops","rid":"r7","after":481}', Join(room="#ops", rid="r7", after=481)),
            ('{"op":"join","room":"#ops"}', Join(room="#ops", after=None)),
            ('{"op":"join","room":"#ops","key":"sesame"}', Join(room="#ops", key="sesame")),
            ('{"op":"say","text":"a\\nb","cid":"c1","ref":"x"}', Say(text="a\nb", cid="c1", ref="x")),
            ('{"op":"emote","room":"#ops","text":"waves"}', Emote(text="waves", room="#ops")),
            ('{"op":"dm","with":"bob","text":"psst"}', Dm(to="bob", text="psst")),
            ('{"op":"command","line":"/who"}', Command(line="/who")),
            ('{"op":"join","with":"bob","after":4}', Join(to="bob", after=4)),
            ('{"op":"history","room":"#ops","before":9,"limit":2}', History(room="#ops", before=9, limit=2)),
            ('{"op":"history","with":"bob","after":9}', History(to="bob", after=9)),
            ('{"op":"who"}', Who()),
            ('{"op":"ping","n":9}', Ping(n=9)),
            ('{"op":"pong","n":9}', Pong(n=9)),
            ('{"op":"bye"}', Bye()),
            ('{"op":"bye","unknown":{"a":[1]}}', Bye()),
            (' {"op":"bye"}\r', Bye()),
            ("", Nothing()),
            (" \r", Nothing()),
        ],
    )
    def test_requests(self, line: str, request_: Request) -> None:
        """Each op has its request; what is not known in it is ignored, and empty lines ask for nothing."""
        assert JSON.decode(line.encode(), named=True) == request_

    @pytest.mark.parametrize("ref", [0, 1, -1, "", "x", 1.5, True, False, 10**20])
    def test_any_scalar_is_a_ref(self, ref: Ref) -> None:
        """A request's ref comes back as it was, be it text, a number or a truth value."""
        request = JSON.decode(json.dumps({"op": "bye", "ref": ref}).encode(), named=True)
        assert said(JSON.answer(Ponged(1), request.ref))["ref"] == ref

    @pytest.mark.parametrize(
        "line",
        [
            *("hello", "{", "[]", "null", "1", '"say"', "{}", '{"op"}', '{"op":"say"}', '{"op":"say","text":1}'),
            *(
                '{"op":"say","text":null}',
                '{"op":"ping","n":1.5}',
                '{"op":"bye","ref":[]}',
                '{"op":"bye","ref":1e999}',
            ),
            *(
                '{"op":"bye"} {"op":"bye"}',
                '{"op":"say","text":"\\ud800"}',
                "[" * 60000,
                '{"op":"bye","x":' + "[" * 60000,
            ),
            *('{"op":"ping","n":' + "1" * 5000 + "}", '{"op":"say","text":"a\x00b"}', '{"op":"bye","ref":NaN}'),
        ],
    )
    def test_what_is_no_request(self, line: str) -> None:
        """What is no object, or not what its op takes, is refused, however deep or long it is."""
        with pytest.raises(BadJson, match="not a request"):
            JSON.decode(line.encode(), named=True)

    @pytest.mark.parametrize("line", [b"\xff", b'{"op":"say","text":"\xff"}', b'{"op":"say","text":"\xed\xa0\x80"}'])
    def test_what_is_not_utf8(self, line: bytes) -> None:
        """Bytes that are no text are refused like any other nonsense."""
        with pytest.raises(BadJson):
            JSON.decode(line, named=True)

    @pytest.mark.parametrize("op", ["nothing", "SAY", "", "sa\ny", None, 1])
    def test_op_that_does_not_exist(self, op: object) -> None:
        """An unknown op has a code of its own, so that a program can tell an older server."""
        with pytest.raises(UnknownOp, match="no such op"):
            JSON.decode(json.dumps({"op": op, "text": "x"}).encode(), named=True)

    @pytest.mark.parametrize(
        ("line", "ref"),
        [
            ('{"op":"shout","ref":7}', 7),
            ('{"op":"say","ref":"x","text":1}', "x"),
            ('{"ref":false}', False),
            ('{"op":"say","ref":[]}', None),
            ('{"op":"say","ref":"x"', None),
            (f'{{"op":"shout","ref":"{"x" * 65}"}}', None),
        ],
    )
    def test_refusal_names_its_request(self, line: str, ref: Ref | None) -> None:
        """A program learns which of its requests was none, where so much of it can be read and is short."""
        with pytest.raises((BadJson, UnknownOp)) as refused:
            JSON.decode(line.encode(), named=True)
        assert refused.value.ref == ref

    @pytest.mark.parametrize("label", [{"cid": "x" * 65}, {"cid": "é" * 33}, {"ref": "x" * 65}, {"ref": 10**64}])
    def test_labels_are_short(self, label: dict[str, object]) -> None:
        """What is stored and repeated for a program's sake has at most 64 bytes."""
        with pytest.raises(TooLong, match="64 bytes"):
            JSON.decode(json.dumps({"op": "say", "text": "x", **label}).encode(), named=True)

    def test_labels_of_just_the_length(self) -> None:
        """64 bytes are not too many."""
        request = JSON.decode(
            json.dumps({"op": "say", "text": "x", "cid": "é" * 32, "ref": "x" * 64}).encode(), named=True
        )
        assert request == Say(text="x", cid="é" * 32, ref="x" * 64)

    @given(st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
    def test_any_bytes(self, line: bytes) -> None:
        """Whatever bytes come, they are a request or a refusal, and nothing else happens."""
        with suppress(BadJson, UnknownOp, TooLong):
            JSON.decode(line, named=True)

    @given(_objects)
    def test_any_object(self, asked: dict[str, object]) -> None:
        """Whatever stands in an object, it is a request that can be answered, or a refusal."""
        line = json.dumps(asked).encode()
        try:
            request = JSON.decode(line, named=True)
        except ChatError as refusal:
            request, answer = Nothing(), JSON.answer(refusal, None)
        else:
            answer = JSON.answer(Ponged(getattr(request, "n", 0)), request.ref)
        assert said(answer).get("ref") == request.ref


class EncodeTests:
    @pytest.mark.parametrize(
        ("event", "fields"),
        [
            (
                Said("bob", "a\nb"),
                {"ev": "said", "room": "#lobby", "seq": 1, "id": 101, "nick": "bob", "text": "a\nb"},
            ),
            (Emoted("bob", "x"), {"ev": "emoted", "room": "#lobby", "seq": 1, "id": 101, "nick": "bob", "text": "x"}),
            (
                Direct("bob", "ann", "x"),
                {"ev": "direct", "seq": 1, "id": 101, "nick": "bob", "to": "ann", "text": "x"},
            ),
            (Joined("bob", "s1"), {"ev": "joined", "room": "#lobby", "nick": "bob"}),
            (Left("bob", "s1"), {"ev": "left", "room": "#lobby", "nick": "bob"}),
            (Departed("bob", "s1", "g1"), {"ev": "left", "room": "#lobby", "nick": "bob"}),
            (Departed("bob", "s1", "g1", why="x"), {"ev": "left", "room": "#lobby", "nick": "bob", "why": "x"}),
            (Renamed("bob", "s1", "rob"), {"ev": "renamed", "room": "#lobby", "nick": "bob", "to": "rob"}),
        ],
    )
    def test_events(self, event: Event, fields: dict[str, object]) -> None:
        """Each kind of event has its object; what is kept has its numbers, the rest has none, and no id leaks."""
        assert said(JSON.encode(entry(event), VIEW)) == {**fields, "at": AT}

    @pytest.mark.parametrize("event", [Opened("", "#ops"), Arrived("bob", "s1", "g1", SECRET)])
    def test_what_is_no_news(self, event: Event) -> None:
        """What concerns nobody in a room is not told, and its secrets least of all."""
        assert JSON.encode(entry(event), VIEW) == b""

    @given(events)
    def test_one_event_is_one_line(self, event: Event) -> None:
        """Whatever anybody is called and writes: it comes out whole, on one line."""
        fields = said(JSON.encode(entry(event), VIEW))
        names = ("nick", "text", "to", "why")
        told = {name: getattr(event, name) for name in names if getattr(event, name, "")}
        assert {name: fields[name] for name in told} == told

    def test_replay_is_what_was_told_then(self) -> None:
        """The past is told in the lines that it was told in when it happened."""
        past = [entry(Said("bob", "one"), 1), entry(Emoted("bob", "waves"), 2)]
        assert JSON.replay(Past("#lobby", past, 9, NOON), VIEW) == b"".join(JSON.encode(each, VIEW) for each in past)

    def test_all_programs_share_their_bytes(self) -> None:
        """There is one JSON dialect, and senders hear themselves in it."""
        assert JsonDialect() == JSON
        assert JSON.echo


class AnswerTests:
    @pytest.mark.parametrize(
        ("answer", "fields"),
        [
            (NoRoom("There is no room #x."), {"ev": "error", "code": "no_room", "text": "There is no room #x."}),
            (
                NickTaken("ann is here already.", "ann2"),
                {"ev": "error", "code": "nick_taken", "text": "ann is here already.", "suggest": "ann2"},
            ),
            (
                Entered("#lobby", "r1", 3, "guest", ("ann", "bob")),
                {
                    "ev": "ok",
                    "room": "#lobby",
                    "rid": "r1",
                    "head": 3,
                    "role": "guest",
                    "topic": "",
                    "people": ["ann", "bob"],
                },
            ),
            (Told(("one", "two")), {"ev": "ok", "text": "one\ntwo"}),
            (Live("#lobby", 3, 2), {"ev": "live", "room": "#lobby", "seq": 3}),
            (Live("", 3, to="bob"), {"ev": "live", "with": "bob", "seq": 3}),
            (Gap("#ops", 3, 7), {"ev": "gap", "room": "#ops", "code": "gap_expired", "after": 3, "upto": 7}),
            (Pinged(7), {"ev": "ping", "n": 7}),
            (Ponged(7), {"ev": "pong", "n": 7}),
            (
                Farewell("restarting", "Back soon.", 3),
                {"ev": "bye", "code": "restarting", "retry": 3, "text": "Back soon."},
            ),
            (
                Past("#lobby", (entry(Said("bob", "x")),), 9, NOON),
                {
                    "ev": "ok",
                    "room": "#lobby",
                    "entries": [
                        {"ev": "said", "room": "#lobby", "seq": 1, "id": 101, "at": AT, "nick": "bob", "text": "x"}
                    ],
                },
            ),
            (
                WELCOME,
                {
                    "ev": "hello",
                    "v": 1,
                    "server": "bee",
                    "epoch": "e1",
                    "session": "s3cret",
                    "nick": "ann",
                    "role": "guest",
                    "account": "",
                    "lobby": "#lobby",
                    "motd": "",
                    "keep": "",
                    "commands": ["/help"],
                    "limits": {"line": 65536, "text": 4000, "burst": 10, "per_s": 2.0},
                    "ping": 60,
                    "time": AT,
                },
            ),
        ],
    )
    def test_answers(self, answer: Answer, fields: dict[str, object]) -> None:
        """Each answer has its object, with the ref of the request where it had one."""
        assert said(JSON.answer(answer, None)) == fields
        assert said(JSON.answer(answer, 0)) == {**fields, "ref": 0}

    def test_acknowledgement(self) -> None:
        """An acknowledgement says where the message stands; one of a repeated message says that it is one."""
        stored = Entry(Said("bob", "x"), "r1", 3, 103, NOON, "g1", "c1")
        fields = {"ev": "ack", "ref": 5, "cid": "c1", "room": "#lobby", "seq": 3, "id": 103, "at": AT}
        assert said(JSON.answer(Acked(stored, "#lobby"), 5)) == fields
        assert said(JSON.answer(Acked(stored, "#lobby", again=True), 5)) == {**fields, "dup": True}

    @given(_answers, st.none() | _refs)
    def test_one_answer_is_one_line(self, answer: Answer, ref: Ref | None) -> None:
        """Whatever an answer repeats: it is one line, and names its request."""
        assert said(JSON.answer(answer, ref)).get("ref") == ref


class TimestampTests:
    @pytest.mark.parametrize(
        ("at", "text"),
        [
            (0, "1970-01-01T00:00:00.000Z"),
            (NOON, AT),
            (1_795_374_260_113, "2026-11-22T19:04:20.113Z"),
            (5, "1970-01-01T00:00:00.005Z"),
        ],
    )
    def test_times(self, at: int, text: str) -> None:
        """Times are in UTC, with milliseconds."""
        assert timestamp(at) == text

    @given(st.integers(0, 250_000_000_000_000), st.integers(0, 250_000_000_000_000))
    def test_times_can_be_read_back_and_compared(self, one: int, other: int) -> None:
        """A timestamp is the very millisecond that it stands for, and texts stand in the order of the times."""
        read = datetime.fromisoformat(timestamp(one)) - datetime(1970, 1, 1, tzinfo=UTC)
        assert round(read.total_seconds() * 1000) == one
        assert (one < other) == (timestamp(one) < timestamp(other))
