# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what the mesh needs of Cilium: room for istio-cni's file, host routing, and the way of kubelet's probes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..evidence.bundle import Evidence
from . import facts, mesh_facts
from .cilium_setting import look
from .facts import AMBIENT, VERIFY, is_false, is_true, listed
from .network import CONFIG
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("mesh")

_CILIUM = "https://docs.cilium.io/en/stable/network/servicemesh/istio/"
_PLATFORM = "https://istio.io/latest/docs/ambient/install/platform-prerequisites/#cilium"

AMB_001 = CATALOGUE.rule(
    "ZT-AMB-001",
    "blocker",
    stages=("network", "mesh"),
    title="Cilium leaves other CNI files alone",
    why="With cni.exclusive (the default) Cilium renames istio-cni's file, and pods start outside the mesh.",
    remediation="Set cni.exclusive: false in the Cilium values.",
    source=_CILIUM,
)
look(AMB_001, "cni.exclusive", "cni-exclusive", lambda value: not is_false(value), when=facts.ambient)


AMB_002 = CATALOGUE.rule(
    "ZT-AMB-002",
    "blocker",
    stages=("network", "mesh"),
    title="Packets pass the node's netfilter",
    why="With BPF host routing the answers to kubelet's probes, which Istio gives the address 169.254.7.127, skip the rule that "
    "brings them back: "
    "every probe of an enrolled pod fails.",
    remediation="Set bpf.masquerade: false and bpf.hostLegacyRouting: true in the Cilium values.",
    source=_PLATFORM,
)


def _host_routing(legacy: Any, bpf_masquerade: Any, masquerade: Any, replacement: Any) -> Answer:
    if is_true(legacy):
        return Pass("host routing is legacy")
    if is_true(bpf_masquerade):
        return Fail("bpf.masquerade is true and bpf.hostLegacyRouting is not: host routing is BPF's")
    if is_true(replacement) and is_false(masquerade):
        return Fail(
            "with enableIPv4Masquerade false and kube-proxy replacement, host routing is BPF's unless bpf.hostLegacyRouting is "
            "true"
        )
    return Pass("the agent falls back to legacy host routing, as iptables masquerades")


@AMB_002.check(each=facts.planned("cilium"), when=facts.ambient)
def _host_routing_planned(evidence: Evidence, subject: str) -> Answer:
    values = facts.effective(evidence, subject)
    return _host_routing(
        values.find("bpf.hostLegacyRouting"),
        values.find("bpf.masquerade"),
        values.find("enableIPv4Masquerade"),
        values.find("kubeProxyReplacement"),
    )


@AMB_002.check(moments=VERIFY, subject=CONFIG, when=facts.ambient)
def _host_routing_live(evidence: Evidence) -> Answer:
    config = facts.cilium_config(evidence)
    return _host_routing(
        config.get("enable-host-legacy-routing"),
        config.get("enable-bpf-masquerade"),
        config.get("enable-ipv4-masquerade"),
        config.get("kube-proxy-replacement"),
    )


AMB_006 = CATALOGUE.rule(
    "ZT-AMB-006",
    "blocker",
    stages=("network", "mesh"),
    title="Pods are connected by veth",
    why="netkit needs BPF host routing, with which probes of enrolled pods fail.",
    remediation="Leave bpf.datapathMode at veth.",
    source=_PLATFORM,
)


@AMB_006.check(each=facts.planned("cilium"), when=facts.ambient)
def _datapath(evidence: Evidence, subject: str) -> Answer:
    mode = facts.effective(evidence, subject).find("bpf.datapathMode", "veth")
    return Fail(f"bpf.datapathMode is {mode}") if str(mode).startswith("netkit") else Pass(f"bpf.datapathMode is {mode}")


AMB_007 = CATALOGUE.rule(
    "ZT-AMB-007",
    "high",
    stages=("network", "mesh"),
    title="Cilium leaves connections inside pods to ztunnel",
    why="Else the pod's connect() is translated to a pod address before ztunnel sees the Service: its waypoint, and every "
    "policy of the Service, is skipped.",
    remediation="Set socketLB.hostNamespaceOnly: true in the Cilium values.",
    source=_CILIUM,
)
look(
    AMB_007,
    "socketLB.hostNamespaceOnly",
    "bpf-lb-sock-hostns-only",
    lambda value: not is_true(value),
    when=facts.ambient,
)


AMB_020 = CATALOGUE.rule(
    "ZT-AMB-020",
    "blocker",
    stages=("mesh",),
    title="The CNI file that the runtime reads ends with istio-cni",
    why="containerd uses one file only: the first. Pods that start while istio-cni is not in it run outside the mesh, in plain "
    "text. "
    "Cilium writes its file anew whenever its agent starts.",
    remediation="Restart istio-cni on the node: kubectl -n istio-system delete pod -l k8s-app=istio-cni-node --field-selector "
    "spec.nodeName=<node>; "
    "site.yml does it. Restart pods that started meanwhile.",
    source="https://istio.io/latest/docs/setup/additional-setup/cni/",
)


