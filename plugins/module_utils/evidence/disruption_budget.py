# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PodDisruptionBudgets: what they allow, as an object and as the API server counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import label_selector


def describe(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a PodDisruptionBudget to what decides about evictions."""
    spec = budget.get("spec") or {}
    status = budget.get("status")
    described: dict[str, Any] = {
        "name": budget.get("metadata", {}).get("name", ""),
        "namespace": budget.get("metadata", {}).get("namespace") or "",
        "min_available": spec.get("minAvailable"),
        "max_unavailable": spec.get("maxUnavailable"),
        "selector": (spec.get("selector") or {}).get("matchLabels") or {},
        "expressions": (spec.get("selector") or {}).get("matchExpressions") or [],
        # Without a selector it selects nothing, with an empty one everything.
        "selects": spec.get("selector") is not None,
        "api_version": budget.get("apiVersion", ""),
    }
    if status is not None:
        described["status"] = {
            "allowed": int(status.get("disruptionsAllowed") or 0),
            "expected_pods": int(status.get("expectedPods") or 0),
            "healthy": int(status.get("currentHealthy") or 0),
            "needed": int(status.get("desiredHealthy") or 0),
        }
    return described


def allowed(described: Mapping[str, Any], replicas: int) -> int:
    """Return how many of so many healthy pods may be evicted at once. Percentages round up, as the controller does."""
    if described.get("max_unavailable") is not None:
        return max(min(_count(described["max_unavailable"], replicas), replicas), 0)
    if described.get("min_available") is not None:
        return max(replicas - _count(described["min_available"], replicas), 0)
    return replicas


def limit(described: Mapping[str, Any]) -> str:
    """Return the limit it sets, as a sentence."""
    if described.get("max_unavailable") is not None:
        return f"maxUnavailable is {described['max_unavailable']}"
    return f"minAvailable is {described.get('min_available')}"


def selector_is(described: Mapping[str, Any]) -> str:
    """Return whether its selector is `none`, which selects nothing, `empty`, which selects every pod, or says `labels`."""
    if not described.get("selects", True):
        return "none"
    return "labels" if described["selector"] or described.get("expressions") else "empty"


def selects(described: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether the budget selects pods with these labels. An empty selector selects every pod of its namespace."""
    return bool(described.get("selects", True)) and label_selector.selects(
        {"matchLabels": described.get("selector") or {}, "matchExpressions": described.get("expressions") or []}, labels
    )


def _count(value: int | str, replicas: int) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return -(-int(value[:-1]) * replicas // 100)
    return int(value)
