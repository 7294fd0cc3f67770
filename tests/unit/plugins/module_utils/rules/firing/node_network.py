# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


@case("ZT-NODE-010", "n1", "42 in iptables")
def node_010(b):
    b["nodes"]["n1"]["kube_proxy"]["chains"]["iptables"] = 42


@case("ZT-NODE-010", "n1", "kube-proxy runs")
def node_010_2(b):
    b["nodes"]["n1"]["kube_proxy"]["process"] = True


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


@case("ZT-NODE-040", "n1", "ManageForeignRoutes is on")
def node_040(b):
    b["nodes"]["n1"]["networkd"]["manage_foreign_routes"] = True


@case("ZT-NODE-040", "n1", "/etc/systemd/networkd.conf.d/90-site.conf says ManageForeignRoutes=yes", "preflight")
def node_040_2(b):
    file = {"path": "/etc/systemd/networkd.conf.d/90-site.conf", "settings": {"ManageForeignRoutes": "yes"}}
    b["nodes"]["n1"]["networkd"]["files"].append(file)


@case("ZT-NODE-040", "n2", "/etc/systemd/network/10-all.network takes cilium_host", "preflight")
def node_040_3(b):
    b["nodes"]["n2"]["networkd"]["takes"] = {"cilium_host": "/etc/systemd/network/10-all.network"}


@case("ZT-NODE-041", "n1", "it would take cilium_host")
def node_041(b):
    b["nodes"]["n1"]["network_manager"]["running"] = True


def eth0(b, host):
    return next(link for link in b["nodes"][host]["links"] if link["name"] == "eth0")


@case("ZT-NODE-010", "n1", "kube-ipvs0")
def node_010_3(b):
    b["nodes"]["n1"]["links"].append({**eth0(b, "n1"), "name": "kube-ipvs0", "index": 90, "addresses": []})


@case("ZT-NODE-012", "n1", "eth0 carries 1450, and links of other nodes 1500", "preflight")
def node_012(b):
    eth0(b, "n1")["mtu"] = 1450


@case("ZT-NODE-012", "n2", "MTU is set to 9000 in Cilium's values, and eth0 carries 1500", "preflight")
def node_012_2(b):
    values(b, "cilium", MTU=9000)


@case("ZT-NODE-012", "n1", "leaves 1255: IPv6 needs 1280", "preflight")
def node_012_3(b):
    values(b, "cilium", ipv6={"enabled": True})
    eth0(b, "n1")["mtu"] = eth0(b, "n2")["mtu"] = 1400


@case("ZT-NODE-036", "n1", "link flannel.1 (Flannel), link cni0 (Flannel or the bridge plugin)", "preflight")
def node_036(b):
    for name in ("flannel.1", "cni0"):
        b["nodes"]["n1"]["links"].append({**eth0(b, "n1"), "name": name, "addresses": []})


@case("ZT-NODE-036", "n2", "14 chains of Calico", "preflight")
def node_036_2(b):
    b["nodes"]["n2"]["other_networks"] = {"Calico": 14}


@case("ZT-NODE-036", "n1", "10-calico.conflist (Calico)", "preflight")
def node_036_3(b):
    files = b["nodes"]["n1"]["cni"]["files"]
    files.append({**files[0], "name": "10-calico.conflist", "plugins": [{"type": "calico"}, {"type": "portmap"}]})


@case("ZT-NODE-038", "n1", "default routes over eth0, eth1, and devices is not set", "preflight")
def node_038(b):
    b["nodes"]["n1"]["links"].append({**eth0(b, "n1"), "name": "eth1", "index": 77, "addresses": ["198.51.100.7/24"]})
    b["nodes"]["n1"]["default_routes"].append({"family": "ipv4", "links": [77], "gateway": "198.51.100.1", "metric": 200})


@case("ZT-NODE-039", "n1", "ipv6.enabled, and no link has such an address", "preflight")
def node_039(b):
    values(b, "cilium", ipv6={"enabled": True})


@case("ZT-NODE-039", "n2", "disable_ipv6 is 1", "preflight")
def node_039_2(b):
    values(b, "cilium", ipv6={"enabled": True})
    eth0(b, "n2")["addresses"].append("2001:db8::2/64")
    b["nodes"]["n2"]["sysctls"]["net.ipv6.conf.all.disable_ipv6"]["value"] = "1"
