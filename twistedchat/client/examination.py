"""Whether the system's roots vouch for the host at the other end of a TLS connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions, platformTrust
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.protocols.tls import TLSMemoryBIOProtocol


@implementer(IOpenSSLClientConnectionCreator)
class Examination:
    """Makes the TLS connection of one attempt, and finds out whether the system's roots vouch for a host.

    The handshake goes on where they do not, so that the certificate can be seen.
    """

    def __init__(self, host: str, options: CertificateOptions) -> None:
        self._host = host.rstrip(".").partition("%")[0]
        self._by_address = isIPAddress(self._host) or isIPv6Address(self._host)
        self._name = b"" if self._by_address else _server_name(self._host)
        self._chained = False
        self._context = options.getContext()
        self._context.set_options(SSL.OP_NO_RENEGOTIATION)
        self._flawless = True
        self._context.set_verify(SSL.VERIFY_PEER, self._verified)

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Make a connection that says which host it wants."""
        del tlsProtocol
        connection = SSL.Connection(self._context, None)
        if self._name:
            connection.set_tlsext_host_name(self._name)
        return connection

    def vouched(self, connection: SSL.Connection) -> bool:
        """Tell whether the chain of certificates is good, and is that host's."""
        if not (self._chained and self._flawless and (self._name or self._by_address)):
            return False
        try:
            (verify_ip_address if self._by_address else verify_hostname)(connection, self._host)
        except (VerificationError, CertificateError):
            return False
        return True

    def _verified(self, _connection: object, _certificate: object, _error: int, depth: int, good: int) -> bool:
        self._flawless = self._flawless and bool(good)
        self._chained = self._chained or depth == 0
        return True


def _server_name(host: str) -> bytes:
    """Return a name as certificates have it, or nothing for one that none can have."""
    try:
        name: bytes = DNS_ID(host).hostname
    except ValueError:
        return b""
    return name


def system_roots() -> CertificateOptions:
    """Trust whom this computer's system trusts, by TLS 1.2 or newer."""
    return CertificateOptions(trustRoot=platformTrust())


def fingerprint_of(connection: SSL.Connection) -> str:
    """Return the SHA-256 of the peer's certificate as the server shows it at its start."""
    certificate = connection.get_peer_certificate(as_cryptography=True)
    return "" if certificate is None else certificate.fingerprint(SHA256()).hex(":").upper()
