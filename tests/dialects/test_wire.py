"""What every dialect is held to."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.screens import ME, entry, events
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.dialects.wire import Dialect, View, joined

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

    @given(st.sampled_from(DIALECTS), st.lists(events, max_size=4), st.sampled_from([HERE, ELSEWHERE]))
    def test_batch_is_its_events_one_after_another(self, dialect: Dialect, happened: list[Event], view: View) -> None:
        """What is told together is what would have been told one by one, each of them whole lines that print."""
        told = [dialect.encode(entry(event), view) for event in happened]
        assert joined(dialect, [entry(event) for event in happened], view) == b"".join(told)
        assert all(each.endswith(b"\n") for each in told)
        assert all(UNSEEN.sub("", each.decode()).isprintable() for each in told)
