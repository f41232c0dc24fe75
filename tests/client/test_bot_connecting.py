from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.task import Clock

from tests.client.helpers import FakeLink, outcome
from twistedchat.client import FatalError, LeftError, RefusedError, UnansweredError, connect
from twistedchat.client.chat import LAST_SECONDS, Chat
from twistedchat.client.connecting import Arrival, Connecting
from twistedchat.client.exits import NOT_PRIVATE, Place
from twistedchat.client.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


class FakeReactor(Clock):
    """A clock that can be stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.triggers: list[Callable[[], Deferred[None]]] = []

    def addSystemEventTrigger(self, phase: str, event: str, call: Callable[[], Deferred[None]]) -> object:
        assert (phase, event) == ("before", "shutdown")
        self.triggers.append(call)
        return call

    def removeSystemEventTrigger(self, trigger: Callable[[], Deferred[None]]) -> None:
        self.triggers.remove(trigger)


class Visit:
    """A bot that comes in, does what the test wants, and goes."""

    def __init__(self, path: Path | None = None, *, private: bool = True, anyhow: bool = False) -> None:
        self.reactor = FakeReactor()
        self.notebook = Notebook(path, maybeDeferred)
        self.chat = Chat(self.notebook)
        self.link = FakeLink(self.chat.session, private=private)
        arrival = Arrival(Place("h", 55555), "bot", "sesame", anyhow=anyhow)
        self._connecting = Connecting(self.reactor, self.chat, self.link, self.notebook, arrival)  # type: ignore[arg-type]

    def begins(self, body: Callable[[Chat], Awaitable[object]]) -> Deferred[None]:
        return Deferred.fromCoroutine(self._run(body))

    def is_in(self, body: Callable[[Chat], Awaitable[object]]) -> Deferred[None]:
        """Have it come into the room #ops before it does anything."""

        async def joined(chat: Chat) -> None:
            await chat.join("#ops")
            await body(chat)

        done = self.begins(joined)
        self.link.now.answers("ping", ev="pong", n=0)
        self.link.now.welcomes("bot")
        self.link.now.lets_in(room="#ops")
        return done

    async def _run(self, body: Callable[[Chat], Awaitable[object]]) -> None:
        async with self._connecting as chat:
            await body(chat)


async def nothing(_: Chat) -> None:
    pass


