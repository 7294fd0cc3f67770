# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

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


@case("ZT-NODE-009", "n1", "Kubernetes says 10.0.0.1, the inventory says 192.0.2.11", "preflight")
def node_009(b):
    b["api"]["nodes"]["node1"]["internal_ips"] = ["10.0.0.1"]


@case("ZT-NODE-009", "n2", "on no link of the node", "preflight")
def node_009_2(b):
    next(one for one in b["nodes"]["n2"]["links"] if one["name"] == "eth0")["addresses"] = ["192.0.2.99/24"]


@case("ZT-NODE-010", "n1", "42 in iptables")
def node_010(b):
    b["nodes"]["n1"]["kube_proxy"]["chains"]["iptables"] = 42


@case("ZT-NODE-010", "n1", "kube-proxy runs")
def node_010_2(b):
    b["nodes"]["n1"]["kube_proxy"]["process"] = True


@case("ZT-NODE-016", "n2", "unreachable: no route to host", "preflight")
def node_016(b):
    b["nodes"]["n2"] = {"missing": [{"path": "", "reason": "unreachable: no route to host"}]}


@case("ZT-NODE-017", "n1", "51871/udp (WireGuard) by wg-quick", "preflight")
def node_017(b):
    port = next(one for one in b["nodes"]["n1"]["ports"] if one["port"] == 51871)
    port.update(listening=True, process="wg-quick")


@case("ZT-NODE-018", "n1", "on for lxc5f2a (2)")
def node_018(b):
    next(one for one in b["nodes"]["n1"]["links"] if one["name"] == "lxc5f2a")["rp_filter"] = 2


@case("ZT-NODE-018", "n2", "all = 1")
def node_018_2(b):
    b["nodes"]["n2"]["sysctls"]["net.ipv4.conf.all.rp_filter"]["value"] = "1"


@case("ZT-NODE-019", "n1", "cni plugin not initialized")
def node_019(b):
    b["api"]["nodes"]["node1"].update(ready=False, reason="KubeletNotReady: cni plugin not initialized")


@case("ZT-NODE-020", "n1", "has no node 'web-1'", "preflight")
def node_020(b):
    b["desired"]["nodes"]["n1"]["node_name"] = "web-1"


@case("ZT-NODE-020", "node3", "not in the inventory", "preflight")
def node_020_2(b):
    b["api"]["nodes"]["node3"] = copy.deepcopy(b["api"]["nodes"]["node2"])


@case("ZT-NODE-021", "n2", "the same /etc/machine-id as n1")
def node_021(b):
    b["nodes"]["n2"]["machine_id"] = b["nodes"]["n1"]["machine_id"]


@case("ZT-NODE-022", "n1", "FIPS mode", "preflight")
def node_022(b):
    b["nodes"]["n1"]["kernel"]["fips"] = True


@case("ZT-NODE-023", "n1", "clock")
def node_023(b):
    b["nodes"]["n1"]["clock"]["synchronized"] = False
