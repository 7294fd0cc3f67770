# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-NODE-029", "n1", "cgroup v1", "preflight")
def node_029(b):
    b["nodes"]["n1"]["cgroup_version"] = 1


@case("ZT-NODE-030", "n1", "/sys/fs/bpf is no BPF filesystem")
def node_030(b):
    b["nodes"]["n1"]["mounts"]["/sys/fs/bpf"] = False


@case("ZT-NODE-031", "n1", "/opt/cni/bin is on a mount with noexec (/opt)", "preflight")
def node_031(b):
    b["nodes"]["n1"]["folders"]["/opt/cni/bin"].update(mount="/opt", noexec=True)


@case("ZT-NODE-031", "n2", "/etc is on a read-only mount (/)", "preflight")
def node_031_2(b):
    for folder in b["nodes"]["n2"]["folders"].values():
        folder["read_only"] = True


@case("ZT-NODE-032", "n1", "/var/lib/kubelet has 900 of 10240 MiB left (nodefs.available is 10%)", "preflight")
def node_032(b):
    b["nodes"]["n1"]["disk"]["/var/lib/kubelet"]["free_mb"] = 900


@case("ZT-NODE-032", "n1", "/var/lib/containerd has 3 of 655360 inodes left", "preflight")
def node_032_2(b):
    b["nodes"]["n1"]["disk"]["/var/lib/containerd"]["free_inodes"] = 3


@case("ZT-NODE-032", "n1", "nodefs.available is 6Gi")
def node_032_3(b):
    b["nodes"]["n1"]["kubelet"]["config"]["evictionHard"] = {"nodefs.available": "6Gi"}


@case("ZT-NODE-032", "n2", "/etc is full", "preflight")
def node_032_4(b):
    b["nodes"]["n2"]["disk"]["/etc"]["free_mb"] = 0


@case("ZT-NODE-033", "n1", "970 MiB", "preflight")
def node_033(b):
    b["nodes"]["n1"]["memory_mb"] = 970


@case("ZT-NODE-034", "n1", "swap is on: /dev/vdc", "preflight")
def node_034(b):
    b["nodes"]["n1"]["swaps"] = ["/dev/vdc"]


@case("ZT-NODE-035", "n1", "/opt/cni/bin belongs to user 0, mode 0777", "preflight")
def node_035(b):
    b["nodes"]["n1"]["folders"]["/opt/cni/bin"]["mode"] = "0777"


@case("ZT-NODE-035", "n2", "/etc/cni/net.d belongs to user 1000", "preflight")
def node_035_2(b):
    b["nodes"]["n2"]["folders"]["/etc/cni/net.d"]["owner"] = 1000


@case("ZT-NODE-035", "n1", "05-cilium.conflist has mode 0666")
def node_035_3(b):
    b["nodes"]["n1"]["cni"]["files"][0]["mode"] = "0666"


@case("ZT-NODE-035", "n2", "/opt/cni/bin/cilium-cni belongs to user 1001, mode 0775")
def node_035_4(b):
    next(one for one in b["nodes"]["n2"]["cni"]["binaries"] if one["name"] == "cilium-cni").update(mode="0775", owner=1001)


@case("ZT-NODE-071", "n1", "/etc/cni/net.d/ZZZ-istio-cni-kubeconfig belongs to user 0, mode 0644", "preflight")
def node_071(b):
    b["nodes"]["n1"]["cni"]["others"] = [
        {"name": "ZZZ-istio-cni-kubeconfig", "mode": "0644", "owner": 0},
        {"name": "README", "mode": "0644", "owner": 0},
    ]
