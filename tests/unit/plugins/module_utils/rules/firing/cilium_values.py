# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import CONFIG, case, cilium_config, values


def _strict(bundle, way="egress", **values):
    encryption = bundle["charts"]["cilium"]["effective"]["encryption"]
    encryption["strictMode"][way].update(enabled=True, **values)


@case("ZT-CIL-011", "chart cilium", "chart 1.20.2 does not read it", "preflight")
def cil_011(b):
    b["charts"]["cilium"]["effective"]["encryption"]["strictMode"].update(enabled=True, cidr="10.244.0.0/16")


@case("ZT-CIL-011", "chart cilium", "encryption.strictMode.ingress.enabled is true; chart 1.18.12", "preflight")
def cil_011_2(b):
    b["charts"]["cilium"]["version"] = "1.18.12"
    _strict(b, "ingress")


@case("ZT-CIL-013", "chart cilium", "strict egress does not cover IPv6", "preflight")
def cil_013(b):
    _strict(b, cidr="10.244.0.0/16", allowRemoteNodeIdentities=True)
    b["charts"]["cilium"]["effective"]["ipv6"] = {"enabled": True}


@case("ZT-CIL-014", "chart cilium", "routingMode is tunnel", "preflight")
def cil_014(b):
    _strict(b, cidr="10.244.0.0/16")


@case("ZT-CIL-014", "chart cilium", "192.0.0.0/8 holds node addresses: n1 (192.0.2.11)", "preflight")
def cil_014_2(b):
    _strict(b, cidr="192.0.0.0/8")
    values(b, "cilium", routingMode="native")


@case("ZT-CIL-014", "chart cilium", "routingMode is tunnel", "preflight")
def cil_014_3(b):
    b["charts"]["cilium"]["version"] = "1.18.12"
    b["charts"]["cilium"]["effective"]["encryption"]["strictMode"] = {"enabled": True, "cidr": "10.244.0.0/16"}


@case("ZT-CIL-015", "chart cilium", "10.244.0.0/16 is not within 10.244.0.0/17", "preflight")
def cil_015(b):
    _strict(b, cidr="10.244.0.0/17", allowRemoteNodeIdentities=True)


@case("ZT-CIL-015", "chart cilium", "its cidr is ''", "preflight")
def cil_015_2(b):
    _strict(b)


@case("ZT-CIL-016", "chart cilium", "encryption is not WireGuard's", "preflight")
def cil_016(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "ipsec"


@case("ZT-CIL-016", "chart cilium", "cni.chainingMode is generic-veth", "preflight")
def cil_016_2(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["effective"]["cni"]["chainingMode"] = "generic-veth"


@case("ZT-CIL-016", "chart cilium", "routingMode is native with Cilium 1.19.5", "preflight")
def cil_016_3(b):
    _strict(b, "ingress")
    b["charts"]["cilium"]["version"] = "1.19.5"
    values(b, "cilium", routingMode="native")


@case("ZT-CIL-021", "chart cilium", "XDP acceleration is native", "preflight")
def cil_021(b):
    b["charts"]["cilium"]["effective"]["loadBalancer"]["acceleration"] = "native"


@case("ZT-CIL-021", CONFIG, "mode is dsr, with dispatch opt")
def cil_021_2(b):
    cilium_config(b, bpf_lb_mode="dsr")


@case("ZT-CIL-027", "chart cilium", "no policy is in gatekeeper-system, istio-system, kube-system", "preflight")
def cil_027(b):
    values(b, "cilium", policyEnforcementMode="always")


@case("ZT-CIL-027", CONFIG, "no policy is in gatekeeper-system, istio-system")
def cil_027_2(b):
    cilium_config(b, enable_policy="always")
    b["api"]["policies"]["network_policies"] = [{"namespace": "kube-system", "name": "dns", "spec": {"podSelector": {}}}]


@case("ZT-CIL-028", "chart cilium", "rollOutCiliumPods is False", "preflight")
def cil_028(b):
    values(b, "cilium", rollOutCiliumPods=False)


@case("ZT-CIL-030", "chart cilium", "the chaining mode is flannel", "preflight")
def cil_030(b):
    b["charts"]["cilium"]["effective"]["cni"]["chainingMode"] = "flannel"


@case("ZT-CIL-030", CONFIG, "the chaining mode is generic-veth")
def cil_030_2(b):
    cilium_config(b, cni_chaining_mode="generic-veth")


@case("ZT-CIL-031", "chart cilium", "Relay's server has no TLS", "preflight")
def cil_031(b):
    b["charts"]["cilium"]["effective"]["hubble"]["relay"]["enabled"] = True


@case("ZT-CIL-032", "PodDisruptionBudget istio-system/ztunnel", "it selects pods of a DaemonSet")
def cil_032(b):
    b["api"]["budgets"].append({**b["api"]["budgets"][0], "name": "ztunnel", "selector": {"app": "ztunnel"}})
