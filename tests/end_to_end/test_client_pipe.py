from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.client.live import CLIENT, client, environment, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.daemon import Daemon


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def tail(port: int, lines: int) -> list[str]:
    """What was said last, as a shell would have it: read some lines, then close the pipe."""
    command = [*CLIENT, "localhost", str(port), "--nick", "tail", "--tail", "lobby", "--json"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) as tailing:
        assert tailing.stdout is not None
        texts = [json.loads(tailing.stdout.readline())["text"] for _ in range(lines)]
        tailing.stdout.close()
        assert tailing.wait(20) == 0
    return texts


class PipeTests:
    def test_status_0_means_stored(self, daemon: Daemon) -> None:
        sent = client(daemon.port, "--nick", "ci", text=b"one\ntwo\nthr\xc3\xa9\xc3\xa9")
        assert (sent.returncode, sent.stdout, sent.stderr) == (0, b"", b"")
        assert tail(daemon.port, 3) == ["one", "two", "thréé"]

    def test_acknowledgements_can_be_had_as_json(self, daemon: Daemon) -> None:
        sent = client(daemon.port, "--nick", "ci", "--json", text=b"one\ntwo\n")
        acks = [json.loads(line) for line in sent.stdout.splitlines()]
        assert [(ack["ev"], ack["seq"]) for ack in acks] == [("ack", 1), ("ack", 2)]

    def test_a_line_that_is_refused_is_named(self, daemon: Daemon) -> None:
        sent = client(daemon.port, "--nick", "ci", text=b"one\n" + b"x" * 5000 + b"\nthree\n")
        assert sent.returncode == 1
        assert sent.stderr.startswith(b"tcpchat-client: line 2 was not stored: ")
        assert tail(daemon.port, 2) == ["one", "three"]

    def test_a_file_of_many_lines_keeps_its_order(self, daemon: Daemon, tmp_path: Path) -> None:
        (tmp_path / "lines").write_text("".join(f"{n}\n" for n in range(3000)))
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "ci"]
        with (tmp_path / "lines").open("rb") as lines:
            assert subprocess.run(command, env=environment(), stdin=lines, check=False).returncode == 0
        assert tail(daemon.port, 20) == [str(n) for n in range(2980, 3000)]

    def test_killing_the_server_under_a_pipe_loses_and_doubles_nothing(self, daemon: Daemon) -> None:
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "ci", "--json"]
        with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as piping:
            assert piping.stdin is not None
            assert piping.stdout is not None
            for n in range(8):
                piping.stdin.write(f"{n}\n".encode())
                piping.stdin.flush()
                if n in {2, 5}:
                    assert piping.stdout.readline()
                    daemon.stop(signal.SIGKILL)
                    daemon.start()
            piping.stdin.close()
            piping.stdout.read()
            assert piping.wait(60) == 0
        client(daemon.port, "--nick", "last", text=b"last\n")
        assert tail(daemon.port, 9) == [*map(str, range(8)), "last"]

    def test_one_text_is_said_and_standard_input_left_alone(self, daemon: Daemon) -> None:
        said = client(daemon.port, "--nick", "ci", "--say", "one\ntwo", "--json", text=b"not this\n")
        assert (said.returncode, json.loads(said.stdout)["seq"], said.stderr) == (0, 1, b"")
        assert tail(daemon.port, 1) == ["one\ntwo"]

    @pytest.mark.parametrize("redirected", ["--say x <&-", "--say x >&-", "--say x --json >/dev/full"])
    def test_what_the_shell_has_closed_or_filled_does_not_matter(self, daemon: Daemon, redirected: str) -> None:
        command = f"exec {shlex.join([*CLIENT, 'localhost', str(daemon.port), '--nick', 'ci'])} {redirected}"
        said = subprocess.run(command, shell=True, env=environment(), capture_output=True, timeout=60, check=False)
        assert (said.returncode, said.stderr) == (0, b"")
        assert tail(daemon.port, 1) == ["x"]

    @pytest.mark.parametrize("how", [[], ["--tail", "lobby"]])
    def test_who_is_stopped_says_goodbye_so_that_the_name_is_free(self, daemon: Daemon, how: list[str]) -> None:
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "ci", *how]
        with subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as client_:
            eventually(lambda: "ci joined" in daemon.out, lambda: daemon.out)
            client_.terminate()
            assert client_.communicate()[1] == b""
            assert client_.returncode == 128 + signal.SIGTERM
        said = client(daemon.port, "--nick", "ci", "--say", "x")
        assert (said.returncode, said.stderr) == (0, b"")


