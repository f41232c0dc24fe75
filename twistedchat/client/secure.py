"""Connections that are TLS wherever others could read along.

From this computer to itself the way is plain, and TLS where the port speaks nothing else.
A ping, sent as plain JSON, finds that out: a server of TLS refuses it at once, with an alert
or by closing, and is tried by TLS then. So a plain server on this computer costs no second
connection. From elsewhere TLS is spoken at once, and a server that has none closes or says so
in its own words; then a ping tries whether it is one of ours. There is nothing to
wait for, but for those who say nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from zope.interface import implementer

from twistedchat.client.examination import Examination, system_roots
from twistedchat.client.exits import FatalError, not_tcpchat
from twistedchat.client.gate import Gate, OtherWayError
from twistedchat.client.ways import Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IProtocol, IProtocolFactory
    from twisted.internet.ssl import CertificateOptions

    from twistedchat.client.trust import Trust


@implementer(IStreamClientEndpoint)
class SecureEndpoint:
    """Connects by another endpoint, by TLS or not, and as far as that is trusted.

    What may not be gone on with is told to ``refused``, and trying again does not help. The
    first way may be one that is not `Way.private`: then somebody is to be asked before more
    than a ping is sent.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        trust: Trust,
        clock: IReactorTime,
        roots: Callable[[], CertificateOptions] = system_roots,
    ) -> None:
        self.way = Way()
        """How the server was reached last."""
        self.refused: Callable[[FatalError], None] = lambda _: None
        self._endpoint = endpoint
        self._trust = trust
        self._clock = clock
        self._roots = roots

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Fire with a protocol of the factory once the way is known; may fail with `FatalError`, too."""
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    def keep(self) -> str:
        """Trust the certificate that is unknown so far; return why that cannot be kept, or nothing."""
        fingerprint, self.way = self.way.unknown, Way(tls=True)
        return self._trust.keep(fingerprint)

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        try:
            return await self._in_either_way(factory)
        except FatalError as why:
            self.refused(why)
            raise

    async def _in_either_way(self, factory: IProtocolFactory) -> IProtocol:
        gate = await self._gate(factory)
        try:
            return await gate.open(tls=None)
        except OtherWayError:
            other = not gate.tls
        gate = await self._gate(factory)
        try:
            return await gate.open(tls=other)
        except OtherWayError as why:
            raise (not_tcpchat(self._trust.place, why.head) if self._trust.first else ConnectionLost()) from None

    async def _gate(self, factory: IProtocolFactory) -> Gate:
        gates = Factory.forProtocol(lambda: Gate(self._trust, self._examine, factory, self._clock, self._goes))
        gates.noisy = False
        gate = await self._endpoint.connect(gates)
        assert isinstance(gate, Gate)  # noqa: S101
        return gate

    def _examine(self) -> Examination:
        return Examination(self._trust.place.host, self._roots())

    def _goes(self, way: Way) -> None:
        self.way = way
        self._trust.gone(way)
