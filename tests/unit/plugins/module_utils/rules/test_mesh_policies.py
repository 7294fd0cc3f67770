# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies on pods of the mesh that are as they should be, and those of which the evidence does not tell."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from firing.case import policy
from firing.mesh_probes import without_probes
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

KUBERNETES, CILIUM, CLUSTERWIDE = "network_policies", "cilium_network_policies", "cilium_clusterwide_network_policies"
WEB = {"matchLabels": {"app": "web"}}
ELSEWHERE = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "elsewhere"}}
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
        (KUBERNETES, "shop", {"podSelector": {"matchLabels": {"istio.io/dataplane-mode": "none"}}}, "PASS"),
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
