"""Preferences are part of a dialect: whoever has the same ones shares bytes."""

from __future__ import annotations

from datetime import UTC

import pytest

from twistedchat.chat.errors import BadUsage
from twistedchat.chat.events import Arrived, Entry, Said
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.dialects.wire import Past, View

TEXT = LineDialect(zone=UTC)
ENTRY = Entry(Said("bob", "hi"), "r1", 1, 1, 1_700_000_000_000, "g1")


class PreferenceTests:
    def test_time_stands_before_each_line(self) -> None:
        """Before the room's name as well; in a replay it stands there anyway."""
        timed = TEXT.preferring("time", on=True)
        assert timed.encode(ENTRY, View("#ops")) == b"[22:13] bob: hi\r\n"
        assert timed.encode(ENTRY, View("#ops", active=False)) == b"[22:13] #ops bob: hi\r\n"
        assert timed.encode(Entry(Arrived("bob", "s1", "g1"), "", 0, 0, 0, "g1"), View("#ops")) == b""
        past = Past("#ops", (ENTRY,), 1, ENTRY.at)
        assert timed.replay(past, View("#ops")) == b"[Tue 22:13] bob: hi\r\n"

    def test_off_again_is_as_before(self) -> None:
        """And shares bytes with those who never preferred anything."""
        assert TEXT.preferring("echo", on=True).preferring("echo", on=False) == TEXT
        assert TEXT.preferring("echo", on=True).echo

    def test_the_tutorials_client_may_prefer_too(self) -> None:
        """It is text lines underneath."""
        assert TutorialDialect(TEXT).preferring("echo", on=True).echo
        assert not TutorialDialect(TEXT).echo

    def test_programs_have_nothing_to_prefer(self) -> None:
        """They are told everything."""
        with pytest.raises(BadUsage, match="no time to set"):
            JsonDialect().preferring("time", on=True)
