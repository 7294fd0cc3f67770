# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about disruption budgets: that they guard what they are meant to guard, and let nodes be drained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence import disruption_budget
from ..evidence.bundle import Evidence
from .facts import VERIFY, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("pod")

_BUDGETS = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"

Workloads = list[Mapping[str, Any]]


def _name(one: Mapping[str, Any]) -> str:
    return f"{one.get('kind') or 'PodDisruptionBudget'} {one['namespace']}/{one['name']}"


def _guarded(evidence: Evidence) -> list[tuple[Mapping[str, Any], Workloads]]:
    """Return each budget with the workloads whose pods it selects. A DaemonSet's pods are no drain's business."""
    workloads, budgets = evidence.api.view("workloads").raw, evidence.api.view("budgets").raw
    found = evidence.memo.get("guarded")
    if found is None:
        there: dict[tuple[str, ...], Workloads] = {}
        for one in workloads:
            if one["kind"] != "DaemonSet":
                for label in ((), *one["labels"].items()):
                    there.setdefault((one["namespace"], *label), []).append(one)
        found = [
            (budget, [one for one in _near(budget, there) if disruption_budget.selects(budget, one["labels"])])
            for budget in budgets
        ]
        evidence.memo["guarded"] = found
    return list(found)


def _near(budget: Mapping[str, Any], there: Mapping[tuple[str, ...], Workloads]) -> Workloads:
    """Return the workloads of its namespace, or of these the fewest that have one of the labels it asks for."""
    labels = [there.get((budget["namespace"], *label), []) for label in budget["selector"].items()]
    return min(labels, key=len, default=there.get((budget["namespace"],), []))


def _fewest(evidence: Evidence, workload: Mapping[str, Any]) -> tuple[int, str]:
    """Return how many pods a workload may come down to, and who says so."""
    # Null: the API server does not know the kind, and nobody scales.
    scalers = evidence.api["autoscalers"]
    if "autoscaled" not in evidence.memo:
        evidence.memo["autoscaled"] = {
            (one["namespace"], one.get("target_kind"), one["target"]): int(one["min"])
            for one in (scalers.raw if scalers is not None else [])
        }
    least = evidence.memo["autoscaled"].get((workload["namespace"], workload["kind"], workload["name"]))
    if least is not None:
        return least, f"{_name(workload)} may be scaled down to {least}"
    return int(workload["replicas"]), f"{_name(workload)} has {workload['replicas']}"


def _blocks(evidence: Evidence, budget: Mapping[str, Any], workloads: Workloads) -> str:
    """Return why a budget never lets a pod go, however healthy its pods are; empty when it does."""
    counted = [_fewest(evidence, one) for one in workloads]
    total = sum(count for count, _said in counted)
    if not total or disruption_budget.allowed(budget, total) > 0:
        return ""
    limit = (
        f"maxUnavailable is {budget['max_unavailable']}"
        if budget["max_unavailable"] is not None
        else f"minAvailable is {budget['min_available']}"
    )
    return f"{limit}, and {listed([said for _count, said in counted], 3)}"


PDB_001 = CATALOGUE.rule(
    "ZT-PDB-001",
    "medium",
    stages=("enforcement",),
    title="Every disruption budget leaves room for a drain",
    why="A budget that needs as many pods as there are lets none of them go, ever: each drain of their nodes waits until "
    "someone deletes pod or budget, and upgrades of nodes stop there. An autoscaler's minimum counts, as it comes to it at "
    "night.",
    remediation="Give it one replica (or one minReplicas) more than minAvailable, or set maxUnavailable: 1 instead of "
    "minAvailable.",
    source=_BUDGETS,
)


