# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events that say why a pod is not there, or does no work.

Its network or a container could not be made, its controller was refused, or its probes do not come through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

REASONS = ("FailedCreatePodSandBox", "FailedCreate", "Failed", "Unhealthy")

# Of these a cluster may be full, for reasons of its applications: what matters of them, and how many are kept.
_OF_INTEREST = {
    # CreateContainerConfigError; images that are not there are another matter.
    "Failed": re.compile(
        r"^Error: (container has runAsNonRoot|(secret|configmap) .*not found|couldn't find key|failed to prepare subPath)"
    ),
    "Unhealthy": re.compile(r"i/o timeout|context deadline exceeded|no route to host|connection reset"),
}
MOST = 500

# What differs from pod to pod, and tells nobody anything.
_SANDBOX = re.compile(r'(sandbox )"[0-9a-f]{64}"')
_LONGEST = 400


def newest(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Reduce events to the newest one of each object, in the order of their objects."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in items:
        one = _reduced(item)
        interest = _OF_INTEREST.get(one["reason"])
        if interest is not None and not interest.search(one["message"]):
            continue
        key = (one["reason"], one["kind"], one["namespace"], one["name"])
        if key not in found or found[key]["last"] < one["last"]:
            found[key] = one
    return [found[key] for key in sorted(found)]


def cut(events: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Keep only the newest of what there may be very many of; return what is kept, and the reasons of which some are not."""
    kept, short = events, []
    for reason in _OF_INTEREST:
        of_it = sorted((one["last"] for one in kept if one["reason"] == reason), reverse=True)
        if len(of_it) > MOST:
            short.append(reason)
            kept = [one for one in kept if one["reason"] != reason or one["last"] > of_it[MOST]]
    return kept, short


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
