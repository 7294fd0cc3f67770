# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies in a folder are judged as they are written; what hangs on the cluster is UNKNOWN, and never PASS."""

import json

import pytest
from test_folder_evidence import judged, read, said

ENROLLED = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}\n"
CLOSED = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 8080}]}]}
"""
OPEN = CLOSED.replace("{port: 8080}", "{port: 8080}, {port: 15008}")
PROBES = """---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: probes}
spec: {endpointSelector: {}, ingress: [{fromCIDR: [169.254.7.127/32]}]}
"""
KIND = """---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: DISABLE}}
"""
BUDGET = """---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
"""
MAKES_PODS = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 2, template: {metadata: {labels: {app: web}}}}
"""
DENIES = """---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sPSPPrivilegedContainer
metadata: {name: all}
spec: {enforcementAction: deny, match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}}
"""
SYSTEM = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n"


def verdicts(tmp_path, folder, text, **more):
    (folder / "all.yaml").write_text(text)
    answer = read(tmp_path, folder, **more)
    result = judged(tmp_path, answer, report_dir=str(tmp_path / "reports"), formats=["json"])
    report = json.loads((tmp_path / "reports" / "plan.json").read_text())
    found = {}
    for one in report["findings"]:
        found.setdefault(one["id"], set()).add(one["verdict"])
    return found, " ".join(said(result).split())


@pytest.mark.parametrize(
    ("text", "rule", "wanted"),
    [
        (ENROLLED + CLOSED, "ZT-AMB-013", "FAIL"),
        (ENROLLED + OPEN, "ZT-AMB-013", "PASS"),
        # Whether shop is in the mesh is not said.
        (ENROLLED.replace("shop", "other") + CLOSED, "ZT-AMB-013", "UNKNOWN"),
        (ENROLLED + PROBES, "ZT-AMB-008", "FAIL"),
        # The cluster may have the policy that lets probes in.
        (ENROLLED + CLOSED.replace("8080", "1"), "ZT-AMB-008", "UNKNOWN"),
        (ENROLLED + KIND, "ZT-IST-011", "FAIL"),
        (ENROLLED + KIND.replace("DISABLE", "STRICT"), "ZT-IST-011", "PASS"),
        (ENROLLED, "ZT-PSS-008", "FAIL"),
        (ENROLLED.replace("labels: {", "labels: {pod-security.kubernetes.io/enforce: restricted, "), "ZT-PSS-008", "PASS"),
        (ENROLLED + MAKES_PODS + BUDGET, "ZT-PDB-003", "PASS"),
        (ENROLLED + BUDGET, "ZT-PDB-003", "UNKNOWN"),
        (ENROLLED + MAKES_PODS + BUDGET.replace(", selector: {matchLabels: {app: web}}", ""), "ZT-PDB-003", "FAIL"),
        (SYSTEM + DENIES, "ZT-GK-019", "UNKNOWN"),
        (ENROLLED.replace("ambient", "ambient, istio.io/use-waypoint: gate"), "ZT-IST-016", "UNKNOWN"),
    ],
)
def test_what_is_written_is_judged(text, rule, wanted, tmp_path, folder):
    found, _said = verdicts(tmp_path, folder, text)
    assert wanted in found[rule]
    assert found[rule] <= {wanted, "UNKNOWN"}


def test_what_names_no_mesh_is_asked_nothing_about_one(tmp_path, folder):
    found, text = verdicts(tmp_path, folder, CLOSED)
    assert "ZT-AMB-013" not in found
    assert "NOT judged, as the rules about them are of a mesh, which nothing here asks for" in text


def test_the_user_may_say_that_a_mesh_is_wanted(tmp_path, folder):
    found, _text = verdicts(tmp_path, folder, SYSTEM + CLOSED, ambient=True)
    assert found["ZT-AMB-013"] == {"UNKNOWN"}
