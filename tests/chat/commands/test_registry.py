"""A command is declared once, and everything about it follows."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING

import pytest

from tests.chat.world import World
from tests.helpers import NOON
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask, Registry, Time, command
from twistedchat.chat.errors import BadUsage, NoCommand, NoRoom, NoSuchNick, NotAllowed, NotInRoom
from twistedchat.chat.replies import Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from twistedchat.chat.replies import Reply


NO_TIME = Time(0)


@command("NICK [TIMES] [WHY...]", needs=Permission.TALK, aliases=("p",))
def poke(ask: Ask, whom: Person, times: int = 1, why: str = "") -> Told:
    """Poke somebody.

    This is more than the help says.
    """
    return Told((f"{ask.session.nick} pokes {whom.nick} {times} times: {why!r}",))


@command(needs=Permission.LOOK)
async def sleep_(_ask: Ask) -> None:
    """Do nothing, for a while."""


@command("[-s] [#ROOM] NICK [TIME] [WHY...]", needs=Permission.MODERATE)
def gag(ask: Ask, room: Room | None, who: str, time: Time, why: str = "") -> Told:
    """Gag somebody."""
    return Told((f"{ask.session.nick} gags {who} in {room and room.name} for {time}: {why!r}",))


@command("[#ROOM] [HOW] [TIME]", needs=Permission.LOOK)
def look(_ask: Ask, room: Room, how: str = "", time: Time = NO_TIME) -> Told:
    """Look at a room."""
    return Told((f"{room.name} {how} {time}",))


@command("TEXT...", needs=Permission.TALK, here=True)
def shrug(ask: Ask, text: str) -> Told:
    """Shrug where one is."""
    return Told((f"{ask.room.name} {text}",))


REGISTRY = Registry((poke, sleep_, gag, look, shrug))


@pytest.fixture
def ask(world: World) -> Ask:
    ann = world.enter("ann")
    world.enter("bob")
    return Ask(world.chat, REGISTRY, ann, world.lobby, NOON)


def run(ask: Ask, line: str) -> Reply | Awaitable[Reply | None] | None:
    found, rest = ask.commands.parse(line)
    return found.run(ask, rest)


class DeclarationTests:
    def test_name_and_summary_are_the_functions(self) -> None:
        """A command is called like its function and helped by the first line of its docstring."""
        assert (poke.name, poke.summary) == ("poke", "Poke somebody.")
        assert (sleep_.name, sleep_.summary) == ("sleep", "Do nothing, for a while.")

    def test_synopsis(self) -> None:
        """A command is shown as it is typed."""
        assert poke.synopsis == "/poke NICK [TIMES] [WHY...]"
        assert sleep_.synopsis == "/sleep"

    def test_parameters_follow_from_usage_and_annotations(self) -> None:
        """The usage says what may be left out and what is the rest, the annotations what each argument is."""
        assert [(each.name, each.kind, each.optional, each.rest) for each in poke.parameters] == [
            ("NICK", Person, False, False),
            ("TIMES", int, True, False),
            ("WHY", str, True, True),
        ]

    def test_coroutines_wait(self) -> None:
        """A command whose function is a coroutine is known to wait."""
        assert (poke.waits, sleep_.waits) == (False, True)

    def test_usage_and_signature_must_agree(self) -> None:
        """A declaration whose usage does not fit its function is found when it is made."""

        def broken(ask: Ask) -> None: ...

        with pytest.raises(ValueError, match="zip"):
            command("NICK", needs=Permission.LOOK)(broken)


class ParsingTests:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("/poke bob", "ann pokes bob 1 times: ''"),
            ("/POKE BOB 3", "ann pokes bob 3 times: ''"),
            ("/p  bob  3  for  fun ", "ann pokes bob 3 times: 'for  fun '"),
            ("/poke bob 2 a\nb", "ann pokes bob 2 times: 'a\\nb'"),
        ],
    )
    def test_arguments(self, ask: Ask, line: str, told: str) -> None:
        """Words become arguments, and the rest of the line stays as it was typed."""
        assert run(ask, line) == Told((told,))

    @pytest.mark.parametrize("line", ["/poke", "/poke  ", "/sleep well"])
    def test_wrong_number_of_arguments(self, ask: Ask, line: str) -> None:
        """Too few or too many arguments are refused with how it goes."""
        with pytest.raises(BadUsage, match="Like this: /"):
            run(ask, line)

    @pytest.mark.parametrize("word", ["three", "-1", "1.5", "٣", "²", "9" * 10])
    def test_number_that_is_none(self, ask: Ask, word: str) -> None:
        """What stands where a number belongs is a small whole number in digits."""
        with pytest.raises(BadUsage, match=f"TIMES is a number, not {word}"):
            run(ask, f"/poke bob {word}")

    def test_somebody_who_is_not_here(self, ask: Ask) -> None:
        """A nickname must be somebody's."""
        with pytest.raises(NoSuchNick, match="Nobody here is called cat"):
            run(ask, "/poke cat")

    @pytest.mark.parametrize(
        ("line", "hint"),
        [
            ("/pok x", "No command /pok. Did you mean /poke?"),
            ("/zzz", "No command /zzz. Try /help."),
            ("/", "Try /help"),
        ],
    )
    def test_command_that_does_not_exist(self, line: str, hint: str) -> None:
        """Who mistypes a command learns which one they may have meant."""
        with pytest.raises(NoCommand) as refused:
            REGISTRY.parse(line)
        assert hint in refused.value.text

    def test_long_nonsense_is_not_repeated_whole(self) -> None:
        """Of a command that does not exist little is repeated, and nothing that controls a screen."""
        with pytest.raises(NoCommand) as refused:
            REGISTRY.parse("/\x1b[2J" + "x" * 5000)
        assert refused.value.text == f"No command /\ufffd[2J{'x' * 20}. Try /help."

    def test_permission_is_asked_before_anything_is_done(self) -> None:
        """Whoever may not, may not: no argument is even looked at."""
        world = World(guests="none")
        ann = world.chat.people.visitor()
        world.do(world.chat.people.arrive(ann, "ann", world.at))
        ask = Ask(world.chat, REGISTRY, ann, world.lobby, NOON)
        with pytest.raises(NotAllowed, match="A guest may not talk here"):
            run(ask, "/poke nobody")
        waiting = run(ask, "/sleep")
        assert isinstance(waiting, Coroutine)
        world.do(waiting)


