# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, policy

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


@case("ZT-AMB-013", "NetworkPolicy shop/one", "its egress names ports, and not 15008")
def amb_013_2(b):
    egress = [{"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}]
    policy(b, "network_policies", "shop", podSelector={}, policyTypes=["Egress"], egress=egress)


@case("ZT-AMB-015", "CiliumNetworkPolicy shop/one", "it has rules of http for incoming traffic")
def amb_015(b):
    port = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "/ip"}]}}
    policy(b, "cilium_network_policies", "shop", endpointSelector={}, ingress=[{"toPorts": [port]}])
