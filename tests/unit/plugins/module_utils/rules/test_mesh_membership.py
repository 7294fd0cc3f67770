# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods are in the mesh by their namespace's label or by their own, and their own takes them out: what no rule fires on then."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing import mesh_traffic
from firing.case import enrolled_alone, policy
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

DATAPLANE = "istio.io/dataplane-mode"
WEB = {"matchLabels": {"app": "web"}}


def verdicts(bundle, rule):
    chosen = [one for one in RULES if one.id == rule]
    findings = engine.run(Evidence(bundle), chosen, bundle["moment"], STAGES).findings
    assert not [one.message for one in findings if "the rule itself failed" in one.message]
    return {one.verdict for one in findings}


def taken_out(bundle, **more):
    """A pod of the enrolled namespace that its own label keeps outside."""
    pod = copy.deepcopy(bundle["api"]["pods"]["shop"][0])
    labels = {"app": "tool", DATAPLANE: "none"}
    bundle["api"]["pods"]["shop"].append({**pod, "name": "tool", "labels": labels, "redirection": None, **more})


@pytest.mark.parametrize(
    "rule,more",
    [
        ("ZT-IST-018", {}),
        ("ZT-IST-019", {"sidecar": True}),
        ("ZT-IST-020", {"host_network": True}),
        ("ZT-IST-045", {"host_ports": [8443]}),
    ],
)
def test_a_pod_that_is_taken_out_is_none_of_the_mesh(rule, more):
    bundle = healthy()
    taken_out(bundle, **more)
    assert verdicts(bundle, rule) == {"PASS"}
    bundle["api"]["pods"]["shop"][-1]["labels"].pop(DATAPLANE)
    assert verdicts(bundle, rule) == {"FAIL"}


@pytest.mark.parametrize("rule", ["ZT-IST-018", "ZT-IST-019", "ZT-IST-020", "ZT-IST-045", "ZT-IST-047", "ZT-AMB-035"])
def test_a_pod_that_is_in_the_mesh_by_itself_may_be_as_it_should(rule):
    bundle = healthy()
    enrolled_alone(bundle)
    assert verdicts(bundle, rule) == {"PASS"}


@pytest.mark.parametrize(
    "rule", ["ZT-IST-018", "ZT-IST-019", "ZT-IST-020", "ZT-IST-045", "ZT-IST-047", "ZT-AMB-035", "ZT-IST-021", "ZT-IST-040"]
)
def test_without_those_pods_nothing_is_certain(rule):
    bundle = healthy()
    del bundle["api"]["enrolled_pods"]
    bundle["missing"].append({"path": "api.enrolled_pods", "reason": "403: forbidden"})
    assert "UNKNOWN" in verdicts(bundle, rule)


@pytest.mark.parametrize(
    "selector,verdict",
    [({"app": "web"}, "FAIL"), ({"app": "tool"}, "PASS"), ({"app": "later"}, "FAIL"), ({"tier": "db"}, "UNKNOWN")],
)
def test_a_service_leads_into_the_mesh_or_to_pods_that_are_taken_out(selector, verdict):
    bundle = healthy()
    mesh_traffic.strict(bundle)
    taken_out(bundle)
    mesh_traffic.service(bundle, selector=selector)
    assert verdicts(bundle, "ZT-IST-008") == {verdict}


@pytest.mark.parametrize("selector,verdict", [({"app": "other"}, "PASS"), ({"tier": "db"}, "UNKNOWN"), ({"app": "web"}, "FAIL")])
def test_a_service_leads_to_pods_that_are_in_the_mesh_by_themselves(selector, verdict):
    bundle = healthy()
    mesh_traffic.strict(bundle)
    enrolled_alone(bundle)
    mesh_traffic.service(bundle, namespace="desk", selector=selector)
    assert verdicts(bundle, "ZT-IST-008") == {verdict}


@pytest.mark.parametrize(
    "labels,owner,verdict",
    [
        ({}, "StatefulSet/prometheus-k8s", "PASS"),
        ({}, "StatefulSet/prometheus-k8s-shard-1", "PASS"),
        ({}, "StatefulSet/prometheus-other", "FAIL"),
        ({DATAPLANE: "none"}, "StatefulSet/prometheus-k8s", "FAIL"),
    ],
)
def test_a_prometheus_is_in_the_mesh_by_its_own_label(labels, owner, verdict):
    bundle = healthy()
    mesh_traffic.strict(bundle)
    mesh_traffic.monitor(bundle)
    enrolled_alone(bundle, "monitoring", **labels)
    bundle["api"]["enrolled_pods"][-1]["owner"] = owner
    assert verdicts(bundle, "ZT-IST-009") == {verdict}


def test_which_pods_a_service_monitor_reads_is_not_seen():
    bundle = healthy()
    mesh_traffic.strict(bundle)
    enrolled_alone(bundle)
    mesh_traffic.monitor(bundle, namespaces=["desk"])
    assert verdicts(bundle, "ZT-IST-009") == {"UNKNOWN"}


@pytest.mark.parametrize("labels,verdict", [({"app": "other"}, "PASS"), ({"tier": "db"}, "UNKNOWN"), ({}, "UNKNOWN")])
def test_a_sidecar_resource_may_be_for_pods_beside_those_of_the_mesh(labels, verdict):
    bundle = healthy()
    enrolled_alone(bundle)
    policy(bundle, "sidecars", "desk", workloadSelector={"labels": labels})
    assert verdicts(bundle, "ZT-IST-039") == {verdict}


def test_a_pod_in_the_mesh_may_decline_a_sidecar():
    bundle = healthy()
    enrolled_alone(bundle, **{"sidecar.istio.io/inject": "false"})
    bundle["api"]["namespaces"]["desk"]["labels"]["istio-injection"] = "enabled"
    assert verdicts(bundle, "ZT-IST-040") == {"PASS"}


def test_others_of_a_namespace_may_be_excluded():
    bundle = healthy()
    enrolled_alone(bundle)
    bundle["api"]["istio"]["cni_config"]["EXCLUDE_NAMESPACES"] = "kube-system,garage"
    assert verdicts(bundle, "ZT-IST-021") == {"PASS"}


@pytest.mark.parametrize("app,verdict", [("tool", "PASS"), ("web", "FAIL"), ("later", "FAIL")])
def test_a_policy_may_be_about_pods_that_are_taken_out(app, verdict):
    bundle = healthy()
    taken_out(bundle)
    policy(bundle, "peer_authentications", "shop", selector={"matchLabels": {"app": app}}, mtls={"mode": "DISABLE"})
    assert verdicts(bundle, "ZT-IST-011") == {verdict}


def test_a_policy_may_say_itself_that_it_is_about_pods_that_are_taken_out():
    bundle = healthy()
    out = {"matchLabels": {DATAPLANE: "none"}}
    policy(bundle, "peer_authentications", "shop", selector=out, mtls={"mode": "DISABLE"})
    assert verdicts(bundle, "ZT-IST-011") == {"PASS"}