@AMB_020.check(each=facts.answering_nodes, moments=VERIFY, when=facts.ambient)
def _conflist(evidence: Evidence, host: str) -> Answer:
    cni = evidence.node(host).view("cni")
    folder, reads = cni["conf_dir"], cni["runtime_reads"]
    if reads is None:
        return Fail(f"there is no CNI file in {folder}", "Restart the Cilium agent on the node; then istio-cni.")
    file = next(one for one in cni.view("files") if one["name"] == reads)
    if not file["valid"]:
        return Fail(
            f"{folder}/{reads} is damaged: {file['error']}",
            f"Delete {folder}/{reads} on the node; then restart the Cilium agent and istio-cni there (site.yml does).",
        )
    types = [str(plugin["type"]) for plugin in file.view("plugins").raw]
    said = f"{folder}/{reads}: {' -> '.join(types)}"
    if types.count("istio-cni") > 1:
        return Fail(f"{said}; istio-cni stands in it more than once")
    if not types or types[-1] != "istio-cni":
        return Fail(f"{said}; istio-cni is not the last")
    if types[0] != "cilium-cni":
        return Fail(f"{said}; Cilium is not the first", "Find out who wrote this file: no other network may stand before Cilium.")
    plugins = file.view("plugins").raw
    if "chaining-mode" in plugins[0]:
        return Fail(f"{said}; Cilium is set to chain behind another network", "Unset cni.chainingMode in the Cilium values.")
    if not plugins[-1].get("ambient_enabled"):
        return Fail(f"{said}; istio-cni has ambient_enabled off", "Set profile: ambient for the istio-cni chart.")
    if cni["istio_reads"] != reads:
        return Fail(
            f"the runtime reads {reads}, istio-cni watches {cni['istio_reads']}",
            f"Remove the file that sorts before, from {folder}.",
        )
    absent = [
        name
        for name in ("cilium-cni", "istio-cni")
        if not any(one["name"] == name and one["executable"] for one in cni.view("binaries"))
    ]
    if absent:
        return Fail(f"{said}; not there or not executable in {cni['bin_dir']}: {listed(absent)}")
    return Pass(said)


AMB_025 = CATALOGUE.rule(
    "ZT-AMB-025",
    "medium",
    stages=("network", "mesh"),
    title="Cilium has set no CNI file aside",
    why="Files *.cilium_bak say that cni.exclusive was true: what stood in them was taken out of use.",
    remediation="See whether the file is of use to anyone, then delete it.",
    source=_CILIUM,
)


@AMB_025.check(each=facts.answering_nodes, moments=VERIFY)
def _leftovers(evidence: Evidence, host: str) -> Answer:
    cni = evidence.node(host).view("cni")
    left = cni.view("leftovers").raw
    return Fail(f"in {cni['conf_dir']}: {listed(left)}") if left else Pass("none")


AMB_035 = CATALOGUE.rule(
    "ZT-AMB-035",
    "high",
    stages=("mesh", "enforcement"),
    title="No protected namespace is in the mesh",
    why="In the mesh, what the API server, DNS or an ingress needs can depend on what needs them. Such namespaces are enrolled "
    "on purpose or not at all.",
    remediation="kubectl label namespace <name> istio.io/dataplane-mode- ; or take it out of zerotrust_protected_namespaces.",
    source="https://istio.io/latest/docs/ambient/usage/add-workloads/",
)


@AMB_035.check()
def _protected(evidence: Evidence) -> Iterator[Pass | Fail]:
    protected = [str(one) for one in evidence.desired.view("namespaces").view("protected").raw]
    enrolled = sorted(mesh_facts.whole(evidence) & set(protected))
    for name in enrolled:
        yield Fail(
            f"it carries {AMBIENT}=ambient",
            f"kubectl label namespace {name} {AMBIENT}- ; or take it out of zerotrust_protected_namespaces.",
            subject=f"namespace {name}",
        )
    pods = [pod for name, several in mesh_facts.single(evidence).items() if name in protected for pod in several]
    for pod in pods:
        yield Fail(
            f"the pod itself carries {AMBIENT}=ambient",
            "Take the label out of the pod's template.",
            subject=f"{pod.get('kind', 'pod')} {pod['namespace']}/{pod['name']}",
        )
    mesh_facts.insist(evidence)
    if not enrolled and not pods:
        yield Pass(f"none of {listed(protected)}")
