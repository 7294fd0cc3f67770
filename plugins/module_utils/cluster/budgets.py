# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the disruption budgets of a cluster, what they guard, and what they let go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..evidence import disruption_budget, guarded, objects, workload
from .api import Api, Unreadable

One = Mapping[str, Any]

# Where the API server does not know them, nobody scales.
_SCALERS = "horizontalpodautoscalers"


def read(api: Api, namespace: str) -> dict[str, Any]:
    """Read all there is to know of the budgets of one namespace, or of all where it is empty."""
    if namespace and not list(api.items("/api/v1/namespaces", {"fieldSelector": f"metadata.name={namespace}"}) or ()):
        raise Unreadable(f"there is no namespace {namespace}")
    below = f"namespaces/{namespace}/" if namespace else ""

    def every(group: str, kind: str, reduce: Callable[[Mapping[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            items = api.items(f"/{group}/{below}{kind}")
        except Unreadable as reason:
            raise Unreadable(f"{kind}: {reason}") from None
        if items is None and kind != _SCALERS:
            raise Unreadable(f"{kind}: the API server does not know them in {group}")
        return [reduce(item) for item in items or ()]

    budgets = every("apis/policy/v1", "poddisruptionbudgets", disruption_budget.describe)
    pods = every("api/v1", "pods", _pod)
    workloads = [one for kind in ("deployments", "statefulsets") for one in every("apis/apps/v1", kind, workload.pods_of)]
    scalers = every("apis/autoscaling/v2", _SCALERS, workload.autoscaler)
    return judge(budgets, pods, workloads, guarded.scaled(scalers))


def judge(
    budgets: list[dict[str, Any]], pods: list[dict[str, Any]], workloads: list[dict[str, Any]], scale: guarded.Scaled
) -> dict[str, Any]:
    # What has ended is evicted whatever a budget says.
    on_pods = guarded.pairs(budgets, [one for one in pods if one["phase"] not in ("Succeeded", "Failed")])
    on_workloads = guarded.pairs(budgets, workloads)
    rivals = [guarded.shared(found, guarded.name) for found in (on_pods, on_workloads)]
    described = [
        _described(budget, chosen, made, scale, _others(budget, (*chosen, *made), rivals))
        for (budget, chosen), (_budget, made) in zip(on_pods, on_workloads)
    ]
    has_one = {guarded.name(one) for _budget, made in on_workloads for one in made}
    return {
        "budgets": sorted(described, key=lambda one: (one["namespace"], one["name"])),
        "unguarded": sorted(name for name in map(guarded.name, filter(_several, workloads)) if name not in has_one),
    }


def _pod(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**workload.pod(item), "kind": "Pod", "namespace": objects.namespace_of(item)}


def _several(workload: Mapping[str, Any]) -> bool:
    return int(workload["replicas"]) > 1


def _others(budget: Mapping[str, Any], selected: tuple[Mapping[str, Any], ...], rivals: list[dict[str, list[str]]]) -> list[str]:
    names = {other for one in selected for found in rivals for other in found.get(guarded.name(one), ())}
    return sorted(names - {budget["name"]})


def _described(
    budget: Mapping[str, Any],
    pods: list[Mapping[str, Any]],
    workloads: list[Mapping[str, Any]],
    scale: guarded.Scaled,
    overlaps: list[str],
) -> dict[str, Any]:
    status = budget.get("status") or {}
    if pods and not status.get("expected_pods"):
        # Its controller has not counted yet, and the zeros stand for nothing.
        status = {}
    return {
        **{key: budget[key] for key in ("namespace", "name", "min_available", "max_unavailable", "selector", "expressions")},
        "selector_is": disruption_budget.selector_is(budget),
        "pods": [{key: pod[key] for key in ("name", "node", "ready")} for pod in pods],
        "workloads": [guarded.name(one) for one in workloads],
        "expected_pods": status.get("expected_pods"),
        "healthy": status.get("healthy"),
        "needed": status.get("needed"),
        "allowed_now": status.get("allowed"),
        "after_node_loss": guarded.after_a_loss(pods, status["needed"]) if status else None,
        "blocks_forever": "; ".join(guarded.blocks(budget, workloads, scale)),
        "overlaps": overlaps,
        "unmatched": not pods and not workloads,
    }


# --- what may be expected of a budget: what to say where it is not so, else the empty string ---


def _allows_now(one: One) -> str:
    if one["allowed_now"] is None:
        return "has not been counted by its controller, so that no eviction is allowed: see if kube-controller-manager runs"
    if not one["expected_pods"] or one["allowed_now"] > 0:
        return ""
    return (
        f"allows no eviction now: {one['healthy']} of {one['expected_pods']} pods are healthy, and {one['needed']} must be; "
        f"see kubectl -n {one['namespace']} get pods"
    )


def _allows_after_node_loss(one: One) -> str:
    after = one["after_node_loss"]
    if after is None:
        return "may allow no eviction after the loss of a node: none of its pods is healthy" if one["pods"] else ""
    if after["allowed"] > 0:
        return ""
    return (
        f"allows no eviction once node {after['node']} is lost: {after['healthy']} of its pods are healthy then, and "
        f"{one['needed']} must be; add replicas, or spread them over more nodes (topologySpreadConstraints)"
    )


def _never_blocks(one: One) -> str:
    why = one["blocks_forever"]
    return f"never allows an eviction: {why}; add a replica (or minReplicas), or set maxUnavailable: 1" if why else ""


def _no_overlap(one: One) -> str:
    others = ", ".join(one["overlaps"])
    return f"selects pods that {others} selects too, and none of them can be evicted: keep one budget for each" if others else ""


def _selects_pods(one: One) -> str:
    return "guards nothing: write the labels of the pods' template into spec.selector.matchLabels" if one["unmatched"] else ""


def _names_pods(one: One) -> str:
    empty = one["selector_is"] == "empty"
    return "selects every pod of its namespace: write labels into spec.selector.matchLabels" if empty else ""


EXPECTATIONS = {
    "allows_now": _allows_now,
    "allows_after_node_loss": _allows_after_node_loss,
    "never_blocks": _never_blocks,
    "no_overlap": _no_overlap,
    "selects_pods": _selects_pods,
    "names_pods": _names_pods,
}


def wrong(budgets: list[dict[str, Any]], expected: list[str]) -> list[str]:
    said = [(one, EXPECTATIONS[name](one)) for one in budgets for name in expected]
    return [f"{one['namespace']}/{one['name']} {text}" for one, text in said if text]
