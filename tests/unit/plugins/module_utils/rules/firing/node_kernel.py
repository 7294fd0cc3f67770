# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


@case("ZT-NODE-001", "n1", "kernel 5.4.0-200-generic is older than 5.10", "preflight")
def node_001(b):
    b["nodes"]["n1"]["kernel"].update(release="5.4.0-200-generic", version=[5, 4, 0])


@case("ZT-NODE-001", "n2", "kernel 4.18.0-305.el8 is older than 5.10", "preflight")
def node_001_2(b):
    b["nodes"]["n2"]["os"].update(id="rhel", version_id="8.4")
    b["nodes"]["n2"]["kernel"].update(release="4.18.0-305.el8", version=[4, 18, 0])


@case("ZT-NODE-002", "n1", "has no wireguard module", "preflight")
def node_002(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, loadable=False)


@case("ZT-NODE-002", "n1", "/etc/modprobe.d/hardening.conf forbids it", "preflight")
def node_002_2(b):
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, denied_by="/etc/modprobe.d/hardening.conf")


@case("ZT-NODE-002", "n1", "wireguard is not loaded")
def node_002_3(b):
    b["nodes"]["n1"]["modules"]["wireguard"]["loaded"] = False


@case("ZT-NODE-003", "n1", "older than 5.7")
def node_003(b):
    b["nodes"]["n1"]["kernel"].update(release="5.6.19", version=[5, 6, 19])


@case("ZT-NODE-004", "n2", "CONFIG_BPF_JIT", "preflight")
def node_004(b):
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_BPF_JIT"] = "n"


@case("ZT-NODE-004", "n2", "CONFIG_GENEVE", "preflight")
def node_004_2(b):
    b["desired"]["features"]["tunnel_protocol"] = "geneve"
    b["nodes"]["n2"]["kernel"]["config"]["CONFIG_GENEVE"] = "n"


@case("ZT-NODE-006", "n1", "xt_owner", "preflight")
def node_006(b):
    b["nodes"]["n1"]["modules"]["xt_owner"]["loadable"] = False


@case("ZT-NODE-006", "n1", "nft_tproxy", "preflight")
def node_006_2(b):
    values(b, "cni", **{"global": {"nativeNftables": True}})
    b["nodes"]["n1"]["modules"]["nft_tproxy"]["loadable"] = False


@case("ZT-NODE-022", "n1", "FIPS mode", "preflight")
def node_022(b):
    b["nodes"]["n1"]["kernel"]["fips"] = True


@case("ZT-NODE-005", "n1", "CONFIG_NETFILTER_XT_TARGET_TPROXY", "preflight")
def node_005(b):
    values(b, "cilium", l7Proxy=True)
    b["nodes"]["n1"]["kernel"]["config"]["CONFIG_NETFILTER_XT_TARGET_TPROXY"] = "n"


@case("ZT-NODE-024", "n1", "/sys/kernel/btf/vmlinux", "preflight")
def node_024(b):
    b["nodes"]["n1"]["kernel"]["btf"] = False


@case("ZT-NODE-025", "n1", "kernel 6.18.5-1-default (running)", "preflight")
def node_025(b):
    b["nodes"]["n1"]["kernel"].update(release="6.18.5-1-default", version=[6, 18, 5])


@case("ZT-NODE-025", "n2", "kernel 7.2.0-1-default (after the next boot) and Cilium 1.19.7", "preflight")
def node_025_2(b):
    b["charts"]["cilium"]["version"] = "1.19.7"
    b["nodes"]["n2"]["kernel"]["next"].update(release="7.2.0-1-default", version=[7, 2, 0])


def coming(b, **missing):
    kernel = b["nodes"]["n1"]["kernel"]
    modules = {**dict.fromkeys(b["nodes"]["n1"]["modules"], True), **missing}
    kernel["next"].update(release="6.12.120+deb13-amd64", version=[6, 12, 120], modules=modules)


@case("ZT-NODE-026", "n1", "starts kernel 6.12.120+deb13-amd64 (boot loader), which has no wireguard", "preflight")
def node_026(b):
    coming(b, wireguard=False)


@case("ZT-NODE-026", "n1", "which has no xt_owner, ip_set")
def node_026_2(b):
    coming(b, xt_owner=False, ip_set=False, iptable_nat=False)


@case("ZT-NODE-026", "n1", "older than 5.10", "preflight")
def node_026_3(b):
    coming(b)
    b["nodes"]["n1"]["kernel"]["next"].update(release="5.4.0-200-generic", version=[5, 4, 0])


@case("ZT-NODE-027", "n1", "lockdown is integrity", "preflight")
def node_027(b):
    b["nodes"]["n1"]["kernel"].update(lockdown="integrity", secure_boot=True)
    b["nodes"]["n1"]["modules"]["wireguard"].update(loaded=False, loadable=True, in_tree=False)
