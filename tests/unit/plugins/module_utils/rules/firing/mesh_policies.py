# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, cilium_config


def _policy(bundle, kind, namespace, **spec):
    bundle["api"]["policies"][kind].append({"namespace": namespace, "name": "one", "spec": spec})


_PEER = "peer_authentications"
_STRICT = {"mode": "STRICT"}
_SELECTOR = {"matchLabels": {"app": "web"}}


@case("ZT-IST-010", "namespace gatekeeper-system", "called by the API server for validation.gatekeeper.sh")
def ist_010(b):
    b["api"]["namespaces"]["gatekeeper-system"]["labels"]["istio.io/dataplane-mode"] = "ambient"
    _policy(b, _PEER, "istio-system", mtls=_STRICT)


@case("ZT-IST-011", "PeerAuthentication shop/one", "its mode is DISABLE")
def ist_011(b):
    _policy(b, _PEER, "shop", mtls={"mode": "DISABLE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "its mode is PERMISSIVE")
def ist_013(b):
    _policy(b, _PEER, "istio-system", mtls=_STRICT)
    _policy(b, _PEER, "shop", mtls={"mode": "PERMISSIVE"})


@case("ZT-IST-013", "PeerAuthentication shop/one", "open ports: 8080")
def ist_013_2(b):
    _policy(b, _PEER, "istio-system", mtls=_STRICT)
    _policy(b, _PEER, "shop", selector=_SELECTOR, portLevelMtls={"8080": {"mode": "PERMISSIVE"}})


@case(
    "ZT-IST-014", "AuthorizationPolicy shop/one", "ALLOW with attributes that ztunnel does not know: methods, request.headers[x]"
)
def ist_014(b):
    rule = {"to": [{"operation": {"methods": ["GET"]}}], "when": [{"key": "request.headers[x]", "values": ["y"]}]}
    _policy(b, "authorization_policies", "shop", selector=_SELECTOR, rules=[rule])


@case("ZT-IST-014", "AuthorizationPolicy istio-system/one", "ztunnel does not enforce the action CUSTOM")
def ist_014_2(b):
    _policy(b, "authorization_policies", "istio-system", action="CUSTOM", rules=[{}])


@case("ZT-AMB-011", "cluster", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff is not")
def amb_011(b):
    cilium_config(b, enable_ipv6="true")


@case("ZT-AMB-012", "cluster", "HOST_PROBE_SNAT_IP is 169.254.8.8")
def amb_012(b):
    b["api"]["istio"]["cni"]["containers"]["install-cni"]["env"]["HOST_PROBE_SNAT_IP"] = "169.254.8.8"


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its ingress names ports, and not 15008")
def amb_013(b):
    _policy(b, "network_policies", "shop", podSelector=_SELECTOR, ingress=[{"ports": [{"port": 8080}]}])


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its egress names ports, and not 15008")
def amb_013_2(b):
    egress = [{"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}]
    _policy(b, "network_policies", "shop", podSelector={}, policyTypes=["Egress"], egress=egress)


@case("ZT-AMB-015", "CiliumNetworkPolicy shop/one", "it has rules of http for incoming traffic")
def amb_015(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "/ip"}]}}
    _policy(b, "cilium_network_policies", "shop", endpointSelector={}, ingress=[{"toPorts": [port]}])


@case("ZT-IST-019", "namespace shop", "with a sidecar: web")
def ist_019(b):
    b["api"]["pods"]["shop"][0]["sidecar"] = True


@case("ZT-IST-020", "namespace shop", "on the node's network: web")
def ist_020(b):
    b["api"]["pods"]["shop"][0]["host_network"] = True


@case("ZT-IST-012", "PeerAuthentication istio-system/one", "it is about istio-system only: the mesh's root is istio-config")
def ist_012(b):
    b["api"]["istio"]["mesh_config"]["rootNamespace"] = "istio-config"
    _policy(b, _PEER, "istio-system", mtls=_STRICT)
