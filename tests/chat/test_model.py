"""Nobody is ever shown what they may not see, and everybody is shown what they may, whatever has happened.

People do at random what people do, and after each step every view of everybody is held against a model
of who could have heard what. For longer, with other people each time:

    pytest tests/chat/test_model.py -m soak
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chat.machine import Machine
from tests.chat.stage import HAPPENED

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Recorder: TypeAlias = Callable[[str, object], None]

EVERYTHING = (
    "Arrived Departed Renamed Registered LoggedIn LoggedOut Opened Dropped RoomRenamed Joined Left Kicked Killed "
    "Said Emoted Direct Edited Deleted TopicSet Granted Invited Banned Unbanned came_back put_out refused "
    "banned_by_address banned_from_the_server join_open join_invite key_set guests_none guests_default "
    "keep_off keep_forever keep_30s read read_in_part forbidden found found_alone told_alone"
)
"""Without any of this a run would say little."""


def run(examples: int, steps: int, *, same: bool) -> dict[str, int]:
    """Have the machine run, check that everything has happened in it that can, and return how often."""
    HAPPENED.clear()
    so = settings(max_examples=examples, stateful_step_count=steps, derandomize=same)
    run_state_machine_as_test(Machine, settings=so)
    missing = [each for each in EVERYTHING.split() if not HAPPENED[each.replace("_", " ")]]
    assert not missing, f"nothing of this has happened: {missing}"
    assert HAPPENED["steps"] > examples * steps * 0.7
    return dict(HAPPENED)


class SeeingTests:
    def test_nobody_sees_what_they_may_not(self, record_property: Recorder) -> None:
        """Live, in history, by search and by resuming, everybody is shown what they may see and nothing else."""
        record_property("happened", run(100, 40, same=True))

    @pytest.mark.soak
    def test_for_long(self, record_property: Recorder) -> None:
        """The same, ten times as long and more."""
        record_property("happened", run(1000, 50, same=False))