class PlaceTests:
    @pytest.fixture
    def boss(self, world: World) -> Ask:
        """Give an admin who asks in the lobby, where there is another room."""
        boss = world.admin("boss")
        world.room(boss, "#ops")
        return Ask(world.chat, REGISTRY, boss, world.lobby, NOON)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("/gag bob", "boss gags bob in #lobby for 0: ''"),
            ("/gag bob 10m", "boss gags bob in #lobby for 600000: ''"),
            ("/gag bob 10m so there", "boss gags bob in #lobby for 600000: 'so there'"),
            ("/gag bob so 10m there", "boss gags bob in #lobby for 0: 'so 10m there'"),
            ("/gag #ops bob", "boss gags bob in #ops for 0: ''"),
            ("/gag #OPS  bob  1h  x  y", "boss gags bob in #ops for 3600000: 'x  y'"),
            ("/gag bob see #ops", "boss gags bob in #lobby for 0: 'see #ops'"),
            ("/gag bob #ops", "boss gags bob in #ops for 0: ''"),
            ("/gag bob #OPS 10m so  there", "boss gags bob in #ops for 600000: 'so  there'"),
            ("/gag bob 10m #ops see #lobby", "boss gags bob in #ops for 600000: 'see #lobby'"),
            ("/gag -s bob 10m x", "boss gags bob in None for 600000: 'x'"),
            ("/gag bob 10m -s x", "boss gags bob in None for 600000: 'x'"),
            ("/look", "#lobby  0"),
            ("/look #ops", "#ops  0"),
            ("/look hard #ops", "#ops hard 0"),
            ("/look #ops hard 10s", "#ops hard 10000"),
            ("/look -s", "#lobby -s 0"),
            ("/shrug #ops indeed", "#lobby #ops indeed"),
        ],
    )
    def test_room_that_is_meant(self, boss: Ask, line: str, told: str) -> None:
        """The active one, the first word, the one before the reason, or the last; with -s it is the server."""
        assert run(boss, line) == Told((told,))

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("/gag", BadUsage),
            ("/gag -s", BadUsage),
            ("/gag #ops", BadUsage),
            ("/look #ops hard 10s more", BadUsage),
            ("/look hard soon", BadUsage),
            ("/gag #none bob", NoRoom),
            ("/gag bob #none", NoRoom),
            ("/gag bob 10 #ops", BadUsage),
            ("/look #none", NoRoom),
            ("/look hard #none", NoRoom),
        ],
    )
    def test_what_is_not_meant(self, boss: Ask, line: str, error: type[Exception]) -> None:
        """Rooms that there are not, and too few words or too many."""
        with pytest.raises(error):
            run(boss, line)

    @pytest.mark.parametrize("line", ["/gag bob", "/look", "/shrug x", "/look hard"])
    def test_in_no_room(self, world: World, line: str) -> None:
        """Who is nowhere names the room, if it can be named."""
        ask = Ask(world.chat, REGISTRY, world.come("ann"), None, NOON)
        with pytest.raises(NotInRoom, match="You are in no room"):
            run(ask, line)
        assert run(ask, "/look #lobby") == Told(("#lobby  0",))

    def test_permission_is_asked_where_it_is_meant(self, world: World) -> None:
        """In the room that is named, and for the server of its admins only; first of all where one may look."""
        ann, bob = world.member("ann"), world.member("bob")
        ops = world.room(ann, "#ops")
        ask = Ask(world.chat, REGISTRY, ann, world.lobby, NOON)
        assert run(ask, "/gag #ops bob") == Told(("ann gags bob in #ops for 0: ''",))
        for line in ("/gag bob", "/gag -s bob", "/gag #lobby"):
            with pytest.raises(NotAllowed):
                run(ask, line)
        ops.settings = ops.settings.changed("join", "invite")
        with pytest.raises(NotInRoom, match="#ops is private"):
            run(Ask(world.chat, REGISTRY, bob, world.lobby, NOON), "/look #ops")

    def test_about_a_room_or_not(self) -> None:
        """Those that name a room and those that are done where one is are about one."""
        assert [each.local for each in REGISTRY.commands] == [False, False, True, True, True]


class CatalogueTests:
    def test_every_command_is_described(self) -> None:
        """Every command says in one sentence what it does."""
        for each in COMMANDS.commands:
            assert each.summary
            assert each.summary.endswith(".")

    def test_no_two_commands_share_a_name(self) -> None:
        """No name or alias means two things."""
        names = [name for each in COMMANDS.commands for name in (each.name, *each.aliases)]
        assert len(names) == len(set(names))
        assert all(name == name.lower() for name in names)
