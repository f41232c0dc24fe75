"""Bytes, however they are cut, become lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.test_telnet import cut
from twistedchat.dialects.framing import UNENDED_MOST, Framing, Lines, Segments

_typed = st.lists(st.sampled_from([b"\r", b"\n", b"\0", b"\r\n", b"\r\0", b"hi"]) | st.binary(max_size=3)).map(
    b"".join
)


class LinesTests:
    @pytest.mark.parametrize(
        ("data", "lines", "rest"),
        [
            (b"one\ntwo\r\nthree\r\0", [b"one", b"two", b"three"], []),
            (b"one\n\nrest", [b"one", b""], [b"rest"]),
            (b"", [], []),
            (b"a\0b\n", [b"a\0b"], []),
        ],
    )
    def test_line_ends(self, data: bytes, lines: list[bytes], rest: list[bytes]) -> None:
        """Lines end like those of netcat, of telnet, and of telnet's bare return; the last may have no end."""
        framing = Lines()
        assert framing.feed(data) == lines
        assert framing.end() == rest
        assert framing.end() == []

    @given(_typed, st.lists(st.integers(0, 100), max_size=8))
    def test_any_cut_is_the_same(self, data: bytes, places: list[int]) -> None:
        """Wherever the network cuts what comes, the same lines come out."""
        whole, parts = Lines(), Lines()
        found = [line for part in cut(data, places) for line in parts.feed(part)]
        assert (found, parts.end()) == (whole.feed(data), whole.end())

    def test_line_without_end(self) -> None:
        """No more than so much is kept of a line that never ends."""
        framing = Lines()
        framing.feed(b"x" * UNENDED_MOST)
        with pytest.raises(OverflowError):
            framing.feed(b"x")


class SegmentsTests:
    def test_first_segment_is_the_name(self) -> None:
        """The first segment is the name as it came; it is taken off what follows, and nothing waits for an end."""
        framing: Framing = Segments()
        assert framing.feed(b"ann") == [b"ann"]
        assert framing.feed(b"ann: oneann: two") == [b"one", b"two"]
        assert framing.end() == []
