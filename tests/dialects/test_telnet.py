"""Telnet's own bytes, taken out of what a person types."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twistedchat.dialects.telnet import DO, DONT, ECHO, HIDE, IAC, SB, SE, SHOW, WILL, WONT, Telnet

TM, NAWS, BREAK = b"\x06", b"\x1f", b"\xf3"

_talk = st.lists(
    st.sampled_from([IAC, DO, DONT, WILL, WONT, SB, SE, TM, NAWS, BREAK, IAC + SB, IAC + SE]) | st.binary(max_size=4),
    max_size=12,
).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut `data` at the places that lie in it."""
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


class TelnetTests:
    @pytest.mark.parametrize(
        ("data", "typed", "replies"),
        [
            (b"hello\r\n", b"hello\r\n", b""),
            (b"a" + IAC + DO + TM + b"b", b"ab", IAC + WONT + TM),
            (b"a" + IAC + WILL + NAWS + b"b", b"ab", IAC + DONT + NAWS),
            (b"a" + IAC + WONT + NAWS + IAC + DONT + TM + b"b", b"ab", b""),
            (b"a" + IAC + BREAK + b"b", b"ab", b""),
            (b"a" + IAC + IAC + b"b", b"a\xffb", b""),
            (b"a" + IAC + SB + NAWS + b"\0\x50\0\x18" + IAC + SE + b"b", b"ab", b""),
            (b"a" + IAC + SB + NAWS + b"x" + IAC + IAC + b"y" + IAC + SE + b"b", b"ab", b""),
        ],
    )
    def test_commands_are_taken_out_and_refused(self, data: bytes, typed: bytes, replies: bytes) -> None:
        """What telnet says is no text; offers and wishes are refused, also the timing mark of Ctrl-C."""
        assert Telnet().feed(data) == (typed, replies)

    @pytest.mark.parametrize("pieces", [(b"x", IAC + SE), (b"x" + IAC, SE), (b"x", b"y", IAC, IAC, IAC + SE)])
    def test_subnegotiation_in_pieces(self, pieces: tuple[bytes, ...]) -> None:
        """It ends where it says so, however many pieces it comes in."""
        telnet = Telnet()
        typed = b"".join(telnet.feed(piece)[0] for piece in (b"a" + IAC + SB, *pieces, b"b"))
        assert typed == b"ab"

    def test_every_option_is_refused(self) -> None:
        """There is no option that would be answered otherwise, and a refusal is never answered: no loop can start."""
        for option in map(bytes, zip(range(256), strict=True)):
            assert Telnet().feed(IAC + DO + option) == (b"", IAC + WONT + option)
            assert Telnet().feed(IAC + WILL + option) == (b"", IAC + DONT + option)
            assert Telnet().feed(IAC + DONT + option + IAC + WONT + option) == (b"", b"")

    @given(_talk, st.lists(st.integers(0, 100), max_size=8))
    def test_any_cut_is_the_same(self, data: bytes, places: list[int]) -> None:
        """Wherever the network cuts what comes, the same is typed and the same is answered."""
        whole, parts = Telnet(), Telnet()
        typed, replies = zip(*map(parts.feed, cut(data, places)), strict=True) if data else ((), ())
        assert (b"".join(typed), b"".join(replies)) == whole.feed(data)

    @given(st.binary())
    def test_what_is_doubled_is_text(self, data: bytes) -> None:
        """A telnet that doubles its 255s, as it should, loses nothing of any bytes."""
        assert Telnet().feed(data.replace(IAC, IAC + IAC)) == (data, b"")

    @given(_talk)
    def test_replies_are_well_formed(self, data: bytes) -> None:
        """Whatever comes, what is answered are refusals of three bytes each, no more than were asked for."""
        _, replies = Telnet().feed(data)
        refusals = [replies[at : at + 3] for at in range(0, len(replies), 3)]
        assert all(len(each) == 3 and each[:1] == IAC and each[1:2] in {WONT, DONT} for each in refusals)
        assert len(replies) <= len(data)


class HidingTests:
    def test_what_is_said_of_hiding_needs_no_answer(self) -> None:
        """Once we have offered not to show what is typed, a telnet's consent is no wish to be refused."""
        telnet = Telnet()
        assert telnet.feed(IAC + DO + ECHO) == (b"", IAC + WONT + ECHO)
        telnet.hiding = True
        assert telnet.feed(IAC + DO + ECHO + b"x") == (b"x", b"")
        assert telnet.feed(IAC + DO + TM) == (b"", IAC + WONT + TM)
        assert (HIDE, SHOW) == (IAC + WILL + ECHO, IAC + WONT + ECHO)


class StrayTests:
    def test_a_byte_that_no_command_follows_is_text(self) -> None:
        """Somebody's bad bytes do not eat what comes after them."""
        assert Telnet().feed(b"bad \xff\nnext\n") == (b"bad \xff\nnext\n", b"")
