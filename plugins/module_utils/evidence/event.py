# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events that say why a pod is not there: its network could not be made, or its controller was refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

REASONS = ("FailedCreatePodSandBox", "FailedCreate")

# What differs from pod to pod, and tells nobody anything.
_SANDBOX = re.compile(r'(sandbox )"[0-9a-f]{64}"')
_LONGEST = 400


def newest(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Reduce events to the newest one of each object, in the order of their objects."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in items:
        one = _reduced(item)
        key = (one["reason"], one["kind"], one["namespace"], one["name"])
        if key not in found or found[key]["last"] < one["last"]:
            found[key] = one
    return [found[key] for key in sorted(found)]


def _reduced(item: Mapping[str, Any]) -> dict[str, Any]:
    about = item.get("involvedObject") or {}
    series = item.get("series") or {}
    times = (series.get("lastObservedTime"), item.get("lastTimestamp"), item.get("eventTime"))
    # Microseconds, where there are any, say no more to anyone.
    last = next((str(one) for one in times if one), str(item["metadata"].get("creationTimestamp") or ""))
    return {
        "reason": str(item.get("reason") or ""),
        "kind": str(about.get("kind") or ""),
        "namespace": str(about.get("namespace") or ""),
        "name": str(about.get("name") or ""),
        "message": _SANDBOX.sub(r"\1", " ".join(str(item.get("message") or "").split()))[:_LONGEST],
        "count": int(series.get("count") or item.get("count") or 1),
        "last": re.sub(r"\.\d+", "", last),
    }
