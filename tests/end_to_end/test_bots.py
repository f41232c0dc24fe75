"""The bots of docs/examples, on a real daemon; both are killed and started again."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.end_to_end.daemon import REPOSITORY, environment
from tests.end_to_end.peers import Program
from tests.end_to_end.streams import eventually
from tests.end_to_end.talkers import history

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Json, Meet

EXAMPLES = REPOSITORY / "docs/examples"
LIBRARY_BOT_LINES, PLAIN_BOT_LINES = 60, 40
AT_ONCE = 5


class Bot:
    """One of the examples, or with ``-c`` a program, in a folder of its own, where it keeps what it knows."""

    def __init__(self, name: str, folder: Path, *arguments: str) -> None:
        self._command = [sys.executable, name if name == "-c" else str(EXAMPLES / name), *arguments]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)

    def start(self) -> None:
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=environment(), stdout=out, stderr=subprocess.STDOUT
            )

    def stop(self) -> int:
        """Ask it to end; return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def close(self) -> None:
        """Kill it with -9, unless it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def out(self) -> str:
        return (self._folder / "out").read_text()


class Asker:
    """Somebody who asks a bot for things, each once, over all restarts of the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._program = Program(port)
        self._program.enters("ann")
        self.asked: list[str] = []

    def registers(self) -> None:
        assert self._program.answer("command", line="/register correct-horse")["ev"] == "ok"

    def meets(self, nick: str) -> None:
        self._program.hears(ev="joined", nick=nick)

    def asks(self, text: str) -> None:
        """Ask for `text` with a number that was never asked for before."""
        for _ in range(AT_ONCE):
            self.asked.append(text.format(len(self.asked)))
            ack = self._program.answer("say", room="#lobby", text=self.asked[-1], cid=f"c{len(self.asked)}")
            assert ack["ev"] == "ack", ack

    def comes_back(self) -> None:
        session = self._program.session
        self._program.close()
        self._program = Program(self._port)
        self._program.enters("ann", session)

    def is_answered(self, nick: str) -> None:
        """Wait until the bot has answered as often as it was asked."""

        def all_answered() -> bool:
            self._program.asks("join", room="#lobby", after=0)
            live = self._program.hears(ev="live", room="#lobby")["seq"]
            said = {event["seq"]: event for event in self._program.events if event["ev"] == "said"}
            assert set(range(1, live + 1)) <= said.keys(), "something is missing"
            return len(answers(list(said.values()), nick)) >= len(self.asked)

        eventually(all_answered, f"{len(self.asked)} answers")

    def close(self) -> None:
        self._program.close()


def tried(daemon: Daemon, meet: Meet, bot: Bot, nick: str, request: str, *, member: bool = False) -> list[Json]:
    """Ask a bot for things while the server, the bot and both are killed; return all that was said."""
    asker = meet(Asker(daemon.port))
    if member:
        asker.registers()
    meet(bot).start()
    asker.meets(nick)
    for server_dies, bot_dies in ((True, False), (False, True), (True, True), (False, True)):
        asker.asks(request)
        if bot_dies:
            bot.close()
        if server_dies:
            daemon.kill()
            daemon.start()
            asker.comes_back()
        asker.asks(request)
        if bot_dies:
            bot.start()
    for _ in range(2):  # what a bot would say twice it says before it answers what is asked after that
        asker.is_answered(nick)
        bot.close()
        bot.start()
        asker.asks(request)
    asker.is_answered(nick)
    said = history(daemon.port)
    assert [event["text"] for event in said if event["nick"] == "ann"] == asker.asked
    return said


def answers(said: list[Json], nick: str) -> list[str]:
    """What a bot has answered; what it only has begun is none."""
    return [event["text"] for event in said if event["nick"] == nick and not event["text"].endswith(" ...")]


