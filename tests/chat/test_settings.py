"""What the owner of a room can set."""

from __future__ import annotations

import pytest

from twistedchat.chat.errors import BadUsage
from twistedchat.chat.settings import RoomSettings

PLAIN = RoomSettings()
DAY = 86_400_000


class ChangingTests:
    @pytest.mark.parametrize(
        ("name", "value", "after"),
        [
            ("guests", "read", RoomSettings(guests="read")),
            ("guests", "default", PLAIN),
            ("join", "invite", RoomSettings(join="invite")),
            ("join", "open", PLAIN),
            ("key", "s3same", RoomSettings(join="key", key="s3same")),
            ("keep", "30d", RoomSettings(keep=30 * DAY)),
            ("keep", "off", RoomSettings(keep=-1)),
            ("keep", "forever", PLAIN),
            ("topic", "open", RoomSettings(topic="open")),
            ("talk", "voice", RoomSettings(talk="voice")),
            ("slow", "10s", RoomSettings(slow=10)),
            ("slow", "6h", RoomSettings(slow=21_600)),
            ("slow", "off", PLAIN),
        ],
    )
    def test_changed(self, name: str, value: str, after: RoomSettings) -> None:
        """Each setting has its values; the others stay."""
        assert PLAIN.changed(name, value) == after
        assert after.changed("topic", "open").guests == after.guests

    def test_key_and_invitation_exclude_each_other(self) -> None:
        """Who has a key needs no invitation, and where one is invited there is no key."""
        keyed = PLAIN.changed("join", "invite").changed("key", "abc")
        assert (keyed.join, keyed.key) == ("key", "abc")
        assert keyed.changed("join", "invite") == RoomSettings(join="invite")
        assert keyed.changed("join", "open") == PLAIN

    @pytest.mark.parametrize(
        ("name", "value", "why"),
        [
            ("guests", "maybe", "guests is one of: default, talk, read, none"),
            ("join", "key", "join is one of: open, invite, or  /room set key KEY"),
            ("key", "", "A key is one word"),
            ("key", "two words", "A key is one word"),
            ("key", "a\tb", "A key is one word"),
            ("key", "x" * 65, "of at most 64 characters"),
            ("keep", "long", "long is no time"),
            ("keep", "", "is no time"),
            ("slow", "7h", "as slow as 6h, not slower"),
            ("slow", "10", "10 is no time"),
            ("colour", "red", "There is no setting colour; there are guests, join, key"),
            ("x" * 100, "red", r"There is no setting x{24};"),
            ("", "", "There is no setting ;"),
        ],
    )
    def test_refused(self, name: str, value: str, why: str) -> None:
        """What a setting cannot be is refused with what it can be."""
        with pytest.raises(BadUsage, match=why):
            PLAIN.changed(name, value)


class ShowingTests:
    def test_private(self) -> None:
        """What is not open to everybody is private."""
        assert [each.private for each in (PLAIN, RoomSettings(join="invite"), RoomSettings(join="key"))] == [
            False,
            True,
            True,
        ]

    def test_shown(self) -> None:
        """All of them on one line, and never the key."""
        assert PLAIN.shown() == ("guests default, join open, topic op, talk all, keep forever, slow off",)
        [line] = RoomSettings("read", "key", "abc", 7 * DAY, "open", "voice", 90).shown()
        assert line == "guests read, join key, topic open, talk voice, keep 7d, slow 90s"
        assert "keep off" in RoomSettings(keep=-1).shown()[0]
