"""How each dialect looks at a room that is the active one, and at one that is not."""

from __future__ import annotations

from datetime import UTC

from twistedchat.chat.events import Entry, TopicSet
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.dialects.wire import View

TEXT = LineDialect(zone=UTC)


class ViewTests:
    def test_people_see_which_room_a_line_is_from(self) -> None:
        """The room's name stands before it, unless it is the active one."""
        for dialect in (TEXT, TutorialDialect(TEXT)):
            assert dialect.view("#ops", active=True) == View("#ops")
            assert dialect.view("#ops", active=False) == View("#ops", active=False)

    def test_programs_have_one_view(self) -> None:
        """All of them share their bytes, whichever room is the active one."""
        assert JsonDialect().view("#ops", active=True) == JsonDialect().view("#ops", active=False)

    def test_topic_has_a_place(self) -> None:
        """It is a message like others."""
        entry = Entry(TopicSet("bob", "now"), "r1", 7, 9, 1_700_000_000_000, "g1")
        assert JsonDialect().encode(entry, View("#ops")) == (
            b'{"ev":"topic","room":"#ops","seq":7,"id":9,"at":"2023-11-14T22:13:20.000Z","nick":"bob","text":"now"}\n'
        )
