# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `disruption_budget` says of objects as an API server lists them."""

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import budgets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster.api import Unreadable

GROUPS = {
    "namespaces": "/api/v1/",
    "pods": "/api/v1/",
    "poddisruptionbudgets": "/apis/policy/v1/",
    "deployments": "/apis/apps/v1/",
    "statefulsets": "/apis/apps/v1/",
    "horizontalpodautoscalers": "/apis/autoscaling/v2/",
}


class Server:
    """Lists what it was given, by kind and namespace; None for a kind it does not know."""

    def __init__(self, **lists):
        self.lists = {"namespaces": [meta("shop", "")], **dict.fromkeys(list(GROUPS)[1:], ()), **lists}

    def items(self, path, query=None, metadata_only=False):
        kind = path.rpartition("/")[2]
        below = path.removeprefix(GROUPS[kind]).removesuffix(kind).strip("/")
        if self.lists[kind] is None:
            return None
        if isinstance(self.lists[kind], Exception):
            raise self.lists[kind]
        if kind == "namespaces":
            wanted = query["fieldSelector"].removeprefix("metadata.name=")
            return iter([one for one in self.lists[kind] if one["metadata"]["name"] == wanted])
        namespace = below.removeprefix("namespaces/")
        return iter([one for one in self.lists[kind] if namespace in ("", one["metadata"]["namespace"])])


def meta(name, namespace="shop", **labels):
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}}


def pod(name, node, ready=True, phase="Running", **labels):
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "kind": "Pod",
        **meta(name, **labels),
        "spec": {"nodeName": node},
        "status": {"phase": phase, "conditions": conditions},
    }


def deployment(name, replicas, **labels):
    template = {"metadata": {"labels": labels}}
    return {"kind": "Deployment", **meta(name), "spec": {"replicas": replicas, "template": template}}


def budget(name, healthy=2, needed=1, expected=2, labels=None, **spec):
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        **meta(name),
        "spec": {"selector": {"matchLabels": {"app": "web"} if labels is None else labels}, **(spec or {"minAvailable": 1})},
        "status": {
            "disruptionsAllowed": max(healthy - needed, 0),
            "expectedPods": expected,
            "currentHealthy": healthy,
            "desiredHealthy": needed,
        },
    }


def cluster(*more, pods=(("a", "n1"), ("b", "n2")), replicas=2, **lists):
    made = [pod(name, node, app="web") for name, node in pods]
    given = {"poddisruptionbudgets": [*more], "pods": made, "deployments": [deployment("web", replicas, app="web")], **lists}
    return budgets.read(Server(**given), "shop")


def said(found, *expected):
    return budgets.wrong(found["budgets"], list(expected or budgets.EXPECTATIONS))


def test_a_budget_as_it_should_be():
    found = cluster(budget("web"), pods=(("a", "n1"), ("b", "n2"), ("c", "n3")), replicas=3)
    (one,) = found["budgets"]
    assert one["pods"][0] == {"name": "a", "node": "n1", "ready": True}
    assert (one["workloads"], one["selector_is"], one["allowed_now"]) == (["Deployment shop/web"], "labels", 1)
    assert one["after_node_loss"] == {"node": "n1", "healthy": 2, "allowed": 1}
    assert (one["blocks_forever"], one["overlaps"], one["unmatched"]) == ("", [], False)
    assert found["unguarded"] == []
    assert said(found) == []


def test_it_blocks_forever():
    found = cluster(budget("web", needed=2, minAvailable=2))
    assert found["budgets"][0]["blocks_forever"] == "minAvailable is 2; Deployment shop/web has 2"
    (text,) = said(found, "never_blocks")
    assert text.startswith("shop/web never allows an eviction: minAvailable is 2; Deployment shop/web has 2")


