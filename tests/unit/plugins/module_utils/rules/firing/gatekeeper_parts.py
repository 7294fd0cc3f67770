# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


def generated(b, groups, resources, policy="Fail", **more):
    one = {
        "name": "gatekeeper-k8sprivileged",
        "failure_policy": policy,
        "param_group": "constraints.gatekeeper.sh",
        "param_kind": "K8sPrivileged",
        "rules": [{"groups": groups, "resources": resources}],
        "excluded": [],
        "namespace_selector": {},
        "object_selector": {},
        "match_conditions": [],
        **more,
    }
    b["api"]["gatekeeper"]["admission_policies"].append(one)


@case(
    "ZT-GK-035", "ValidatingAdmissionPolicy gatekeeper-k8sprivileged", "it fails closed on Leases, Node objects, CiliumIdentities"
)
def gk_035(b):
    # One that leaves them out, and one that does not insist, are no fault.
    generated(b, [""], ["pods"])
    generated(b, ["*"], ["*"], "Ignore")
    b["api"]["gatekeeper"]["admission_policies"][-1]["name"] = "gatekeeper-other"
    generated(b, ["*"], ["*"])


@case("ZT-GK-036", "chart gatekeeper", "disableAudit is true", "preflight")
def gk_036(b):
    values(b, "gatekeeper", disableAudit=True)


@case("ZT-GK-036", "Deployment gatekeeper-system/gatekeeper-audit", "there is none")
def gk_036_2(b):
    b["api"]["gatekeeper"]["audit"] = None


@case("ZT-GK-036", "Deployment gatekeeper-system/gatekeeper-audit", "0 of 1 pods are ready")
def gk_036_3(b):
    b["api"]["gatekeeper"]["audit"]["status"]["ready"] = 0


@case("ZT-GK-037", "Config gatekeeper-system/exemptions", "nothing reads it")
def gk_037(b):
    b["api"]["gatekeeper"]["other_configs"] = ["gatekeeper-system/exemptions"]
