# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, cilium_config, enrolled_alone, policy

_CLUSTERWIDE = "cilium_clusterwide_network_policies"
_SELECTOR = {"matchLabels": {"app": "web"}}


def without_probes(b):
    """Nothing lets probes in, which harms nobody as long as nothing is closed."""
    b["api"]["policies"][_CLUSTERWIDE] = [one for one in b["api"]["policies"][_CLUSTERWIDE] if one["name"] == "hosts"]


@case("ZT-AMB-008", "cluster", "nothing allows 169.254.7.127/32")
def amb_008(b):
    b["api"]["policies"]["cilium_clusterwide_network_policies"] = []
    b["api"]["policies"]["network_policies"] = [
        {"namespace": "shop", "name": "default-deny", "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}
    ]


@case("ZT-AMB-008", "cluster", "lacks enableDefaultDeny")
def amb_008_2(b):
    del b["api"]["policies"]["cilium_clusterwide_network_policies"][0]["spec"]["enableDefaultDeny"]


@case("ZT-AMB-008", "cluster", "denied by CiliumClusterwideNetworkPolicy one (in shop)")
def amb_008_3(b):
    without_probes(b)
    policy(b, _CLUSTERWIDE, "", endpointSelector={}, ingress=[{}])


@case("ZT-AMB-008", "cluster", "denied by NetworkPolicy shop/one")
def amb_008_4(b):
    b["api"]["policies"][_CLUSTERWIDE][0]["spec"]["endpointSelector"] = {"matchLabels": {"app": "other"}}
    policy(b, "network_policies", "shop", podSelector=_SELECTOR, policyTypes=["Ingress"])


@case("ZT-AMB-008", "cluster", "denied by CiliumNetworkPolicy shop/one")
def amb_008_5(b):
    policy(b, "cilium_network_policies", "shop", endpointSelector=_SELECTOR, ingressDeny=[{"fromEntities": ["world"]}])


@case("ZT-AMB-008", "cluster", "denied by enable-policy: always (in shop)")
def amb_008_6(b):
    without_probes(b)
    cilium_config(b, enable_policy="always")


@case("ZT-AMB-008", "cluster", "denied by NetworkPolicy desk/one")
def amb_008_single(b):
    without_probes(b)
    enrolled_alone(b)
    policy(b, "network_policies", "desk", podSelector={}, policyTypes=["Ingress"])


@case("ZT-AMB-011", "cluster", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff is not")
def amb_011(b):
    cilium_config(b, enable_ipv6="true")


@case("ZT-AMB-012", "cluster", "HOST_PROBE_SNAT_IP is 169.254.8.8")
def amb_012(b):
    b["api"]["istio"]["cni"]["containers"]["install-cni"]["env"]["HOST_PROBE_SNAT_IP"] = "169.254.8.8"
