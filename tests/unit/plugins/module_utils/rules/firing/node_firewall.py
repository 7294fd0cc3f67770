# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-051", "n1", "firewalld and ufw are both on", "preflight")
def node_051(b):
    b["nodes"]["n1"]["firewall"]["managers"] = ["firewalld", "ufw"]


@case("ZT-NODE-052", "n2", "/etc/nftables.conf: flush ruleset", "preflight")
def node_052(b):
    b["nodes"]["n2"]["firewall"]["flushes"] = ["/etc/nftables.conf: flush ruleset"]


def firewalld(b, host, version="2.3.1", backend="nftables", direct=False):
    firewall = b["nodes"][host]["firewall"]
    firewall["managers"], firewall["zerotrust"] = ["firewalld"], "firewalld"
    firewall["firewalld"] = {"version": version, "backend": backend, "direct": direct}


@case("ZT-NODE-052", "n1", "firewalld 1.3.3: before 2.0 every reload empties", "preflight")
def node_052_old(b):
    firewalld(b, "n1", version="1.3.3")


@case("ZT-NODE-052", "n1", "has FirewallBackend=iptables", "preflight")
def node_052_backend(b):
    firewalld(b, "n1", backend="iptables")


@case("ZT-NODE-052", "n1", "has direct rules", "preflight")
def node_052_direct(b):
    firewalld(b, "n1", direct=True)


@case("ZT-NODE-053", "n1", "a change waits")
def node_053(b):
    b["nodes"]["n1"]["firewall"]["waiting"] = True


def sources(b, host, port):
    return next(one for one in b["nodes"][host]["firewall"]["lets_in"] if one["port"] == port)["sources"]


@case("ZT-NODE-054", "n1", "does not let in n3 (192.0.2.13) (icmp, 2379-2380/tcp, 4240/tcp, 4244/tcp and 7 more)")
def node_054(b):
    b["desired"]["nodes"]["n3"] = {"node_name": "node3", "ips": ["192.0.2.13"]}


@case("ZT-NODE-054", "n2", "still lets in 192.0.2.99/32, which is none of the cluster (51871/udp)")
def node_054_2(b):
    sources(b, "n2", "51871").append("192.0.2.99/32")


@case("ZT-NODE-054", "n1", "lets nobody in (6081/udp)")
def node_054_3(b):
    b["desired"]["features"]["tunnel_protocol"] = "geneve"


@case("ZT-NODE-054", "n2", "its 5000 networks are not those of the inventory (4240/tcp)")
def node_054_4(b):
    one = next(one for one in b["nodes"]["n2"]["firewall"]["lets_in"] if one["port"] == "4240")
    del one["sources"]
    one.update(count=5000, digest="0" * 64)


@case("ZT-NODE-055", "n1", "- tcp dport 4240 drop; nothing records who")
def node_055(b):
    b["nodes"]["n1"]["firewall"]["drift"]["rules"] = ["- tcp dport 4240 drop"]


@case("ZT-NODE-055", "n2", "/etc/zerotrust/firewall.sh was changed at 2026-11-22 18:00 UTC; /etc/systemd/system/zerotrust-fi")
def node_055_2(b):
    b["nodes"]["n2"]["firewall"]["drift"]["files"] = [
        {"path": "/etc/zerotrust/firewall.sh", "mtime": 1795370400.0},
        {"path": "/etc/systemd/system/zerotrust-firewall.service", "mtime": None},
    ]


@case("ZT-NODE-055", "n1", "it was written for nftables, and firewalld rules the node now")
def node_055_3(b):
    b["nodes"]["n1"]["firewall"]["managers"] = ["firewalld"]


@case("ZT-NODE-055", "n1", "it was written for ufw, which is off")
def node_055_4(b):
    b["nodes"]["n1"]["firewall"]["zerotrust"] = "ufw"
