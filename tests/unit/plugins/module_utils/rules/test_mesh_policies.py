# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies on pods of the mesh that are as they should be, and those of which the evidence does not tell."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.case import enrolled_alone, policy
from firing.mesh_policies import amb_014
from firing.mesh_probes import without_probes
from firing.mesh_traffic import registry_only
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

KUBERNETES, CILIUM, CLUSTERWIDE = "network_policies", "cilium_network_policies", "cilium_clusterwide_network_policies"
WEB = {"matchLabels": {"app": "web"}}
ELSEWHERE = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "elsewhere"}}
MONITORING = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
DNS = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}}
HTTP = {"http": [{"method": "GET"}]}
OUT = {"matchLabels": {"istio.io/dataplane-mode": "none"}}
PROBES = "169.254.7.127/32"


def verdicts(bundle, *rules):
    chosen = [rule for rule in RULES if rule.id in rules]
    findings = engine.run(Evidence(bundle), chosen, bundle["moment"], STAGES).findings
    assert not [one.message for one in findings if "the rule itself failed" in one.message]
    return {one.verdict for one in findings}


@pytest.mark.parametrize(
    "kind,namespace,spec,verdict",
    [
        # It closes nothing: without rules, and because it says so.
        (CLUSTERWIDE, "", {"endpointSelector": {}, "ingress": []}, "PASS"),
        (CLUSTERWIDE, "", {"endpointSelector": {}, "enableDefaultDeny": {"ingress": False}, "ingress": [{}]}, "PASS"),
        # It is about nodes, other namespaces, or pods that are not in the mesh.
        (CLUSTERWIDE, "", {"nodeSelector": {}, "ingress": [{}]}, "PASS"),
        (
            CLUSTERWIDE,
            "",
            {"endpointSelector": ELSEWHERE, "ingress": [{}]},
            "PASS",
        ),
        (CLUSTERWIDE, "", {"endpointSelector": {"matchLabels": {"app": "other"}}, "ingress": [{}]}, "PASS"),
        (KUBERNETES, "elsewhere", {"podSelector": {}}, "PASS"),
        (KUBERNETES, "shop", {"podSelector": OUT}, "PASS"),
        # It closes, and lets probes in itself.
        (KUBERNETES, "shop", {"podSelector": {}, "ingress": [{}]}, "PASS"),
        (KUBERNETES, "shop", {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "169.254.0.0/16"}}]}]}, "PASS"),
        (CILIUM, "shop", {"endpointSelector": WEB, "ingress": [{"fromEntities": ["all"]}]}, "PASS"),
        # Whether it selects pods of the mesh, or probes go to the open port, is not seen.
        (CLUSTERWIDE, "", {"endpointSelector": {"matchLabels": {"tier": "db"}}, "ingress": [{}]}, "UNKNOWN"),
        (KUBERNETES, "shop", {"podSelector": {}, "ingress": [{"ports": [{"port": 8080}]}]}, "UNKNOWN"),
        (KUBERNETES, "shop", {"podSelector": {}, "policyTypes": ["Egress"]}, "PASS"),
        (KUBERNETES, "shop", {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}, "FAIL"),
        (CLUSTERWIDE, "", {"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}, "FAIL"),
    ],
)
def test_who_shuts_out_probes(kind, namespace, spec, verdict):
    bundle = healthy()
    without_probes(bundle)
    policy(bundle, kind, namespace, **spec)
    assert verdicts(bundle, "ZT-AMB-008") == {verdict}


@pytest.mark.parametrize(
    "selector,verdict",
    [({}, "PASS"), (WEB, "PASS"), ({"matchLabels": {"app": "x"}}, "FAIL"), ({"matchLabels": {"tier": "db"}}, "UNKNOWN")],
)
def test_probes_are_let_in_to_those_pods_that_are_closed(selector, verdict):
    bundle = healthy()
    without_probes(bundle)
    policy(bundle, KUBERNETES, "shop", podSelector=WEB)
    policy(bundle, CILIUM, "shop", endpointSelector=selector, ingress=[{"fromCIDR": [PROBES]}])
    assert verdicts(bundle, "ZT-AMB-008") == {verdict}


def block(cidr):
    return [{"ipBlock": {"cidr": cidr}}]


def port(*numbers, **more):
    return [{"ports": [{"port": str(one), "protocol": "TCP"} for one in numbers], **more}]


