"""The server's certificate."""

from __future__ import annotations

import hashlib
import ssl
import stat
from typing import TYPE_CHECKING

import pytest

from twistedchat.tls import CERTIFICATE, KEY, ServerContext, TlsError, make_certificate

if TYPE_CHECKING:
    from pathlib import Path


def _take_anothers_key(folder: Path) -> None:
    make_certificate(folder / "other", "x")
    (folder / "other" / KEY).rename(folder / KEY)


class CertificateTests:
    """One that it makes for itself, and those that it is given."""

    def test_own_certificate_is_made_once(self, tmp_path: Path) -> None:
        """Its fingerprint is what people trust, so it stays; only we may read the key."""
        folder = tmp_path / "tls"
        make_certificate(folder, "bee")
        first = ServerContext(folder).fingerprint
        make_certificate(folder, "bee")
        assert ServerContext(folder).fingerprint == first
        assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600
        encoded = ssl.PEM_cert_to_DER_cert((folder / CERTIFICATE).read_text())
        assert hashlib.sha256(encoded).hexdigest() == first.replace(":", "").lower()

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda folder: (folder / KEY).unlink(), "there is no key.pem"),
            (lambda folder: (folder / CERTIFICATE).unlink(), "there is no cert.pem"),
            (lambda folder: (folder / CERTIFICATE).write_text("x"), "do not belong together"),
            (_take_anothers_key, "do not belong together"),
        ],
    )
    def test_unusable_certificate_is_a_clear_error(self, tmp_path: Path, spoil: object, why: str) -> None:
        """It says which file, and what to do."""
        folder = tmp_path / "tls"
        make_certificate(folder, "bee")
        assert callable(spoil)
        spoil(folder)
        with pytest.raises(TlsError, match=why):
            ServerContext(folder)
