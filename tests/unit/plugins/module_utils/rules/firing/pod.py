# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-PSS-001", "namespace istio-system", "it enforces restricted")
def pss_001(b):
    b["api"]["namespaces"]["istio-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"


@case("ZT-PSS-002", "namespace kube-system", "it enforces baseline", "preflight")
def pss_002(b):
    b["api"]["namespaces"]["kube-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"


_REFUSES = "which is no level: the API server refuses the namespace"


@case("ZT-PSS-001", "namespace istio-system", f"enforce is Privileged, {_REFUSES}")
def pss_001_misspelt(b):
    b["api"]["namespaces"]["istio-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "Privileged"


@case("ZT-PSS-002", "namespace kube-system", f"enforce is none, {_REFUSES}", "preflight")
def pss_002_misspelt(b):
    b["api"]["namespaces"]["kube-system"]["labels"]["pod-security.kubernetes.io/enforce"] = "none"


@case("ZT-PSS-006", "namespace gatekeeper-system", "enforce-version is 1.30, which is no version")
def pss_006_version(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["pod-security.kubernetes.io/enforce-version"] = "1.30"


@case("ZT-PSS-008", "namespace shop", "enforce-version is v2, which is no version")
def pss_008_version(b):
    b["api"]["namespaces"]["shop"]["labels"]["pod-security.kubernetes.io/enforce-version"] = "v2"


@case("ZT-PSS-006", "namespace gatekeeper-system", "it enforces nothing")
def pss_006(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"].pop("pod-security.kubernetes.io/enforce")


@case("ZT-PSS-008", "namespace shop", "it enforces privileged")
def pss_008(b):
    b["api"]["namespaces"]["shop"]["labels"]["pod-security.kubernetes.io/enforce"] = "privileged"


def refused(message, last):
    about = {"reason": "FailedCreate", "kind": "ReplicaSet", "namespace": "shop", "name": "web-6d4c"}
    return {**about, "message": message, "count": 12, "last": last}


@case("ZT-PSS-009", "ReplicaSet shop/web-6d4c", 'violates PodSecurity "restricted:latest": privileged')
def pss_009(b):
    said = 'Error creating: pods "web-6d4c-" is forbidden: violates PodSecurity "restricted:latest": privileged (container "c")'
    b["api"]["events"].append(refused(said, b["collected_at"]))


@case("ZT-PSS-009", "ReplicaSet shop/web-6d4c", "denied the request: [privileged-containers]")
def pss_009_policy(b):
    said = 'Error creating: admission webhook "validation.gatekeeper.sh" denied the request: [privileged-containers] no'
    b["api"]["events"].append(refused(said, b["collected_at"]))


@case("ZT-PSS-003", "Deployment shop/web", "capabilities, readOnlyRootFilesystem", "preflight")
def pss_003(b):
    b["api"]["workloads"][-1]["container_fields"] = ["capabilities", "readOnlyRootFilesystem"]
