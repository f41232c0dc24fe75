"""What the chat takes up where the log was left."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from tests.helpers import NOON
from twistedchat.chat.errors import NickTaken, NoRoom
from twistedchat.chat.log import KnownGuest, KnownRoom, Remembered
from twistedchat.chat.names import HOLD_SECONDS

HOLD = HOLD_SECONDS * 1000


class StartTests:
    def test_first_start_makes_the_lobby(self, world: World) -> None:
        """Where there is no lobby yet, it is made, through the log like everything else."""
        assert world.lobby.name == "#lobby"
        assert world.lobby.head == 0
        assert world.chat.epoch == "e1"

    def test_later_start_takes_up_where_the_log_was_left(self) -> None:
        """A lobby that is known is not made again, and its numbers go on."""
        world = World(remembered=Remembered("e2", (KnownRoom("r1", "#lobby", 41), KnownRoom("r2", "#ops", 7)), ()))
        assert (world.lobby.id, world.lobby.head) == ("r1", 41)
        assert world.chat.rooms.named("#ops").head == 7
        assert world.ear.news == []

    def test_room_that_does_not_exist_is_refused(self, world: World) -> None:
        """A name that no room has is an error that names it."""
        with pytest.raises(NoRoom, match="There is no room #nowhere"):
            world.chat.rooms.named("#nowhere")

    def test_name_is_kept_over_a_restart(self) -> None:
        """A guest who was here shortly before the restart finds their name free, and nobody else gets it."""
        remembered = Remembered("e1", (), (KnownGuest("g1", "ann", NOON - 1000),))
        world = World(remembered=remembered)
        with pytest.raises(NickTaken, match="away for a moment"):
            world.enter("Ann")
        assert world.enter("ann", "g1").nick == "ann"

    def test_kept_name_becomes_free(self) -> None:
        """Whoever does not come back in time has lost the name."""
        world = World(remembered=Remembered("e1", (), (KnownGuest("g1", "ann", NOON - HOLD + 1000),)))
        world.at += 1001
        world.chat.tick(world.at)
        assert world.enter("ann").by != "g1"

    def test_of_two_remembered_names_alike_the_first_is_kept(self) -> None:
        """Two guests who had one name after another do not keep the chat from starting."""
        world = World(remembered=Remembered("e1", (), (KnownGuest("g1", "ann", NOON), KnownGuest("g2", "ANN", NOON))))
        assert world.enter("ann", "g1").nick == "ann"
