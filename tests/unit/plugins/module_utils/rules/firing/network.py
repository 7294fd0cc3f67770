# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, cni_file, values


@case("ZT-CIL-001", "cluster", "DaemonSet kube-system/kube-proxy")
def cil_001(b):
    b["api"]["kube_proxy"]["daemonset"] = {"name": "kube-proxy"}


@case("ZT-CIL-001", "cluster", "ConfigMap kube-system/kube-proxy")
def cil_001_2(b):
    b["api"]["kube_proxy"]["config_map"] = True


@case("ZT-CIL-002", "chart cilium", "k8sServiceHost is empty", "preflight")
def cil_002(b):
    values(b, "cilium", k8sServiceHost="")


@case("ZT-CIL-002", "DaemonSet kube-system/cilium", "no KUBERNETES_SERVICE_HOST")
def cil_002_2(b):
    del b["api"]["cilium"]["agent"]["containers"]["cilium-agent"]["env"]["KUBERNETES_SERVICE_HOST"]


@case("ZT-CIL-005", "chart cilium", "is the address of node1, one of 2", "preflight")
def cil_005(b):
    values(b, "cilium", k8sServiceHost="192.0.2.11")


@case("ZT-CIL-006", "chart cilium", "where a mapping is wanted", "preflight")
def cil_006(b):
    b["charts"]["cilium"]["effective"]["hubble"]["metrics"] = "dns,drop,tcp"


@case("ZT-CIL-006", "chart cilium", "where a list is wanted", "preflight")
def cil_006_2(b):
    b["charts"]["cilium"]["effective"]["hubble"]["metrics"]["enabled"] = "dns,drop,tcp"


@case("ZT-CIL-007", "chart cilium", "encryption.type is 'WireGuard'", "preflight")
def cil_007(b):
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "WireGuard"


@case("ZT-CIL-007", "chart cilium", "a second fleet of ztunnels", "preflight")
def cil_007_2(b):
    b["charts"]["cilium"]["effective"]["encryption"]["type"] = "ztunnel"


@case("ZT-CIL-009", "ConfigMap kube-system/cilium-config", "enable-wireguard is None")
def cil_009(b):
    del b["api"]["cilium"]["config"]["enable-wireguard"]


@case("ZT-CIL-024", "pod network 10.96.0.0/12", "overlaps the Service network 10.96.0.0/16", "preflight")
def cil_024(b):
    b["desired"]["pod_cidrs"] = ["10.96.0.0/12"]


@case("ZT-CIL-024", "pod network 192.0.0.0/8", "n1 (192.0.2.11)", "preflight")
def cil_024_2(b):
    b["charts"]["cilium"]["effective"]["ipam"]["operator"]["clusterPoolIPv4PodCIDRList"] = ["192.0.0.0/8"]


@case("ZT-CIL-033", "chart cilium", "kubeProxyReplacement is 'strict'", "preflight")
def cil_033(b):
    values(b, "cilium", kubeProxyReplacement="strict")


@case("ZT-CIL-033", "ConfigMap kube-system/cilium-config", "kube-proxy-replacement is 'false'")
def cil_033_2(b):
    b["api"]["cilium"]["config"]["kube-proxy-replacement"] = "false"


@case("ZT-CIL-034", "node2", "its CiliumNode says 10.99.1.0/24")
def cil_034(b):
    b["api"]["cilium"]["nodes"]["node2"]["pod_cidrs"] = ["10.99.1.0/24"]


@case("ZT-CIL-034", "node1", "its node object says 10.244.0.0/24", "preflight")
def cil_034_2(b):
    b["charts"]["cilium"]["effective"]["ipam"]["mode"] = "kubernetes"
    b["desired"]["pod_cidrs"] = ["10.50.0.0/16"]


@case("ZT-CIL-038", "n1", "there is no /etc/cni/net.d/05-cilium.conflist")
def cil_038(b):
    b["nodes"]["n1"]["cni"]["files"] = []


@case("ZT-CIL-038", "n2", "/etc/cni/net.d/05-cilium.conflist is damaged: not JSON")
def cil_038_2(b):
    cni_file(b, "n2").update(valid=False, error="not JSON", plugins=[])


@case("ZT-CIL-038", "n1", "begins with portmap")
def cil_038_3(b):
    cni_file(b, "n1")["plugins"].insert(0, {"type": "portmap"})


@case("ZT-CIL-037", "n2", "no ready Cilium agent on this node")
def cil_037(b):
    for pod in b["api"]["pods"]["kube-system"]:
        if pod["node"] == "node2":
            pod["ready"] = False
