# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules across objects: well-made ones are left alone, and what cannot be told is UNKNOWN."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing import constraints, disruption, mesh_agents, mesh_traffic, waypoints
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

BY_ID = {rule.id: rule for rule in RULES}
BUDGETS = [f"ZT-PDB-00{number}" for number in range(1, 8)]


def verdicts(bundle, *ids):
    findings = engine.run(Evidence(bundle), [BY_ID[one] for one in ids], bundle["moment"], STAGES).findings
    return {one.verdict for one in findings}


def _by_an_operator(bundle):
    # As an operator of databases makes it for the one pod that may not go before it has handed over.
    status = {"allowed": 0, "expected_pods": 1, "healthy": 1, "needed": 1}
    disruption.budget(bundle, "db-primary", namespace="shop", selector={"role": "primary"}, status=status)


def _scaled_to_nothing(bundle):
    status = {"allowed": 0, "expected_pods": 0, "healthy": 0, "needed": 0}
    disruption.deployment(bundle, "batch", replicas=0)
    disruption.budget(bundle, "batch", namespace="shop", selector={"app": "batch"}, status=status)


def _a_quarter(bundle):
    disruption.deployment(bundle, "api", replicas=2)
    more = {"min_available": None, "max_unavailable": "25%", "selector": {"app": "api"}}
    disruption.budget(bundle, "api", namespace="shop", **more)


def _alone_in_its_namespace(bundle):
    disruption.deployment(bundle, "api", namespace="other", replicas=2)
    disruption.budget(bundle, "api", namespace="other", selector={})


def _told_apart_by_an_expression(bundle):
    disruption.deployment(bundle, "api", labels={"app": "api", "tier": "a"})
    disruption.deployment(bundle, "worker", labels={"app": "api", "tier": "b"})
    for tier in ("a", "b"):
        expression = {"key": "tier", "operator": "In", "values": [tier]}
        disruption.budget(bundle, tier, namespace="shop", selector={"app": "api"}, expressions=[expression])


@pytest.mark.parametrize(
    "change", [_by_an_operator, _scaled_to_nothing, _a_quarter, _alone_in_its_namespace, _told_apart_by_an_expression]
)
def test_well_made_budgets_are_left_alone(change):
    bundle = healthy()
    change(bundle)
    assert verdicts(bundle, *BUDGETS) == {"PASS"}


def test_pods_of_a_deployment_with_a_longer_name_do_not_count():
    bundle = healthy()
    disruption.deployment(bundle, "web", replicas=2)
    disruption.budget(bundle, "web", namespace="shop", selector={"app": "web"})
    pods = bundle["api"]["pods"]["shop"]
    pods.append({**pods[0], "name": "x", "owner": "ReplicaSet/web-front-6d4c", "node": "node2"})
    assert verdicts(bundle, "ZT-PDB-007") == {"PASS"}


def test_a_waypoint_that_is_there_and_is_named_in_the_policy_passes():
    bundle = healthy()
    waypoints.waypoint(bundle)
    waypoints.policy(bundle, rules=[{"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/waypoint"]}}]}])
    waypoints.policy(bundle, rules=[{"to": [{"operation": {"ports": ["8080"]}}]}])
    assert verdicts(bundle, "ZT-IST-015", "ZT-IST-016") == {"PASS"}


def test_none_is_no_waypoint():
    bundle = healthy()
    bundle["api"]["namespaces"]["shop"]["labels"]["istio.io/use-waypoint"] = "none"
    assert verdicts(bundle, "ZT-IST-016") == {"PASS"}


def test_gateways_that_could_not_be_read_are_unknown():
    bundle = healthy()
    waypoints.waypoint(bundle)
    del bundle["api"]["gateways"]
    bundle["missing"].append({"path": "api.gateways", "reason": "403: forbidden"})
    assert verdicts(bundle, "ZT-IST-016") == {"UNKNOWN"}


@pytest.mark.parametrize(
    "ports,mode,verdict",
    [
        ([8080], {"8080": {"mode": "PERMISSIVE"}}, "PASS"),
        ([8080, 9090], {"8080": {"mode": "PERMISSIVE"}}, "UNKNOWN"),
        (["http"], {"8080": {"mode": "PERMISSIVE"}}, "UNKNOWN"),
    ],
)
def test_a_port_that_lets_plain_text_in_may_be_open_to_the_outside(ports, mode, verdict):
    bundle = healthy()
    mesh_traffic.strict(bundle)
    mesh_traffic.service(bundle, ports=ports)
    mesh_traffic.policy(bundle, "peer_authentications", selector={"matchLabels": {"app": "web"}}, portLevelMtls=mode)
    assert verdicts(bundle, "ZT-IST-008") == {verdict}


