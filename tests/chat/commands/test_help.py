"""/help: what there is to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.errors import NoCommand

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class FirstScreenTests:
    def test_all_that_a_guest_may_on_one_screen(self, world: World, types: Typing) -> None:
        """Help is a line for each usual command, twelve lines at most, none of them wider than a screen."""
        lines = told(types(world.enter("ann"), "/help"))
        usual = [f"/{each.name}" for each in COMMANDS.commands if not each.rare]
        assert [line.split()[0] for line in lines[: len(usual)]] == usual
        assert lines[-1].endswith(" //x says /x.")
        assert len(lines) <= 12
        assert max(map(len, lines)) <= 77

    def test_rare_ones_are_named(self, world: World, types: Typing) -> None:
        """What a guest may do, or could as a member, is named; what others do is not."""
        words = " ".join(told(types(world.enter("ann"), "/help"))).split()
        assert {"/part", "/login", "/missed", "/edit"} <= set(words)
        assert not {"/kick", "/room", "/shout", "/audit"} & set(words)

    def test_owners_are_told_more(self, world: World, types: Typing) -> None:
        """Who may keep order in the room where they are is told how; admins all there is."""
        ann, boss = world.member("ann"), world.admin("boss")
        assert "/kick" not in " ".join(told(types(ann, "/help")))
        world.room(ann, "#ops")
        words = " ".join(told(types(ann, "/help"))).split()
        assert {"/kick", "/room"} <= set(words)
        assert "/shout" not in words
        screen = told(types(boss, "/help"))
        assert len(screen) == 12
        assert {f"/{each.name}" for each in COMMANDS.commands} <= set(" ".join(screen).split())


class MoreTests:
    @pytest.mark.parametrize("line", ["/help msg", "/? /msg", "/help TELL"])
    def test_one_command(self, world: World, types: Typing, line: str) -> None:
        """One command is explained with its other names."""
        assert told(types(world.enter("ann"), line)) == (
            "/msg NICK TEXT...: Say something to one person only. Also: /m, /tell.",
        )

    def test_command_without_other_names(self, world: World, types: Typing) -> None:
        """Where there are no other names none are told."""
        [line] = told(types(world.enter("ann"), "/help whois"))
        assert line == "/whois NICK: Say what is known of somebody."

    def test_command_that_needs_more_words(self, world: World, types: Typing) -> None:
        """What does not fit into a sentence follows it."""
        first, *more = told(types(world.enter("ann"), "/help ban"))
        assert first.startswith("/ban [-s] [#ROOM] NICK [TIME] [WHY...]: ")
        assert any("/ban bob 2h spam" in line for line in more)

    def test_all(self, world: World, types: Typing) -> None:
        """All that one may has a line each."""
        ann, boss = world.enter("ann"), world.admin("boss")
        few, many = told(types(ann, "/help all")), told(types(boss, "/help all"))
        assert len(many) == len(COMMANDS.commands)
        assert set(few) < set(many)
        assert "/topic [#ROOM] [TEXT...]: Show what a room is about, or say so." in few

    def test_command_that_does_not_exist(self, world: World, types: Typing) -> None:
        """Help for what does not exist is refused like the command itself."""
        with pytest.raises(NoCommand, match="Did you mean /msg"):
            types(world.enter("ann"), "/help msgg")
