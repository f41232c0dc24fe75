"""Certificates that somebody vouches for, made for a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from twisted.internet.ssl import Certificate, CertificateOptions, trustRootFromCertificates

from twistedchat.tls import CERTIFICATE, KEY, ServerContext

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """Whoever signs certificates, and may be a root of a system."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        self._name = _name("An authority")
        self.certificate = (
            _begin(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def roots(self) -> CertificateOptions:
        """A system that trusts it, and nobody else."""
        return CertificateOptions(trustRoot=trustRootFromCertificates([Certificate.loadPEM(self.pem)]))

    def certifies(self, folder: Path, *hosts: str, days: int = 1) -> ServerContext:
        """Put a certificate for some hosts, good for so many days, into a folder, with its key."""
        key = generate_private_key(SECP256R1())
        names = [_general_name(host) for host in hosts]
        certificate = (
            _begin(_name(hosts[0]), self._name, key, days)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, SHA256())
        )
        folder.mkdir(exist_ok=True)
        (folder / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM) + self.pem)
        (folder / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return ServerContext(folder)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=10),
        now + timedelta(days=days),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
