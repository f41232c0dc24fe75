"""How fast somebody may go on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twistedchat.chat.rate import Bucket


class RestingTests:
    """Who is never refused, only held back."""

    def test_burst_then_a_rest(self) -> None:
        """So many at once cost nothing, the next ones half a second each."""
        bucket = Bucket(3, 2.0, now=0.0)
        assert [bucket.take(0.0) for _ in range(5)] == [0.0, 0.0, 0.5, 1.0, 1.5]

    def test_rest_that_was_kept_makes_good(self) -> None:
        """Who rests as long as they were told may take one at each end of it, for ever."""
        bucket = Bucket(1, 4.0, now=0.0)
        now = 0.0
        for _ in range(10):
            rest = bucket.take(now)
            assert rest == pytest.approx(0.25)
            now += rest

    def test_silence_saves_no_more_than_a_burst(self) -> None:
        """However long somebody was silent, they may say no more at once than at first."""
        bucket = Bucket(2, 2.0, now=0.0)
        assert [bucket.take(1000.0) for _ in range(3)] == [0.0, 0.5, 1.0]

    def test_no_limit(self) -> None:
        """Where there is no rate nobody ever rests, nor is refused."""
        bucket = Bucket(0, 0, now=0.0)
        assert [bucket.take(0.0) for _ in range(100)] == [0.0] * 100
        assert all(bucket.try_take(0.0) for _ in range(100))

    @given(
        burst=st.integers(1, 20),
        per_second=st.floats(0.1, 50),
        waits=st.lists(st.floats(0, 3), min_size=1, max_size=60),
    )
    def test_rate_is_held_over_any_time(self, burst: int, per_second: float, waits: list[float]) -> None:
        """Who always rests as told never takes more than the burst and what has grown since."""
        bucket = Bucket(burst, per_second, now=0.0)
        now = rest = 0.0
        for taken, wait in enumerate(waits, 1):
            now += max(rest, wait)
            rest = bucket.take(now)
            assert taken <= burst + now * per_second + 1e-6


class RefusingTests:
    """What is refused where there is no token."""

    def test_no_token_is_taken_on_credit(self) -> None:
        """What was refused has cost nothing: the next token comes when it would have come."""
        bucket = Bucket(2, 1.0, now=0.0)
        assert [bucket.try_take(0.0) for _ in range(4)] == [True, True, False, False]
        assert not bucket.try_take(0.9)
        assert bucket.try_take(1.0)
        assert not bucket.try_take(1.0)

    def test_full_again(self) -> None:
        """A bucket is full when all that was taken has grown again."""
        bucket = Bucket(2, 1.0, now=0.0)
        assert bucket.full(0.0)
        bucket.take(0.0)
        assert not bucket.full(0.5)
        assert bucket.full(1.0)

    def test_what_is_given_back(self) -> None:
        """It can be taken again, but there are never more than at first."""
        bucket = Bucket(2, 1.0, now=0.0)
        bucket.give_back()
        assert [bucket.try_take(0.0) for _ in range(3)] == [True, True, False]
        bucket.give_back()
        assert [bucket.try_take(0.0) for _ in range(2)] == [True, False]

    def test_how_long_to_wait(self) -> None:
        """Until there is a token; to ask costs none, and where there is no rate there is nothing to wait for."""
        bucket = Bucket(1, 0.5, now=0.0)
        assert [bucket.wait(0.0) for _ in range(2)] == [0.0, 0.0]
        bucket.try_take(0.0)
        assert [bucket.wait(now) for now in (0.0, 1.0, 2.0)] == [2.0, 1.0, 0.0]
        assert Bucket(1, 0, now=0.0).wait(0.0) == 0.0

    def test_clock_that_goes_back_gives_nothing(self) -> None:
        """Time that runs backwards adds no tokens and takes none away."""
        bucket = Bucket(2, 1.0, now=100.0)
        assert bucket.try_take(100.0)
        assert bucket.try_take(50.0)
        assert not bucket.try_take(50.0)
