# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


@case("ZT-VER-004", "chart ztunnel", "registry.istio.io/release/ztunnel:1.31.0", "preflight")
def ver_004(b):
    container = b["charts"]["ztunnel"]["rendered"]["workloads"]["ztunnel"]["containers"]["istio-proxy"]
    container["image"] = "registry.istio.io/release/ztunnel:1.31.0"


@case("ZT-VER-004", "chart istiod", "gcr.io/istio-release/", "preflight")
def ver_004_2(b):
    b["charts"]["istiod"]["effective"]["global"]["hub"] = "gcr.io/istio-release"


@case("ZT-VER-004", "chart cni", "the chart is brought from https://istio-release.storage.googleapis.com/charts", "preflight")
def ver_004_3(b):
    b["charts"]["cni"]["repo_url"] = "https://istio-release.storage.googleapis.com/charts"


@case("ZT-VER-004", "istio-system", "gcr.io/istio-release/pilot:1.29.8")
def ver_004_4(b):
    b["api"]["istio"]["istiod"]["containers"]["discovery"]["image"] = "gcr.io/istio-release/pilot:1.29.8"


@case("ZT-VER-005", "chart ztunnel", "istiod is 1.31.0, ztunnel is 1.32.0")
def ver_005(b):
    b["api"]["releases"]["istio-system"]["ztunnel"]["version"] = "1.32.0"


@case("ZT-VER-005", "chart cni", "istiod is 1.31.0, cni is 1.29.8")
def ver_005_2(b):
    b["api"]["releases"]["istio-system"]["istio-cni"]["version"] = "1.29.8"


@case("ZT-VER-007", "chart cilium", "1.18.12 is installed, 1.20.2 is wanted", "preflight")
def ver_007(b):
    b["api"]["releases"]["kube-system"]["cilium"]["version"] = "1.18.12"


@case("ZT-VER-009", "CRD tlsroutes.gateway.networking.k8s.io", "its bundle is v1.4.1, istiod reads 1.5.0", "preflight")
def ver_009(b):
    b["api"]["crds"]["tlsroutes.gateway.networking.k8s.io"] = {"bundle-version": "v1.4.1", "channel": "experimental"}


@case("ZT-VER-012", "Deployment istio-system/istiod", "they are sent, and ztunnel is 1.28.9")
def ver_012(b):
    b["api"]["istio"]["istiod"]["containers"]["discovery"]["env"]["AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY"] = "true"
    b["api"]["releases"]["istio-system"]["ztunnel"]["version"] = "1.28.9"


@case("ZT-VER-013", "chart cni", "is rendered as false", "preflight")
def ver_013(b):
    values(b, "cni", compatibilityVersion="1.28")
    config = b["charts"]["cni"]["rendered"]["config_maps"]["istio-cni-config"]
    config["AMBIENT_RECONCILE_POD_RULES_ON_STARTUP"] = "false"


@case("ZT-VER-013", "DaemonSet istio-cni-node", "AMBIENT_RECONCILE_POD_RULES_ON_STARTUP is false")
def ver_013_2(b):
    b["api"]["istio"]["cni_config"]["AMBIENT_RECONCILE_POD_RULES_ON_STARTUP"] = "false"