class EchoBotTests:
    def test_each_message_is_echoed_once_in_its_order(self, daemon: Daemon, meet: Meet, tmp_path: Path) -> None:
        """Nothing that was said is missed, and nothing is said twice, though all are killed again and again."""
        bot = Bot("echo_bot.py", tmp_path / "echo", "localhost", str(daemon.port))
        said = tried(daemon, meet, bot, "echo", "message {}")
        assert answers(said, "echo") == [f"ann said: {event['text']}" for event in said if event["nick"] == "ann"]
        assert bot.stop() == 0
        assert "Traceback" not in bot.out

    def test_no_server_is_told_in_words(self, tmp_path: Path, daemon: Daemon) -> None:
        """A bot that finds no server says so as the client does, without a traceback."""
        daemon.kill()
        bot = subprocess.run(
            [sys.executable, str(EXAMPLES / "echo_bot.py"), "localhost", str(daemon.port)],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert bot.returncode != 0
        assert f"Nothing listens on localhost:{daemon.port}." in bot.stderr
        assert "Traceback" not in bot.stderr


class DeployBotTests:
    def test_nothing_is_deployed_twice(self, daemon: Daemon, meet: Meet, tmp_path: Path) -> None:
        """Each request is taken up once and ends once; what is said to be out has run once, nothing twice."""
        script, log = tmp_path / "deploy.sh", tmp_path / "log"
        script.write_text(f'#!/bin/sh\necho "$1" >> {log}\nexit 0\n')
        script.chmod(0o755)
        place = (str(script), "localhost", str(daemon.port), "#lobby", "ann")
        bot = Bot("deploy_bot.py", tmp_path / "deploy", *place)
        said = tried(daemon, meet, bot, "deploy", "!deploy {}", member=True)
        requests = [event["text"].split()[-1] for event in said if event["nick"] == "ann"]
        ended = [text.partition(": ")[0] for text in answers(said, "deploy")]
        begun = [event["text"].partition(": ")[0] for event in said if event["text"].endswith(" ...")]
        assert begun == ended == requests
        ran = log.read_text().split()
        assert len(ran) == len(set(ran)), "deployed twice"
        assert {text.partition(": ")[0] for text in answers(said, "deploy") if text.endswith(": done")} <= set(ran)
        assert ran


class PlainBotTests:
    def test_each_is_answered_once(self, daemon: Daemon, meet: Meet, tmp_path: Path) -> None:
        """A bot without our library, by docs/protocol.md alone, misses and doubles nothing either."""
        bot = Bot("plain_bot.py", tmp_path / "plain", "localhost", str(daemon.port), "dice.json")
        said = tried(daemon, meet, bot, "dice", "!roll")
        thrown = answers(said, "dice")
        assert all(re.fullmatch(r"ann throws a [1-6]", text) for text in thrown)
        assert len(thrown) == len([event for event in said if event["nick"] == "ann"])


class PrivateTests:
    """Talk with one person only."""

    BOT = """
import sys
from twisted.internet.task import react
from twistedchat.client import connect

async def main(reactor, port):
    async with connect(reactor, "localhost", int(port), nick="butler", state="butler.json") as chat:
        async for message in chat.private():
            await chat.direct(message.nick, f"you said {message.text}", cid=f"re-{message.id}")

react(main, sys.argv[1:])
"""

    def test_each_word_is_answered_once(self, daemon: Daemon, meet: Meet, tmp_path: Path) -> None:
        """What was said to it only, while the server or the bot was being killed, is answered once, in order."""
        bob = meet(Program(daemon.port))
        bob.enters("bob")
        bot = meet(Bot("-c", tmp_path / "butler", self.BOT, str(daemon.port)))
        bot.start()
        said = self._says(bob, 3)
        self._is_answered(bob, said)
        for server_dies in (True, False, True):
            said += self._says(bob, 3)
            if server_dies:
                daemon.kill()
                daemon.start()
                session = bob.session
                bob = meet(Program(daemon.port))
                bob.enters("bob", session)
            else:
                bot.close()
                bot.start()
            said += self._says(bob, 3)
            self._is_answered(bob, said)

    def _says(self, bob: Program, count: int) -> list[str]:
        """Say some things to the bot as soon as it is there."""
        said = [f"words {uuid4().hex[:8]}" for _ in range(count)]
        for text in said:
            eventually(lambda: bob.answer("dm", **{"with": "butler"}, text=text, cid=text)["ev"] == "ack", text)  # noqa: B023
        return said

    def _is_answered(self, bob: Program, said: list[str]) -> None:
        def talk(nick: str) -> list[str]:
            entries = bob.answer("history", **{"with": "butler"}, after=0, limit=200).get("entries", [])
            return [entry["text"] for entry in entries if entry["nick"] == nick]

        eventually(lambda: len(talk("butler")) >= len(said), "all answers")
        assert talk("bob") == said
        assert talk("butler") == [f"you said {text}" for text in said]


class DocumentTests:
    """docs/bots.md."""

    def test_the_first_bot_runs(self, daemon: Daemon, meet: Meet, tmp_path: Path) -> None:
        """What stands at its beginning is a whole bot."""
        program, *_ = _programs()
        asker = meet(Asker(daemon.port))
        bot = meet(Bot("-c", tmp_path / "first", program.replace("55555", str(daemon.port))))
        bot.start()
        asker.meets("echo")
        asker.asks("message {}")
        asker.is_answered("echo")
        assert answers(history(daemon.port), "echo") == asker.asked

    def test_all_of_it_is_python(self) -> None:
        """Nothing in it is misspelt, as far as Python can tell."""
        programs = _programs()
        for program in programs:
            compile(program, "bots.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        assert len(programs) == 4


class SizeTests:
    def test_they_are_short(self) -> None:
        """Each of the bots fits on a page, and the plain one needs nothing but Python."""
        lengths = {path.name: len(_code(path)) for path in EXAMPLES.glob("*_bot.py")}
        assert lengths.pop("plain_bot.py") <= PLAIN_BOT_LINES
        assert {name for name, lines in lengths.items() if lines >= LIBRARY_BOT_LINES} == set()
        tree = ast.parse((EXAMPLES / "plain_bot.py").read_text())
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert names
        assert set(names) <= sys.stdlib_module_names


def _programs() -> list[str]:
    """The programs in docs/bots.md."""
    return re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/bots.md").read_text(), re.DOTALL)


def _code(path: Path) -> list[str]:
    """The lines of a program; the first one only says what runs it."""
    return [line for line in path.read_text().splitlines()[1:] if line]