@pytest.mark.parametrize(
    "kind,spec,verdict",
    [
        # 15008 is named: by itself, in a range, as every port, or by a policy that lets nothing but it in.
        (KUBERNETES, {"podSelector": {}, "ingress": [{"ports": [{"port": 8080}, {"port": 15008}]}]}, "PASS"),
        (KUBERNETES, {"podSelector": {}, "ingress": [{"ports": [{"port": 8080, "endPort": 20000}]}]}, "PASS"),
        (CILIUM, {"endpointSelector": {}, "ingress": [{"fromEndpoints": [{}], "toPorts": port(8080, 15008)}]}, "PASS"),
        (CILIUM, {"endpointSelector": {}, "ingress": [{"fromEndpoints": [{}], "toPorts": port(0)}]}, "PASS"),
        (CILIUM, {"endpointSelector": {}, "ingress": [{"fromEndpoints": [{}]}]}, "PASS"),
        # The mesh is not meant.
        (
            KUBERNETES,
            {"podSelector": {}, "ingress": [{"from": MONITORING, "ports": [{"port": 9090}]}]},
            "PASS",
        ),
        (CILIUM, {"endpointSelector": {}, "ingress": [{"fromEntities": ["world"], "toPorts": port(443)}]}, "PASS"),
        (CILIUM, {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": "x.org"}], "toPorts": port(443)}]}, "PASS"),
        (CILIUM, {"endpointSelector": {}, "egress": [{"toEndpoints": [DNS], "toPorts": port(53)}]}, "PASS"),
        (KUBERNETES, {"podSelector": {}, "egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}]}, "PASS"),
        (KUBERNETES, {"podSelector": {}, "policyTypes": ["Egress"]}, "PASS"),
        (
            KUBERNETES,
            {"podSelector": {}, "ingress": [{"from": block("0.0.0.0/0"), "ports": [{"port": 1}]}]},
            "PASS",
        ),
        # It may be.
        (KUBERNETES, {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 443}]}]}, "UNKNOWN"),
        (
            KUBERNETES,
            {"podSelector": {}, "ingress": [{"from": block("10.0.0.0/8"), "ports": [{"port": 1}]}]},
            "UNKNOWN",
        ),
        (CILIUM, {"endpointSelector": {}, "egress": [{"toServices": [{}], "toPorts": port(80)}]}, "UNKNOWN"),
        # It closes nothing, and lets in what it names.
        (CILIUM, {"endpointSelector": {}, "enableDefaultDeny": {"ingress": False}, "ingress": [{"toPorts": port(80)}]}, "PASS"),
    ],
)
def test_what_keeps_hbone_out(kind, spec, verdict):
    bundle = healthy()
    policy(bundle, kind, "shop", **spec)
    assert verdicts(bundle, "ZT-AMB-013") == {verdict}


@pytest.mark.parametrize("kind,selector,verdict", [("shop", {}, "PASS"), ("shop", {"matchLabels": {"tier": "db"}}, "UNKNOWN")])
def test_another_policy_may_open_15008(kind, selector, verdict):
    bundle = healthy()
    policy(bundle, KUBERNETES, "shop", podSelector=WEB, ingress=[{"ports": [{"port": 8080}]}])
    policy(bundle, CILIUM, kind, endpointSelector=selector, ingress=[{"fromEndpoints": [{}], "toPorts": port(15008)}])
    assert verdicts(bundle, "ZT-AMB-013") == {verdict}


@pytest.mark.parametrize(
    "spec,verdict",
    [
        ({"endpointSelector": {}, "egress": [{"toPorts": port(53, rules={"dns": [{"matchPattern": "*"}]})}]}, "PASS"),
        ({"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": "x.org"}], "toPorts": port(80, rules=HTTP)}]}, "PASS"),
        ({"endpointSelector": {}, "egress": [{"toServices": [{}], "toPorts": port(80, rules=HTTP)}]}, "UNKNOWN"),
        (
            {
                "endpointSelector": {"matchLabels": {"istio.io/dataplane-mode": "none"}},
                "ingress": [{"toPorts": port(1, rules=HTTP)}],
            },
            "PASS",
        ),
    ],
)
def test_http_that_cilium_can_read(spec, verdict):
    bundle = healthy()
    policy(bundle, CILIUM, "shop", **spec)
    assert verdicts(bundle, "ZT-AMB-015") == {verdict}


@pytest.mark.parametrize("rule", ["ZT-AMB-008", "ZT-AMB-013", "ZT-AMB-015", "ZT-IST-011", "ZT-IST-013", "ZT-IST-014"])
def test_a_pod_that_is_in_the_mesh_by_itself_is_told_from_its_neighbours(rule):
    def seeded(selector):
        bundle = healthy()
        without_probes(bundle)
        enrolled_alone(bundle)
        limited = [{"fromEndpoints": [{}], "toPorts": port(80, rules=HTTP)}]
        policy(bundle, CILIUM, "desk", endpointSelector=selector, ingress=limited)
        policy(bundle, "peer_authentications", "istio-system", mtls={"mode": "STRICT"})
        policy(bundle, "peer_authentications", "desk", selector=selector, mtls={"mode": "DISABLE"})
        http = [{"to": [{"operation": {"methods": ["GET"]}}]}]
        policy(bundle, "authorization_policies", "desk", selector=selector, rules=http)
        return bundle

    assert verdicts(seeded(WEB), rule) == {"FAIL"}
    assert verdicts(seeded({"matchLabels": {"app": "other"}}), rule) == {"PASS"}
    assert verdicts(seeded({"matchLabels": {"tier": "db"}}), rule) == {"UNKNOWN"}


