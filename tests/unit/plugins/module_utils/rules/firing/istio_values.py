# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import CONFIG, case, cilium_config, enrolled_alone, values


@case("ZT-AMB-003", "chart cilium", "bpf.masquerade is true", "preflight")
def amb_003(b):
    b["charts"]["cilium"]["effective"]["bpf"]["masquerade"] = True


@case("ZT-AMB-003", CONFIG, "enable-bpf-masquerade is true")
def amb_003_2(b):
    cilium_config(b, enable_bpf_masquerade="true")


@case("ZT-AMB-010", "chart cilium", "enableNonDefaultDenyPolicies is false", "preflight")
def amb_010(b):
    values(b, "cilium", enableNonDefaultDenyPolicies=False)


@case("ZT-AMB-010", CONFIG, "enable-non-default-deny-policies is false")
def amb_010_2(b):
    cilium_config(b, enable_non_default_deny_policies="false")


@case("ZT-AMB-018", "chart cilium", "installNoConntrackIptablesRules is true", "preflight")
def amb_018(b):
    values(b, "cilium", installNoConntrackIptablesRules=True)


@case("ZT-AMB-018", CONFIG, "install-no-conntrack-iptables-rules is true")
def amb_018_2(b):
    cilium_config(b, install_no_conntrack_iptables_rules="true")


@case("ZT-AMB-033", "chart cni", "not true: chained", "preflight")
def amb_033(b):
    values(b, "cni", istioOwnedCNIConfig=True, chained=False)


@case(
    "ZT-AMB-034",
    "chart cni",
    "istioOwnedCNIConfigFileName is 00-mesh.conflist, the file will be 02-istio-cni.conflist",
    "preflight",
)
def amb_034(b):
    values(b, "cni", istioOwnedCNIConfig=True, istioOwnedCNIConfigFileName="00-mesh.conflist")


@case("ZT-IST-021", "chart cni", "meant for the mesh, and excluded: shop", "preflight")
def ist_021(b):
    values(b, "cni", excludeNamespaces=["kube-system", "shop"])


@case("ZT-IST-021", "DaemonSet istio-cni-node", "meant for the mesh, and excluded: shop")
def ist_021_2(b):
    b["api"]["istio"]["cni_config"]["EXCLUDE_NAMESPACES"] = "kube-system,shop"


@case("ZT-IST-021", "DaemonSet istio-cni-node", "meant for the mesh, and excluded: desk")
def ist_021_single(b):
    enrolled_alone(b)
    b["api"]["istio"]["cni_config"]["EXCLUDE_NAMESPACES"] = "kube-system,desk"
