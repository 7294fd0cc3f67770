# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The modules a user calls by themselves, against a real API server and real certificates."""

from __future__ import annotations

import json
import time

import pytest

CLUSTER = {"kubeconfig": "{{ zerotrust_kubeconfig }}"}
SPACE = "budgets"
PODS = {"securityContext": {"runAsNonRoot": True}, "containers": [{"name": "c", "image": "registry.k8s.io/pause:3.10"}]}


@pytest.fixture(scope="module")
def budgets(cluster):
    """A namespace with a budget as it should be, one that needs all its pods, two for one workload, and one for nobody."""
    wanted = {"good": (2, 1, ["good"]), "full": (2, 2, ["full"]), "twice": (2, 1, ["twice", "twice-more"])}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}
    make(cluster, space, *(deployment(name, replicas) for name, (replicas, _least, _guards) in wanted.items()))
    running = "jsonpath={.items[*].status.readyReplicas}"
    wait(lambda: cluster.kubectl("-n", SPACE, "get", "deployments", "-o", running).stdout.split() == ["2", "2", "2"])
    # Only now: of two budgets for one pod the controller counts but one anew when the pod changes.
    guards = [budget(guard, least, {"app": name}) for name, (_replicas, least, guards) in wanted.items() for guard in guards]
    make(cluster, *guards, budget("nobody", 1, {"app": "misspelt"}))
    counted = "jsonpath={.items[*].status.currentHealthy}"
    wait(lambda: sorted(cluster.kubectl("-n", SPACE, "get", "pdb", "-o", counted).stdout.split()) == ["0", *"2222"])
    yield
    cluster.kubectl("delete", "namespace", SPACE, "--wait=false", check=True)


def make(cluster, *items):
    """The API server checks them itself; kubectl would first ask for the schema of all kinds there are."""
    made = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    cluster.kubectl("apply", "--validate=false", "-f", "-", stdin=made, check=True)


def meta(name):
    return {"name": name, "namespace": SPACE}


def deployment(name, replicas):
    labels = {"app": name}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": PODS},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name), "spec": spec}


def budget(name, least, labels):
    spec = {"minAvailable": least, "selector": {"matchLabels": labels}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta(name), "spec": spec}


def wait(true, seconds=120):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.5)


def evict(cluster, pod):
    """What the API server answers to an eviction that it only tries."""
    asked = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta(pod), "deleteOptions": {"dryRun": ["All"]}}
    path = f"/api/v1/namespaces/{SPACE}/pods/{pod}/eviction"
    return cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(asked))


@pytest.mark.usefixtures("budgets")
def test_budgets_say_what_the_api_server_does_with_an_eviction(cluster, module):
    result = module("driver", "disruption_budget", **CLUSTER, namespace=SPACE)
    found = {one["name"]: one for one in result["budgets"]}
    assert {name: one["allowed_now"] for name, one in found.items()} == {
        "good": 1,
        "full": 0,
        "twice": 1,
        "twice-more": 1,
        "nobody": 0,
    }
    assert all(one["after_node_loss"]["allowed"] == 0 for one in found.values() if one["pods"])
    assert found["full"]["blocks_forever"] == f"minAvailable is 2; Deployment {SPACE}/full has 2"
    assert (found["twice"]["overlaps"], found["twice-more"]["overlaps"]) == (["twice-more"], ["twice"])
    assert [name for name, one in found.items() if one["unmatched"]] == ["nobody"]
    answers = {name: evict(cluster, found[name]["pods"][0]["name"]) for name in ("good", "full", "twice")}
    assert answers["good"].returncode == 0, answers["good"].stderr
    assert "Cannot evict pod as it would violate the pod's disruption budget" in answers["full"].stderr
    assert "more than one PodDisruptionBudget" in answers["twice"].stderr


@pytest.mark.usefixtures("budgets")
def test_budgets_that_are_not_as_expected_are_named_at_once(module):
    result = module(
        "driver", "disruption_budget", **CLUSTER, namespace=SPACE, expect=["never_blocks", "no_overlap", "selects_pods"]
    )
    assert result["failed"] is True
    assert [line.split()[1] for line in result["msg"].splitlines()[1:]] == [
        f"{SPACE}/{name}" for name in ("full", "nobody", "twice", "twice-more")
    ]
    assert len(result["budgets"]) == 5


def test_the_budget_of_the_mesh_is_as_it_should_be(module):
    expected = ["allows_now", "never_blocks", "no_overlap", "selects_pods", "names_pods"]
    result = module("driver", "disruption_budget", **CLUSTER, namespace="istio-system", expect=expected)
    assert not result.get("failed"), result
    assert "Deployment istio-system/istiod" in next(one for one in result["budgets"] if one["name"] == "istiod")["workloads"]


def test_a_namespace_that_is_not_there_is_no_namespace_without_budgets(module):
    result = module("driver", "disruption_budget", **CLUSTER, namespace="istio-sytem")
    assert result["failed"] is True
    assert "there is no namespace istio-sytem" in result["msg"]


def test_the_certificates_of_the_control_plane(cluster, module):
    pki = cluster.folder / "pki"
    result = module("driver", "certificate", paths=[f"{pki}/*.crt"], ca_path=f"{pki}/ca.crt", valid_for="7d")
    assert not result.get("failed"), result
    found = {one["path"].rpartition("/")[2]: one for one in result["files"]}
    assert set(found) == {path.name for path in pki.glob("*.crt")}
    assert all(one["verified"] for one in found.values())
    assert "IP:192.168.66.1" in found["apiserver.crt"]["certificates"][0]["san"]
    assert found["ca.crt"]["certificates"][0]["ca"] is True


def test_certificates_that_end_too_soon_or_are_somebody_elses_are_named(cluster, module):
    pki = cluster.folder / "pki"
    arguments = {"paths": [f"{pki}/apiserver.crt"], "ca_path": f"{pki}/front-proxy/ca.crt", "valid_for": "36500d"}
    result = module("driver", "certificate", **arguments)
    assert result["failed"] is True
    ends, stranger = result["msg"].splitlines()[1:]
    assert "apiserver.crt: CN=kube-apiserver ends in " in ends
    assert "neither trusted nor in the file" in stranger


def test_a_key_stays_where_it_is(cluster, module, tmp_path):
    key = (cluster.folder / "pki" / "admin.key").read_text()
    (tmp_path / "both.pem").write_text(key + (cluster.folder / "pki" / "admin.crt").read_text())
    result = module("driver", "certificate", paths=[str(tmp_path / "both.pem")])
    assert len(result["files"][0]["certificates"]) == 1
    refused = module("driver", "certificate", paths=[f"{cluster.folder}/pki/admin.key"])
    assert "no certificate in it" in refused["msg"]
    assert key.splitlines()[1] not in json.dumps([result, refused])
