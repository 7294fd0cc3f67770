# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""X.509 certificates: what is public about them. Keys are never parsed, and dropped where they come along."""

from __future__ import annotations

import base64
import datetime
import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography import x509

_BEGIN = "-----BEGIN CERTIFICATE-----"
# Up to the next line of dashes: looked for beyond it, thousands of beginnings without an end would take hours.
_BLOCK = re.compile(_BEGIN + r"(?:(?!-----).)*-----END CERTIFICATE-----", re.S)


class CertificateError(ValueError):
    """The text holds no certificate that can be read."""


def load(text: str) -> list[x509.Certificate]:
    """Load every certificate in a PEM text, in order."""
    from cryptography import x509

    blocks = _BLOCK.findall(text)
    if not blocks:
        raise CertificateError("no certificate in it")
    if len(blocks) != text.count(_BEGIN):
        raise CertificateError("not a certificate: one begins and does not end")
    try:
        return [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateError(f"not a certificate: {error}") from None


def describe(text: str) -> list[dict[str, Any]]:
    """Describe every certificate in a PEM text, in order, with what its strength and its names are judged by."""
    return [{**described(one), **_judged(one)} for one in load(text)]


def described(certificate: x509.Certificate) -> dict[str, Any]:
    """Describe one. Names and times are parsed when they are asked for: what is damaged in them shows here as well."""
    from cryptography.hazmat.primitives import hashes

    try:
        return {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "not_before": _text(certificate.not_valid_before_utc),
            "not_after": _text(certificate.not_valid_after_utc),
            "ca": _authority(certificate),
            "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        }
    except (ValueError, TypeError) as error:
        # TypeError: a name whose text is no text.
        raise CertificateError(f"not a certificate: {error}") from None


def _judged(certificate: x509.Certificate) -> dict[str, Any]:
    kind, size = key(certificate)
    return {
        "key": f"{kind} {size}" if kind else "unknown",
        "signature": _hash(certificate),
        # A root's own signature proves nothing, and is not asked for.
        "self_signed": certificate.subject == certificate.issuer,
        **_names(certificate),
    }


def key(certificate: x509.Certificate) -> tuple[str | None, int | None]:
    """Return kind and size of the public key; (None, None) of one that nobody knows."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    try:
        public = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None, None
    if isinstance(public, (rsa.RSAPublicKey, dsa.DSAPublicKey)):
        return "RSA" if isinstance(public, rsa.RSAPublicKey) else "DSA", public.key_size
    if isinstance(public, ec.EllipticCurvePublicKey):
        return "EC", public.key_size
    fixed = {ed25519.Ed25519PublicKey: ("Ed25519", 256), ed448.Ed448PublicKey: ("Ed448", 456)}
    return next((named for known, named in fixed.items() if isinstance(public, known)), (None, None))


def _hash(certificate: x509.Certificate) -> str:
    """Return what was hashed with before it was signed; `none` where the signature needs no hash."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return "unknown"
    return algorithm.name if algorithm else "none"


def _names(certificate: x509.Certificate) -> dict[str, list[str] | None]:
    """Return hosts and URIs, and addresses, that it is for; None where that cannot be read."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return {"names": [], "addresses": []}
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return {"names": None, "addresses": None}
    return {
        "names": [str(one.value) for one in names if isinstance(one, (x509.DNSName, x509.UniformResourceIdentifier))],
        "addresses": [str(one.value) for one in names if isinstance(one, x509.IPAddress)],
    }


def _authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False


def describe_base64(text: str) -> list[dict[str, Any]]:
    """Describe certificates of a Kubernetes object's base64 field."""
    return describe(decoded(text))


def decoded(text: str) -> str:
    """Return the text of a Kubernetes object's base64 field."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        # Not base64, not a text in it, or no text that could be base64.
        raise CertificateError("not base64 of a text") from None


def remaining(described: dict[str, Any], now: str) -> datetime.timedelta:
    """Return how long a certificate is still valid; negative when it has ended."""
    return moment(described["not_after"]) - moment(now)


def lifetime(described: dict[str, Any]) -> datetime.timedelta:
    return moment(described["not_after"]) - moment(described["not_before"])


@functools.lru_cache(maxsize=4096)
def moment(text: str) -> datetime.datetime:
    """Parse an RFC 3339 time."""
    parsed = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.timezone.utc)


def _text(time: datetime.datetime) -> str:
    return f"{time.isoformat()[:19]}Z"
