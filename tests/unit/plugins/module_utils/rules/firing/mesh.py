# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone


@case("ZT-IST-002", "chart cni", "profile is not set", "preflight")
def ist_002(b):
    b["charts"]["cni"]["values"].pop("profile")


@case("ZT-IST-002", "istio-system", "AMBIENT_ENABLED of istio-cni")
def ist_002_2(b):
    b["api"]["istio"]["cni_config"]["AMBIENT_ENABLED"] = "false"


@case("ZT-IST-003", "chart istiod", "keeps at least 1", "preflight")
def ist_003(b):
    b["charts"]["istiod"]["rendered"]["autoscalers"]["istiod"]["min"] = 1


@case("ZT-IST-003", "Deployment istio-system/istiod", "1 ready pods, at least 2 wanted")
def ist_003_2(b):
    b["api"]["istio"]["istiod"]["status"].update(wanted=1, ready=1, updated=1)


@case("ZT-IST-004", "chart istiod", "no PodDisruptionBudget", "preflight")
def ist_004(b):
    b["charts"]["istiod"]["rendered"]["budgets"] = {}


@case("ZT-IST-004", "PodDisruptionBudget istio-system/istiod", "allows no eviction now")
def ist_004_2(b):
    budget = next(one for one in b["api"]["budgets"] if one["name"] == "istiod")
    budget["status"].update(allowed=0, healthy=1)


@case("ZT-IST-005", "chart istiod", "REGISTRY_ONLY", "preflight")
def ist_005(b):
    b["charts"]["istiod"]["effective"].setdefault("meshConfig", {})["outboundTrafficPolicy"] = {"mode": "REGISTRY_ONLY"}


@case("ZT-IST-005", "ConfigMap istio-system/istio", "REGISTRY_ONLY")
def ist_005_2(b):
    b["api"]["istio"]["mesh_config"]["outboundTrafficPolicy"] = {"mode": "REGISTRY_ONLY"}


@case("ZT-IST-017", "namespace default", "the annotation")
def ist_017(b):
    b["api"]["namespaces"]["default"]["dataplane_annotation"] = "ambient"


@case("ZT-IST-017", "Deployment shop/web", "istio.io/dataplane-mode: none of its pods has no effect")
def ist_017_pods(b):
    b["api"]["workloads"][-1]["dataplane_annotations"] = {"istio.io/dataplane-mode": "none"}


@case("ZT-IST-017", "namespace default", "ambient.istio.io/redirection: enabled has no effect: it is a status of pods")
def ist_017_status(b):
    b["api"]["namespaces"]["default"]["redirection"] = "enabled"


@case("ZT-IST-017", "Deployment shop/web", "of its pods has istio-cni and istiod take each for redirected before it is")
def ist_017_pods_status(b):
    b["api"]["workloads"][-1]["dataplane_annotations"] = {"ambient.istio.io/redirection": "enabled"}


@case("ZT-IST-017", "Deployment shop/web", "redirection: disabled of its pods is istio-cni's to write, and says nothing to it")
def ist_017_pods_status_off(b):
    b["api"]["workloads"][-1]["dataplane_annotations"] = {"ambient.istio.io/redirection": "disabled"}


@case(
    "ZT-IST-017", "Deployment shop/web", "istio.io/dataplane-mode: none is a label of the Deployment itself: its pods do not get"
)
def ist_017_object(b):
    b["api"]["workloads"][-1]["own"] = {"labels": {"istio.io/dataplane-mode": "none"}, "annotations": {}}


@case("ZT-IST-017", "Deployment shop/web", "istio.io/dataplane-mode=Ambient of its pods")
def ist_017_pods_label(b):
    b["api"]["workloads"][-1]["labels"]["istio.io/dataplane-mode"] = "Ambient"


@case("ZT-IST-018", "namespace shop", "in plain text: web")
def ist_018(b):
    b["api"]["pods"]["shop"][0]["redirection"] = None


@case("ZT-IST-018", "namespace shop", "unknown to ztunnel: web")
def ist_018_2(b):
    b["api"]["pods"]["shop"][0]["redirection"] = "pending"


@case("ZT-IST-022", "charts cni and ztunnel", "cni goes to istio-system, ztunnel to mesh", "preflight")
def ist_022(b):
    b["charts"]["ztunnel"]["namespace"] = "mesh"


@case("ZT-IST-022", "Deployment istio-system/istiod", "istiod trusts other/ztunnel")
def ist_022_2(b):
    b["api"]["istio"]["istiod"]["containers"]["discovery"]["env"]["CA_TRUSTED_NODE_ACCOUNTS"] = "other/ztunnel"


@case("ZT-IST-025", "DaemonSet istio-system/ztunnel", "SECRET_TTL is 2400h")
def ist_025(b):
    b["api"]["istio"]["ztunnel"]["containers"]["istio-proxy"]["env"]["SECRET_TTL"] = "2400h"


@case("ZT-IST-035", "namespace shop", "is not set")
def ist_035(b):
    b["api"]["namespaces"]["shop"]["labels"].pop("istio.io/dataplane-mode")


@case("ZT-IST-036", "DaemonSet istio-system/ztunnel", "no ready pod on n1")
def ist_036(b):
    for pod in b["api"]["pods"]["istio-system"]:
        if pod["node"] == "node1" and pod["labels"].get("app") == "ztunnel":
            pod["ready"] = False


@case("ZT-IST-018", "namespace desk", "in plain text: web")
def ist_018_single(b):
    enrolled_alone(b)
    b["api"]["enrolled_pods"][-1]["redirection"] = None