class SinceTests:
    def test_what_was_said_before_is_printed_then_what_is_said_now(self, daemon: Daemon) -> None:
        client(daemon.port, "--nick", "ci", text=b"".join(b"%d\n" % n for n in range(300)))
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "tail", "--tail", "lobby", "--json"]
        with subprocess.Popen([*command, "--since", "1h"], env=environment(), stdout=subprocess.PIPE) as tailing:
            assert tailing.stdout is not None
            texts = [json.loads(tailing.stdout.readline())["text"] for _ in range(300)]
            client(daemon.port, "--nick", "ci", "--say", "now")
            texts.append(json.loads(tailing.stdout.readline())["text"])
            tailing.stdout.close()
            client(daemon.port, "--nick", "ci", "--say", "unread")
            assert tailing.wait(20) == 0
        assert texts == [*map(str, range(300)), "now"]

    def test_what_cannot_be_written_is_no_good_end(self, daemon: Daemon) -> None:
        client(daemon.port, "--nick", "ci", "--say", "x")
        command = [*CLIENT, "localhost", str(daemon.port), "--nick", "tail", "--tail", "lobby"]
        with Path("/dev/full").open("wb") as full:
            ended = subprocess.run(
                command, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
            )
        assert (ended.returncode, b"Is the disk full?" in ended.stderr) == (1, True)


class RoomTests:
    def test_a_room_that_is_not_there_is_made_and_again_after_a_crash(self, daemon: Daemon, tmp_path: Path) -> None:
        place = ["localhost", str(daemon.port)]
        out, err = tmp_path / "heard", tmp_path / "told"
        tailing = [*CLIENT, *place, "--nick", "tail", "--tail", "#ops"]
        piping = [*CLIENT, *place, "--nick", "ci", "--room", "ops"]

        def heard() -> list[str]:
            return [line.split()[-1] for line in out.read_text().splitlines()]

        with (
            out.open("wb") as printed,
            err.open("wb") as told,
            subprocess.Popen(tailing, env=environment(), stdout=printed, stderr=told) as tail,
            subprocess.Popen(piping, env=environment(), stdin=subprocess.PIPE) as pipe,
        ):
            assert pipe.stdin is not None
            try:
                pipe.stdin.write(b"one\ntwo\n")
                pipe.stdin.flush()
                eventually(lambda: heard() == ["one", "two"], out.read_text)
                daemon.stop(signal.SIGKILL)
                daemon.start()
                eventually(lambda: "Back. Nothing else was lost." in err.read_text(), err.read_text)
                assert "#ops is another room now; joined anew.\n" in err.read_text()
                pipe.stdin.write(b"three\nfour\n")
                pipe.stdin.flush()
                eventually(lambda: heard() == ["one", "two", "three", "four"], out.read_text)
                pipe.stdin.close()
                assert pipe.wait(30) == 0
            finally:
                pipe.kill()
                tail.kill()


class ExitTests:
    def test_nothing_listens(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        listener.close()
        ended = client(port)
        assert ended.returncode == 3
        assert b"Nothing listens on localhost:" in ended.stderr

    @pytest.mark.parametrize(
        ("first", "guess"),
        [
            (b"SSH-2.0-OpenSSH_9.6\r\n", b"ssh"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"a web server"),
            (b":irc.example NOTICE * :*** Hello\r\n", b"an IRC server"),
        ],
    )
    def test_another_protocol_answers(self, listener: socket.socket, first: bytes, guess: bytes) -> None:
        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.sendall(first)
                peer.recv(100)

        answering = threading.Thread(target=answer)
        answering.start()
        ended = client(listener.getsockname()[1])
        answering.join()
        assert ended.returncode == 4
        assert b"is not tcpchat (it looks like " + guess + b")." in ended.stderr

    def test_a_host_that_was_mistyped(self) -> None:
        ended = subprocess.run(
            [*CLIENT, "locahost"], env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        assert ended.returncode == 2
        assert b'Cannot find the computer "locahost". Did you mean localhost?' in ended.stderr

    def test_wrong_usage(self) -> None:
        assert client(0).returncode == 64

    def test_a_pipe_needs_no_line_editor(self) -> None:
        loaded = "import sys, twistedchat.client.__main__; sys.exit('prompt_toolkit' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", loaded], env=environment(), check=False).returncode == 0


class Classroom:
    """The tutorial's own server, in its own few lines."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.names: list[bytes] = []
        self.heard: list[bytes] = []

    def serve_one(self) -> None:
        peer, _ = self.listening.accept()
        with peer:
            peer.send(b"NICK")
            self.names.append(peer.recv(1024))
            peer.send(self.names[-1] + b" joined!")
            peer.send(b"Connected to server!")
            while message := peer.recv(1024):
                self.heard.append(message)
                peer.send(message)


class TutorialTests:
    def test_the_tutorials_own_server_understands_it(self, listener: socket.socket) -> None:
        room = Classroom(listener)
        serving = threading.Thread(target=room.serve_one)
        serving.start()
        spoken = client(listener.getsockname()[1], "--tutorial", "--nick", "bob", text="one\ntwö\n".encode())
        serving.join()
        assert (room.names, room.heard) == ([b"bob"], [b"bob: one", b"bob: tw?"])
        assert spoken.returncode == 0
        assert b"Connected to server!" in spoken.stdout
        assert spoken.stdout.endswith(b"bob: one\nbob: tw?\n")

    def test_our_daemon_takes_it_for_the_tutorials_client(self, daemon: Daemon) -> None:
        spoken = client(daemon.port, "--tutorial", "--nick", "zed", text=b"one\ntwo\n")
        assert spoken.returncode == 0
        eventually(lambda: tail(daemon.port, 2) == ["one", "two"], spoken.stdout.decode)
