# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that guides prescribe, as they stand there: each wrong one is told with what to write, without any cluster or chart.

The same files are judged beside the values that guides prescribe, with the real charts, in molecule/default/tests.
"""

import json
import shutil
from pathlib import Path

import pytest
from test_folder_evidence import judged, read

PRESCRIBED = Path(__file__).resolve().parents[4] / "molecule" / "default" / "tests" / "prescribed"
IN_MESH = ("namespace-shop", "peerauthentication")


@pytest.fixture
def findings(tmp_path, folder):
    """Judge these files, of a cluster whose mesh is ambient."""

    def judge(*names):
        for name in names:
            shutil.copy(PRESCRIBED / f"{name}.yaml", folder)
        judged(tmp_path, read(tmp_path, folder, ambient=True), report_dir=str(tmp_path / "made"), formats=["json"])
        return json.loads((tmp_path / "made" / "plan.json").read_text())["findings"]

    return judge


@pytest.mark.parametrize(
    "files,rule,subject,says,write",
    [
        # To leave the mesh by an annotation, of the object or of its pods.
        (
            ("deployment",),
            *("ZT-IST-017", "Deployment shop/app", "annotation istio.io/dataplane-mode: none of its pods has no effect"),
            "a label of the namespace, or of the pod template",
        ),
        (
            ("deployment",),
            *("ZT-IST-017", "Deployment shop/app", "redirection: disabled is an annotation of the Deployment itself"),
            "remove ambient.istio.io/redirection",
        ),
        # Fields of containers in the securityContext of a pod.
        (
            ("deployment",),
            *("ZT-PSS-003", "Deployment shop/app", "allowPrivilegeEscalation, capabilities, readOnlyRootFilesystem"),
            "securityContext of every container",
        ),
        # A budget for what a DaemonSet makes.
        (
            ("pdb-cilium",),
            *("ZT-CIL-032", "PodDisruptionBudget kube-system/cilium", "it selects pods of a DaemonSet"),
            "updateStrategy",
        ),
        (
            ("pdb-ztunnel",),
            *("ZT-CIL-032", "PodDisruptionBudget istio-system/ztunnel", "it selects pods of a DaemonSet"),
            "updateStrategy",
        ),
        # Limits demanded of the platform, whose charts set none.
        (
            ("namespace", "constrainttemplate", "constraint"),
            *("ZT-GK-019", "K8sRequiredResources limits", "it denies, and covers pods of kube-system"),
            "spec.match.excludedNamespaces",
        ),
        # A gateway outside the mesh is to reach pods under STRICT by TLS of its own.
        (
            (*IN_MESH, "service"),
            *("ZT-IST-008", "Service shop/app", "a LoadBalancer for pods that are in the mesh under STRICT"),
            "portLevelMtls",
        ),
        # HTTP in a policy that ztunnel is given.
        (
            (*IN_MESH, "authorizationpolicy"),
            *("ZT-IST-014", "AuthorizationPolicy shop/read-only", "attributes that ztunnel does not know: methods"),
            "Attach the policy to a waypoint",
        ),
        # The application's port is let in, and the mesh's is not.
        (
            (*IN_MESH, "networkpolicy"),
            *("ZT-AMB-013", "NetworkPolicy shop/app", "its ingress names ports, and not 15008"),
            "{port: 15008, protocol: TCP}",
        ),
    ],
)
def test_a_prescribed_object_that_is_wrong_is_told(findings, files, rule, subject, says, write):
    found = [one for one in findings(*files) if (one["id"], one["subject"], one["verdict"]) == (rule, subject, "FAIL")]
    assert any(says in one["message"] and write in one["remedy"] for one in found), found


@pytest.mark.parametrize(
    "files,rule,says",
    [
        # A template, and nothing that uses it.
        (
            ("constrainttemplate",),
            "ZT-GK-009",
            "none of the files has a constraint of K8sRequiredResources; the cluster may",
        ),
        # A default deny, and nothing that lets probes in.
        ((*IN_MESH, "networkpolicy"), "ZT-AMB-008", "lets 169.254.7.127/32 in to what NetworkPolicy shop/app closes"),
    ],
)
def test_what_the_cluster_may_have_besides_is_unknown_with_what_is_asked_of_it(findings, files, rule, says):
    found = [one["message"] for one in findings(*files) if (one["id"], one["verdict"]) == (rule, "UNKNOWN")]
    assert any(says in one for one in found), found


def test_a_template_whose_constraint_is_among_the_files_is_as_it_should_be(findings):
    found = findings("constrainttemplate", "constraint")
    assert [one["verdict"] for one in found if one["id"] == "ZT-GK-009"] == ["PASS"]


@pytest.mark.parametrize("files", [("namespace",), IN_MESH])
def test_what_is_prescribed_and_right_is_not_told(findings, files):
    assert [one["id"] for one in findings(*files) if one["verdict"] == "FAIL"] == []
