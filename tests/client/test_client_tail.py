from __future__ import annotations

import json

from twisted.internet.testing import StringTransport

from tests.client.helpers import act, outcome, said
from twistedchat.client import wire
from twistedchat.client.exits import NOT_WELCOME, FatalError
from twistedchat.client.stdio import Output
from twistedchat.client.tail import Tail


class TailTests:
    def tail(self, *, as_json: bool) -> tuple[Tail, list[bytes], list[str]]:
        printed: list[bytes] = []
        reports: list[str] = []
        return Tail("#lobby", printed.append, reports.append, as_json=as_json), printed, reports

    def test_what_is_said_is_printed(self) -> None:
        tail, printed, _ = self.tail(as_json=False)
        tail.heard(wire.Said(room="#lobby", seq=1, nick="bob", text="a\nb\x1b"), replayed=True)
        tail.heard(wire.Joined(room="#lobby", nick="eve"), replayed=False)
        tail.heard(wire.Said(room="#ops", seq=1, nick="bob", text="elsewhere"), replayed=False)
        assert printed == [b"bob: a\n", "  | b␛\n".encode()]

    def test_json_is_the_event_itself(self) -> None:
        tail, printed, _ = self.tail(as_json=True)
        event = said(1, "hi\x7f", id=7, at="2026-11-22T19:04:20.113Z")
        tail.heard(wire.decode(json.dumps(event).encode()), replayed=False)  # type: ignore[arg-type]
        assert event == json.loads(printed[0])
        assert b"\x7f" not in printed[0]

    def test_a_pause_and_its_cost_are_reported_once(self) -> None:
        tail, _, reports = self.tail(as_json=False)
        tail.retrying(1.2)
        tail.retrying(1.9)
        tail.back("gap_expired")
        assert reports == [
            "Lost the server. Trying again in 1 s (Ctrl-C stops)...",
            "Back. Some of what was said meanwhile is no longer kept by the server.",
        ]

    def test_it_ends_with_the_reason(self) -> None:
        tail, _, reports = self.tail(as_json=False)
        tail.ended(FatalError(NOT_WELCOME, "Enough."))
        tail.finish()
        assert (outcome(tail.finished), reports) == (NOT_WELCOME, ["Enough."])

    def test_being_put_out_of_the_room_is_the_end(self) -> None:
        tail, printed, reports = self.tail(as_json=False)
        tail.preferred(wire.Prefs(time=True))
        tail.put_out("#ops")
        renamed = wire.decode(json.dumps(act("room_renamed", 1, was="#lobby", to="#foyer")).encode())
        tail.heard(renamed, replayed=False)  # type: ignore[arg-type]
        tail.heard(wire.Said(room="#foyer", seq=2, nick="bob", text="hi"), replayed=False)
        assert (printed, reports) == ([b"bob: hi\n"], [])
        tail.put_out("#foyer")
        assert reports == ["You are not in #foyer any more: somebody has put you out of it, or it is gone."]
        assert outcome(tail.finished) == NOT_WELCOME

    def test_nobody_reading_is_a_good_end(self) -> None:
        tail, _, _ = self.tail(as_json=False)
        output = Output()
        output.closed.addCallback(lambda _: tail.finish())
        output.makeConnection(StringTransport())
        output.writeConnectionLost()
        output.connectionLost()
        assert outcome(tail.finished) == 0
