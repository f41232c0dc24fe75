"""/help: what there is to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.errors import NoCommand
from twistedchat.chat.replies import Told

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class HelpTests:
    def test_all_commands_on_one_screen(self, world: World, types: Typing) -> None:
        """Help is a line for each command, twelve lines at most, none of them wider than a screen."""
        told = types(world.enter("ann"), "/help")
        assert isinstance(told, Told)
        usual = [f"/{each.name}" for each in COMMANDS.commands if not each.rare]
        assert [line.split()[0] for line in told.lines[:-1]] == usual
        assert all(f"/{each.name}" in told.lines[-1] for each in COMMANDS.commands if each.rare)
        assert told.lines[-1].endswith(" //x says /x.")
        assert len(told.lines) <= 12
        assert max(map(len, told.lines)) <= 77

    @pytest.mark.parametrize("line", ["/help msg", "/? /msg", "/help TELL"])
    def test_one_command(self, world: World, types: Typing, line: str) -> None:
        """One command is explained with its other names."""
        assert types(world.enter("ann"), line) == Told(
            ("/msg NICK TEXT...: Say something to one person only. Also: /m, /tell.",)
        )

    def test_command_without_other_names(self, world: World, types: Typing) -> None:
        """Where there are no other names none are told."""
        assert types(world.enter("ann"), "/help nick") == Told(("/nick NICK: Take another nickname.",))

    def test_command_that_does_not_exist(self, world: World, types: Typing) -> None:
        """Help for what does not exist is refused like the command itself."""
        with pytest.raises(NoCommand, match="Did you mean /msg"):
            types(world.enter("ann"), "/help msgg")
