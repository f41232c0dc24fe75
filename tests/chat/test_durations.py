"""How long: 30s, 10m, 2h, 7d."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twistedchat.chat.durations import duration, in_words, is_duration, roughly
from twistedchat.chat.errors import BadUsage


class TypedTests:
    @pytest.mark.parametrize(
        ("word", "seconds"),
        [("30s", 30), ("10m", 600), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("90m", 5400)],
    )
    def test_durations(self, word: str, seconds: int) -> None:
        """A number and a letter say how long."""
        assert is_duration(word)
        assert duration(word) == seconds * 1000

    @pytest.mark.parametrize(("word", "seconds"), [("2H", 7200), ("1h30m", 5400), ("1d1h1s", 90_001)])
    def test_several_at_once(self, word: str, seconds: int) -> None:
        """And in capitals."""
        assert duration(word) == seconds * 1000

    @pytest.mark.parametrize(
        "word", ["", "10", "m", "0s", "05m", "-1h", "1.5h", "2h30", "h2", "9999999s", "٣s", "²s"]
    )
    def test_what_is_none(self, word: str) -> None:
        """Nothing else does; no time at all is no duration."""
        assert not is_duration(word)
        with pytest.raises(BadUsage, match="is no time: 30s, 10m, 2h and 7d are"):
            duration(word)


class SaidTests:
    @pytest.mark.parametrize(
        ("milliseconds", "words"),
        [
            (0, "0s"),
            (1, "1s"),
            (30_000, "30s"),
            (60_000, "1m"),
            (5_400_000, "90m"),
            (7_200_000, "2h"),
            (86_400_000, "1d"),
        ],
    )
    def test_exactly(self, milliseconds: int, words: str) -> None:
        """The shortest way to type it."""
        assert in_words(milliseconds) == words

    @pytest.mark.parametrize(
        ("milliseconds", "words"),
        [(1, "1s"), (116_000, "116s"), (119_999, "2m"), (7_195_000, "2h"), (7_200_001, "3h"), (604_795_000, "7d")],
    )
    def test_roughly(self, milliseconds: int, words: str) -> None:
        """Two or three digits are enough for who has to wait."""
        assert roughly(milliseconds) == words

    @given(st.integers(1, 999_999), st.sampled_from("smhdw"))
    def test_what_is_said_can_be_typed(self, number: int, unit: str) -> None:
        """A duration in words is that duration; a rough one is no shorter."""
        milliseconds = duration(f"{number}{unit}")
        said = in_words(milliseconds)
        assert len(said) > 7 or duration(said) == milliseconds
        about = roughly(milliseconds)
        assert len(about) > 7 or duration(about) >= milliseconds
