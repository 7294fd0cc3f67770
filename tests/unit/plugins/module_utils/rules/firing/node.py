# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

from .case import case


@case("ZT-NODE-009", "n1", "Kubernetes says 10.0.0.1, the inventory says 192.0.2.11", "preflight")
def node_009(b):
    b["api"]["nodes"]["node1"]["internal_ips"] = ["10.0.0.1"]


@case("ZT-NODE-009", "n2", "on no link of the node", "preflight")
def node_009_2(b):
    next(one for one in b["nodes"]["n2"]["links"] if one["name"] == "eth0")["addresses"] = ["192.0.2.99/24"]


@case("ZT-NODE-016", "n2", "unreachable: no route to host", "preflight")
def node_016(b):
    b["nodes"]["n2"] = {"missing": [{"path": "", "reason": "unreachable: no route to host"}]}


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


@case("ZT-NODE-044", "n1", "it is a container (lxc)", "preflight")
def node_044(b):
    b["nodes"]["n1"]["init"]["container"] = "lxc"


@case("ZT-NODE-044", "n2", "there is no /run/systemd/system", "preflight")
def node_044_2(b):
    b["nodes"]["n2"]["init"]["systemd"] = False
