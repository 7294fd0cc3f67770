# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of Secrets. Secrets cannot be read in part; nothing but public fields leaves these functions."""

from __future__ import annotations

import time
from typing import Any

from ..evidence import certificate, certificate_chain
from .api import Unreadable
from .reading import Reader


def certificates(reader: Reader, namespace: str, name: str, *fields: str, trusted: str | None = None) -> dict[str, Any] | None:
    """Describe the certificates of a Secret, and whether the first field's leads to the last's, or to those that are trusted."""
    found = reader.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if found is None:
        return None
    data = found.get("data") or {}
    if fields[0] not in data and "tls.crt" in data:
        # As cert-manager names them.
        fields = ("tls.crt", "ca.crt")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        texts = [certificate.decoded(str(data.get(field) or "")) for field in fields]
        return {
            "secret": f"{namespace}/{name}",
            "certificates": certificate.describe(texts[0]),
            # What istiod made itself has none beside it.
            "authorities": certificate.describe(texts[-1]) if texts[-1] else [],
            "distrusted": certificate_chain.distrust("\n".join(texts), texts[-1] if trusted is None else trusted, now),
        }
    except certificate.CertificateError as error:
        raise Unreadable(f"Secret {namespace}/{name}: {error}") from None


def issuer(reader: Reader, mesh: str) -> dict[str, Any] | None:
    """Describe what istiod signs with: given to it, or made by itself."""
    root = (reader.data(mesh, "istio-ca-root-cert") or {}).get("root-cert.pem", "")
    for name in ("cacerts", "istio-ca-secret"):
        found = certificates(reader, mesh, name, "ca-cert.pem", "cert-chain.pem", "root-cert.pem", trusted=root)
        if found is not None:
            return found
    return None