def test_a_gateway_and_a_mesh_that_is_not_strict_are_open_rightly():
    bundle = healthy()
    mesh_traffic.service(bundle)
    assert verdicts(bundle, "ZT-IST-008") == {"PASS"}
    mesh_traffic.strict(bundle)
    bundle["api"]["services"][0]["selector"] = {"gateway.networking.k8s.io/gateway-name": "gw"}
    assert verdicts(bundle, "ZT-IST-008") == {"PASS"}


def test_a_prometheus_in_the_mesh_and_a_monitor_for_every_namespace_are_left_alone():
    bundle = healthy()
    mesh_traffic.strict(bundle)
    mesh_traffic.monitor(bundle, any=True, namespaces=[])
    assert verdicts(bundle, "ZT-IST-009") == {"PASS"}
    mesh_traffic.monitor(bundle)
    bundle["api"]["monitoring"]["prometheuses"][0]["namespace"] = "shop"
    assert verdicts(bundle, "ZT-IST-009") == {"PASS"}


def test_tls_of_a_namespace_behind_a_waypoint_is_begun_there():
    bundle = healthy()
    mesh_traffic.ist_038(bundle)
    labels = {"istio.io/use-waypoint": "w"}
    bundle["api"]["use_waypoint"].append({"kind": "ServiceEntry", "namespace": "shop", "name": "api", "labels": labels})
    assert verdicts(bundle, "ZT-IST-038") == {"UNKNOWN"}
    waypoints.waypoint(bundle)
    assert verdicts(bundle, "ZT-IST-038") == {"PASS"}


def test_an_own_file_that_is_a_true_copy_passes():
    bundle = healthy()
    mesh_agents.own_file(bundle, "n1")
    assert verdicts(bundle, "ZT-AMB-032", "ZT-AMB-020", "ZT-CIL-038") == {"PASS"}


def test_the_floors_of_another_istio_are_not_guessed():
    bundle = healthy()
    bundle["charts"]["istiod"]["version"] = "1.30.5"
    assert verdicts(bundle, "ZT-VER-009") == {"UNKNOWN"}


def test_a_policy_whose_lookups_are_synced_passes():
    bundle = healthy()
    constraints.gk_017(bundle)
    gvk = {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"}
    bundle["api"]["gatekeeper"]["sync_sets"] = {"s": {"gvks": [gvk]}}
    assert verdicts(bundle, "ZT-GK-017") == {"PASS"}
    bundle["api"]["gatekeeper"].update(sync_sets={}, config={"sync": {"syncOnly": [gvk]}})
    assert verdicts(bundle, "ZT-GK-017") == {"PASS"}


def test_an_audit_from_the_cache_that_has_every_kind_passes():
    bundle = healthy("preflight")
    bundle["charts"]["gatekeeper"]["effective"]["auditFromCache"] = True
    bundle["api"]["gatekeeper"]["sync_sets"] = {"s": {"gvks": [{"group": "", "version": "v1", "kind": "Pod"}]}}
    assert verdicts(bundle, "ZT-GK-002") == {"PASS"}


def test_a_namespace_that_the_webhook_leaves_out_by_name_needs_no_label():
    bundle = healthy()
    manager = bundle["api"]["gatekeeper"]["controller"]["containers"]["manager"]
    manager["args"].append("--exempt-namespace=kube-public")
    hook = next(one for one in bundle["api"]["webhooks"] if one["name"] == "validation.gatekeeper.sh")
    hook["namespace_selector"]["matchExpressions"][1]["values"].append("kube-public")
    assert verdicts(bundle, "ZT-GK-006") == {"PASS"}


def test_a_bundle_of_before_these_were_collected_is_unknown_and_no_crash():
    bundle = healthy()
    for key in ("workloads", "autoscalers", "services", "gateways", "use_waypoint", "monitoring", "api_services", "conversions"):
        del bundle["api"][key]
    for key in ("destination_rules", "sidecars"):
        del bundle["api"]["policies"][key]
    del bundle["api"]["istio"]["cni_config_changed"]
    bundle["api"]["gatekeeper"]["templates"]["k8sprivileged"].pop("sources")
    bundle["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"].pop("scoped")
    findings = engine.run(Evidence(bundle), RULES, "verify", STAGES).findings
    unknown = {one.id: one.message for one in findings if one.verdict == "UNKNOWN"}
    assert not [one for one in findings if one.verdict == "FAIL"]
    assert set(unknown.values()) == {"not in the evidence"}
    assert {"ZT-PDB-001", "ZT-IST-038", "ZT-AMB-024", "ZT-GK-011", "ZT-GK-014"} <= set(unknown)
