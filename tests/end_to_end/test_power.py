"""The power goes: what was told to anybody is on the disk."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.power.images import FILES, Talk, images, talk, told_unsynced
from tests.end_to_end.talkers import history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.end_to_end.power.images import Image

CUTS, CUTS_SOAKED = 40, 1000


def talked(folder: Path, durability: str) -> Talk:
    done = talk(folder, durability)
    if done is None:
        pytest.skip("strace is not permitted here")
    return done


@pytest.fixture(scope="module")
def power(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """Give what a daemon did while people talked, with ``durability = "power"``, which is the default."""
    return talked(tmp_path_factory.mktemp("power"), "power")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """Give the same with ``durability = "process"``."""
    return talked(tmp_path_factory.mktemp("process"), "process")


def hold(cuts: Sequence[Image]) -> None:
    """See that what is left by each cut is sound, and has all that anybody was told of."""
    assert any(cut.told for cut in cuts), "no traffic"
    assert [(cut.folder, len(cut.told), cut.lost) for cut in cuts if cut.lost or not cut.is_sound] == []


class PowerTests:
    """Where it is to survive a power cut."""

    def test_nothing_is_told_before_it_is_on_the_disk(self, power: Talk) -> None:
        """No byte about a message leaves before the WAL is synced up to the commit that holds it."""
        assert told_unsynced(power) == []

    def test_a_power_cut_loses_nothing(self, power: Talk, tmp_path: Path) -> None:
        """Whatever has reached the disk beside what was synced: it opens, and all that was told is there."""
        hold(images(power, CUTS, tmp_path))

    def test_a_start_after_a_power_cut(self, power: Talk, tmp_path: Path) -> None:
        """It tells all of it, in order and under the same numbers."""
        left = images(power, 2, tmp_path)[-1]
        with closing(Daemon(tmp_path)) as daemon:
            for name in FILES:
                if (left.folder / name).exists():
                    (left.folder / name).rename(daemon.data / name)
            daemon.start()
            texts = " ".join(event["text"] for event in history(daemon.port)).encode()
        assert left.told
        assert [token for token in left.told if token not in texts] == []

    @pytest.mark.soak
    def test_a_thousand_power_cuts(self, power: Talk, tmp_path: Path) -> None:
        """None of them loses anything."""
        hold(images(power, CUTS_SOAKED, tmp_path))


class ProcessTests:
    """Where it need not: what the tests above look with does see."""

    def test_it_tells_before_it_is_on_the_disk(self, process: Talk) -> None:
        """Of most messages somebody learns while a power cut could still take them."""
        assert len(told_unsynced(process)) > len(process.told) / 2

    def test_a_power_cut_loses_what_was_told(self, process: Talk, tmp_path: Path) -> None:
        """But the database is sound, and what is there is in order."""
        cuts = images(process, CUTS, tmp_path)
        assert [cut for cut in cuts if cut.lost]
        assert [cut for cut in cuts if not cut.is_sound] == []

    def test_a_disk_that_lies(self, power: Talk, tmp_path: Path) -> None:
        """One that says that it has synced, and has not, loses what was told whatever the setting is."""
        assert [cut for cut in images(power, CUTS, tmp_path, syncs=False) if cut.lost]