@pytest.mark.parametrize("rule", ["ZT-AMB-008", "ZT-AMB-013", "ZT-AMB-015", "ZT-IST-014"])
def test_pods_that_could_not_be_read_may_be_in_the_mesh(rule):
    bundle = healthy()
    del bundle["api"]["enrolled_pods"]
    bundle["missing"].append({"path": "api.enrolled_pods", "reason": "403: forbidden"})
    assert verdicts(bundle, rule) == {"UNKNOWN"}


PORTS = [{"to": [{"operation": {"ports": ["8080"]}}]}]


@pytest.mark.parametrize(
    "namespace,spec,verdict",
    [
        ("shop", {"selector": WEB, "rules": PORTS}, "PASS"),
        ("shop", {"rules": PORTS}, "PASS"),
        ("istio-system", {"rules": PORTS}, "PASS"),
        ("shop", {}, "PASS"),
        ("shop", {"action": "DENY", "rules": [{"to": [{"operation": {"notPorts": ["8080"]}}]}]}, "PASS"),
        ("shop", {"selector": {"matchLabels": {"tier": "db"}}, "rules": PORTS}, "UNKNOWN"),
        ("shop", {"targetRefs": [{"kind": "Gateway"}], "rules": PORTS}, "FAIL"),
        ("shop", {"action": "DENY", "rules": PORTS}, "FAIL"),
        ("shop", {"rules": [{}]}, "FAIL"),
        ("elsewhere", {"rules": PORTS}, "FAIL"),
    ],
)
def test_who_says_at_which_ports_pods_may_be_asked(namespace, spec, verdict):
    bundle = healthy()
    amb_014(bundle)
    policy(bundle, "authorization_policies", namespace, **spec)
    assert verdicts(bundle, "ZT-AMB-014") == {verdict}


@pytest.mark.parametrize(
    "kind,namespace,spec,verdict",
    [
        (KUBERNETES, "shop", {"podSelector": {}, "policyTypes": ["Egress"]}, "PASS"),
        (KUBERNETES, "shop", {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 53}]}]}, "PASS"),
        (CLUSTERWIDE, "", {"endpointSelector": {}, "egress": [{"toEntities": ["cluster"]}]}, "PASS"),
        (KUBERNETES, "shop", {"podSelector": WEB, "policyTypes": ["Egress"]}, "UNKNOWN"),
        (CLUSTERWIDE, "", {"endpointSelector": {"matchLabels": {"tier": "db"}}, "egress": [{}]}, "UNKNOWN"),
        (CLUSTERWIDE, "", {"endpointSelector": {"matchLabels": {"app": "x"}}, "egress": [{}]}, "FAIL"),
        (CLUSTERWIDE, "", {"endpointSelector": {}, "enableDefaultDeny": {"egress": False}, "egress": [{}]}, "FAIL"),
        (KUBERNETES, "shop", {"podSelector": {}, "egress": [{"to": block("0.0.0.0/0")}]}, "FAIL"),
    ],
)
def test_what_holds_egress_back(kind, namespace, spec, verdict):
    bundle = healthy()
    registry_only(bundle)
    policy(bundle, kind, namespace, **spec)
    assert verdicts(bundle, "ZT-IST-006") == {verdict}


@pytest.mark.parametrize("change", ["", "single", "exception", "unread"])
def test_what_the_api_server_calls_under_strict(change):
    bundle = healthy()
    policy(bundle, "peer_authentications", "istio-system", mtls={"mode": "STRICT"})
    assert verdicts(bundle, "ZT-IST-010") == {"PASS"}
    bundle["api"]["api_services"][0]["service"] = "desk/metrics-server" if change == "single" else "shop/metrics-server"
    enrolled_alone(bundle)
    if change == "exception":
        policy(bundle, "peer_authentications", "shop", selector=WEB, portLevelMtls={"443": {"mode": "PERMISSIVE"}})
    if change == "unread":
        del bundle["api"]["conversions"]
    assert verdicts(bundle, "ZT-IST-010") == {"": {"FAIL"}, "unread": {"FAIL", "UNKNOWN"}}.get(change, {"UNKNOWN"})
