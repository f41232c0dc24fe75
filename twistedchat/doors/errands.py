"""What one visit does that takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from twistedchat.chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from twisted.python.failure import Failure

    from twistedchat.chat.events import Ref
    from twistedchat.chat.session import Session
    from twistedchat.doors.line import ChatProtocol


class Errands:
    """One at a time, each after what was sent before it has settled; meanwhile nothing more is read of the peer."""

    __slots__ = ("_all_settled", "_connection")

    def __init__(self, connection: ChatProtocol) -> None:
        self._connection = connection
        self._all_settled: Deferred[None] | None = None

    def begin(
        self, work: Coroutine[Deferred[object], object, None], session: Session | None, ref: Ref | None
    ) -> None:
        """Do `work` when what the session has sent has settled, unless it is over by then."""
        self._connection.intake.hold("request")
        done = Deferred.fromCoroutine(self._after_settling(work, session))
        done.addErrback(self._failed, ref)
        done.addBoth(lambda _: self._connection.intake.release("request"))

    async def _after_settling(self, work: Coroutine[Deferred[object], object, None], session: Session | None) -> None:
        if session is not None and session.unsettled:
            self._all_settled = Deferred()
            await self._all_settled
        if session is not None and session.gone:
            work.close()
            return
        await work

    def _failed(self, failure: Failure, ref: Ref | None) -> None:
        """Put a refusal into words; what nobody foresaw costs this connection, and never the chat."""
        if isinstance(failure.value, ChatError):
            self._connection.voice.answer(failure.value, ref)
        else:
            self._connection.failed(failure)

    def go_on(self) -> None:
        """Begin, in the next turn, with what waited for earlier messages to settle."""
        clock = self._connection.factory.clock
        if self._all_settled is not None:
            waiting, self._all_settled = self._all_settled, None
            clock.callLater(0, waiting.callback, None)
        if self._connection.eof:
            clock.callLater(0, self._connection.idle)
