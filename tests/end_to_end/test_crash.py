"""The daemon is killed in the middle of talk, and started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.peers import Peer, Program, spoken
from tests.end_to_end.talkers import Listener, Writer, all_talk, check, history

if TYPE_CHECKING:
    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Json, Meet

KILLS = 4


class CrashTests:
    """``kill -9``."""

    def test_nothing_that_was_seen_is_lost(self, daemon: Daemon, meet: Meet) -> None:
        """Killed again and again: all that was acked or shown is there, once, in the order in which it was seen.

        Whoever comes back with their session's secret and repeats what was not
        acknowledged has everything said once in the end.
        """
        writers = [meet(Writer(f"writer{number}", daemon.port)) for number in range(3)]
        for kill in range(KILLS):
            before = len(history(daemon.port))
            listener = Listener("listener", daemon.port)
            threads = all_talk(writers, 10 + 40 * kill)
            daemon.kill()
            for thread in threads:
                thread.join()
            listener.close()
            assert daemon.sound()
            daemon.start()
            stored = history(daemon.port)
            check(stored, writers)
            heard = spoken(listener.person.lines)
            assert heard, "no traffic"
            live = [(event["nick"], event["text"]) for event in stored[before:]]
            assert heard == live[: len(heard)]
        for writer in writers:
            writer.come_back()
        stored = history(daemon.port)
        check(stored, writers)
        assert {event["text"] for event in stored} == {text for writer in writers for text in writer.sent.values()}

    def test_repeated_cid_is_known_after_a_restart(self, daemon: Daemon, meet: Meet) -> None:
        """The same session's repeat gets the first acknowledgement again, marked, and nobody sees it twice."""
        ann = meet(Program(daemon.port))
        ann.enters("ann")
        first = ann.answer("say", room="#lobby", text="only once", cid="c1")
        daemon.kill()
        daemon.start()
        bob, back = meet(Peer(daemon.port)), meet(Program(daemon.port))
        bob.enters("bob")
        back.enters("ann", ann.session)
        again = back.answer("say", room="#lobby", text="only once", cid="c1")
        assert again["dup"] is True
        assert (again["seq"], again["id"], again["at"]) == (first["seq"], first["id"], first["at"])
        back.answer("say", room="#lobby", text="new", cid="c2")
        assert bob.sees("ann: new")[-1] == "ann joined!"
        assert [event["text"] for event in history(daemon.port)] == ["only once", "new"]

    def test_same_cid_of_somebody_else_is_new(self, daemon: Daemon, meet: Meet) -> None:
        """A cid counts within its guest: another guest's is another message."""
        ann, bob = meet(Program(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.answer("say", text="of ann", cid="c1")
        assert "dup" not in bob.answer("say", text="of bob", cid="c1")

    def test_name_is_held_over_a_crash(self, daemon: Daemon, meet: Meet) -> None:
        """Nobody else can take the name of a program that is about to come back."""
        ann = meet(Program(daemon.port))
        ann.enters("ann")
        daemon.kill()
        daemon.start()
        thief = meet(Program(daemon.port))
        refusal = thief.hello("ann")
        assert (refusal["ev"], refusal["code"], refusal["suggest"]) == ("error", "nick_taken", "ann2")
        back = meet(Program(daemon.port))
        assert back.hello("ann", ann.session)["nick"] == "ann"

    def test_resume_brings_what_was_missed(self, daemon: Daemon, meet: Meet) -> None:
        """A reader that comes back with its cursor hears all that it missed, and nothing twice."""
        ann, reader = meet(Program(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        reader.enters("reader")
        for number in range(300):
            ann.asks("say", text=f"before {number}")
        cursor = reader.hears(ev="said", text="before 99")["seq"]
        reader.close()
        for number in range(300):
            ann.asks("say", text=f"after {number}")
        ann.hears(ev="ack", seq=600)
        daemon.kill()
        daemon.start()
        back = meet(Program(daemon.port))
        back.enters("reader", reader.session, after=cursor)
        assert [event["seq"] for event in back.events if event["ev"] == "said"] == list(range(101, 601))

    def test_cursor_of_the_future_is_refused(self, daemon: Daemon, meet: Meet) -> None:
        """A cursor beyond what is stored is an error, not silence."""
        ann = meet(Program(daemon.port))
        ann.hello("ann")
        assert ann.answer("join", room="#lobby", after=7)["code"] == "cursor_ahead"


class CheckTests:
    """What the test above looks with does see."""

    def _talk(self) -> tuple[list[Json], Writer]:
        writer = Writer("ann", 0)
        stored: list[Json] = []
        for seq in (1, 2, 3):
            place = {"seq": seq, "id": seq, "at": "noon"}
            stored.append({"ev": "said", "nick": "ann", "text": f"text {seq}", **place})
            writer.sent[f"c{seq}"] = f"text {seq}"
            writer.acked[f"c{seq}"] = {"ev": "ack", **place}
        writer.shown = [[event.copy() for event in stored]]
        return stored, writer

    def test_honest_server(self) -> None:
        """Without a fault there is no complaint."""
        stored, writer = self._talk()
        check(stored, [writer])

    def test_lost(self) -> None:
        """Something acked that is not stored is found."""
        stored, writer = self._talk()
        with pytest.raises(LookupError):
            check(stored[:2], [writer])

    def test_phantom(self) -> None:
        """Something shown that is not stored is found."""
        stored, writer = self._talk()
        del writer.acked["c3"]
        with pytest.raises(LookupError):
            check(stored[:2], [writer])

    def test_altered(self) -> None:
        """Something that is stored otherwise than it was shown is found."""
        stored, writer = self._talk()
        stored[0]["at"] = writer.acked["c1"]["at"] = "midnight"
        with pytest.raises(AssertionError, match="not what is stored"):
            check(stored, [writer])

    def test_duplicated(self) -> None:
        """Something that is stored twice is found."""
        stored, writer = self._talk()
        with pytest.raises(AssertionError):
            check([*stored, {**stored[0], "seq": 4, "id": 4}], [writer])

    @pytest.mark.parametrize("seen", [[0, 2], [0, 1, 1], [1, 0, 2]], ids=["missed", "repeated", "disorder"])
    def test_seen_otherwise(self, seen: list[int]) -> None:
        """A reader who misses something, sees it twice or in another order is found."""
        stored, writer = self._talk()
        writer.shown = [[stored[at] for at in seen]]
        with pytest.raises(AssertionError, match="a hole, twice or in another order"):
            check(stored, [writer])

    def test_unfair(self) -> None:
        """A writer's own order that is broken is found."""
        stored, writer = self._talk()
        writer.sent = dict(reversed(writer.sent.items()))
        with pytest.raises(AssertionError, match="another order"):
            check(stored, [writer])
