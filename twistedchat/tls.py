"""The server's certificate: one that is given, or one that it makes for itself."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLContextFactory
from zope.interface import implementer

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE, KEY = "cert.pem", "key.pem"
"""What the files in a folder with a certificate are called, as certbot has them but for "fullchain"."""
YEARS = 10
"""For how long a certificate of our own making is good; what is trusted is its fingerprint."""


class TlsError(Exception):
    """A certificate or a key that cannot be used; its text says which and why."""

    status = 1


@implementer(IOpenSSLContextFactory)
class ServerContext:
    """TLS 1.2 or newer with the certificate and the key of one folder, without renegotiation or compression."""

    def __init__(self, folder: Path) -> None:
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        self._context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
        try:
            self._context.use_certificate_chain_file(os.fspath(folder / CERTIFICATE))
            self._context.use_privatekey_file(os.fspath(folder / KEY))
            self._context.check_privatekey()
            self.fingerprint = _fingerprint(folder / CERTIFICATE)
        except (SSL.Error, OSError, ValueError) as error:
            missing = [name for name in (CERTIFICATE, KEY) if not (folder / name).is_file()]
            why = f"there is no {missing[0]}" if missing else "cert.pem and key.pem do not belong together"
            raise TlsError(f"no TLS with {folder}: {why}; --tls auto makes both") from error

    def become(self, other: ServerContext) -> None:
        """Be like the other one, from the next handshake on."""
        self._context, self.fingerprint = other._context, other.fingerprint

    def getContext(self) -> SSL.Context:
        """Return what the next handshake is made with."""
        return self._context


def make_certificate(folder: Path, name: str) -> None:
    """Put a self-signed certificate for `name` and its key into `folder`, unless they are there."""
    if (folder / CERTIFICATE).exists() and (folder / KEY).exists():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with open(folder / KEY, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(secret)
    (folder / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))


def _fingerprint(path: Path) -> str:
    """Return the certificate's SHA-256 as ``openssl x509 -fingerprint -sha256`` writes it."""
    return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(SHA256()).hex(":").upper()