def test_it_blocks_at_the_minimum_of_the_autoscaler():
    scaler = {**meta("web"), "spec": {"minReplicas": 1, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
    assert said(cluster(budget("web")), "never_blocks") == []
    found = cluster(budget("web"), horizontalpodautoscalers=[scaler])
    assert "may be scaled down to 1" in said(found, "never_blocks")[0]
    assert said(cluster(budget("web"), horizontalpodautoscalers=None), "never_blocks") == []


def test_it_allows_none_now():
    found = cluster(budget("web", healthy=1))
    assert said(found, "allows_now") == [
        "shop/web allows no eviction now: 1 of 2 pods are healthy, and 1 must be; see kubectl -n shop get pods"
    ]


def test_zeros_that_nobody_counted_are_not_a_count():
    found = cluster(budget("web", healthy=0, needed=0, expected=0))
    assert found["budgets"][0]["allowed_now"] is None
    assert "has not been counted" in said(found, "allows_now")[0]
    assert "may allow no eviction" in said(found, "allows_after_node_loss")[0]


def test_the_node_that_would_be_missed_most():
    pods = (("a", "n2"), ("b", "n1"), ("c", "n2"))
    found = cluster(budget("web", healthy=3, expected=3), pods=pods)
    assert found["budgets"][0]["after_node_loss"] == {"node": "n2", "healthy": 1, "allowed": 0}
    assert "once node n2 is lost: 1 of its pods are healthy then, and 1 must be" in said(found, "allows_after_node_loss")[0]


def test_what_is_ill_leaves_or_has_ended_does_not_count():
    leaving = pod("leaving", "n1", app="web")
    leaving["metadata"]["deletionTimestamp"] = "2026-11-26T21:00:00Z"
    ended = pod("ended", "n1", phase="Succeeded", app="web")
    pods = [pod("ill", "n1", ready=False, app="web"), leaving, ended, pod("well", "n2", app="web")]
    assert cluster(budget("web"), pods=())["budgets"][0]["after_node_loss"] is None
    found = budgets.read(Server(poddisruptionbudgets=[budget("web")], pods=pods), "shop")
    assert [entry["name"] for entry in found["budgets"][0]["pods"]] == ["ill", "leaving", "well"]
    assert found["budgets"][0]["after_node_loss"] == {"node": "n2", "healthy": 0, "allowed": 0}


def test_two_for_the_same_pods():
    found = cluster(budget("web"), budget("all", labels={}))
    assert [one["overlaps"] for one in found["budgets"]] == [["web"], ["all"]]
    assert len(said(found, "no_overlap")) == 2
    assert found["budgets"][0]["selector_is"] == "empty"
    assert said(found, "names_pods")[0].startswith("shop/all selects every pod")


def test_two_for_the_same_workload_that_has_no_pods_yet():
    found = cluster(budget("web", 0, 0, 0), budget("other", 0, 0, 0), pods=())
    assert [one["overlaps"] for one in found["budgets"]] == [["web"], ["other"]]


def test_one_that_guards_nothing():
    found = cluster(budget("web", 0, 0, 0, labels={"app": "wbe"}))
    assert said(found) == ["shop/web guards nothing: write the labels of the pods' template into spec.selector.matchLabels"]
    assert found["unguarded"] == ["Deployment shop/web"]
    nothing = budget("web", 0, 0, 0)
    del nothing["spec"]["selector"]
    assert cluster(nothing)["budgets"][0]["selector_is"] == "none"


def test_a_single_pod_needs_no_budget():
    assert cluster(replicas=1) == {"budgets": [], "unguarded": []}


def test_another_namespace_is_another_matter():
    elsewhere = budget("web")
    elsewhere["metadata"]["namespace"] = "other"
    server = Server(poddisruptionbudgets=[elsewhere, budget("web")], pods=[pod("a", "n1", app="web")])
    assert [one["namespace"] for one in budgets.read(server, "shop")["budgets"]] == ["shop"]
    found = budgets.read(server, "")["budgets"]
    assert [(one["namespace"], one["unmatched"], one["overlaps"]) for one in found] == [
        ("other", True, []),
        ("shop", False, []),
    ]


@pytest.mark.parametrize(
    ("lists", "namespace", "reason"),
    [
        ({}, "shpo", "there is no namespace shpo"),
        ({"poddisruptionbudgets": None}, "shop", "poddisruptionbudgets: the API server does not know them in apis/policy/v1"),
        ({"pods": Unreadable("403: reader may not list pods")}, "", "pods: 403: reader may not list pods"),
    ],
)
def test_what_cannot_be_read_is_said_and_not_taken_for_none(lists, namespace, reason):
    with pytest.raises(Unreadable, match=reason):
        budgets.read(Server(**lists), namespace)
