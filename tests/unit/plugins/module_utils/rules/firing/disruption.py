# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case

_ISTIOD = "PodDisruptionBudget istio-system/istiod"


def budget(b, name="other", **more):
    found = {**b["api"]["budgets"][0], "name": name, "expressions": [], "selects": True, "api_version": "", **more}
    b["api"]["budgets"].append(found)
    return found


def deployment(b, name, replicas=2, **more):
    labels = more.pop("labels", {"app": name})
    b["api"]["workloads"].append({**b["api"]["workloads"][-1], "name": name, "replicas": replicas, "labels": labels, **more})


@case("ZT-PDB-001", _ISTIOD, "minAvailable is 2, and Deployment istio-system/istiod may be scaled down to 2")
def pdb_001(b):
    b["api"]["budgets"][0]["min_available"] = 2


@case("ZT-PDB-001", "PodDisruptionBudget shop/web", "minAvailable is 1, and Deployment shop/web has 1", "preflight")
def pdb_001_2(b):
    budget(b, "web", namespace="shop", selector={"app": "web"})


@case("ZT-PDB-001", "PodDisruptionBudget shop/web", "maxUnavailable is 0, and Deployment shop/web may be scaled down to 3")
def pdb_001_3(b):
    budget(b, "web", namespace="shop", selector={"app": "web"}, min_available=None, max_unavailable=0)
    scaler = {"namespace": "shop", "name": "web", "target_kind": "Deployment", "target": "web", "min": 3, "max": 9}
    b["api"]["autoscalers"].append(scaler)


@case("ZT-PDB-002", _ISTIOD, "1 of 2 pods are healthy, and 1 must be")
def pdb_002(b):
    b["api"]["budgets"][0]["status"].update(allowed=0, healthy=1)


@case("ZT-PDB-003", "PodDisruptionBudget shop/other", "it selects no pod")
def pdb_003(b):
    status = {"allowed": 0, "expected_pods": 0, "healthy": 0, "needed": 0}
    budget(b, namespace="shop", selector={"app": "wbe"}, status=status)


@case("ZT-PDB-003", "PodDisruptionBudget shop/other", "it has no selector")
def pdb_003_2(b):
    pdb_003(b)
    b["api"]["budgets"][-1].update(selector={}, selects=False)


@case("ZT-PDB-004", "Deployment istio-system/istiod", "its pods are selected by istiod, mine")
def pdb_004(b):
    budget(b, "mine", selector={"app": "istiod"})


@case("ZT-PDB-005", "PodDisruptionBudget shop/other", "and selects Deployment shop/web, Deployment shop/api")
def pdb_005(b):
    budget(b, namespace="shop", selector={})
    deployment(b, "api")


@case("ZT-PDB-006", "PodDisruptionBudget istio-system/istiod", "policy/v1beta1", "preflight")
def pdb_006(b):
    b["api"]["budgets"][0]["api_version"] = "policy/v1beta1"


@case("ZT-PDB-007", _ISTIOD, "all 2 pods of Deployment istio-system/istiod are on node1")
def pdb_007(b):
    for pod in b["api"]["pods"]["istio-system"]:
        pod["node"] = "node1"


@case("ZT-PDB-007", "PodDisruptionBudget shop/db", "all 2 pods of StatefulSet shop/db are on node1")
def pdb_007_2(b):
    deployment(b, "db", kind="StatefulSet")
    budget(b, "db", namespace="shop", selector={"app": "db"})
    like = b["api"]["pods"]["shop"][0]
    b["api"]["pods"]["shop"] += [{**like, "name": f"db-{at}", "owner": "StatefulSet/db"} for at in range(2)]


def istiods(b, *nodes, needed):
    pods = b["api"]["pods"]["istio-system"]
    like = next(pod for pod in pods if pod["name"].startswith("istiod"))
    kept = [pod for pod in pods if pod["owner"] != like["owner"]]
    pods[:] = kept + [{**like, "name": f"istiod-{at}", "node": node} for at, node in enumerate(nodes)]
    status = {"allowed": len(nodes) - needed, "expected_pods": len(nodes), "healthy": len(nodes), "needed": needed}
    b["api"]["budgets"][0].update(min_available=needed, status=status)


@case("ZT-PDB-008", _ISTIOD, "when node node1 is lost, 1 of 4 pods are left, and 2 must be")
def pdb_008(b):
    istiods(b, "node1", "node1", "node1", "node2", needed=2)


@case("ZT-PDB-008", _ISTIOD, "when zone east is lost, 1 of 4 pods are left, and 2 must be")
def pdb_008_2(b):
    nodes = b["api"]["nodes"]
    for name in ("node3", "node4"):
        nodes[name] = dict(nodes["node2"])
    for name, zone in (("node1", "east"), ("node2", "east"), ("node3", "east"), ("node4", "west")):
        nodes[name]["zone"] = zone
    istiods(b, "node1", "node2", "node3", "node4", needed=2)
