"""The daemon is asked to end."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.peers import Netcat, Peer, Program, spoken
from tests.end_to_end.talkers import Listener, Writer, all_talk, check, history

if TYPE_CHECKING:
    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Meet

GOODBYE = "! The server is going down. Come again."


class StoppingTests:
    """SIGTERM and Ctrl-C."""

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    def test_in_the_middle_of_talk(self, daemon: Daemon, meet: Meet, how: signal.Signals) -> None:
        """What was read is stored, what is stored is acknowledged, everybody is told, and it ends by the signal."""
        listener = meet(Listener("listener", daemon.port))
        writers = [meet_writer(meet, f"writer{number}", daemon.port) for number in range(3)]
        threads = all_talk(writers, 50)
        assert daemon.stop(how) == -how
        for thread in threads:
            thread.join()
        listener.person.waits(lambda person: person.ended, "the end")
        daemon.start()
        stored = history(daemon.port)
        check(stored, writers)
        texts = {event["text"] for event in stored}
        for writer in writers:
            assert writer.refused == []
            assert {writer.sent[cid] for cid in writer.acked} == texts & set(writer.sent.values())
            assert (writer.last["ev"], writer.last["code"], writer.last["retry"]) == ("bye", "restarting", 3)
        assert listener.person.lines[-1] == GOODBYE
        assert spoken(listener.person.lines) == [(event["nick"], event["text"]) for event in stored]

    def test_last_words_are_stored(self, daemon: Daemon, meet: Meet) -> None:
        """What a person typed before the signal, and the daemon had read, is there after a restart."""
        ann = meet(Peer(daemon.port))
        ann.enters("ann")
        bob = meet(Peer(daemon.port))
        bob.enters("bob")
        ann.types(*(f"line {number}" for number in range(500)))
        bob.sees("ann: line 0")
        daemon.stop()
        bob.ends()
        heard = [line for line in bob.lines if line.startswith("ann: ")]
        daemon.start()
        assert [f"ann: {event['text']}" for event in history(daemon.port)] == heard
        assert heard == [f"ann: line {number}" for number in range(len(heard))]

    def test_everybody_is_told(self, daemon: Daemon, meet: Meet) -> None:
        """People on every kind of connection see why it ends, and the log says how many were told."""
        netcat, person, program = meet(Netcat(daemon.port)), meet(Peer(daemon.port)), meet(Program(daemon.port))
        nameless = meet(Peer(daemon.port))
        nameless.shows("NICK> ")
        netcat.enters("netcat")
        person.enters("person")
        program.enters("program")
        daemon.stop()
        for peer in (netcat, person, nameless):
            peer.shows(GOODBYE)
        assert program.hears(ev="bye")["code"] == "restarting"
        assert "told 4 people, stored everything, bye\n" in daemon.out

    def test_pressed_twice(self, daemon: Daemon, meet: Meet) -> None:
        """A second Ctrl-C while it is ending changes nothing, and shows no traceback."""
        deaf = meet(Peer(daemon.port, buffer=4096))
        deaf.enters("deaf")
        ann = meet(Peer(daemon.port))
        ann.enters("ann")
        os.kill(daemon.pid, signal.SIGINT)
        ann.sees(GOODBYE)
        assert daemon.stop(signal.SIGINT) == -signal.SIGINT
        assert "stored everything, bye" in daemon.out

    def test_whoever_does_not_read_delays_the_end_a_little_only(self, daemon: Daemon, meet: Meet) -> None:
        """It ends though somebody never reads their goodbye."""
        sloth, ann = meet(Peer(daemon.port, buffer=4096)), meet(Peer(daemon.port))
        sloth.enters("sloth")
        ann.enters("ann")
        ann.types(*("x" * 3000 for _ in range(200)), "/who")
        ann.shows("-- #lobby")
        assert daemon.stop() == -signal.SIGTERM

    def test_database_stands_alone_afterwards(self, daemon: Daemon, meet: Meet) -> None:
        """After a clean end everything is in the one file: whoever copies it has it all."""
        ann = meet(Program(daemon.port))
        ann.enters("ann")
        ann.answer("say", text="keep this")
        daemon.stop()
        for ending in ("-wal", "-shm"):
            daemon.database.with_name(daemon.database.name + ending).unlink(missing_ok=True)
        daemon.start()
        assert [event["text"] for event in history(daemon.port)] == ["keep this"]


def meet_writer(meet: Meet, nick: str, port: int) -> Writer:
    """A writer that is closed when the test is over."""
    return meet(Writer(nick, port))
