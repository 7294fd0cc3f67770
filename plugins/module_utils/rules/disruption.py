# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about disruption budgets: that they guard what they are meant to guard, and let nodes be drained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..evidence import disruption_budget, guarded
from ..evidence.bundle import Evidence, Missing
from . import facts
from .facts import VERIFY, WRITTEN, listed
from .rule import Catalogue, Fail, Pass

CATALOGUE = Catalogue("pod")

_BUDGETS = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"


def _guarded(evidence: Evidence) -> guarded.Pairs:
    """Return each budget with the workloads whose pods it selects."""
    workloads, budgets = evidence.api.view("workloads").raw, evidence.api.view("budgets").raw
    found = evidence.memo.get("guarded")
    if found is None:
        found = evidence.memo["guarded"] = guarded.pairs(budgets, guarded.drained(workloads))
    return list(found)


def _scale(evidence: Evidence) -> guarded.Scaled:
    # Null: the API server does not know the kind, and nobody scales.
    scalers = evidence.api["autoscalers"]
    if "autoscaled" not in evidence.memo:
        evidence.memo["autoscaled"] = guarded.scaled(scalers.raw if scalers is not None else [])
    return evidence.memo["autoscaled"]  # type: ignore[no-any-return]


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
        # Read only for a budget that guards something: without one nobody needs to know who scales.
        why = guarded.blocks(budget, workloads, _scale(evidence)) if workloads else []
        if why:
            stuck += 1
            yield Fail(f"{why[0]}, and {listed(why[1:], 3)}", subject=guarded.name(budget))
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
        if not workloads or "status" not in budget or guarded.blocks(budget, workloads, _scale(evidence)):
            continue
        asked += 1
        status = budget["status"]
        if status["expected_pods"] and status["allowed"] < 1:
            stuck += 1
            yield Fail(
                f"{status['healthy']} of {status['expected_pods']} pods are healthy, and {status['needed']} must be",
                subject=guarded.name(budget),
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


@PDB_003.check(moments=WRITTEN)
def _idle(evidence: Evidence) -> Iterator[Pass | Fail]:
    found = _guarded(evidence)
    # What is scaled to nothing has no pods, and is guarded all the same.
    bare = [budget for budget, workloads in found if not workloads]
    idle = [one for one in bare if one.get("status", {}).get("expected_pods") == 0 or not one.get("selects", True)]
    for budget in idle:
        yield Fail("it selects no pod" if budget.get("selects", True) else "it has no selector", subject=guarded.name(budget))
    unmet = [guarded.name(one) for one in bare if one not in idle]
    if unmet and facts.of_files(evidence):
        raise Missing("api.workloads", f"{listed(unmet, 4)}: nothing in the files makes such pods; the cluster may")
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
    found = _guarded(evidence)
    twice = guarded.shared(found, guarded.name)
    for name, budgets in twice.items():
        yield Fail(f"its pods are selected by {listed(budgets)}", subject=name)
    if not twice:
        yield Pass(f"{len({guarded.name(one) for _budget, workloads in found for one in workloads})} workloads have one")


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
        if len(workloads) > 1 and disruption_budget.selector_is(budget) == "empty"
    ]
    for budget, workloads in wide:
        yield Fail(
            f"its selector is empty, and selects {listed([guarded.name(one) for one in workloads], 4)}",
            subject=guarded.name(budget),
        )
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
        yield Fail("its apiVersion is policy/v1beta1", subject=guarded.name(one))
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


def _pods_of(evidence: Evidence, workload: guarded.One) -> list[dict[str, Any]] | None:
    """Return the ready pods of a workload; None where those of its namespace are not in the evidence."""
    pods = evidence.api.view("pods")
    namespace = str(workload["namespace"])
    if namespace not in pods:
        return None
    index = evidence.memo.setdefault("pods of workloads", {})
    if namespace not in index:
        made: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for pod in pods.view(namespace).raw:
            kind, _slash, name = str(pod["owner"]).partition("/")
            # A Deployment's pods are made by a ReplicaSet of its name and a hash.
            owner = ("Deployment", name.rpartition("-")[0]) if kind == "ReplicaSet" else (kind, name)
            if pod["ready"] and not pod["deleting"]:
                made.setdefault(owner, []).append(pod)
        index[namespace] = made
    return index[namespace].get((workload["kind"], workload["name"]), [])  # type: ignore[no-any-return]


