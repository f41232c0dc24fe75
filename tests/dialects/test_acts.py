"""What is said of people's acts, in words and to programs."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from tests.dialects.screens import ME, NOON, SECRET, acts, entry
from twistedchat.chat import acts as all_acts
from twistedchat.chat import events as all_events
from twistedchat.chat.acts import (
    Banned,
    Claimed,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    MotdSet,
    Muted,
    Reloaded,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.events import Deleted, Direct, Edited, Event, Removed, Said
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.objects import TOLD
from twistedchat.dialects.wire import Acts, Finds, Past, Prompt, View

if TYPE_CHECKING:
    from twistedchat.dialects.wire import Answer

LINE, JSON = LineDialect(zone=UTC), JsonDialect()
HERE = View("#ops", me=ME)
AT = "2023-11-14T22:13:20.000Z"
SOON, LATER = NOON + 600_000, NOON + 86_400_000
SILENT = {"Arrived", "Away", "Opened", "Registered", "PasswordSet", "Preferred"}
"""What is told to nobody, or only in an answer."""
PLACE = {"room": "#ops", "seq": 1, "id": 101, "at": AT}
PASSING = {"room": "#ops", "at": AT}

CASES = [
    (Edited("bob", 3, "one\ntwo"), "-- bob edited: one\r\n  | two", {"ev": "edited", **PLACE, "of": 3}),
    (
        Deleted("ann", 3, "bob"),
        "-- ann deleted a message of bob.",
        {"ev": "deleted", **PLACE, "of": 3, "whose": "bob"},
    ),
    (Deleted("bob", 3, "bob"), "-- bob deleted a message.", {"ev": "deleted", **PLACE, "of": 3, "whose": "bob"}),
    (Removed("bob"), "-- bob's message was deleted.", {"ev": "removed", **PLACE}),
    (
        RoomRenamed("ann", "#dev", "#ops"),
        "-- ann renamed #dev to #ops.",
        {"ev": "room_renamed", **PLACE, "was": "#dev", "to": "#ops"},
    ),
    (
        RoomSet("ann", "join", "invite"),
        "-- ann set this room: join invite.",
        {"ev": "room_set", **PLACE, "name": "join", "value": "invite"},
    ),
    (
        RoomSet("ann", "key", "", SECRET),
        "-- ann set this room: key.",
        {"ev": "room_set", **PLACE, "name": "key", "value": ""},
    ),
    (
        Invited("ann", "bob", "g2"),
        "-- ann invites bob to #ops: /join #ops",
        {"ev": "invited", **PASSING, "to": "bob"},
    ),
    (
        Granted("ann", "bob", "@2", "op"),
        "-- ann made bob an op.",
        {"ev": "granted", **PLACE, "to": "bob", "role": "op"},
    ),
    (Granted("ann", "bob", "@2", "voice"), "-- ann gave bob voice.", {}),
    (Granted("ann", "bob", "@2", "owner"), "-- ann made bob an owner.", {}),
    (Granted("ann", "bob", "@2", ""), "-- ann took bob's role away.", {}),
    (Kicked("ann", "bob", "g2"), "-- ann kicked bob.", {"ev": "kicked", **PLACE, "who": "bob"}),
    (Kicked("ann", "bob", "g2", "enough"), "-- ann kicked bob. (enough)", {"why": "enough"}),
    (Banned("ann", "bob", (SECRET,)), "-- ann banned bob.", {"ev": "banned", **PLACE, "who": "bob"}),
    (
        Banned("ann", "bob", (SECRET,), LATER, "spam"),
        "-- ann banned bob for 1d. (spam)",
        {"until": "2023-11-15T22:13:20.000Z", "why": "spam"},
    ),
    (Unbanned("ann", "bob"), "-- ann unbanned bob.", {"ev": "unbanned", **PLACE, "who": "bob"}),
    (
        Muted("ann", "bob", (SECRET,), SOON),
        "-- ann muted bob for 10m.",
        {"ev": "muted", **PLACE, "until": "2023-11-14T22:23:20.000Z"},
    ),
    (Muted("ann", "bob", (SECRET,), NOON + 1, "x"), "-- ann muted bob for 1s. (x)", {"why": "x"}),
    (Muted("ann", "bob", (SECRET,), NOON - 1), "-- ann muted bob for 0s.", {}),
    (Unmuted("ann", "bob"), "-- ann unmuted bob.", {"ev": "unmuted", **PLACE, "who": "bob"}),
    (
        Killed("ann", "bob", "g2", "flood"),
        "-- ann disconnected bob. (flood)",
        {"ev": "killed", **PASSING, "who": "bob"},
    ),
    (Dropped("ann"), "-- ann has dropped #ops.", {"ev": "dropped", **PASSING}),
    (Shouted("ann", "Down\nat ten."), "-- ann to everybody: Down\r\n  | at ten.", {"ev": "shouted", **PASSING}),
    (MotdSet("ann", "Beer."), "-- ann has everybody who comes in told: Beer.", {"ev": "motd_set", **PASSING}),
    (MotdSet("ann", ""), "-- ann took the motd away.", {"ev": "motd_set", **PASSING}),
    (
        Reloaded("ann", ("rooms.guests", "limits.burst"), "read"),
        "-- ann had the settings read again: rooms.guests, limits.burst changed.",
        {"ev": "reloaded", **PASSING, "changed": ["rooms.guests", "limits.burst"]},
    ),
    (Reloaded("ann", (), "talk"), "-- ann had the settings read again: nothing changed.", {"changed": []}),
    (Claimed("ann", "@1", SECRET), "-- ann is admin of this server from here on.", {"ev": "claimed", **PASSING}),
]


class ActTests:
    @pytest.mark.parametrize(("event", "line", "fields"), CASES)
    def test_acts(self, event: Event, line: str, fields: dict[str, object]) -> None:
        """Each act has its line and its object; who did it stands in both."""
        assert LINE.encode(entry(event), HERE).decode() == f"{line}\r\n"
        told = json.loads(JSON.encode(entry(event), HERE))
        assert told == {**told, **fields, "nick": event.nick}

    def test_edits_of_what_was_deleted(self) -> None:
        """People are told once that a message is gone; programs know what stood at each place."""
        past = Past("#ops", (entry(Removed("bob", edit=True)),), 1, NOON, 1)
        assert LINE.replay(past, HERE) == b"-- last 1 of 1 --\r\n"
        assert LINE.encode(past.entries[0], HERE) == b""
        assert json.loads(JSON.encode(past.entries[0], HERE))["edit"] is True

    @pytest.mark.parametrize(
        ("event", "line"),
        [
            (Banned("ann", "bob", (SECRET,), SOON, "x"), "-- ann banned bob from this server for 10m. (x)"),
            (Unbanned("ann", "bob"), "-- ann unbanned bob from this server."),
            (Muted("ann", "bob", (SECRET,)), "-- ann muted bob on this server."),
            (Unmuted("ann", "bob"), "-- ann unmuted bob on this server."),
        ],
    )
    def test_acts_on_the_whole_server(self, event: Event, line: str) -> None:
        """They say so; to programs they have no room and no place."""
        passing = entry(event, seq=0, stream="")
        assert LINE.encode(passing, View("")).decode() == f"{line}\r\n"
        assert not {"room", "seq", "id"} & set(json.loads(JSON.encode(passing, View(""))))

    @given(acts)
    def test_no_secret_is_told(self, event: Event) -> None:
        """Masks, keys, codes and hashes stay where they are."""
        for dialect in (LINE, JSON):
            assert SECRET.encode() not in dialect.encode(entry(event), HERE)

    def test_every_event_is_told_or_meant_not_to_be(self) -> None:
        """Whoever adds an event decides what programs are told of it."""
        kinds = {
            kind
            for module in (all_events, all_acts)
            for kind in vars(module).values()
            if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
        }
        assert {kind.__name__ for kind in kinds - set(TOLD)} == SILENT

    @pytest.mark.parametrize(
        ("event", "ev"),
        [
            (Said("bob", "x"), "said"),
            (Direct("bob", ME, "x"), "direct"),
            (Edited("bob", 3, "x"), "edited"),
        ],
    )
    def test_members_are_told_from_guests(self, event: Event, ev: str) -> None:
        """What an account says carries its name; what a guest says carries none."""
        told = json.loads(JSON.encode(entry(event, by="@7"), HERE))
        assert (told["ev"], told["account"], told["text"]) == (ev, "bob", "x")
        assert "account" not in json.loads(JSON.encode(entry(event, by="7"), HERE))
        assert "account" not in json.loads(JSON.encode(entry(Kicked("bob", "ann", "g1"), by="@7"), HERE))

    def test_hidden_message_keeps_its_place(self) -> None:
        """A program is told that there is something, and nothing of what it is; a private message has no room."""
        assert json.loads(JSON.hidden(entry(Said("bob", "x")), HERE)) == {"ev": "hidden", **PLACE}
        assert "room" not in json.loads(JSON.hidden(entry(Direct("bob", ME, "x")), View("")))
        assert JSON.hidden(entry(Invited("bob", ME, "g1")), HERE) == b""
        assert LINE.hidden(entry(Said("bob", "x")), HERE) == b""


MESSAGE = {"ev": "said", **PLACE, "nick": "bob", "text": "x"}
PRIVATE = {"ev": "direct", "seq": 1, "id": 101, "at": AT, "nick": "ann", "to": "bob", "text": "y"}


class AnswerTests:
    @pytest.mark.parametrize(
        ("answer", "screen", "fields"),
        [
            (
                Finds((("#ops", entry(Said("bob", "x"))), ("", entry(Direct("ann", "bob", "y")))), (), NOON, "g1"),
                "[Tue 22:13] #ops bob: x\r\n[Tue 22:13] you -> bob: y\r\n",
                {"ev": "ok", "entries": [MESSAGE, PRIVATE]},
            ),
            (
                Finds((("", entry(Direct("ann", "bob", "y"))),), ("One:", "two"), NOON, "g2"),
                "-- One:\r\n-- two\r\n[Tue 22:13] ann -> you: y\r\n",
                {"ev": "ok", "text": "One:\ntwo", "entries": [PRIVATE]},
            ),
            (Finds((), (), NOON), "-- Nothing has been found.\r\n", {"ev": "ok", "entries": []}),
            (Finds((), ("None.",), NOON), "-- None.\r\n", {"ev": "ok", "text": "None.", "entries": []}),
            (
                Acts(
                    (("#ops", entry(Kicked("ann", "bob", "g2"))), ("", entry(Unbanned("ann", "bob"), 0, stream=""))),
                    LATER,
                ),
                "[Tue 22:13] #ops -- ann kicked bob.\r\n[Tue 22:13] -- ann unbanned bob from this server.\r\n",
                {
                    "ev": "ok",
                    "entries": [
                        {"ev": "kicked", **PLACE, "nick": "ann", "who": "bob"},
                        {"ev": "unbanned", "at": AT, "nick": "ann", "who": "bob"},
                    ],
                },
            ),
            (Acts((), NOON), "-- Nothing has been done yet.\r\n", {"ev": "ok", "entries": []}),
            (
                Past(
                    "#ops",
                    (
                        *(entry(Said("bob", "x"), by="g2"), entry(Removed("bob"), by="g3")),
                        entry(Removed("bob", edit=True), by="g3"),
                    ),
                    2,
                    NOON,
                    ignoring={"g2"},
                ),
                "[Tue 22:13] -- bob's message was deleted.\r\n-- 1 message --\r\n",
                {
                    "ev": "ok",
                    "room": "#ops",
                    "entries": [
                        {"ev": "hidden", **PLACE},
                        {"ev": "removed", **PLACE, "nick": "bob"},
                        {"ev": "removed", **PLACE, "nick": "bob", "edit": True},
                    ],
                },
            ),
            (
                Past("#ops", (entry(Said("bob", "x"), by="g2"),), 1, NOON, ignoring={"g2"}),
                "-- Nothing has been said in #ops yet.\r\n",
                {"ev": "ok", "room": "#ops", "entries": [{"ev": "hidden", **PLACE}]},
            ),
            (
                Prompt("Password: "),
                "Password: ",
                {"ev": "error", "code": "need_password", "text": "Password:"},
            ),
        ],
    )
    def test_answers(self, answer: Answer, screen: str, fields: dict[str, object]) -> None:
        """What was found is told with its time and its room, and what is ignored is not told."""
        assert LINE.answer(answer, None).decode() == screen
        assert json.loads(JSON.answer(answer, None)) == fields
