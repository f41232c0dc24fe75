from __future__ import annotations

from datetime import UTC
from typing import get_args

import pytest
from hypothesis import given

from tests.chat.strategies import nicknames, texts
from twistedchat.chat import acts as server_acts
from twistedchat.chat import events as server_events
from twistedchat.client import events, wire
from twistedchat.client.acts import how_long
from twistedchat.client.render import news, plain
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.objects import TOLD
from twistedchat.dialects.wire import View

NOON = 1_700_000_000_000
SECRET = ("a-mask",)
CASES: list[server_events.Event] = [
    server_events.Said("bob", "two\nlines"),
    server_events.Emoted("bob", "waves"),
    server_events.Direct("bob", "ann", "psst"),
    server_events.Joined("bob", "s1"),
    server_events.Left("bob", "s1", "lunch"),
    server_events.Renamed("bob", "s1", "rob"),
    server_events.TopicSet("bob", "ship it"),
    server_events.TopicSet("bob", ""),
    server_events.Edited("bob", 3, "two\nlines"),
    server_events.Deleted("bob", 3, "bob"),
    server_events.Deleted("bob", 3, "carl"),
    server_events.Removed("bob"),
    server_events.Removed("bob", edit=True),
    server_acts.RoomRenamed("bob", "#dev", "#ops"),
    server_acts.RoomSet("bob", "join", "invite"),
    server_acts.RoomSet("bob", "key", "", "sesame"),
    *(server_acts.Granted("bob", "carl", "@2", role) for role in ("", "voice", "op", "owner")),
    server_acts.Kicked("bob", "carl", "g2"),
    server_acts.Kicked("bob", "carl", "g2", "enough"),
    server_acts.Banned("bob", "carl", SECRET, NOON + 7_200_000, "spam"),
    server_acts.Banned("bob", "198.51.100.7", SECRET),
    server_acts.Unbanned("bob", "carl"),
    server_acts.Muted("bob", "carl", SECRET, NOON + 90_000),
    server_acts.Unmuted("bob", "carl"),
    server_acts.Killed("bob", "carl", "g2", "flood"),
    server_acts.Invited("bob", "ann", "g1"),
    server_acts.Dropped("bob"),
    server_acts.Shouted("bob", "cake\nat four"),
    server_acts.Claimed("bob", "g2", "hash"),
    server_acts.MotdSet("bob", "cake at four"),
    server_acts.Reloaded("bob", ("rooms.guests",), "read"),
    server_acts.Reloaded("bob", (), "talk"),
    server_acts.MotdSet("bob", ""),
]


def shown(event: server_events.Event, room: str = "#ops", stream: str = "r1") -> tuple[str, str]:
    """What somebody sees of an event, in the client and on netcat."""
    entry = server_events.Entry(event, stream, int(event.kept), int(event.kept), NOON, "g1")
    read = wire.decode(JsonDialect().encode(entry, View(room)))
    assert isinstance(read, wire.News)
    in_client = "".join(f"{plain(line)}\r\n" for line in news(read, "ann", room))
    on_netcat = LineDialect(zone=UTC).encode(entry, View(room, me="ann")).decode()
    return in_client, on_netcat


class WordsTests:
    @pytest.mark.parametrize("event", CASES)
    def test_the_client_has_the_words_that_people_on_netcat_read(self, event: server_events.Event) -> None:
        in_client, on_netcat = shown(event)
        assert in_client == on_netcat

    @pytest.mark.parametrize(
        "event",
        [
            each
            for each in CASES
            if isinstance(each, server_acts.Banned | server_acts.Muted | server_acts.Unbanned | server_acts.Unmuted)
        ],
    )
    def test_so_it_has_for_what_holds_on_the_whole_server(self, event: server_events.Event) -> None:
        in_client, on_netcat = shown(event, "", "")
        assert in_client == on_netcat
        assert "this server" in in_client

    def test_every_event_of_the_servers_is_known(self) -> None:
        known = {str(kind.__struct_config__.tag) for kind in get_args(wire.News)}
        assert {ev for ev, _ in TOLD.values()} <= known

    @given(nicknames, texts)
    def test_nobodys_words_are_taken_for_the_servers(self, nick: str, text: str) -> None:
        edited = events.Edited(nick=nick, room="#ops", seq=2, of=1, text=text)
        first, *others = [plain(line) for line in news(edited, "ann", "#ops")]
        assert first.startswith(f"-- {nick} edited: ")
        assert all(line.startswith("  | ") for line in others)

    def test_what_terminals_obey_is_made_visible(self) -> None:
        kicked = events.Kicked(nick="bob\x1b", room="#ops", seq=1, who="\x07", why="\x9b")
        assert plain(news(kicked, "ann", "#ops")[0]) == "-- bob␛ kicked ␇. (\ufffd)"
        granted = events.Granted(nick="bob", room="#ops", seq=1, to="ann", role="{x}")
        assert plain(news(granted, "ann", "#ops")[0]) == "-- bob made ann an {x}."

    @pytest.mark.parametrize(
        ("until", "words"),
        [
            ("2026-11-22T12:00:00.500Z", " for 0s"),
            ("2026-11-22T12:00:45.000Z", " for 45s"),
            ("2026-11-22T12:10:00.002Z", " for 10m"),
            ("2026-11-22T15:00:00.000Z", " for 3h"),
            ("2026-11-29T12:00:00.000Z", " for 7d"),
            ("2026-11-21T12:00:00.000Z", " for 0s"),
            ("", ""),
            ("tomorrow", ""),
            ("2026-11-29", ""),
        ],
    )
    def test_how_long_something_holds(self, until: str, words: str) -> None:
        assert how_long("2026-11-22T12:00:00.000Z", until) == words

    def test_an_act_elsewhere_carries_its_room(self) -> None:
        renamed = events.RoomRenamed(nick="bob", room="#dev", seq=1, was="#dev", to="#ops")
        assert plain(news(renamed, "ann", "#ops")[0]) == "-- bob renamed #dev to #ops."
        assert plain(news(renamed, "ann", "#lobby")[0]) == "#ops -- bob renamed #dev to #ops."
        invited = events.Invited(nick="bob", room="#dev")
        assert plain(news(invited, "ann", "#lobby")[0]) == "-- bob invites you to #dev: /join #dev"
