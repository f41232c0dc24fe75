"""What every dialect is held to."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.screens import ME, NOON, entry, events
from twistedchat.chat.acts import Invited, Kicked
from twistedchat.chat.events import Said
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.dialects.wire import Dialect, Past, View, is_hidden, joined

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

HERE, ELSEWHERE = View("#lobby", me=ME), View("#lobby", active=False, me=ME)
UNSEEN = re.compile("\r?\n|[\u200c\u200d]")
"""Line ends, and the joiners of words and emoji."""
DIALECTS: list[Dialect] = [LineDialect(zone=UTC), JsonDialect(), TutorialDialect(LineDialect(zone=UTC))]


class DialectTests:
    @pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: type(dialect).__name__)
    def test_equal_dialects_are_one(self, dialect: Dialect) -> None:
        """A dialect is a value: equal ones share bytes, and nobody can change one under the others."""
        assert len({dialect, dialect}) == 1
        with pytest.raises(AttributeError):
            dialect.echo = True  # type: ignore[misc]

    @pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: type(dialect).__name__)
    def test_what_is_hidden(self, dialect: Dialect) -> None:
        """Nothing is seen of what somebody says who is ignored; what they do is told all the same."""
        assert is_hidden(entry(Said("bob", "hi"), by="g2"), {"g2"})
        assert is_hidden(entry(Invited("bob", ME, "g1"), by="g2"), {"g2"})
        assert not is_hidden(entry(Said("bob", "hi"), by="g1"), {"g2"})
        assert not is_hidden(entry(Kicked("bob", ME, "g1"), by="g2"), {"g2"})
        past = Past(
            "#lobby", [entry(Said("bob", "hi"), by="g2"), entry(Kicked("bob", ME, "g1"), by="g2")], 2, NOON, 0, {"g2"}
        )
        told = dialect.replay(past, HERE) + dialect.answer(past, None)
        assert b"hi" not in told.replace(b"hidden", b"")
        assert told.count(b"kicked") == 2

    @given(st.sampled_from(DIALECTS), st.lists(events, max_size=4), st.sampled_from([HERE, ELSEWHERE]))
    def test_batch_is_its_events_one_after_another(self, dialect: Dialect, happened: list[Event], view: View) -> None:
        """What is told together is what would have been told one by one, each of them whole lines that print."""
        told = [dialect.encode(entry(event), view) for event in happened]
        assert joined(dialect, [entry(event) for event in happened], view) == b"".join(told)
        assert all(each.endswith(b"\n") for each in told)
        assert all(UNSEEN.sub("", each.decode()).isprintable() for each in told)
