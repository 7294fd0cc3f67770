# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that the API server calls itself: those of webhooks, of APIServices and of CRDs that convert their objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def named(reference: Mapping[str, Any] | None) -> str | None:
    """Return `namespace/name` of a Service; None for what is called by URL, or answered by the API server itself."""
    return f"{reference.get('namespace')}/{reference.get('name')}" if reference else None


def of_api_service(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": item["metadata"]["name"], "service": named((item.get("spec") or {}).get("service"))}


def of_definition(item: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a CRD to who converts its objects from one version to another."""
    conversion = (item.get("spec") or {}).get("conversion") or {}
    client = (conversion.get("webhook") or {}).get("clientConfig") or {}
    called = conversion.get("strategy") == "Webhook"
    return {"name": item["metadata"]["name"], "service": named(client.get("service")) if called else None}
