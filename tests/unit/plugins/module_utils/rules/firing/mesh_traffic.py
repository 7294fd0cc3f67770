# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone

_STRICT = {"mtls": {"mode": "STRICT"}}


def policy(b, kind, namespace="shop", **spec):
    b["api"]["policies"][kind].append({"namespace": namespace, "name": "one", "spec": spec})


def strict(b):
    policy(b, "peer_authentications", "istio-system", **_STRICT)


def registry_only(b):
    b["api"]["istio"]["mesh_config"]["outboundTrafficPolicy"] = {"mode": "REGISTRY_ONLY"}


@case("ZT-IST-006", "namespace shop", "no policy denies egress to its pods")
def ist_006(b):
    registry_only(b)
    policy(b, "network_policies", podSelector={}, policyTypes=["Ingress"])


@case("ZT-IST-006", "namespace shop", "NetworkPolicy shop/one lets its pods out to every address")
def ist_006_open(b):
    registry_only(b)
    policy(b, "network_policies", podSelector={}, policyTypes=["Egress"], egress=[{}])


@case("ZT-IST-006", "namespace shop", "CiliumClusterwideNetworkPolicy one lets its pods out")
def ist_006_world(b):
    registry_only(b)
    policy(b, "cilium_clusterwide_network_policies", "", endpointSelector={}, egress=[{"toEntities": ["world"]}])


@case("ZT-IST-006", "namespace desk", "no policy denies egress to its pods")
def ist_006_single(b):
    registry_only(b)
    enrolled_alone(b)
    policy(b, "network_policies", podSelector={}, policyTypes=["Egress"])


@case("ZT-IST-038", "DestinationRule shop/one", "it begins TLS to api.example.com")
def ist_038(b):
    policy(b, "destination_rules", host="api.example.com", trafficPolicy={"tls": {"mode": "SIMPLE"}})


@case("ZT-IST-038", "DestinationRule shop/one", "it begins TLS to api.example.com")
def ist_038_2(b):
    port = {"port": {"number": 443}, "tls": {"mode": "MUTUAL"}}
    policy(b, "destination_rules", host="api.example.com", trafficPolicy={"portLevelSettings": [port]})


def service(b, **more):
    found = {"namespace": "shop", "name": "web", "type": "LoadBalancer", "selector": {"app": "web"}, "ports": [8080], **more}
    b["api"]["services"].append(found)


@case("ZT-IST-008", "Service shop/web", "a LoadBalancer for pods that are in the mesh under STRICT")
def ist_008(b):
    strict(b)
    service(b)


def monitor(b, **more):
    b["api"]["monitoring"] = {
        "prometheuses": [{"namespace": "monitoring", "name": "k8s"}],
        "servicemonitors": [
            {
                "kind": "ServiceMonitor",
                "namespace": "monitoring",
                "name": "web",
                "any": False,
                "namespaces": ["shop"],
                "selector": {"matchLabels": {"app": "web"}},
                **more,
            }
        ],
        "podmonitors": None,
    }


@case("ZT-IST-009", "ServiceMonitor monitoring/web", "pods of shop, and Prometheus in monitoring is not in the mesh")
def ist_009(b):
    strict(b)
    monitor(b)


@case("ZT-IST-039", "Sidecar shop/one", "no pod of its namespace has a sidecar")
def ist_039(b):
    policy(b, "sidecars", egress=[{"hosts": ["./*"]}])


@case("ZT-IST-040", "namespace shop", "webhook namespace.sidecar-injector.istio.io gives its pods a sidecar")
def ist_040(b):
    b["api"]["namespaces"]["shop"]["labels"]["istio-injection"] = "enabled"


@case("ZT-IST-008", "Service desk/web", "a LoadBalancer for pods that are in the mesh under STRICT")
def ist_008_single(b):
    strict(b)
    enrolled_alone(b)
    service(b, namespace="desk")


@case("ZT-IST-009", "PodMonitor monitoring/web", "pods of desk, and Prometheus in monitoring is not in the mesh")
def ist_009_single(b):
    strict(b)
    enrolled_alone(b)
    monitor(b, namespaces=["desk"])
    read = {**b["api"]["monitoring"]["servicemonitors"].pop(), "kind": "PodMonitor"}
    b["api"]["monitoring"].update(servicemonitors=[], podmonitors=[read])


@case("ZT-IST-009", "ServiceMonitor monitoring/web", "Prometheus in shop is not in the mesh")
def ist_009_out(b):
    strict(b)
    monitor(b)
    b["api"]["monitoring"]["prometheuses"][0]["namespace"] = "shop"
    own = {"name": "prometheus-k8s-0", "owner": "StatefulSet/prometheus-k8s", "labels": {"istio.io/dataplane-mode": "none"}}
    b["api"]["pods"]["shop"].append({**b["api"]["pods"]["shop"][0], **own})


@case("ZT-IST-039", "Sidecar desk/one", "it selects pods that are in the mesh by a label of their own")
def ist_039_single(b):
    enrolled_alone(b)
    policy(b, "sidecars", "desk", workloadSelector={"labels": {"app": "web"}})


@case("ZT-IST-040", "pod desk/web", "webhook namespace.sidecar-injector.istio.io gives it a sidecar")
def ist_040_single(b):
    enrolled_alone(b)
    b["api"]["namespaces"]["desk"]["labels"]["istio-injection"] = "enabled"
