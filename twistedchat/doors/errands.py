"""What visits do that takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from twistedchat.chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from twistedchat.chat.events import Ref
    from twistedchat.chat.session import Session
    from twistedchat.doors.line import ChatProtocol


class Errands:
    """The errands of all visits at one door.

    Of each visit one at a time, after what was sent before it has settled; meanwhile
    nothing more is read of that peer.
    """

    def __init__(self) -> None:
        self._settling: dict[ChatProtocol, Deferred[None]] = {}

    def begin(
        self,
        connection: ChatProtocol,
        work: Coroutine[Deferred[object], object, None],
        session: Session | None,
        ref: Ref | None,
    ) -> None:
        """Do `work` when what the session has sent has settled, unless it is over by then."""
        connection.intake.hold("request")
        Deferred.fromCoroutine(self._do(connection, work, session, ref))

    async def _do(
        self,
        connection: ChatProtocol,
        work: Coroutine[Deferred[object], object, None],
        session: Session | None,
        ref: Ref | None,
    ) -> None:
        try:
            if session is not None and session.unsettled:
                settled = self._settling[connection] = Deferred()
                await settled
            if session is not None and session.gone:
                work.close()
            else:
                await work
        except ChatError as error:
            connection.voice.answer(error, ref)
        except Exception:  # noqa: BLE001 - what nobody foresaw costs this connection, and never the chat
            connection.failed(Failure())
        connection.intake.release("request")

    def go_on(self, connection: ChatProtocol) -> None:
        """Begin, in the next turn, with what waited for this visit's earlier messages to settle."""
        clock = connection.factory.clock
        settled = self._settling.pop(connection, None)
        if settled is not None:
            clock.callLater(0, settled.callback, None)
        if connection.eof:
            clock.callLater(0, connection.idle)
