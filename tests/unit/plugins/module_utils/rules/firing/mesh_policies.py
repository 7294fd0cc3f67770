# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone, policy

_CILIUM, _CLUSTERWIDE = "cilium_network_policies", "cilium_clusterwide_network_policies"
_SELECTOR = {"matchLabels": {"app": "web"}}


@case(
    "ZT-IST-014", "AuthorizationPolicy shop/one", "ALLOW with attributes that ztunnel does not know: methods, request.headers[x]"
)
def ist_014(b):
    rule = {"to": [{"operation": {"methods": ["GET"]}}], "when": [{"key": "request.headers[x]", "values": ["y"]}]}
    policy(b, "authorization_policies", "shop", selector=_SELECTOR, rules=[rule])


@case("ZT-IST-014", "AuthorizationPolicy istio-system/one", "ztunnel does not enforce the action CUSTOM")
def ist_014_2(b):
    policy(b, "authorization_policies", "istio-system", action="CUSTOM", rules=[{}])


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its ingress names ports, and not 15008")
def amb_013(b):
    policy(b, "network_policies", "shop", podSelector=_SELECTOR, ingress=[{"ports": [{"port": 8080}]}])


@case("ZT-AMB-013", "CiliumNetworkPolicy shop/one", "its ingress names ports, and not 15008")
def amb_013_cilium(b):
    to_ports = [{"ports": [{"port": "8080", "protocol": "TCP"}]}]
    policy(b, _CILIUM, "shop", endpointSelector={}, ingress=[{"fromEndpoints": [{}], "toPorts": to_ports}])


@case("ZT-AMB-013", "CiliumClusterwideNetworkPolicy one", "its egress names ports, and not 15008")
def amb_013_clusterwide(b):
    to_ports = [{"ports": [{"port": "8080", "protocol": "TCP"}]}]
    policy(b, _CLUSTERWIDE, "", endpointSelector=_SELECTOR, egress=[{"toEntities": ["cluster"], "toPorts": to_ports}])


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its ingress names ports, and not 15008")
def amb_013_any_namespace(b):
    ingress = [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 8080}]}]
    policy(b, "network_policies", "shop", podSelector={}, ingress=ingress)


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its egress names ports, and not 15008")
def amb_013_to_any_namespace(b):
    egress = [{"to": [{"namespaceSelector": {}}], "ports": [{"port": 8080}]}]
    policy(b, "network_policies", "shop", podSelector={}, policyTypes=["Egress"], egress=egress)


@case("ZT-AMB-013", "NetworkPolicy desk/one", "its ingress names ports, and not 15008")
def amb_013_single(b):
    enrolled_alone(b)
    policy(b, "network_policies", "desk", podSelector=_SELECTOR, ingress=[{"ports": [{"port": 8080}]}])


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its egress names ports, and not 15008")
def amb_013_2(b):
    egress = [{"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}]
    policy(b, "network_policies", "shop", podSelector={}, policyTypes=["Egress"], egress=egress)


@case("ZT-AMB-015", "CiliumNetworkPolicy shop/one", "it has rules of http for incoming traffic")
def amb_015(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "/ip"}]}}
    policy(b, "cilium_network_policies", "shop", endpointSelector={}, ingress=[{"toPorts": [port]}])


@case("ZT-AMB-015", "CiliumClusterwideNetworkPolicy one", "it has rules of http for incoming traffic")
def amb_015_clusterwide(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{}]}}
    policy(b, _CLUSTERWIDE, "", endpointSelector={}, ingress=[{"toPorts": [port]}])


@case("ZT-AMB-015", "CiliumNetworkPolicy shop/one", "it has rules of http for outgoing traffic")
def amb_015_egress(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}
    policy(b, _CILIUM, "shop", endpointSelector={}, egress=[{"toPorts": [port]}])


@case("ZT-AMB-015", "CiliumNetworkPolicy desk/one", "it has rules of http for incoming traffic")
def amb_015_single(b):
    enrolled_alone(b)
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "/ip"}]}}
    policy(b, _CILIUM, "desk", endpointSelector={}, ingress=[{"toPorts": [port]}])


@case("ZT-IST-014", "AuthorizationPolicy desk/one", "ALLOW with attributes that ztunnel does not know: methods")
def ist_014_single(b):
    enrolled_alone(b)
    rule = {"to": [{"operation": {"methods": ["GET"]}}]}
    policy(b, "authorization_policies", "desk", selector=_SELECTOR, rules=[rule])


@case("ZT-AMB-014", "NetworkPolicy shop/one", "it names 15008 and other ports")
def amb_014(b):
    policy(b, "network_policies", "shop", podSelector=_SELECTOR, ingress=[{"ports": [{"port": 8080}, {"port": 15008}]}])


@case("ZT-AMB-014", "NetworkPolicy shop/one", "no AuthorizationPolicy says which")
def amb_014_unrelated(b):
    amb_014(b)
    other = {"from": [{"source": {"namespaces": ["q"]}}]}
    policy(b, "authorization_policies", "shop", selector={"matchLabels": {"app": "other"}}, action="DENY", rules=[other])
    policy(b, "authorization_policies", "shop", selector=_SELECTOR, rules=[other])


@case("ZT-AMB-014", "CiliumNetworkPolicy shop/one", "it names 15008 and other ports")
def amb_014_cilium(b):
    ports = [{"ports": [{"port": "8080"}, {"port": "15008", "protocol": "TCP"}]}]
    policy(b, _CILIUM, "shop", endpointSelector={}, ingress=[{"fromEndpoints": [{}], "toPorts": ports}])
