# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as Helm keeps it: a Secret of type helm.sh/release.v1."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Mapping
from typing import Any

from . import secret_values


def describe(item: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce Helm's record of a release. What it rendered stays out: Secrets are in it."""
    labels = item["metadata"].get("labels") or {}
    reduced: dict[str, Any] = {
        "name": labels.get("name", ""),
        "status": labels.get("status", ""),
        "revision": int(labels.get("version") or 0),
        "created": item["metadata"].get("creationTimestamp", ""),
    }
    try:
        record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"]))))
        meta = record["chart"]["metadata"]
    except (KeyError, TypeError, ValueError, OSError, binascii.Error):
        reduced["unreadable"] = "Helm's record of this release is damaged"
        return reduced
    return {
        **reduced,
        "chart": meta.get("name", ""),
        "version": meta.get("version", ""),
        "app_version": meta.get("appVersion", ""),
        "updated": (record.get("info") or {}).get("last_deployed", ""),
        "values": secret_values.redact(record.get("config") or {}),
    }
