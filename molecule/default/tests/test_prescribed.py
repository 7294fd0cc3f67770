# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Values that guides prescribe, as they stand there: each wrong one is told. The real charts judge.

Of the objects beside them tests/unit/plugins/modules/test_prescribed_manifests.py says what is told.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ztlab import charts, go
from ztlab.testing import refuses

PRESCRIBED = Path(__file__).parent / "prescribed"

# Rule, subject, and what it has to say; the last is part of the message or of the remedy.
TOLD = [
    ("ZT-CIL-002", "chart cilium", "kubeProxyReplacement is true and k8sServiceHost is empty"),
    ("ZT-CIL-006", "chart cilium", "where a mapping is wanted"),
    ("ZT-VER-017", "cilium.values.yaml: hubble.metrics", "a mapping is wanted"),
    ("ZT-CIL-042", "chart cilium", "exports none of Hubble's metrics"),
    ("ZT-VER-011", "cilium.values.yaml: securityContext.runAsNonRoot", "Cilium's agent cannot run so"),
    ("ZT-VER-011", "cilium.values.yaml: securityContext.capabilities.drop", "Cilium's agent cannot run so"),
    ("ZT-VER-011", "cni.values.yaml: securityContext", "istio-cni cannot run so"),
    ("ZT-VER-011", "ztunnel.values.yaml: securityContext", "ztunnel cannot run so"),
    ("ZT-VER-015", "chart cilium", "at '/hubble/metrics': got string, want object"),
    ("ZT-VER-011", "cilium.values.yaml: cni.chained", "it is a value of the istio-cni chart"),
    ("ZT-AMB-002", "chart cilium", "bpf.masquerade is true and bpf.hostLegacyRouting is not"),
    ("ZT-AMB-003", "chart cilium", "bpf.masquerade is true"),
    ("ZT-VER-011", "istiod.values.yaml: istiod.replicaCount", "only the umbrella chart 'ambient' nests values under istiod"),
    ("ZT-VER-011", "istiod.values.yaml: istiod.replicaCount", "write autoscaleMin: 2"),
    ("ZT-VER-011", "istiod.values.yaml: istiod.env.PILOT_ENABLE_AMBIENT", "Write profile: ambient"),
    ("ZT-VER-011", "istiod.values.yaml: istiod.meshConfig.outboundTrafficPolicy.mode", "ztunnel does not implement it"),
    ("ZT-VER-011", "istiod.values.yaml: istiod.pdb.minAvailable", "only with two replicas or more"),
    ("ZT-VER-011", "istiod.values.yaml: securityContext", "such a context by itself"),
    ("ZT-IST-002", "chart istiod", "profile: ambient"),
    ("ZT-IST-003", "chart istiod", "autoscaleMin: 2"),
    ("ZT-IST-004", "chart istiod", "the chart renders no PodDisruptionBudget with these values"),
    ("ZT-IST-005", "chart istiod", "looks like an egress allow-list and is none here"),
    ("ZT-VER-011", "gatekeeper.values.yaml: audit.auditInterval", "audit.* holds settings of the audit pod only"),
    ("ZT-VER-011", "gatekeeper.values.yaml: audit.auditInterval", "write auditInterval instead"),
    ("ZT-VER-011", "gatekeeper.values.yaml: audit.auditFromCache", "report 0 violations of all others"),
    ("ZT-VER-011", "gatekeeper.values.yaml: audit.auditFromCache", "remove audit.auditFromCache"),
    ("ZT-GK-003", "chart gatekeeper", "validatingWebhookFailurePolicy is Ignore"),
]


# What nobody can tell without the cluster, and what it says of the setting.
NOT_KNOWN = [
    ("ZT-GK-006", "chart gatekeeper", "controllerManager.exemptNamespaces exempts nothing by itself"),
]


@pytest.fixture
def report(playbook, tmp_path):
    run = playbook(
        "analyze",
        *("-e", f"path={PRESCRIBED}", "-e", "zerotrust_ambient=true"),
        *("-e", f"zerotrust_charts_dir={charts.packages().path}"),
        *("-e", f"zerotrust_helm_binary={go.binaries('helm').path / 'helm'}"),
    )
    refuses(run, "findings stop the plan gate")
    return json.loads((tmp_path / "plan.json").read_text())["findings"]


@pytest.fixture
def findings(report):
    return [one for one in report if one["verdict"] == "FAIL"]


def test_what_only_the_cluster_knows_is_told_as_unknown(report):
    unknown = [(one["id"], one["subject"], one["message"]) for one in report if one["verdict"] == "UNKNOWN"]
    for rule, subject, words in NOT_KNOWN:
        assert any((rule, subject) == one[:2] and words in one[2] for one in unknown), (rule, unknown)


def test_every_prescribed_setting_that_is_wrong_is_told(findings):
    for rule, subject, words in TOLD:
        of_rule = [(one["subject"], one["message"], one["remedy"]) for one in findings if one["id"] == rule]
        assert any(about == subject and words in f"{said} {fix}" for about, said, fix in of_rule), (rule, subject, of_rule)


def test_what_is_right_in_them_is_not_told(findings):
    told = " ".join(f"{one['subject']} {one['message']}" for one in findings)
    for right in ("encryption", "socketLB.hostNamespaceOnly", "emitAuditEvents", "PeerAuthentication"):
        assert right not in told