@PDB_001.check()
def _room(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = _guarded(evidence)
    stuck = 0
    for budget, workloads in found:
        why = _blocks(evidence, budget, workloads)
        if why:
            stuck += 1
            yield Fail(why, subject=_name(budget))
    if not stuck:
        yield Pass(f"{sum(bool(workloads) for _budget, workloads in found)} budgets of Deployments and StatefulSets")


PDB_002 = CATALOGUE.rule(
    "ZT-PDB-002",
    "medium",
    stages=("enforcement",),
    title="Every disruption budget allows an eviction now",
    why="A budget whose pods are not healthy blocks a drain now, though it would allow one otherwise: what is ill is found "
    "when a node must go.",
    remediation="kubectl -n <namespace> get pods: make those that are not ready ready, or set unhealthyPodEvictionPolicy: "
    "AlwaysAllow, so that ill pods may go.",
    source=_BUDGETS,
)


@PDB_002.check(moments=VERIFY)
def _now(evidence: Evidence) -> Iterator[Pass | Fail]:
    asked = stuck = 0
    for budget, workloads in _guarded(evidence):
        # What is made by something else than Deployments may be handed over by that before a drain; it blocks on purpose.
        if not workloads or "status" not in budget or _blocks(evidence, budget, workloads):
            continue
        asked += 1
        status = budget["status"]
        if status["expected_pods"] and status["allowed"] < 1:
            stuck += 1
            yield Fail(
                f"{status['healthy']} of {status['expected_pods']} pods are healthy, and {status['needed']} must be",
                subject=_name(budget),
            )
    if not stuck:
        yield Pass(f"{asked} budgets")


PDB_003 = CATALOGUE.rule(
    "ZT-PDB-003",
    "low",
    stages=("enforcement",),
    title="Every disruption budget guards pods",
    why="A budget that selects no pod guards nothing: mostly its labels are not those of the pods.",
    remediation="Write the labels of the pods' template into spec.selector.matchLabels, or delete the budget.",
    source=_BUDGETS,
)


@PDB_003.check(moments=VERIFY)
def _idle(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = _guarded(evidence)
    # What is scaled to nothing has no pods, and is guarded all the same.
    idle = [budget for budget, workloads in found if not workloads and budget.get("status", {}).get("expected_pods") == 0]
    for budget in idle:
        yield Fail("it selects no pod" if budget.get("selects", True) else "it has no selector", subject=_name(budget))
    if not idle:
        yield Pass(f"{len(found)} budgets")


PDB_004 = CATALOGUE.rule(
    "ZT-PDB-004",
    "medium",
    stages=("enforcement",),
    title="No pod is guarded by two disruption budgets",
    why="The API server refuses to evict a pod that has more than one budget, whatever they allow: its node cannot be drained.",
    remediation="Delete all but one of them, or make their selectors exclude each other.",
    source="https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/registry/core/pod/storage/eviction.go",
)


@PDB_004.check()
def _overlapping(evidence: Evidence) -> Iterator[Pass | Fail]:
    owners: dict[str, list[str]] = {}
    for budget, workloads in _guarded(evidence):
        for one in workloads:
            owners.setdefault(_name(one), []).append(str(budget["name"]))
    twice = {name: budgets for name, budgets in owners.items() if len(budgets) > 1}
    for name, budgets in twice.items():
        yield Fail(f"its pods are selected by {listed(sorted(budgets))}", subject=name)
    if not twice:
        yield Pass(f"{len(owners)} workloads have one")


PDB_005 = CATALOGUE.rule(
    "ZT-PDB-005",
    "low",
    stages=("enforcement",),
    title="A disruption budget names whom it guards",
    why="An empty selector selects every pod of the namespace: the pods of one workload count for another's, so one of them "
    "may lose all of its own, or block the rest.",
    remediation="One budget for each workload, with the labels of its pods in spec.selector.matchLabels.",
    source=_BUDGETS,
)


@PDB_005.check()
def _unnamed(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = _guarded(evidence)
    wide = [
        (budget, workloads)
        for budget, workloads in found
        if len(workloads) > 1 and budget.get("selects", True) and not budget["selector"] and not budget.get("expressions")
    ]
    for budget, workloads in wide:
        yield Fail(f"its selector is empty, and selects {listed([_name(one) for one in workloads], 4)}", subject=_name(budget))
    if not wide:
        yield Pass(f"{len(found)} budgets")


PDB_006 = CATALOGUE.rule(
    "ZT-PDB-006",
    "medium",
    stages=("enforcement",),
    title="Disruption budgets are written in a version the API server knows",
    why="policy/v1beta1 ended with Kubernetes 1.25: the API server refuses the object, and there is no budget. An empty "
    "selector meant nothing there, and means every pod now.",
    remediation="Write apiVersion: policy/v1.",
    source="https://kubernetes.io/docs/reference/using-api/deprecation-guide/#poddisruptionbudget-v125",
)


@PDB_006.check()
def _ended(evidence: Evidence) -> Iterator[Pass | Fail]:
    budgets = evidence.api.view("budgets").raw
    old = [one for one in budgets if one.get("api_version") == "policy/v1beta1"]
    for one in old:
        yield Fail("its apiVersion is policy/v1beta1", subject=_name(one))
    if not old:
        yield Pass(f"{len(budgets)} budgets")


PDB_007 = CATALOGUE.rule(
    "ZT-PDB-007",
    "medium",
    stages=("enforcement",),
    title="What a disruption budget guards survives the loss of a node",
    why="A budget holds back drains; it does not hold a node that fails. When all pods stand on one node, its loss takes them "
    "all, and the budget has guarded nothing.",
    remediation="Add topologySpreadConstraints with topologyKey: kubernetes.io/hostname to the pods' template, and restart "
    "them one by one.",
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
)


@PDB_007.check(moments=VERIFY)
def _one_node(evidence: Evidence) -> Iterator[Pass | Fail]:
    nodes = evidence.api.view("nodes").raw
    free = [name for name, one in nodes.items() if one["ready"] and not one["unschedulable"] and not one["taints"]]
    pods = evidence.api.view("pods")
    asked = alone = 0
    for budget, workloads in _guarded(evidence):
        for one in workloads:
            # Pods of other namespaces are not in the evidence, and one pod is always alone.
            if one["kind"] != "Deployment" or one["namespace"] not in pods or one["replicas"] < 2:
                continue
            own = f"ReplicaSet/{one['name']}-"
            on = [
                str(pod["node"])
                for pod in pods.view(one["namespace"])
                if pod["ready"] and str(pod["owner"]).startswith(own) and "-" not in str(pod["owner"]).removeprefix(own)
            ]
            asked += 1
            if len(on) > 1 and len(set(on)) == 1 and len(free) > 1:
                alone += 1
                yield Fail(f"all {len(on)} pods of {_name(one)} are on {on[0]}", subject=_name(budget))
    if not alone:
        yield Pass(f"{asked} Deployments of the platform's and of enrolled namespaces")
