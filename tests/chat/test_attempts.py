"""How often a password may be tried."""

from __future__ import annotations

import pytest

from twistedchat.chat.attempts import KNOWN_MOST, TRIED_MOST, Attempts

NOON = 1_700_000_000_000
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def attempts() -> Attempts:
    return Attempts()


def waits(attempts: Attempts, account: str, address: str, times: int, at: int = NOON) -> list[int]:
    return [attempts.begin(account, address, at) for _ in range(times)]


class WrongOnesTests:
    def test_five_at_once_then_five_a_minute(self, attempts: Attempts) -> None:
        """Who has guessed five times is told for how many seconds to wait, and it is enough to wait so long."""
        assert waits(attempts, "@ann", HERE, 7) == [0, 0, 0, 0, 0, 13, 13]
        assert waits(attempts, "@ann", HERE, 2, NOON + 13_000) == [0, 12]

    def test_by_account_from_wherever(self, attempts: Attempts) -> None:
        """To try from many addresses does not help."""
        assert [attempts.begin("@ann", f"203.0.113.{n}", NOON) for n in range(6)] == [0, 0, 0, 0, 0, 13]

    def test_by_address_whatever_the_account(self, attempts: Attempts) -> None:
        """To try many names does not help either, also from many addresses of one IPv6 network."""
        assert [attempts.begin(f"@a{n}", HERE, NOON) for n in range(6)] == [0, 0, 0, 0, 0, 13]
        assert [attempts.begin(f"@a{n}", f"2001:db8::{n}", NOON) for n in range(6)][5] == 13
        assert attempts.begin("@b", "2001:db8:0:1::1", NOON) == 0

    def test_refused_ones_do_not_count(self, attempts: Attempts) -> None:
        """Whoever goes on without waiting waits no longer for that."""
        waits(attempts, "@ann", HERE, 50)
        assert attempts.begin("@ann", HERE, NOON + 13_000) == 0

    def test_old_ones_are_forgotten(self, attempts: Attempts) -> None:
        """After a while nothing of it is left, in memory neither."""
        waits(attempts, "@ann", HERE, 5)
        attempts.tick(NOON + 59_000)
        assert attempts._tried
        attempts.tick(NOON + 61_000)
        assert attempts._tried == {}

    def test_no_more_are_remembered_than_that(self, attempts: Attempts) -> None:
        """However many names are tried from however many addresses."""
        for number in range(TRIED_MOST):
            attempts.begin(f"@{number}", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", NOON)
        assert len(attempts._tried) == TRIED_MOST


class RightOnesTests:
    def test_right_ones_do_not_count(self, attempts: Attempts) -> None:
        """Who knows the password comes as often as they like, also for the first time from somewhere."""
        for address in (HERE, HERE, THERE, *(f"198.51.100.{n}" for n in range(20))):
            assert attempts.begin("@ann", address, NOON) == 0
            attempts.succeed("@ann", address)

    def test_right_one_makes_no_wrong_one_good(self, attempts: Attempts) -> None:
        """To enter one's own account gives no more guesses at another's."""
        assert waits(attempts, "@ann", HERE, 4) == [0, 0, 0, 0]
        assert attempts.begin("@eve", HERE, NOON) == 0
        attempts.succeed("@eve", HERE)
        assert waits(attempts, "@ann", HERE, 2) == [0, 13]

    def test_owner_is_not_locked_out(self, attempts: Attempts) -> None:
        """Others who guess do not hold up whoever comes from where they came from before."""
        attempts.begin("@ann", HERE, NOON)
        attempts.succeed("@ann", HERE)
        for number in range(20):
            attempts.begin("@ann", f"198.51.100.{number}", NOON)
        assert attempts.begin("@ann", THERE, NOON) > 0
        assert attempts.begin("@ann", HERE, NOON) == 0

    def test_nor_by_their_neighbours(self, attempts: Attempts) -> None:
        """Who guesses at whatever account from that very address holds up who is not known there, and nobody else."""
        attempts.succeed("@ann", HERE)
        waits(attempts, "@bob", HERE, 6)
        assert attempts.begin("@cat", HERE, NOON) > 0
        assert attempts.begin("@ann", HERE, NOON) == 0

    def test_known_addresses_guess_no_faster(self, attempts: Attempts) -> None:
        """From there it is five at once as well."""
        attempts.succeed("@ann", HERE)
        assert waits(attempts, "@ann", HERE, 6) == [0, 0, 0, 0, 0, 13]

    def test_so_many_addresses_are_known(self, attempts: Attempts) -> None:
        """Those from which they came last."""
        for number in range(KNOWN_MOST):
            attempts.succeed("@ann", f"198.51.100.{number}")
        attempts.succeed("@ann", "198.51.100.0")
        attempts.succeed("@ann", HERE)
        known = attempts._known["@ann"]
        assert len(known) == KNOWN_MOST
        assert {"198.51.100.0/32", "198.51.100.2/32", f"{HERE}/32"} <= set(known)
        assert "198.51.100.1/32" not in known


class EnrolTests:
    def test_five_accounts_a_day_from_one_address(self, attempts: Attempts) -> None:
        """Who wants more waits; others, and who is on this computer, do not."""
        waited = [attempts.enrol(HERE, NOON) for _ in range(6)]
        assert (waited[:5], waited[5] > 4 * 3600) == ([0] * 5, True)
        assert attempts.enrol(HERE, NOON + waited[5] * 1000) == 0
        assert attempts.enrol(THERE, NOON) == 0
        assert {attempts.enrol("127.0.0.1", NOON) for _ in range(9)} == {0}
