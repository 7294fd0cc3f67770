# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

from .case import case, values


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


@case(
    "ZT-NODE-008", "n1", "containerd reads /var/lib/rancher/k3s/agent/etc/cni/net.d, and cniConfDir of chart cni is", "preflight"
)
def node_008(b):
    b["nodes"]["n1"]["runtime"]["containerd"]["cni_conf_dir"] = "/var/lib/rancher/k3s/agent/etc/cni/net.d"


@case("ZT-NODE-013", "n1", "87-podman-bridge.conflist, and no taint node.cilium.io/agent-not-ready", "preflight")
def node_013(b):
    plugins = [{"type": "bridge"}, {"type": "portmap"}]
    b["nodes"]["n1"]["cni"]["files"].append({"name": "87-podman-bridge.conflist", "valid": True, "plugins": plugins})


@case("ZT-NODE-014", "n2", "taint.enabled, and no taint cni.istio.io/not-ready", "preflight")
def node_014(b):
    values(b, "istiod", taint={"enabled": True})
    b["nodes"]["n1"]["kubelet"]["config"]["registerWithTaints"] = [{"key": "cni.istio.io/not-ready", "effect": "NoSchedule"}]


@case("ZT-NODE-014", "n1", "taint.enabled, and no taint cni.istio.io/not-ready", "preflight")
def node_014_2(b):
    values(b, "istiod", taint={"enabled": "false"})


@case("ZT-NODE-037", "n1", "its host name is web-7, and its name in Kubernetes node1", "preflight")
def node_037(b):
    b["nodes"]["n1"]["hostname"] = "web-7"


@case("ZT-NODE-037", "n2", "its kubelet registers as node9, not node2")
def node_037_2(b):
    b["nodes"]["n2"]["hostname"] = "web-7"
    b["nodes"]["n2"]["kubelet"]["args"].append("--hostname-override=node9")