def _free(evidence: Evidence) -> dict[str, str]:
    """Return the nodes that take any pod, each with its zone."""
    nodes = evidence.api.view("nodes").raw
    return {
        name: str(one.get("zone") or "")
        for name, one in nodes.items()
        if one["ready"] and not one["unschedulable"] and not one["taints"]
    }


@PDB_007.check(moments=VERIFY)
def _one_node(evidence: Evidence) -> Iterator[Pass | Fail]:
    free = _free(evidence)
    asked = alone = 0
    for budget, workloads in _guarded(evidence):
        for one in workloads:
            # Pods of other namespaces are not in the evidence, and one pod is always alone.
            pods = _pods_of(evidence, one) if one["replicas"] > 1 else None
            if pods is None:
                continue
            on = [str(pod["node"]) for pod in pods]
            asked += 1
            if len(on) > 1 and len(set(on)) == 1 and len(free) > 1:
                alone += 1
                yield Fail(f"all {len(on)} pods of {guarded.name(one)} are on {on[0]}", subject=guarded.name(budget))
    if not alone:
        yield Pass(f"{asked} workloads of the platform's and of enrolled namespaces")


PDB_008 = CATALOGUE.rule(
    "ZT-PDB-008",
    "medium",
    stages=("enforcement",),
    title="The loss of any one node or zone leaves as many pods as a budget needs",
    why="A drain keeps to the budget, a node that fails does not. Where more of the pods stand on it than may be missed, fewer "
    "are left "
    "than whoever wrote the budget said are needed, and until others are ready no other node can be drained.",
    remediation="Add topologySpreadConstraints with topologyKey: kubernetes.io/hostname (or topology.kubernetes.io/zone), "
    "maxSkew: 1 to "
    "the pods' template, and restart them one by one.",
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
)


@PDB_008.check(moments=VERIFY)
def _any_loss(evidence: Evidence) -> Iterator[Pass | Fail]:
    free = _free(evidence)
    zones = {name: str(one.get("zone") or "") for name, one in evidence.api.view("nodes").raw.items()}
    asked = blocked = wrong = 0
    for budget, workloads in _guarded(evidence):
        several = [_pods_of(evidence, one) for one in workloads]
        needed = (budget.get("status") or {}).get("needed")
        if needed is None or not several or None in several:
            continue
        pods = [pod for found in several for pod in found or ()]
        # Too few now, and all on one node, are other rules' matters.
        if len(pods) <= needed or len({pod["node"] for pod in pods}) < 2:
            continue
        asked += 1
        by_zone = [{**pod, "node": zones.get(pod["node"], "")} for pod in pods]
        places = (("node", pods, len(free)), ("zone", by_zone, len(set(free.values()) - {""})))
        for what, placed, count in places:
            # So many would be left if they were spread evenly: where that is not enough either, no placing helps.
            if count < 2 or len(pods) - -(-len(pods) // count) < needed:
                continue
            after = guarded.after_a_loss(placed, needed)
            if after and after["node"] and after["healthy"] < needed:
                wrong += 1
                yield Fail(
                    f"when {what} {after['node']} is lost, {after['healthy']} of {len(pods)} pods are left, and {needed} must be",
                    subject=guarded.name(budget),
                )
                break
            blocked += what == "node" and after is not None and not after["allowed"]
    if not wrong:
        more = f"; {blocked} of them then let no further node be drained until other pods are ready" if blocked else ""
        yield Pass(f"{asked} budgets of the platform's and of enrolled namespaces{more}")
