# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


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
