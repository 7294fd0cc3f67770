# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What disruption budgets guard: workloads, or pods, beside the budgets of their namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import disruption_budget

One = Mapping[str, Any]
# Each budget with what it selects.
Pairs = list[tuple[One, list[One]]]
# How far the workload of (namespace, kind, name) may be scaled down.
Scaled = Mapping[tuple[Any, Any, Any], int]


def pairs(budgets: Iterable[One], guarded: Iterable[One]) -> Pairs:
    there: dict[Any, list[One]] = {}
    for one in guarded:
        namespace = one["namespace"]
        there.setdefault(namespace, []).append(one)
        for label in one["labels"].items():
            there.setdefault((namespace, label), []).append(one)
    return [
        (budget, [one for one in _near(budget, there) if disruption_budget.selects(budget, one["labels"])]) for budget in budgets
    ]


def _near(budget: One, there: Mapping[Any, list[One]]) -> list[One]:
    """Return what is in its namespace, or of this the fewest that have one of the labels it asks for."""
    namespace = budget["namespace"]
    labels = [there.get((namespace, label), []) for label in budget["selector"].items()]
    return min(labels, key=len) if labels else there.get(namespace, [])


def name(one: One) -> str:
    return f"{one.get('kind') or 'PodDisruptionBudget'} {one['namespace']}/{one['name']}"


def drained(workloads: Iterable[One]) -> list[One]:
    """Those whose pods a drain evicts: a DaemonSet's are no drain's business."""
    return [one for one in workloads if one["kind"] != "DaemonSet"]


def scaled(autoscalers: Iterable[One]) -> Scaled:
    return {(one["namespace"], one.get("target_kind"), one["target"]): int(one["min"]) for one in autoscalers}


def _least(workload: One, scale: Scaled) -> int | None:
    return scale.get((workload["namespace"], workload["kind"], workload["name"]))


def _fewest(workload: One, scale: Scaled) -> int:
    """Return how many pods a workload may come down to."""
    least = _least(workload, scale)
    return int(workload["replicas"]) if least is None else least


def _said(workload: One, scale: Scaled) -> str:
    """Say what `_fewest` returns, and by whom."""
    least = _least(workload, scale)
    return f"{name(workload)} " + (f"has {workload['replicas']}" if least is None else f"may be scaled down to {least}")


def blocks(budget: One, workloads: Iterable[One], scale: Scaled) -> list[str]:
    """Return why a budget never lets a pod go, however healthy its pods are: its limit, then each workload. Empty: it does."""
    total = sum(_fewest(one, scale) for one in workloads)
    if not total or disruption_budget.allowed(budget, total) > 0:
        return []
    return [disruption_budget.limit(budget), *(_said(one, scale) for one in workloads)]


def shared(found: Pairs, key: Callable[[One], str]) -> dict[str, list[str]]:
    """Return what more than one budget selects, with the names of these budgets. Nothing of it can be evicted."""
    owners: dict[str, list[str]] = {}
    for budget, selected in found:
        for one in selected:
            owners.setdefault(key(one), []).append(str(budget["name"]))
    return {one: sorted(budgets) for one, budgets in owners.items() if len(budgets) > 1}


def after_a_loss(pods: Iterable[One], needed: int) -> dict[str, Any] | None:
    """Return what is left when the node goes that holds most of the healthy pods; None where no pod is healthy."""
    on: dict[str, int] = {}
    for pod in pods:
        if pod["ready"] and not pod["deleting"]:
            on[pod["node"]] = on.get(pod["node"], 0) + 1
    if not on:
        return None
    node = min(on, key=lambda one: (-on[one], one))
    left = sum(on.values()) - on[node]
    return {"node": node, "healthy": left, "allowed": max(left - needed, 0)}