class ComingTests:
    def test_it_shows_its_password_and_its_session(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text('{"session":"old"}')
        visit = Visit(tmp_path / "state")
        visit.begins(nothing)
        visit.link.now.answers("ping", ev="pong", n=0)
        hello = visit.link.now.last("hello")
        assert (hello["nick"], hello["token"], hello["session"], hello["bot"]) == ("bot", "sesame", "old", True)

    def test_a_server_that_is_not_there_is_fatal(self) -> None:
        visit = Visit()
        done = visit.begins(nothing)
        visit.chat.session.fail(FatalError(3, "Nothing listens there."))
        assert str(outcome(done)) == "Nothing listens there."
        assert visit.reactor.triggers == []

    def test_a_name_that_cannot_be_had_is_a_refusal(self) -> None:
        visit = Visit()
        done = visit.begins(nothing)
        visit.link.now.answers("ping", ev="pong", n=0)
        visit.link.now.answers("hello", ev="error", code="nick_taken", text="bot is here already.", suggest="bot2")
        why = outcome(done)
        assert isinstance(why, RefusedError)
        assert (why.code, why.suggest) == ("nick_taken", "bot2")
        assert visit.link.now.ops()[-1] == "bye"
        assert isinstance(outcome(visit.chat.say("#ops", "x")), LeftError)

    @pytest.mark.parametrize(("anyhow", "status"), [(False, NOT_PRIVATE), (True, None)])
    def test_where_others_can_read_it_says_nothing_unasked(self, anyhow: bool, status: int | None) -> None:  # noqa: FBT001
        visit = Visit(private=False, anyhow=anyhow)
        done = visit.begins(nothing)
        visit.link.now.answers("ping", ev="pong", n=0)
        assert getattr(outcome(done), "status", None) == status
        assert bool(visit.link.now.asked("hello")) is anyhow

    def test_a_state_that_cannot_be_kept_is_fatal(self, tmp_path: Path, logged_errors: list[object]) -> None:
        visit = Visit(tmp_path / "nowhere" / "state")
        done = visit.begins(nothing)
        visit.link.now.answers("ping", ev="pong", n=0)
        visit.link.now.welcomes("bot")
        assert isinstance(outcome(done), FatalError)
        assert "Cannot keep the state" in str(outcome(done))
        assert len(logged_errors) == 1

    def test_a_state_that_is_damaged_is_fatal_before_anything_is_sent(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("{")
        visit = Visit(tmp_path / "state")
        assert isinstance(outcome(visit.begins(nothing)), FatalError)
        assert visit.link.connections == []

    def test_it_may_be_called_off(self) -> None:
        visit = Visit()
        done = visit.begins(nothing)
        done.cancel()
        assert isinstance(outcome(done), CancelledError)
        assert visit.link.now.ops()[-1] == "bye"


class GoingTests:
    def test_it_says_goodbye(self) -> None:
        visit = Visit()
        done = visit.is_in(nothing)
        assert done.called
        assert visit.link.now.ops()[-1] == "bye"
        assert visit.reactor.triggers == []
        assert visit.reactor.getDelayedCalls() == []

    def test_it_waits_for_what_was_said(self) -> None:
        visit = Visit()

        async def says(chat: Chat) -> None:
            chat.say("#ops", "hello")

        done = visit.is_in(says)
        assert not done.called
        assert visit.link.now.ops()[-1] == "say"
        visit.link.now.acks(visit.link.now.last("say"))
        assert outcome(done) is None
        assert done.called
        assert visit.link.now.ops()[-1] == "bye"

    def test_but_not_for_ever(self) -> None:
        visit = Visit()

        async def says(chat: Chat) -> None:
            self.answers = [chat.say("#ops", text) for text in ("one", "two")]

        done = visit.is_in(says)
        visit.reactor.advance(LAST_SECONDS)
        why = outcome(done)
        assert isinstance(why, UnansweredError)
        assert why.count == 2
        assert str(why) == "2 things that were said are not known to be stored: the server did not answer in 30 s."
        assert all(isinstance(outcome(answer), LeftError) for answer in self.answers)
        assert visit.chat.session.ended

    def test_what_it_only_asked_for_is_not_waited_for(self) -> None:
        visit = Visit()

        async def asks(chat: Chat) -> None:
            chat.session.sends.submit({"op": "history", "room": "#ops"}).addErrback(lambda _: None)

        assert visit.is_in(asks).called

    def test_with_an_exception_it_does_not_wait(self) -> None:
        visit = Visit()

        async def fails(chat: Chat) -> None:
            chat.say("#ops", "hello").addErrback(lambda _: None)
            raise ZeroDivisionError

        assert isinstance(outcome(visit.is_in(fails)), ZeroDivisionError)
        assert visit.link.now.ops()[-1] == "bye"

    @pytest.mark.parametrize(("fails", "seq"), [(False, 1), (True, 0)])
    def test_what_it_had_at_hand_is_done_unless_it_failed(self, tmp_path: Path, fails: bool, seq: int) -> None:  # noqa: FBT001
        visit = Visit(tmp_path / "state")

        async def reads(chat: Chat) -> None:
            async for _ in chat.room("#ops"):
                if fails:
                    raise ZeroDivisionError
                break

        done = visit.is_in(reads)
        visit.link.now.says({"ev": "said", "room": "#ops", "seq": 1, "nick": "bob", "text": "stop"})
        assert outcome(done) is None or fails
        assert visit.notebook.state.rooms["#ops"].seq == seq

    def test_when_the_reactor_stops_it_says_goodbye(self) -> None:
        visit = Visit()

        async def reads(chat: Chat) -> None:
            async for _ in chat.room("#ops"):
                pass

        done = visit.is_in(reads)
        (trigger,) = visit.reactor.triggers
        stopped = trigger()
        assert visit.link.now.ops()[-1] == "bye"
        assert stopped.called
        assert outcome(done) is None
        assert done.called

    def test_when_the_server_has_ended_it_there_is_nothing_to_wait_for(self) -> None:
        visit = Visit()

        async def reads(chat: Chat) -> None:
            async for _ in chat.room("#ops"):
                pass

        done = visit.is_in(reads)
        visit.link.now.says({"ev": "bye", "code": "banned", "text": "Not until Monday."})
        assert str(outcome(done)) == "Not until Monday."


class ConnectTests:
    def test_it_does_nothing_before_it_is_entered(self, tmp_path: Path) -> None:
        from twisted.internet import reactor  # noqa: PLC0415, TID251 - only to be looked at

        connect(reactor, nick="bot", state=tmp_path / "state")  # type: ignore[arg-type]
        assert list(tmp_path.iterdir()) == []
