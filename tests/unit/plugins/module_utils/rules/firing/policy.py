# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-GK-008", "chart gatekeeper", "1 replica is rendered", "preflight")
def gk_008(b):
    b["charts"]["gatekeeper"]["rendered"]["workloads"]["gatekeeper-controller-manager"]["replicas"] = 1


@case("ZT-GK-008", "Deployment gatekeeper-system/gatekeeper-controller-manager", "1 ready pods")
def gk_008_2(b):
    b["api"]["gatekeeper"]["controller"]["status"]["ready"] = 1


@case("ZT-GK-009", "template K8sPrivileged", "it has no constraint")
def gk_009(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"] = {}


@case("ZT-GK-010", "template k8sprivileged", "rego_parse_error")
def gk_010(b):
    b["api"]["gatekeeper"]["templates"]["k8sprivileged"]["errors"] = ["gatekeeper-audit: rego_parse_error"]


@case("ZT-GK-019", "K8sPrivileged no-privileged", "covers pods of istio-system, kube-system")
def gk_019(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["match"].pop("excludedNamespaces")
    for name in ("kube-system", "istio-system", "gatekeeper-system"):
        b["api"]["namespaces"][name]["labels"].pop("admission.gatekeeper.sh/ignore", None)
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["admission.gatekeeper.sh/ignore"] = "no-self-managing"
