"""Connecting to a server, and connecting again."""

from collections.abc import Callable
from contextlib import suppress
from random import random

from twisted.application.internet import ClientService
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure
from zope.interface import implementer

from twistedchat.client.exits import NOT_WELCOME, FatalError, Place, cannot_connect, no_answer, not_tcpchat
from twistedchat.client.protocol import JsonClientProtocol
from twistedchat.client.secure import SecureEndpoint
from twistedchat.client.session import Session
from twistedchat.client.ways import Way
from twistedchat.client.wire import Anything, Hello

_FIRST_DELAY = 1.0
_FACTOR = 1.7
LONGEST_DELAY = 30.0
_JITTER = 0.25
_GOODBYE_SECONDS = 2.0


class ClientFactory(Factory):
    """Builds the protocol of each new connection."""

    noisy = False

    def __init__(self, build: Callable[[], JsonClientProtocol]) -> None:
        self._build = build

    def buildProtocol(self, addr: object) -> JsonClientProtocol:
        """Build one."""
        del addr
        return self._build()


@implementer(IPushProducer)
class Link:
    """Keeps a session supplied with connections.

    The first one must succeed and must lead to a tcpchat server, or the session
    fails with the reason. From then on a broken one is replaced, after 1 s at
    first, up to ``longest`` seconds apart, and never earlier than the server asked for.
    """

    def __init__(
        self,
        place: Place,
        endpoint: IStreamClientEndpoint,
        session: Session,
        clock: IReactorTime,
        jitter: Callable[[], float] = random,
        longest: float = LONGEST_DELAY,
    ) -> None:
        self.way = Way()
        """How the server was reached last."""
        self._place = place
        self._secure = endpoint if isinstance(endpoint, SecureEndpoint) else None
        if self._secure is not None:
            self._secure.refused = self._refused
        self._session = session
        self._clock = clock
        self._jitter = jitter
        self._longest = longest
        self._pause = _FIRST_DELAY
        self._paused = False
        self._connection: JsonClientProtocol | None = None
        self._leaving: list[Deferred[None]] = []
        factory = ClientFactory(lambda: JsonClientProtocol(self, clock))
        self._service = ClientService(endpoint, factory, self._delay, clock)
        session.wants_connection = self._connect_again

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self.way.private

    def trust(self) -> str:
        """Trust the certificate that is unknown so far; return why that cannot be kept, or nothing."""
        return "" if self._secure is None else self._secure.keep()

    def start(self) -> None:
        """Connect for the first time; see ``Session.contact`` for what comes of it."""
        self._service.startService()
        self._service.whenConnected(failAfterFailures=1).addErrback(self._not_connected)

    async def leave(self, why: str = "") -> None:
        """Say goodbye, and why, close, and connect no more; returns when that is done, after 2 s at most.

        Whoever is cancelled meanwhile waits all the same: what is not said in the end keeps the name.
        """
        self._session.leave(why)
        if self._connection is not None:
            alarm = self._clock.callLater(_GOODBYE_SECONDS, self._connection.drop)
            while self._connection is not None:
                over: Deferred[None] = Deferred()
                self._leaving.append(over)
                with suppress(CancelledError):
                    await over
            if alarm.active():
                alarm.cancel()
        await self._service.stopService()

    def pauseProducing(self) -> None:
        """Read no more: what has been heard cannot be printed fast enough."""
        self._paused = True
        if self._connection is not None:
            self._connection.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again."""
        self._paused = False
        if self._connection is not None:
            self._connection.resumeProducing()

    def stopProducing(self) -> None:
        """Read on: whoever printed is gone, which is told elsewhere."""
        self.resumeProducing()

    @property
    def source(self) -> IPushProducer | None:
        """What the session wants paused while the network is slow."""
        return self._session.source

    def connected(self, connection: JsonClientProtocol) -> None:
        """Hand a connection to the session."""
        self.way = Way(near=connection.same_computer) if self._secure is None else self._secure.way
        self._connection = connection
        if self._paused:
            connection.pauseProducing()
        self._session.connected(connection)

    def received(self, event: Anything) -> None:
        """Hand an event to the session."""
        if isinstance(event, Hello):
            self._pause = _FIRST_DELAY
        self._session.received(event)

    def disconnected(self, connection: JsonClientProtocol) -> None:
        """Find out what a broken connection means: the wrong server, or only a pause."""
        self._connection = None
        self._leaving, leaving = [], self._leaving
        for over in leaving:
            over.callback(None)
        if not self._session.contact.called:
            self._session.fail(self._why_no_contact(connection))
        self._session.disconnected(connection)
        if self._session.parked and self._service.running:
            self._service.stopService()

    def _why_no_contact(self, connection: JsonClientProtocol) -> FatalError:
        head = connection.head.strip()
        if head.startswith(b"! "):
            return FatalError(NOT_WELCOME, head[2:].splitlines()[0].decode("utf-8", "replace"))
        if connection.timed_out and not head:
            return no_answer(self._place)
        return not_tcpchat(self._place, head)

    def _not_connected(self, why: Failure) -> None:
        if why.value is not None and not why.check(CancelledError, FatalError):
            self._refused(cannot_connect(why.value, self._place))

    def _refused(self, why: FatalError) -> None:
        # a ClientService cannot be stopped from within its own news
        self._clock.callLater(0, self._give_up, why)

    def _give_up(self, why: FatalError) -> None:
        self._service.stopService()
        self._session.fail(why)

    def _connect_again(self) -> None:
        if not self._service.running:
            self._service.startService()

    def _delay(self, attempt: int) -> float:
        del attempt
        delay = max(self._pause, self._session.retry_hint) * (1 + _JITTER * self._jitter())
        self._pause = min(self._pause * _FACTOR, self._longest)
        if not self._session.parked:
            self._session.listener.retrying(delay)
        return delay
