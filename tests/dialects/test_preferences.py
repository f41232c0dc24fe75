"""Preferences are part of a dialect: whoever has the same ones shares bytes."""

from __future__ import annotations

import re
from datetime import UTC

import pytest
from hypothesis import given

from tests.dialects.screens import ME, entry, events
from twistedchat.chat.events import Arrived, Departed, Direct, Emoted, Event, Joined, Left, Renamed, Said, TopicSet
from twistedchat.chat.prefs import Prefs
from twistedchat.chat.replies import Told
from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.dialects.wire import Past, Preferences, View

TEXT = LineDialect(zone=UTC)
COLORED = TEXT.preferring(Prefs(color=True))
HERE = View("#ops", me=ME)
ENTRY = entry(Said("bob", "hi"))
OURS = re.compile("\x1b\\[[0-9]+m")


class PreferenceTests:
    def test_time_stands_before_each_line(self) -> None:
        """Before the room's name as well; in a replay it stands there anyway."""
        timed = TEXT.preferring(Prefs(time=True))
        assert timed.encode(ENTRY, View("#ops")) == b"[22:13] bob: hi\r\n"
        assert timed.encode(ENTRY, View("#ops", active=False)) == b"[22:13] #ops bob: hi\r\n"
        assert timed.encode(entry(Arrived("bob", "s1", "g1")), View("#ops")) == b""
        past = Past("#ops", (ENTRY,), 1, ENTRY.at)
        assert timed.replay(past, View("#ops")) == b"[Tue 22:13] bob: hi\r\n"

    def test_numbers_stand_before_messages(self) -> None:
        """After the time and the room, in what is told now and in what was said before; nothing else has any."""
        numbered = TEXT.preferring(Prefs(numbers=True, time=True))
        happened = (Said("bob", "hi"), Emoted("bob", "waves"), TopicSet("bob", "x"))
        said, done, topic = (entry(event, seq) for seq, event in enumerate(happened, 481))
        elsewhere = View("#ops", active=False)
        assert numbered.encode(said, elsewhere) == b"[22:13] #ops ^481 bob: hi\r\n"
        assert numbered.encode(topic, HERE) == b"[22:13] -- bob set the topic: x\r\n"
        assert numbered.encode(entry(Direct("bob", ME, "psst")), HERE) == b"[22:13] bob -> you: psst\r\n"
        past = Past("#ops", (said, done), 2, said.at)
        shown = b"[Tue 22:13] ^481 bob: hi\r\n[Tue 22:13] ^482 * bob waves\r\n"
        assert numbered.replay(past, View("#ops")) == shown
        assert numbered.answer(past, None) == shown + b"-- 2 messages --\r\n"

    def test_off_again_is_as_before(self) -> None:
        """And shares bytes with those who never preferred anything; whom one ignores has no part in it."""
        assert TEXT.preferring(Prefs(echo=True)).preferring(Prefs(away="lunch", ignoring={"g2": "bob"})) == TEXT
        assert TEXT.preferring(Prefs(echo=True)).echo

    def test_the_tutorials_client_may_prefer_too(self) -> None:
        """It is text lines underneath."""
        assert TutorialDialect(TEXT).preferring(Prefs(echo=True)).echo
        assert not TutorialDialect(TEXT).echo

    def test_programs_are_told_what_is_preferred(self) -> None:
        """They are told everything else as well, and do with it as they like; people know what they have typed."""
        assert JsonDialect().preferring(Prefs(time=True)) == JsonDialect()
        assert JsonDialect().answer(Preferences(Prefs(bell=True, ignoring={"g2": "bob"})), None) == (
            b'{"ev":"prefs","echo":false,"time":false,"color":false,"bell":true,"quiet":"smart"}\n'
        )
        assert TEXT.answer(Preferences(Prefs()), None) == b""


class QuietTests:
    @pytest.mark.parametrize(
        ("quiet", "major", "minor"), [("off", True, True), ("smart", True, False), ("all", False, False)]
    )
    def test_coming_and_going(self, quiet: str, *, major: bool, minor: bool) -> None:
        """Who comes and goes is hidden where it matters little, or always; programs are told which it is."""
        dialect = TEXT.preferring(Prefs(quiet=quiet))
        for event in (Joined("bob", "s1"), Left("bob", "s1", "lunch"), Departed("bob", "s1", "g1")):
            assert bool(dialect.encode(entry(event), HERE)) == major
        for event in (
            Joined("bob", "s1", minor=True),
            Left("bob", "s1", minor=True),
            Departed("bob", "s1", "g1", minor=True),
        ):
            assert bool(dialect.encode(entry(event), HERE)) == minor
            assert b'"minor":true' in JsonDialect().encode(entry(event), HERE)
        assert dialect.encode(entry(Renamed("bob", "s1", "rob")), HERE)


class BellTests:
    def test_it_rings_for_private_messages(self) -> None:
        """Before those that come to oneself, as they come, and for nothing else."""
        dialect = TEXT.preferring(Prefs(bell=True, time=True))
        psst = entry(Direct("bob", ME, "psst"))
        assert dialect.encode(psst, HERE) == b"\a[22:13] bob -> you: psst\r\n"
        assert b"\a" not in dialect.encode(entry(Direct(ME, "bob", "yes?")), HERE)
        assert b"\a" not in dialect.encode(ENTRY, HERE)
        assert b"\a" not in dialect.replay(Past("", (psst,), 1, psst.at), HERE)


class ColorTests:
    def test_names_have_their_color(self) -> None:
        """The same one always; the server's own lines stand back."""
        assert COLORED.encode(entry(Said("bob", "a\nb")), HERE) == b"\x1b[33mbob\x1b[0m: a\r\n  | b\r\n"
        assert COLORED.encode(entry(Joined("ann", "s1")), HERE) == b"\x1b[96mann\x1b[0m joined!\r\n"
        assert COLORED.encode(entry(TopicSet("bob", "x")), HERE) == b"\x1b[2m-- bob set the topic: x\x1b[0m\r\n"
        assert COLORED.answer(Told(("x",)), None) == b"\x1b[2m-- x\x1b[0m\r\n"

    @given(events)
    def test_what_is_said_is_the_same(self, event: Event) -> None:
        """Colours are all that is added, the same on every line, and no other escape is on the wire."""
        colored = COLORED.encode(entry(event), HERE).decode()
        assert OURS.sub("", colored).encode() == TEXT.encode(entry(event), HERE)
        assert colored.count("\x1b") == len(OURS.findall(colored)) == 2
