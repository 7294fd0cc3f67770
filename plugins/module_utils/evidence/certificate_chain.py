# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of certificates: each in detail, whether they are in order, and whether the first leads to a trusted authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import certificate
from .certificate import CertificateError

if TYPE_CHECKING:
    from cryptography import x509

_DAY = 86400


def read(text: str, now: str, authorities: str | None = None) -> dict[str, Any]:
    """Describe the certificates of a PEM text at a time; `authorities` is the PEM text of those that are trusted."""
    loaded = certificate.load(text)
    trusted = _authorities(authorities) if authorities is not None else None
    why = None if trusted is None else _distrust(loaded, trusted, now)
    return {
        "certificates": [{**certificate.described(one), **_details(one, now)} for one in loaded],
        # One alone is in no order.
        "in_order": all(map(_issued, loaded, loaded[1:])) if len(loaded) > 1 else None,
        "verified": None if trusted is None else not why,
        "why_not": why,
    }


def distrust(text: str, authorities: str, now: str) -> str | None:
    """Return why the first certificate of a PEM text does not lead to one of these authorities; None when it does."""
    return _distrust(certificate.load(text), _authorities(authorities), now)


def wrong(path: str, found: Mapping[str, Any], now: str, valid_for: float | None) -> list[str]:
    """Say what of a file is not as it is asked for: seconds it has to be valid for, and the authority it was read with."""
    said = []
    for one in found["certificates"] if valid_for is not None else ():
        if certificate.moment(one["not_before"]) > certificate.moment(now):
            said.append(f"{path}: {one['subject']} is not valid before {one['not_before']}")
        elif one["remaining_s"] <= 0:
            said.append(f"{path}: {one['subject']} ended on {one['not_after']}")
        elif one["remaining_s"] < (valid_for or 0):
            said.append(f"{path}: {one['subject']} ends in {_span(one['remaining_s'])}, on {one['not_after']}")
    if found["verified"] is False:
        said.append(f"{path}: {found['why_not']}")
    return said


def _span(seconds: float) -> str:
    return f"{seconds / _DAY:.1f} days" if seconds >= _DAY else f"{seconds / 3600:.1f} hours"


def _authorities(text: str) -> list[x509.Certificate]:
    try:
        return certificate.load(text)
    except CertificateError as error:
        raise CertificateError(f"the authorities: {error}") from None


def _details(one: x509.Certificate, now: str) -> dict[str, Any]:
    kind, size = certificate.key(one)
    return {
        "remaining_s": int(certificate.remaining(certificate.described(one), now).total_seconds()),
        "san": _names(one),
        "key_type": kind,
        "key_size": size,
        "serial": f"{one.serial_number:x}",
        "self_signed": _issued(one, one),
    }


def _names(one: x509.Certificate) -> list[str]:
    """Alternative names as community.crypto writes them."""
    from cryptography import x509

    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise CertificateError(f"its extensions cannot be read: {error}") from None
    kinds: dict[type, str] = {
        x509.DNSName: "DNS",
        x509.IPAddress: "IP",
        x509.UniformResourceIdentifier: "URI",
        x509.RFC822Name: "email",
    }
    return [f"{kinds[type(name)]}:{name.value}" if type(name) in kinds else "other" for name in names]


def _issued(one: x509.Certificate, by: x509.Certificate) -> bool:
    """Whether its issuer's name and signature are those of `by`."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _distrust(loaded: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: str) -> str | None:
    """Return why the first certificate does not lead to a trusted one, over the others of its file; None when it does."""
    step, unused = loaded[0], list(loaded[1:])
    while True:
        ends = _invalid(step, now)
        if ends:
            return ends
        # An authority is its own proof where it is trusted itself.
        if step in trusted:
            return None
        # One that was renewed with its key has two certificates.
        root = min((one for one in trusted if _issued(step, one)), key=lambda one: bool(_invalid(one, now)), default=None)
        above = root or next((one for one in unused if _issued(step, one)), None)
        said = certificate.described(step)
        if above is None:
            return f"{said['subject']} was issued by {said['issuer']}, which is neither trusted nor in the file"
        if not certificate.described(above)["ca"]:
            return f"{said['subject']} was issued by {said['issuer']}, which is no authority"
        if root is not None:
            return _invalid(root, now)
        unused.remove(above)
        step = above


def _invalid(one: x509.Certificate, now: str) -> str | None:
    said = certificate.described(one)
    if certificate.moment(said["not_after"]) <= certificate.moment(now):
        return f"{said['subject']} ended on {said['not_after']}"
    if certificate.moment(said["not_before"]) > certificate.moment(now):
        return f"{said['subject']} is not valid before {said['not_before']}"
    return None
