# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

from .case import case, cni_file


@case("ZT-AMB-001", "chart cilium", "cni.exclusive is true", "preflight")
def amb_001(b):
    b["charts"]["cilium"]["effective"]["cni"]["exclusive"] = True


@case("ZT-AMB-001", "ConfigMap kube-system/cilium-config", "cni-exclusive is true")
def amb_001_2(b):
    b["api"]["cilium"]["config"]["cni-exclusive"] = "true"


@case("ZT-AMB-002", "chart cilium", "host routing is BPF's", "preflight")
def amb_002(b):
    b["charts"]["cilium"]["effective"]["bpf"].update(masquerade=True, hostLegacyRouting=None)


@case("ZT-AMB-002", "ConfigMap kube-system/cilium-config", "enableIPv4Masquerade false")
def amb_002_2(b):
    b["api"]["cilium"]["config"]["enable-ipv4-masquerade"] = "false"
    b["api"]["cilium"]["config"].pop("enable-host-legacy-routing")


@case("ZT-AMB-006", "chart cilium", "bpf.datapathMode is netkit-l2", "preflight")
def amb_006(b):
    b["charts"]["cilium"]["effective"]["bpf"]["datapathMode"] = "netkit-l2"


@case("ZT-AMB-007", "chart cilium", "socketLB.hostNamespaceOnly is not set", "preflight")
def amb_007(b):
    del b["charts"]["cilium"]["effective"]["socketLB"]["hostNamespaceOnly"]


@case("ZT-AMB-007", "ConfigMap kube-system/cilium-config", "bpf-lb-sock-hostns-only is not set")
def amb_007_2(b):
    del b["api"]["cilium"]["config"]["bpf-lb-sock-hostns-only"]


@case("ZT-AMB-020", "n1", "05-cilium.conflist: cilium-cni; istio-cni is not the last")
def amb_020(b):
    cni_file(b, "n1")["plugins"].pop()


@case("ZT-AMB-020", "n2", "is damaged: not JSON")
def amb_020_2(b):
    cni_file(b, "n2").update(valid=False, error="not JSON")


@case("ZT-AMB-020", "n2", "there is no CNI file")
def amb_020_3(b):
    b["nodes"]["n2"]["cni"].update(files=[], runtime_reads=None, istio_reads=None)


@case("ZT-AMB-020", "n1", "ambient_enabled off")
def amb_020_4(b):
    cni_file(b, "n1")["plugins"][1]["ambient_enabled"] = False


@case("ZT-AMB-020", "n1", "istio-cni watches 05-cilium.conflist")
def amb_020_5(b):
    cni = b["nodes"]["n1"]["cni"]
    cni["files"].insert(0, {**copy.deepcopy(cni["files"][0]), "name": "00-own.json"})
    cni["runtime_reads"] = "00-own.json"


@case("ZT-AMB-025", "n1", "10-flannel.conflist.cilium_bak")
def amb_025(b):
    b["nodes"]["n1"]["cni"]["leftovers"] = ["10-flannel.conflist.cilium_bak"]


@case("ZT-AMB-035", "namespace kube-system", "istio.io/dataplane-mode=ambient", "preflight")
def amb_035(b):
    b["api"]["namespaces"]["kube-system"]["labels"]["istio.io/dataplane-mode"] = "ambient"


@case("ZT-AMB-035", "pod kube-system/dns", "the pod itself")
def amb_035_2(b):
    b["api"]["enrolled_pods"].append(
        {"namespace": "kube-system", "name": "dns", "labels": {"istio.io/dataplane-mode": "ambient"}}
    )
